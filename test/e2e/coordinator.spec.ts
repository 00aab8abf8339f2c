import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { randomNormal, seededRandom } from '@concord/numeric';

import { ROOT, run, temporaryFolder, type Ended } from './lib/installation.js';

type ChildModule = typeof import('../../apps/cli/src/demo/child-process.js');

const SLOW_MS = 180_000;
const TITLE = 'Recurrence from the tables of four centres';
const SITES = [
  { code: 'north', patients: 40, events: 16, role: 'development' },
  { code: 'east', patients: 36, events: 15, role: 'development' },
  { code: 'south', patients: 26, events: 11, role: 'externalValidation' },
  { code: 'west', patients: 24, events: 10, role: 'externalValidation' },
] as const;
const FEATURES = ['texture_1', 'texture_2', 'texture_3', 'texture_4'];

const folder = temporaryFolder('coordinator');
const at = (...parts: string[]) => join(folder.path, ...parts);
const CLI = join(ROOT, 'apps/cli/bin/concord.mjs');
let processes: InstanceType<ChildModule['ProcessGroup']>;
let settings: Record<string, string> = {};

const concord = (...words: string[]): Promise<Ended> => run(CLI, words, settings);

/** What a command that must succeed prints with `--json`. */
async function json<T>(...words: string[]): Promise<T> {
  const { code, out, err } = await concord(...words, '--json');
  if (code !== 0) throw new Error(`concord ${words.join(' ')} ended with ${code}: ${out}${err}`);
  return JSON.parse(out) as T;
}

/** A centre's own table; the first two features carry the risk. */
function tableOf(index: number): string {
  const { code, patients, events } = SITES[index];
  const random = seededRandom(`coordinator ${code}`);
  const rows = Array.from({ length: patients }, (_, patient) => {
    const outcome = patient < events ? 1 : 0;
    const values = FEATURES.map((_name, n) => index * 2 + randomNormal(random) + (n < 2 ? 1.5 * outcome : 0));
    return [`${code}-${patient}`, outcome, ...values].join(',');
  });
  return [`patient_id,recurred,${FEATURES.join(',')}`, ...rows].join('\n');
}

async function startAgent(index: number): Promise<{ settings: Record<string, string>; url: string }> {
  const { code } = SITES[index];
  const data = at('agents', code);
  mkdirSync(data, { recursive: true });
  writeFileSync(at(`${code}.csv`), tableOf(index));
  const own = {
    CONCORD_AGENT_DATA: data,
    CONCORD_AGENT_SOURCE: `table:${at(`${code}.csv`)}`,
    CONCORD_AGENT_RULE: 'automatic',
    CONCORD_AGENT_PAGE_PORT: '0',
    CONCORD_AGENT_POLL_MS: '300',
  };
  const token = at(`${code}.token`);
  const joined = await run(CLI, ['agent', 'join', settings['CONCORD_HUB_URL'], '--token-file', token], own);
  if (joined.code !== 0) throw new Error(joined.err);
  const { url } = await processes.start(`agent ${code}`, CLI, ['agent'], own, at(`${code}.log`));
  return { settings: { ...own, CONCORD_AGENT_PAGE_PORT: new URL(url).port }, url };
}

beforeAll(async () => {
  const built = (await import(
    new URL('../../apps/cli/dist/demo/child-process.js', import.meta.url).href
  )) as ChildModule;
  processes = new built.ProcessGroup();
  const hub = { CONCORD_HUB_DATA: at('hub'), CONCORD_HUB_PORT: '0' };
  const { url } = await processes.start('hub', CLI, ['hub'], hub, at('hub.log'));
  settings = { CONCORD_HUB_URL: url, CONCORD_HUB_DATA: at('hub') };
}, SLOW_MS);

afterAll(async () => {
  await processes.stop();
  folder.remove();
}, SLOW_MS);

