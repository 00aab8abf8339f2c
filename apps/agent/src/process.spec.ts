import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { canaries, clinicalCsv, planConsortium, renderPatient } from '@concord/phantoms';
import { featureCatalogue, PRESETS } from '@concord/radiomics';
import { tableToCsv } from '@concord/tables';

import { FakeHub, type SeenRequest } from './fake-hub.js';
import { PROTOCOL, TestSite } from './test-agent.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND = [
  '-C',
  'source',
  '--import',
  join(ROOT, 'scripts/register-source.mjs'),
  join(ROOT, 'apps/agent/src/main.ts'),
];

let hub: FakeHub;
let site: TestSite;
const running: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  hub = new FakeHub(PROTOCOL);
  site = new TestSite();
  await hub.start();
  site.writeTable(12);
  writeFileSync(join(site.folder, 'token'), hub.token);
});

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  site.close();
  await hub.stop();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  words: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcessWithoutNullStreams; ended: Promise<Ended>; firstLine: Promise<string> } {
  const settings = {
    CONCORD_AGENT_DATA: site.dataFolder,
    CONCORD_AGENT_SOURCE: `table:${site.tableFile}`,
    CONCORD_AGENT_RULE: 'automatic',
    CONCORD_AGENT_PAGE_PORT: '0',
    CONCORD_AGENT_POLL_MS: '20',
    ...env,
  };
  const child = spawn(process.execPath, [...COMMAND, ...words], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...settings },
  });
  running.push(child);
  const text = { out: '', err: '' };
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text.out += chunk.toString();
      if (text.out.includes('\n')) resolve(text.out.split('\n')[0]);
    });
  });
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...text })));
  return { child, ended, firstLine };
}

async function joinStudy(): Promise<void> {
  const { code, err } = await start(['join', hub.url, '--token-file', join(site.folder, 'token')]).ended;
  if (code !== 0) throw new Error(err);
}

