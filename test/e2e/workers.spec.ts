import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseProtocol, type StudyProtocol } from '@concord/contracts';
import { randomNormal, seededRandom } from '@concord/numeric';

import { importOfHub } from './lib/hub-rows.js';
import { temporaryFolder } from './lib/installation.js';
import { Network, type StepView } from './lib/network.js';
import { RecordingProxy } from './lib/recording-proxy.js';

type PgModule = { default: typeof import('pg') };

const SLOW_MS = 400_000;
// Two minutes: for acceptance, not for every change. The spec of the engine holds the same in one process.
const serverUrl = process.env['CONCORD_TEST_WORKERS'] ? process.env['CONCORD_TEST_DATABASE_URL'] : undefined;
/** Four blocks. */
const FEATURES = Array.from({ length: 3 * 512 + 1 }, (_, index) => `texture_${index}`);
const SITES = ['site-0', 'site-1', 'site-2'];

const folder = temporaryFolder('workers');
const protocol: StudyProtocol = parseProtocol({
  format: 'concord.protocol/1',
  studyId: 'blocks',
  title: 'Many features',
  source: { kind: 'table' },
  features: FEATURES,
  acquisition: [],
  outcome: { target: 'event', columns: [{ name: 'event', role: 'binary' }] },
  harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
  model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 3 },
  threshold: { rule: 'youden-development' },
  sites: SITES.map((code, at) => ({ code, name: code, role: at < 2 ? 'development' : 'externalValidation' })),
  metrics: ['auc'],
  leakAuditReplicates: 0,
  seed: 1,
});

function writeSite(code: string): string {
  const random = seededRandom(`workers ${code}`);
  const shift = Number(code.slice(5));
  const lines = Array.from({ length: 60 }, (_, row) => {
    const values = FEATURES.map(
      (_name, g) => shift + (1 + shift / 4) * randomNormal(random) + (g < 3 ? 1.5 * (row % 2) : 0),
    );
    return [`${code}-${row}`, row % 2, ...values].join(',');
  });
  const file = join(folder.path, `${code}.csv`);
  writeFileSync(file, [['patient_id', 'event', ...FEATURES].join(','), ...lines].join('\n'));
  return file;
}

async function onServer<T>(url: string, sql: string): Promise<T[]> {
  const { default: pg } = await importOfHub<PgModule>('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

/** The study on a database of its own, by so many workers, of which one is killed while each has a block of features. */
async function run(url: string, workerCount: number, killsOne: boolean): Promise<Map<string, StepView>> {
  const name = `concord_workers_${randomBytes(6).toString('hex')}`;
  const databaseUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await onServer(url, `CREATE DATABASE ${name}`);
  const own = join(folder.path, `with-${workerCount}`);
  const hub = { CONCORD_DATABASE_URL: databaseUrl, CONCORD_HUB_WORKER: 'separate' };
  const network = await Network.start(own, new RecordingProxy(), hub);
  try {
    await network.begin(protocol);
    for (const code of SITES) {
      const key = join(folder.path, `${code}.key`); // the same names of patients in both runs
      await network.agent('blocks', code, join(folder.path, `${code}.csv`), { CONCORD_AGENT_PSEUDONYM_KEY_FILE: key });
    }
    const kills = Array.from({ length: workerCount }, () => network.worker());
    if (killsOne) {
      while ((await activeBlocks(databaseUrl)) < workerCount) await sleep(50);
      kills[0]();
    }
    return await network.ended('blocks', ['report'], 200_000);
  } finally {
    await network.stop();
    await onServer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

async function activeBlocks(databaseUrl: string): Promise<number> {
  const rows = await onServer<{ count: number }>(
    databaseUrl,
    `SELECT count(*)::int AS count FROM pgboss.job WHERE state = 'active' AND data->>'name' LIKE 'effects-block:%'`,
  );
  return rows[0].count;
}

(serverUrl === undefined ? describe.skip : describe)(
  serverUrl === undefined
    ? 'workers beside each other: CONCORD_TEST_WORKERS or CONCORD_TEST_DATABASE_URL (scripts/test-servers.sh) is not set'
    : 'workers beside each other on PostgreSQL',
  () => {
    afterAll(() => folder.remove());

    it(
      'write the same objects alone and three together, one of which is killed at its work',
      async () => {
        for (const code of SITES) {
          writeSite(code);
          writeFileSync(join(folder.path, `${code}.key`), randomBytes(32).toString('hex'), { mode: 0o600 });
        }
        const alone = await run(serverUrl ?? '', 1, false);
        const together = await run(serverUrl ?? '', 3, true);
        const outputsOf = (steps: Map<string, StepView>) =>
          [...steps.values()].filter(({ name }) => name !== 'report').map(({ name, outputs }) => [name, outputs]);
        expect(outputsOf(together)).toEqual(outputsOf(alone)); // a report shows times
        expect(alone.size).toBe(10 + 2 * 4); // with four blocks of each kind
      },
      SLOW_MS,
    );
  },
);