describe('a coordinator with nothing but the command line', () => {
  it(
    'takes a study from its draft to a report that anybody can check',
    async () => {
      await json('study', 'create', 'tables', '--title', TITLE);
      const template = await json<Record<string, unknown>>('study', 'protocol', '--template', 'table');
      const sites = SITES.map(({ code, role }) => ({ code, name: `${code} hospital`, role }));
      const outcome = { target: 'recurred', columns: [{ name: 'recurred', role: 'binary' }] };
      const protocol = { ...template, studyId: 'tables', title: TITLE, features: FEATURES, outcome, sites };
      writeFileSync(at('protocol.json'), JSON.stringify({ ...protocol, leakAuditReplicates: 5 }));
      await json('study', 'protocol', '--file', at('protocol.json'));
      const early = await concord('study', 'freeze', 'tables', '--confirm', TITLE, '--json');
      expect([early.code, (JSON.parse(early.out) as { code: string }).code]).toEqual([3, 'PROTOCOL_INVALID']);
      for (const { code } of SITES) await json('study', 'invite', 'tables', code, '--out', at(`${code}.token`));
      expect(statSync(at('north.token')).mode & 0o077).toBe(0);
      const untyped = await concord('study', 'freeze', 'tables', '--confirm', 'tables');
      expect(untyped.code).toBe(5);
      await json('study', 'freeze', 'tables', '--confirm', TITLE);
      expect((await concord('study', 'protocol', '--file', at('protocol.json'))).code).toBe(5);
      await json('study', 'start', 'tables');
      expect((await concord('report', 'fetch', 'tables', '--out', at('early'))).code).toBe(3);

      const agents = [];
      for (const index of SITES.keys()) agents.push(await startAgent(index));
      const port = new URL(settings['CONCORD_HUB_URL']).port;
      const here = { ...agents[0].settings, CONCORD_HUB_DATA: at('hub'), CONCORD_HUB_PORT: port };
      const doctor = await run(CLI, ['doctor', '--json'], here);
      const { checks } = JSON.parse(doctor.out) as { checks: { id: string; state: string; what: string }[] };
      expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
      expect(doctor.code).toBe(0);
      const found = Object.fromEntries(checks.map(({ id, state }) => [id, state]));
      for (const id of ['agent-joined', 'agent-source', 'agent-secrets', 'hub-answers', 'clock', 'uploads']) {
        expect([id, found[id]]).toEqual([id, 'ok']);
      }
      for (const id of ['agent-page-port', 'hub-port']) {
        expect(checks.find((check) => check.id === id)?.what).toContain('Concord listens');
      }

      await untilValidated();
      const run1 = await json<{ steps: { state: string }[] }>('run', 'show', 'tables');
      expect(new Set(run1.steps.map(({ state }) => state))).toEqual(new Set(['done']));
      const seen = await json<{ code: string; releases: { kind: string; rowCount: number }[] }[]>(
        'site',
        'list',
        'tables',
      );
      expect(seen.map(({ code }) => code)).toEqual(['east', 'north', 'south', 'west']);
      expect(seen[1]?.releases.map(({ kind, rowCount }) => [kind, rowCount])).toEqual(
        expect.arrayContaining([['features', 40]]),
      );

      const fetched = await json<{ bundle: string; html: string }>('report', 'fetch', 'tables', '--out', at('report'));
      expect(readFileSync(fetched.html, 'utf8')).toContain(TITLE);
      expect((await concord('verify', fetched.bundle)).code).toBe(0);
      expect((await concord('report', 'fetch', 'tables', '--out', at('report'))).code).toBe(3);
      const audit = await json<{ holds: boolean; entries: { action: string }[] }>('study', 'audit', 'tables');
      expect(audit.holds).toBe(true);
      const { audit: bundled } = JSON.parse(readFileSync(join(fetched.bundle, 'bundle.json'), 'utf8')) as {
        audit: unknown[];
      };
      expect(audit.entries).toEqual(bundled);
    },
    SLOW_MS,
  );

  it('fetches again only what is missing or changed', async () => {
    const { bundle } = await json<{ bundle: string }>('report', 'fetch', 'tables', '--out', at('report'), '--force');
    const { steps } = JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8')) as {
      steps: { name: string; outputs: Record<string, string> }[];
    };
    const digest = steps.find(({ name }) => name === 'report')?.outputs['html'] ?? '';
    const object = join(bundle, 'objects', digest);
    const whole = readFileSync(object);
    writeFileSync(object, 'changed');
    expect((await concord('verify', bundle)).code).toBe(3);
    expect((await concord('report', 'fetch', 'tables', '--out', at('report'), '--force')).code).toBe(0);
    expect(readFileSync(object).equals(whole)).toBe(true);
    expect(existsSync(join(bundle, 'bundle.json'))).toBe(true);
  });

  it('reads as a reviewer, and changes nothing as one', async () => {
    const reviewer = ['--token-file', at('hub', 'reviewer.token')];
    expect(await json<{ id: string }[]>('study', 'list', ...reviewer)).toMatchObject([{ id: 'tables' }]);
    const refused = await concord('study', 'create', 'other', '--title', 'x', ...reviewer, '--json');
    expect([refused.code, (JSON.parse(refused.out) as { code: string }).code]).toEqual([5, 'FORBIDDEN']);
  });
});

async function untilValidated(): Promise<void> {
  for (;;) {
    const { state } = await json<{ state: string }>('study', 'show', 'tables');
    if (state === 'validated') return;
    const { steps } = await json<{ steps: { name: string; error: unknown }[] }>('run', 'show', 'tables');
    const broken = steps.find(({ error }) => error !== null);
    if (broken !== undefined) throw new Error(`step ${broken.name} failed: ${JSON.stringify(broken.error)}`);
    await sleep(1000);
  }
}
