import { jest } from '@jest/globals';

import { protocolDigest, sha256, type StudyProtocol } from '@concord/contracts';
import { verifyBundle } from '@concord/contracts/verify-bundle';
import { ConcordError } from '@concord/errors';

import { AuditService } from '../audit/audit.service.js';
import { BundleService } from '../bundles/bundle.service.js';
import { testDatabaseKinds } from '../database/test-database.js';
import { HubLog } from '../observe/hub-log.js';
import { openTestHub, type TestHub } from '../test-hub.js';
import { TestSite } from '../test-site.js';
import { featureTable, outcomeTable, runStudy, siteData, smallProtocol } from '../test-study.js';
import { RunEngine } from './run.engine.js';
import { BLOCK_FEATURES } from './run.graph.js';
import { RunRecords } from './run.records.js';
import { LOST_QUEUE, RETRY_LIMIT, RunService, STEP_QUEUE } from './run.service.js';
import { StepComputer } from './step.computer.js';
import { StepEffects } from './step.effects.js';
import { InlineStepPool, StepPool, type PooledTask } from './step.pool.js';
import type { StepResult } from './step.task.js';

jest.setTimeout(60_000);

/** Computes in place, but for what a test puts before it. */
class TestPool extends StepPool {
  readonly seen: string[] = [];
  before: (task: PooledTask) => Promise<StepResult | null> = async () => null;

  async compute(task: PooledTask): Promise<StepResult> {
    this.seen.push(task.kind);
    return (await this.before(task)) ?? new InlineStepPool().compute(task);
  }
}

class TestRefusal extends ConcordError {
  readonly code: string = 'TEST_REFUSED';
}

class TestTimeout extends TestRefusal {
  override readonly code = 'INFERENCE_TIMEOUT';
}

let hub: TestHub;
let engines: RunEngine[];
let pool: TestPool;
/** Each test has a study of its own in one hub. */
let studyId: string;
let studyCount = 0;

beforeEach(() => {
  pool = new TestPool();
  engines = [];
  studyId = `study-${++studyCount}`;
});
afterEach(async () => {
  for (const engine of engines) await engine.onApplicationShutdown();
  for (const queue of [STEP_QUEUE, LOST_QUEUE]) {
    await hub.database.boss.offWork(queue); // waits
    await hub.database.boss.deleteAllJobs(queue);
  }
});

async function startEngine(own: StepPool = pool): Promise<RunEngine> {
  const { app, database, objects, clock } = hub;
  const runs = app.get(RunService);
  const effects = new StepEffects(database, app.get(RunRecords), app.get(AuditService), clock, runs);
  const engine = new RunEngine(database, new StepComputer(objects, own), runs, effects, app.get(HubLog));
  engines.push(engine);
  await engine.onApplicationBootstrap();
  return engine;
}

/** A frozen study, its sites joined, all features and the outcomes of development in. */
async function startStudy(protocol: StudyProtocol = smallProtocol({ studyId })): Promise<Map<string, TestSite>> {
  const sites = new Map<string, TestSite>();
  await hub.query(`mutation { createStudy(input: { id: "${studyId}", title: "A trial" }) { id } }`);
  await hub.query(
    `mutation ($protocol: JSON!) {
      writeProtocol(studyId: "${studyId}", protocol: $protocol, expectedVersion: 0) { id } }`,
    { protocol },
  );
  for (const { code } of protocol.sites) {
    const invite = `mutation ($code: ID!) {
      inviteSite(studyId: "${studyId}", code: $code, name: "Hospital") { token } }`;
    const { data } = await hub.query<{ inviteSite: { token: string } }>(invite, { code });
    const site = new TestSite(hub.url, hub.keys, code, studyId);
    await site.join(data.inviteSite.token);
    sites.set(code, site);
  }
  await hub.query(`mutation { freezeStudy(studyId: "${studyId}", confirmTitle: "A trial") { id } }`);
  for (const { code, role } of protocol.sites) {
    const over = { protocolDigest: protocolDigest(protocol) };
    const site = sites.get(code)!;
    const features = await site.deliver(
      site.message('features', 1, featureTable(code, siteData(code, 30, protocol.features)), over),
    );
    expect(features.status).toBe(200);
    if (role === 'externalValidation') continue;
    await site.deliver(site.message('outcomes', 2, outcomeTable(code, siteData(code)), over));
  }
  const started = await hub.query(`mutation { startRun(studyId: "${studyId}") { state } }`);
  expect(started.error).toBeUndefined();
  return sites;
}

const stepRow = (name: string) =>
  hub.database.client.step.findUnique({ where: { runId_name: { runId: studyId, name } } });

async function stepEnd(name: string) {
  for (let turn = 0; turn < 600; turn++) {
    const row = await stepRow(name);
    if (row !== null && row.state !== 'queued') return row;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`step ${name} did not end`);
}

