import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { bundleObjects } from '@concord/contracts';

import type { CalmStudy } from './calm.suite.js';
import { CanarySearch, isDateOfToday } from './lib/canary-search.js';
import { allRows, importOfHub } from './lib/hub-rows.js';
import { ROOT, concord, filesBelow, runBuiltDemo, type DemoResult } from './lib/installation.js';

const SLOW_MS = 60_000;

/** Where the servers are, from the environment; null with what is missing. */
interface Servers {
  readonly databaseUrl: string;
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

const VARIABLES = {
  databaseUrl: 'CONCORD_TEST_DATABASE_URL',
  endpoint: 'CONCORD_TEST_S3_ENDPOINT',
  accessKey: 'CONCORD_TEST_S3_ACCESS_KEY',
  secretKey: 'CONCORD_TEST_S3_SECRET_KEY',
  region: 'CONCORD_TEST_S3_REGION',
} as const;

/** The same study on PostgreSQL, an S3 server, and a worker of its own. */
export function describeStudyOnServers(folder: string, calm: () => CalmStudy): void {
  const servers = serversOf(process.env);
  const absent = Object.values(VARIABLES).filter((name) => !process.env[name]);
  (servers === null ? describe.skip : describe)(
    servers === null
      ? `the same study on PostgreSQL and S3: ${absent.join(', ')} not set (scripts/test-servers.sh sets them)`
      : 'the same study on PostgreSQL and S3, with a worker of its own',
    () => {
      if (servers !== null) describeOn(servers, folder, calm);
    },
  );
}

function describeOn(servers: Servers, folder: string, calm: () => CalmStudy): void {
  const name = `concord_e2e_${randomBytes(6).toString('hex')}`;
  const bucket = name.replaceAll('_', '-');
  const databaseUrl = Object.assign(new URL(servers.databaseUrl), { pathname: `/${name}` }).href;
  const out = join(folder, 'servers');
  let worker: Worker | null = null;
  let result: DemoResult;

  beforeAll(async () => {
    await onDatabase(servers.databaseUrl, `CREATE DATABASE ${name}`);
    const hubEnvironment = {
      CONCORD_DATABASE_URL: databaseUrl,
      CONCORD_HUB_WORKER: 'separate',
      CONCORD_S3_ENDPOINT: servers.endpoint,
      CONCORD_S3_ACCESS_KEY: servers.accessKey,
      CONCORD_S3_SECRET_KEY: servers.secretKey,
      CONCORD_S3_REGION: servers.region,
      CONCORD_S3_BUCKET: bucket,
    };
    const routeAgents = async (hubUrl: string) => {
      worker = new Worker({ ...hubEnvironment, CONCORD_HUB_DATA: join(out, 'hub') }, join(out, 'worker.log'));
      return hubUrl;
    };
    try {
      result = await runBuiltDemo({ out, hubEnvironment, routeAgents });
      await result.stop();
    } finally {
      await worker?.stop();
    }
  }, 300_000);

  afterAll(async () => {
    await onDatabase(servers.databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await removeBucket(servers, bucket);
  }, SLOW_MS);

  it('ends with the digests of the study on the embedded database', () => {
    expect(result.resultDigest).toBe(calm().result.resultDigest);
  });

  it('was computed by the worker alone', () => {
    expect(worker?.hasAnnounced).toBe(true);
    expect(filesBelow(join(out, 'hub')).filter((file) => /database|objects/.test(file.slice(out.length)))).toEqual([]);
  });

  it(
    'leaves a bundle that verifies',
    async () => {
      const { code, out: text } = await concord('verify', result.bundle.folder);
      expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/^holds: /) });
    },
    SLOW_MS,
  );

  it(
    'has no name, number, date or UID of a patient in a row, an object or a log',
    async () => {
      const search = new CanarySearch(result.canaries.filter((canary) => !isDateOfToday(canary, new Date())));
      const rows = await onDatabase(databaseUrl, allRows);
      const objects = await objectsOf(servers, bucket);
      const logs = filesBelow(out).filter((file) => file.endsWith('.log'));
      expect([...rows.keys()]).toEqual(
        expect.arrayContaining(['public.Release', 'public.AuditEntry', 'pgboss.job_common']),
      );
      expect([...objects.keys()]).toEqual(expect.arrayContaining([...bundleObjects(result.bundle.manifest).keys()]));
      expect(logs.length).toBe(7);
      const all = [
        ...[...rows].map(([table, text]) => [`table ${table}`, Buffer.from(text)] as const),
        ...[...objects].map(([digest, bytes]) => [`object ${digest}`, bytes] as const),
        ...logs.map((file) => [file, readFileSync(file)] as const),
      ];
      const found = all.flatMap(([where, bytes]) =>
        [...search.find(bytes).keys()].map((canary) => `${where}: ${canary}`),
      );
      expect(found).toEqual([]);
    },
    SLOW_MS,
  );
}

function serversOf(env: Readonly<Record<string, string | undefined>>): Servers | null {
  const entries = Object.entries(VARIABLES).map(([key, variable]) => [key, env[variable] ?? ''] as const);
  return entries.some(([, value]) => value === '') ? null : (Object.fromEntries(entries) as unknown as Servers); // by VARIABLES' keys
}

/** A worker process of the hub. */
class Worker {
  /** It has said that it works. */
  hasAnnounced = false;
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown>;

  constructor(env: Record<string, string>, logFile: string) {
    const child = spawn(process.execPath, [join(ROOT, 'apps/hub/dist/worker.js')], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.pipe(createWriteStream(logFile));
    child.stdout.on('data', (chunk: Buffer) => (this.hasAnnounced ||= chunk.toString().includes('"working"')));
    this.exit = new Promise((done) => child.once('exit', done));
    this.child = child;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 8000);
    await this.exit;
    clearTimeout(timer);
  }
}

type PgModule = { default: typeof import('pg') };
type MinioModule = { default: typeof import('minio') };

/** Runs SQL, or work, on a database. */
async function onDatabase<T>(url: string, work: string | ((connection: Parameters<typeof allRows>[0]) => Promise<T>)) {
  const { default: pg } = await importOfHub<PgModule>('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (typeof work !== 'string') return await work(client);
    await client.query(work);
    return new Map() as T;
  } finally {
    await client.end();
  }
}

async function clientOf({ endpoint, accessKey, secretKey, region }: Servers) {
  const { default: minio } = await importOfHub<MinioModule>('minio');
  const { hostname, port, protocol } = new URL(endpoint);
  const [useSSL, defaultPort] = protocol === 'https:' ? [true, 443] : [false, 80];
  return new minio.Client({
    ...{ endPoint: hostname, port: Number(port) || defaultPort, useSSL, accessKey, secretKey, region, pathStyle: true },
  });
}

/** Every object of a bucket by its name; none if there is no bucket. */
async function objectsOf(servers: Servers, bucket: string): Promise<Map<string, Buffer>> {
  const client = await clientOf(servers);
  const objects = new Map<string, Buffer>();
  if (!(await client.bucketExists(bucket))) return objects;
  for await (const { name } of client.listObjectsV2(bucket, '', true) as AsyncIterable<{ name: string }>) {
    objects.set(name, await buffer(await client.getObject(bucket, name)));
  }
  return objects;
}

async function removeBucket(servers: Servers, bucket: string): Promise<void> {
  const objects = await objectsOf(servers, bucket);
  const client = await clientOf(servers);
  for (const name of objects.keys()) await client.removeObject(bucket, name);
  if (await client.bucketExists(bucket)) await client.removeBucket(bucket);
}