interface LedgerDocument {
  readonly holds: boolean;
  readonly traffic: readonly { readonly kind: string; readonly byteCount: number }[];
  readonly entries: readonly { readonly action: string; readonly details: { readonly byteCount?: number } }[];
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1200 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

describe('the agent as a process', () => {
  it('makes no data folder for a token that is none, or not there', async () => {
    writeFileSync(join(site.folder, 'other'), 'a shopping list');
    for (const [file, code] of [
      ['other', 'TOKEN_UNKNOWN'],
      ['absent', 'FILE_NOT_READABLE'],
    ]) {
      const data = join(site.folder, 'new');
      const { err, ...ended } = await start(['join', hub.url, '--token-file', join(site.folder, file), '--data', data])
        .ended;
      expect(ended).toEqual({ code: 3, out: '' });
      expect(err).toMatch(new RegExp(`^error ${code}: .+\n  where  .+\n  fix    .+\n$`));
      expect(existsSync(data)).toBe(false);
    }
  });

  it('joins once, prints its page as one line, logs JSON without a patient, and stops on SIGTERM', async () => {
    await joinStudy();
    const again = await start([
      'join',
      hub.url,
      '--token-file',
      join(site.folder, 'token'),
      '--data',
      join(site.folder, 'b'),
    ]).ended;
    expect(again).toMatchObject({ code: 3, out: '' });
    expect(again.err).toMatch(/^error TOKEN_USED: /);
    const { child, ended, firstLine } = start([]);
    const { event, url } = JSON.parse(await firstLine) as { event: string; url: string };
    expect(event).toBe('listening');
    expect((await fetch(url)).status).toBe(200);
    const second = await start([]).ended;
    expect(second.err).toContain('DATA_DIR_IN_USE');
    await until(() => hub.arrivals.length === 2);
    child.kill('SIGTERM');
    const { code, out, err } = await ended;
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
    for (const line of err.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event');
    expect(err).not.toContain('MRN-');
    const ledger = await start(['ledger', '--json']).ended;
    const { holds, traffic } = JSON.parse(ledger.out) as {
      holds: boolean;
      traffic: { kind: string; byteCount: number }[];
    };
    expect(holds).toBe(true);
    const [own, other] = hub.seen.filter(({ path }) => path === 'join'); // the other came from another folder
    expect(own.byteCount).toBe(other.byteCount);
    const total = hub.seen.reduce((sum, { byteCount }) => sum + byteCount, 0) - other.byteCount;
    expect(traffic.reduce((sum, { byteCount }) => sum + byteCount, 0)).toBe(total);
  }, 20_000);

  it('killed hard at every request in turn, loses nothing and doubles nothing', async () => {
    await joinStudy();
    const killedAt = new Set<string>();
    let child: ChildProcessWithoutNullStreams | null = null;
    hub.onRequest = ({ method, path }: SeenRequest, moment) => {
      const key = `${moment} ${method} ${path.split('/')[0]} ${hub.arrivals.length}`;
      if (path === 'orders' || path === 'status' || killedAt.has(key)) return undefined;
      killedAt.add(key);
      child?.kill('SIGKILL');
      return undefined;
    };
    for (let life = 0; life < 20 && hub.arrivals.length < 2; life++) {
      const process_ = start([]);
      ({ child } = process_);
      const isOver = await Promise.race([process_.ended.then(() => false), untilArrivals(2)]);
      if (isOver) break;
    }
    expect(killedAt.size).toBeGreaterThanOrEqual(10);
    hub.onRequest = () => undefined;
    const last = start([]);
    await last.firstLine;
    await until(() => hub.statuses.at(-1)?.phase === 'idle');
    last.child.kill('SIGTERM');
    await last.ended;
    expect(hub.arrivals.map(({ header }) => [header.kind, header.sequence])).toEqual([
      ['features', 1],
      ['outcomes', 2],
    ]);
    const { out } = await start(['releases', '--json']).ended;
    const states = (JSON.parse(out) as { state: string }[]).map(({ state }) => state);
    expect(states).toEqual(['acknowledged', 'acknowledged']);
    const { holds, traffic, entries } = JSON.parse((await start(['ledger', '--json']).ended).out) as LedgerDocument;
    expect(holds).toBe(true);
    const chunks = traffic.find(({ kind }) => kind === 'chunk')?.byteCount ?? 0;
    const logged = entries.map(({ action, details }) => (action === 'sent' ? (details.byteCount ?? 0) : 0));
    expect(logged.reduce((sum, count) => sum + count, 0)).toBe(chunks);
    // Killed between counting and sending, it may have counted more than came, never less.
    const came = hub.seen.filter(({ method }) => method === 'PUT').reduce((sum, { byteCount }) => sum + byteCount, 0);
    expect(chunks).toBeGreaterThanOrEqual(came);
  }, 40_000);

  it('lets a person decide from the command line', async () => {
    await joinStudy();
    const { child, firstLine } = start([], { CONCORD_AGENT_RULE: 'hold' });
    await firstLine;
    await until(() => hub.statuses.at(-1)?.phase === 'holding');
    expect((await start(['approve', '7']).ended).err).toContain('RELEASE_UNKNOWN');
    expect((await start(['refuse', '1']).ended).code).toBe(2);
    expect((await start(['approve', '1', '--by', 'Dr Test']).ended).out).toBe(
      'release 1 (features, 12 patients) is approved\n',
    );
    await until(() => hub.arrivals.length === 1);
    expect((await start(['approve', '1']).ended).code).toBe(5);
    child.kill('SIGTERM');
    expect(readFileSync(join(site.dataFolder, 'pseudonym.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  }, 20_000);

  it('turns a folder of images into a table without a word of what must not leave', async () => {
    const plan = planConsortium({ seed: 3, siteCodes: ['site-a', 'site-b', 'site-c'], patientsPerSite: 12 });
    for (let patient = 0; patient < 12; patient++) {
      for (const { path, bytes } of renderPatient(plan, 1, patient).files) {
        const file = join(site.folder, 'images', path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
    }
    const clinical = join(site.folder, 'clinical.csv');
    writeFileSync(clinical, clinicalCsv(plan, 1));
    hub.protocol = {
      ...PROTOCOL,
      source: { kind: 'images', regionName: 'tumour', extraction: { ...PRESETS['ct-hcc'] } },
      features: featureCatalogue(PRESETS['ct-hcc']).map(({ name }) => name),
      acquisition: ['modality', 'manufacturer', 'model', 'kernel', 'sliceThicknessMm', 'kvp'],
      outcome: { target: 'mvi', columns: [{ name: 'mvi', role: 'binary' }] },
    };
    await joinStudy();
    const source = { CONCORD_AGENT_SOURCE: `images:${join(site.folder, 'images')}`, CONCORD_AGENT_CLINICAL: clinical };
    const { child, ended } = start([], { ...source, CONCORD_AGENT_WORKERS: '2' });
    await until(() => hub.arrivals.length === 2);
    child.kill('SIGTERM');
    const { out, err } = await ended;
    const [features, outcomes] = hub.arrivals.map(({ table }) => tableToCsv(table));
    expect(features.split('\n')[0].split(',')).toHaveLength(7 + hub.protocol.features.length);
    expect(outcomes.split('\n')).toHaveLength(14);
    const ledger = (await start(['ledger', '--json']).ended).out;
    const all = [features, outcomes, out, err, ledger, JSON.stringify(hub.statuses)].join('\n');
    const secret = canaries(plan);
    expect(secret.length).toBeGreaterThan(100);
    expect(secret.filter((canary) => all.includes(canary))).toEqual([]);
  }, 40_000);
});

async function untilArrivals(count: number): Promise<boolean> {
  while (hub.arrivals.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  return true;
}