async function activeJob(): Promise<{ id: string; retryCount: number }> {
  const rows = await hub.database.client.$queryRawUnsafe<{ id: string; retry_count: number }[]>(
    `SELECT id::text, retry_count FROM pgboss.job WHERE name = '${STEP_QUEUE}' AND state = 'active'`,
  );
  return { id: rows[0].id, retryCount: rows[0].retry_count };
}

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))('RunEngine on $name', ({ open }) => {
  beforeAll(async () => {
    hub = await openTestHub({ open });
  });
  afterAll(() => hub.close());

  it('brings a study from its tables to a report, asking for validation outcomes only under the lock', async () => {
    const protocol = smallProtocol({ studyId });
    const sites = await startStudy(protocol);
    await startEngine();
    await stepEnd('predict:site-c');
    const site = sites.get('site-c')!;
    const { body } = await site.call<{ wanted: { kind: string; lockDigest: string }[] }>('GET', 'orders');
    const lock = await hub.database.client.lock.findUniqueOrThrow({ where: { studyId } });
    expect(body.wanted).toEqual([{ kind: 'outcomes', lockDigest: lock.digest }]);
    expect(await stepRow('validate')).toBeNull();
    const over = { protocolDigest: protocolDigest(protocol), lockDigest: lock.digest };
    await site.deliver(site.message('outcomes', 2, outcomeTable('site-c', siteData('site-c')), over));
    await stepEnd('report');

    const query = `{ study(id: "${studyId}") { state lock { digest } report { digest } assessments { provenPoints }
      run { finishedAt steps { name state inputDigest } } } }`;
    const { data } = await hub.query<{ study: { run: { steps: { name: string; state: string }[] } } }>(query);
    expect(data.study).toMatchObject({ state: 'validated', lock: { digest: lock.digest }, assessments: [{}] });
    expect(data.study.run.steps.map(({ state }) => state)).toEqual(data.study.run.steps.map(() => 'done'));
    expect(pool.seen).toHaveLength(data.study.run.steps.length); // each computed once
    const actions = (await hub.app.get(AuditService).list(studyId)).map(
      ({ action, subject }) => `${action} ${subject}`,
    );
    expect(actions.indexOf(`model.locked ${lock.digest}`)).toBeLessThan(actions.indexOf('step.done predict:site-c'));
    expect(actions.filter((action) => action.startsWith('step.done'))).toHaveLength(pool.seen.length);
    const text = JSON.stringify(await hub.app.get(BundleService).manifest(studyId));
    const check = await verifyBundle(async (name) => {
      if (name === 'bundle.json') return Buffer.from(text);
      const digest = name.replace('objects/', '');
      return (await hub.objects.has(digest)) ? hub.objects.get(digest) : null;
    });
    expect(check.problems).toEqual([]);
  });

  it('writes nothing of a worker whose job was given to another and finished there', async () => {
    let release = (_: StepResult) => {};
    const zombie = new TestPool();
    zombie.before = () => new Promise<StepResult>((resolve) => (release = resolve));
    await startEngine(zombie);
    await startStudy();
    while (zombie.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await hub.database.boss.fail(STEP_QUEUE, await activeJob()); // as the queue does with a job whose worker is silent
    await startEngine();
    const row = await stepEnd('harmonize-development');
    zombie.before = async () => null;
    release({ model: Buffer.from('a result of the dead') });
    await stepEnd('lock');
    expect(await stepRow('harmonize-development')).toEqual(row);
    const entries = await hub.database.client.auditEntry.findMany({
      where: { chain: studyId, subject: 'harmonize-development' },
    });
    expect(entries.map(({ action }) => action)).toEqual(['step.done']);
  });

  it('ends a step that its inputs forbid as failed at once, with words the study shows', async () => {
    pool.before = async ({ kind }) => {
      if (kind === 'fit') throw new TestRefusal('too few patients', 'site-a', 'Share more.');
      return null;
    };
    await startEngine();
    await startStudy();
    await stepEnd('fit');
    const query = `{ study(id: "${studyId}") { state run { steps { name state error } } } }`;
    const { data } = await hub.query<{ study: { run: { steps: { name: string; state: string; error: unknown }[] } } }>(
      query,
    );
    const steps = new Map(data.study.run.steps.map((step) => [step.name, step]));
    const error = { code: 'TEST_REFUSED', what: 'too few patients', where: 'site-a', fix: 'Share more.' };
    expect(steps.get('fit')).toMatchObject({ state: 'failed', error });
    expect(steps.get('lock')).toMatchObject({ state: 'waiting' });
    expect(pool.seen.filter((kind) => kind === 'fit')).toHaveLength(1);
    const [entry] = await hub.database.client.auditEntry.findMany({
      where: { chain: studyId, action: 'step.failed' },
    });
    expect(entry).toMatchObject({ subject: 'fit', details: error });
    expect(hub.logLines.join('')).toContain('"event":"step.failed"');
  });

  // No hexadecimal digits: the log holds digests, and a marker such as 0815 is found in one of them now and then.
  const words = 'Mustermann';

  it.each([
    // Anything may stand in it, so nobody keeps it.
    ['an error nobody foresaw', () => new Error(`patient ${words} broke it`), { isLogged: false }],
    // Its sentences hold no patient's value by rule, so the log says why; the queue keeps no words of any error.
    ['an error that may pass', () => new TestTimeout(`no answer for ${words}`, 'predict', 'Wait.'), { isLogged: true }],
  ])('tries again after %s, and keeps its words where they belong', async (_, fault, { isLogged }) => {
    let count = 0;
    let queued = '';
    const readQueue = () => hub.database.client.$queryRawUnsafe('SELECT output::text FROM pgboss.job');
    pool.before = async ({ kind }) => {
      if (kind !== 'harmonize-development') return null;
      if (count++ === 0) throw fault();
      queued = JSON.stringify(await readQueue()); // now: the second try will overwrite what the first one left
      return null;
    };
    const logged = hub.logLines.length;
    await startEngine();
    await startStudy();
    expect((await stepEnd('harmonize-development')).state).toBe('done');
    expect(count).toBe(2);
    expect(queued).toContain('the log says why');
    expect(queued).not.toContain(words);
    expect(hub.logLines.slice(logged).join('').includes(words)).toBe(isLogged);
  });

  it('fails a step whose inputs are no longer those it was queued with, and computes nothing', async () => {
    await startStudy();
    const where = { runId_name: { runId: studyId, name: 'harmonize-development' } };
    await hub.database.client.step.update({ where, data: { inputDigest: '0'.repeat(64) } });
    await startEngine();
    expect(await stepEnd('harmonize-development')).toMatchObject({ state: 'failed', error: { code: 'STEP_CHANGED' } });
    expect(pool.seen).toEqual([]);
  });

  it('fails a step whose worker died at every try, instead of waiting for ever', async () => {
    await startStudy();
    const { boss, client } = hub.database;
    await client.$executeRawUnsafe(`UPDATE pgboss.job SET retry_limit = 0 WHERE name = '${STEP_QUEUE}'`);
    await boss.fetch(STEP_QUEUE);
    await boss.fail(STEP_QUEUE, await activeJob());
    expect(await boss.findJobs(LOST_QUEUE)).toHaveLength(1);
    await startEngine();
    const row = await stepEnd('harmonize-development');
    expect(row).toMatchObject({ state: 'failed', error: { code: 'STEP_LOST' } });
    expect(JSON.stringify(row.error)).toContain(`${RETRY_LIMIT + 1} times`);
    expect(pool.seen).toEqual([]);
  });

  it('queues a step once, however many find it ready at the same time', async () => {
    await startStudy();
    const runs = hub.app.get(RunService);
    const advance = () => hub.database.transaction((tx) => runs.advance(tx, studyId));
    await Promise.all([advance(), advance(), advance()]);
    const jobs = await hub.database.boss.findJobs<{ studyId: string }>(STEP_QUEUE);
    expect(jobs.filter(({ data }) => data.studyId === studyId)).toHaveLength(1);
  });

  it('cuts many features into jobs, and gives the same with one worker and with three, of which one dies', async () => {
    const features = Array.from({ length: BLOCK_FEATURES + 1 }, (_, index) => `f${index + 1}`);
    const protocol = smallProtocol({ studyId, features, leakAuditReplicates: 0 });
    const data = protocol.sites.map(({ code }) => [code, siteData(code, 30, features)] as const);
    const alone = await runStudy(protocol, Object.fromEntries(data));
    const [dying, second] = [new TestPool(), new TestPool()];
    let answer = (_: StepResult) => {};
    dying.before = () => new Promise<StepResult>((resolve) => (answer = resolve));
    await startStudy(protocol);
    await startEngine(dying);
    while (dying.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const held = await activeJob();
    await Promise.all([startEngine(), startEngine(second)]);
    while (pool.seen.length + second.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await hub.database.boss.fail(STEP_QUEUE, held); // as the queue does with the job of a dead worker
    for (const name of ['harmonize-development', 'scanner-effects']) {
      const { state, outputs } = await stepEnd(name);
      expect(state).toBe('done');
      const roles = Object.entries(outputs as Record<string, string>);
      expect(roles.length).toBeGreaterThan(0);
      for (const [role, digest] of roles) {
        expect([role, digest]).toEqual([role, sha256(alone.outputs.get(`${name}/${role}`) ?? new Uint8Array())]);
      }
    }
    dying.before = async () => null;
    answer({ fit: Buffer.from('a result of the dead') });
    const blocks = [...pool.seen, ...second.seen].filter((kind) => kind.endsWith('-block'));
    expect(blocks.length).toBe(4); // two of each kind, each computed once by a worker that lived
  });
});
