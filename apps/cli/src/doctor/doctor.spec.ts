import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installationRoot } from '../demo/child-process.js';
import { sendJson, specServer } from '../hub/spec-hub.js';
import { agentChecks, pseudonymKeyOutcome, sourceOutcome, tableOutcome } from './agent-checks.js';
import { runChecks, sizeWords } from './check.js';
import { fileSystemOutcome, folderOutcome, freeOutcome, secretsOutcome } from './folders.js';
import { databaseFix, databaseOutcome, factsOutcome, hubChecks, isHub, objectStoreOutcome } from './hub-checks.js';
import { installationOutcome, machineChecks, memoryOutcome, nodeOutcome, processorOutcome } from './machine-checks.js';
import { networkChecks } from './network-checks.js';
import { portOutcome } from './ports.js';
import { doctorSettings } from './settings.js';

const GIB = 1024 ** 3;
const folder = mkdtempSync(join(tmpdir(), 'concord-doctor-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const quiet = () => undefined;

describe('checks of the machine', () => {
  it('hold on the machine that runs the tests, each by trying the thing itself', async () => {
    const tried = machineChecks(installationRoot()).filter(({ id }) =>
      ['node', 'temporary-folder', 'worker-threads', 'sqlite', 'onnxruntime'].includes(id),
    );
    const findings = await runChecks(tried, quiet);
    expect(findings.map(({ id, state }) => `${id} ${state}`)).toEqual(tried.map(({ id }) => `${id} ok`));
  });

  it.each([
    ['20.19.0', 'failed'],
    ['22.12.0', 'failed'],
    ['22.13.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('call Node %s %s', (version, state) => expect(nodeOutcome(version).state).toBe(state));

  it('tell little memory, little room and one processor apart from enough', () => {
    expect([1, 2, 8].map((gib) => memoryOutcome(gib * GIB).state)).toEqual(['failed', 'warning', 'ok']);
    expect([1, 3, 20].map((gib) => freeOutcome(gib * GIB, 2 * GIB, '/data').state)).toEqual([
      'failed',
      'warning',
      'ok',
    ]);
    expect([1, 2].map((count) => processorOutcome(count).state)).toEqual(['warning', 'ok']);
    expect(installationOutcome(folder)).toMatchObject({ state: 'failed', what: expect.stringContaining('apps/hub') });
  });

  it('say sizes as people do', () => {
    expect([0, 1023, 1536, 2 * GIB].map(sizeWords)).toEqual(['0 bytes', '1020 bytes', '1.5 KiB', '2 GiB']);
  });

  it('go on after one that breaks', async () => {
    const broken = { id: 'a', group: 'machine', run: () => Promise.reject(new Error('boom')) };
    const fine = { id: 'b', group: 'machine', run: () => ({ state: 'ok' as const, what: 'fine', fix: null }) };
    const findings = await runChecks([broken, fine], quiet);
    expect(findings.map(({ state }) => state)).toEqual(['failed', 'ok']);
    expect(findings[0]?.what).toContain('boom');
  });
});

describe('checks of folders', () => {
  it('try to write, also for a folder that is not there yet', () => {
    expect(folderOutcome(folder).state).toBe('ok');
    expect(folderOutcome(join(folder, 'not', 'yet')).what).toContain('can be made');
    expect(folderOutcome(file('a-file', '')).state).toBe('failed');
    expect(folderOutcome('/proc/concord')).toMatchObject({ state: 'failed' });
  });

  it('refuse the file systems on which databases lose data', () => {
    expect(fileSystemOutcome(0x6969, '/data')).toMatchObject({ state: 'failed', what: expect.stringContaining('NFS') });
    expect(fileSystemOutcome(0xef53, '/data').state).toBe('ok');
  });

  it('find a key that others may read, and give the command that closes it', () => {
    const closed = file('closed.key', 'x');
    const open = file('open.key', 'x', 0o640);
    expect(secretsOutcome([closed, join(folder, 'absent')]).state).toBe('ok');
    expect(secretsOutcome([closed, open])).toMatchObject({ state: 'failed', fix: `Run: chmod 600 ${open}` });
    expect(secretsOutcome([join(folder, 'absent')]).state).toBe('skipped');
  });
});

describe('checks of ports', () => {
  it('tell a free port, Concord’s own and another program’s apart', async () => {
    const hub = await specServer((_, response) => sendJson(response, { status: 'ok' }));
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const portOf = (url: string) => new URL(url).port;
    const otherPort = String((other.address() as AddressInfo).port);
    expect(await portOutcome('127.0.0.1', portOf(hub.url), isHub)).toMatchObject({
      state: 'ok',
      what: expect.stringContaining('already'),
    });
    await hub.close();
    expect((await portOutcome('127.0.0.1', portOf(hub.url), isHub)).what).toContain('is free');
    const isOurs = () => Promise.resolve(false);
    expect((await portOutcome('127.0.0.1', otherPort, isOurs)).what).toContain('another program');
    other.close();
    expect((await portOutcome('192.0.2.1', '8640', isOurs)).state).toBe('failed');
    expect((await portOutcome('127.0.0.1', '70000', isOurs)).state).toBe('failed');
  });
});

describe('checks of the hub’s servers', () => {
  const s3 = { accessKey: 'a', secretKey: 'b', bucket: 'concord', region: 'us-east-1' };

  it('say what to do where no PostgreSQL and no object store answers', async () => {
    const root = installationRoot();
    const database = await databaseOutcome('postgresql://concord@127.0.0.1:1/concord', root);
    expect(database).toMatchObject({ state: 'failed', what: expect.stringContaining('ECONNREFUSED') });
    expect(database.fix).toContain('Start PostgreSQL');
    const store = await objectStoreOutcome({ ...s3, endpoint: 'http://127.0.0.1:1' }, root);
    expect(store).toMatchObject({ state: 'failed', what: expect.stringContaining('ECONNREFUSED') });
    expect((await objectStoreOutcome(null, root)).state).toBe('skipped');
    expect((await databaseOutcome(null, root)).state).toBe('skipped');
  });

  it('ask the store for the bucket, and take its refusal for one', async () => {
    const statuses = [200, 404, 403];
    const store = await specServer((_, response) => response.writeHead(statuses.shift() ?? 500).end());
    const outcomes = [];
    for (let n = 0; n < 3; n++)
      outcomes.push(await objectStoreOutcome({ ...s3, endpoint: store.url }, installationRoot()));
    await store.close();
    expect(outcomes.map(({ state }) => state)).toEqual(['ok', 'ok', 'failed']);
    expect(outcomes[1]?.what).toContain('will be made');
    expect(store.asked[0]?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=a\//);
  });

  it('judge version and rights of the database', () => {
    const facts = { version: 15, mayCreate: true, connections: 100 };
    expect(factsOutcome(facts).state).toBe('ok');
    expect(factsOutcome({ ...facts, version: 12 }).state).toBe('failed');
    expect(factsOutcome({ ...facts, mayCreate: false }).state).toBe('failed');
    expect(factsOutcome({ ...facts, connections: 20 }).state).toBe('warning');
    expect(['28P01', '3D000', 'ENOTFOUND', 'else'].map(databaseFix)).toEqual([
      expect.stringContaining('password'),
      expect.stringContaining('createdb'),
      expect.stringContaining('host'),
      expect.stringContaining('psql'),
    ]);
  });

  const endpoint = process.env['CONCORD_TEST_S3_ENDPOINT'];
  (endpoint === undefined ? it.skip : it)(
    'know the keys of a store that is there (needs CONCORD_TEST_S3_ENDPOINT)',
    async () => {
      const accessKey = process.env['CONCORD_TEST_S3_ACCESS_KEY'] ?? '';
      const secretKey = process.env['CONCORD_TEST_S3_SECRET_KEY'] ?? '';
      const region = process.env['CONCORD_TEST_S3_REGION'] ?? '';
      const settings = { endpoint: endpoint ?? '', accessKey, secretKey, region, bucket: 'no-bucket-of-the-doctor' };
      expect((await objectStoreOutcome(settings, installationRoot())).what).toContain('will be made');
      const refused = await objectStoreOutcome({ ...settings, secretKey: 'wrong' }, installationRoot());
      expect(refused).toMatchObject({ state: 'failed', fix: expect.stringContaining('SECRET_KEY') });
    },
  );

  const url = process.env['CONCORD_TEST_DATABASE_URL'];
  (url === undefined ? it.skip : it)(
    'hold on a PostgreSQL that is there (needs CONCORD_TEST_DATABASE_URL)',
    async () => {
      expect((await databaseOutcome(url ?? '', installationRoot())).state).toBe('ok');
      const wrong = (url ?? '').replace(/\/[^/]*$/, '/no_such_database');
      expect((await databaseOutcome(wrong, installationRoot())).fix).toContain('createdb');
    },
  );
});

describe('checks of a site', () => {
  it('look for DICOM in the folder of images', async () => {
    file('images/a/notes.txt', 'x');
    expect((await sourceOutcome(`images:${join(folder, 'images')}`)).state).toBe('warning');
    file('images/a/b/slice', Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]));
    expect((await sourceOutcome(`images:${join(folder, 'images')}`)).what).toBe('1 of 2 files are DICOM');
    expect((await sourceOutcome(`images:${join(folder, 'absent')}`)).state).toBe('failed');
    expect((await sourceOutcome('folder')).state).toBe('failed');
    expect((await sourceOutcome(null)).state).toBe('warning');
  });

  it('want a table with a column that names the patients, and repeat nothing of it', async () => {
    const table = file('table.csv', 'patient_id;age\nMüller-123;61\nMeier-7;59\n');
    const outcome = await sourceOutcome(`table:${table}`);
    expect(outcome).toMatchObject({ state: 'ok', what: '2 rows, 2 columns' });
    expect(tableOutcome(file('nameless.csv', 'age,sex\n61,f\n')).fix).toContain('patient_id');
    expect(tableOutcome(file('empty.csv', 'patient_id,age\n')).state).toBe('warning');
    expect(tableOutcome(join(folder, 'absent.csv')).state).toBe('failed');
  });

  it('know a pseudonym key from another file, and never print it', () => {
    const key = 'ab'.repeat(32);
    expect(pseudonymKeyOutcome(file('good.key', `${key}\n`)).state).toBe('ok');
    const bad = pseudonymKeyOutcome(file('bad.key', `${key.slice(2)}\n`));
    expect(bad.state).toBe('failed');
    expect(JSON.stringify(bad)).not.toContain('abab');
    expect(pseudonymKeyOutcome(join(folder, 'none.key')).state).toBe('skipped');
  });
});

describe('what the doctor looks at', () => {
  const none = join(folder, 'nowhere');

  it('skips hub and agent where neither is set up, unless told otherwise', async () => {
    const settings = doctorSettings({}, {}, none);
    expect([settings.hub, settings.agent, settings.remote]).toEqual([null, null, null]);
    const findings = await runChecks(
      [...hubChecks(null, none), ...agentChecks(null), ...networkChecks(null, () => new Date())],
      quiet,
    );
    expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['skipped']));
    expect(doctorSettings({ for: 'hub' }, {}, none)).toMatchObject({ hub: { port: '8640' }, agent: null });
    expect(doctorSettings({}, { CONCORD_HUB_PORT: '8650' }, none).hub?.port).toBe('8650');
  });

  it('takes the hub that the agent joined, and its proxy, unless one is named', () => {
    file(
      'agent/site.json',
      JSON.stringify({ hubUrl: 'https://joined.example', proxyUrl: 'http://proxy:3128', caFile: null }),
    );
    const data = join(folder, 'agent');
    const { remote } = doctorSettings({ data }, { CONCORD_HUB_URL: 'http://x', HTTPS_PROXY: 'http://other' }, none);
    expect(remote).toMatchObject({ url: 'https://joined.example', proxyUrl: 'http://proxy:3128' });
    expect(doctorSettings({ data, hub: 'https://other.example' }, {}, none).remote?.url).toBe('https://other.example');
  });
});
