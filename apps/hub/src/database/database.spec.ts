import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';
import { fromPrisma } from 'pg-boss';

import { migrate, readMigrations } from './migrations.js';
import { openDatabase } from './open-database.js';
import { loadTestPglite, testDatabaseKinds, type TestDatabase } from './test-database.js';

jest.setTimeout(60_000); // other suites may share the processor

const study = { id: 'one', title: 'One', createdAt: new Date('2026-01-02T03:04:05.678Z') };

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))('Database on $name', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.close());

  it('keeps nothing of a transaction that failed, neither the row nor the job', async () => {
    const { database } = test;
    await database.boss.createQueue('trial');
    const failing = database.transaction(async (transaction) => {
      await transaction.study.create({ data: study });
      await database.boss.send('trial', {}, { db: fromPrisma(transaction) });
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await database.client.study.count()).toBe(0);
    expect(await database.boss.fetch('trial')).toEqual([]);
  });

  it('reports a duplicate by code P2002 and keeps times to the millisecond', async () => {
    const { client } = test.database;
    await client.study.create({ data: study });
    await expect(client.study.create({ data: study })).rejects.toMatchObject({ code: 'P2002' });
    expect((await client.study.findUniqueOrThrow({ where: { id: 'one' } })).createdAt).toEqual(study.createdAt);
  });
});

describe('openDatabase on a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'concord-hub-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('refuses a second opener, and keeps what was written when it is opened again', async () => {
    const config = { databaseUrl: null, dataFolder: folder };
    await (await loadTestPglite(join(folder, 'database'))).close(); // to make one anew takes seconds
    const first = await openDatabase(config);
    await expect(openDatabase(config)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE', where: folder });
    await first.client.study.create({ data: study });
    await first.close();
    const second = await openDatabase(config);
    expect(await second.client.study.count()).toBe(1);
    await second.close();
  });
});

describe('migrate', () => {
  it('refuses a migration that was changed, was not finished, or that a newer version applied', async () => {
    const pglite = await loadTestPglite();
    await pglite.exec('DROP TABLE _prisma_migrations');
    const session = {
      query: (sql: string) => pglite.query(sql),
      script: async (sql: string) => void (await pglite.exec(sql)),
    };
    const [first] = await readMigrations();
    const small = { ...first, sql: 'CREATE TABLE a (b int);' };
    await migrate(session, [small]);
    await migrate(session, [small]);
    await expect(migrate(session, [{ ...small, checksum: 'other' }])).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
    });
    const bad = { name: '9999_bad', checksum: 'c', sql: 'CREATE TABLE c (d int); SELECT * FROM absent;' };
    await expect(migrate(session, [small, bad])).rejects.toThrow('absent');
    await pglite.exec('ROLLBACK');
    const { rows } = await pglite.query(`SELECT 1 FROM pg_tables WHERE tablename = 'c'`);
    expect(rows).toEqual([]);
    await expect(migrate(session, [])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
    await pglite.exec('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(session, [small])).rejects.toMatchObject({ code: 'MIGRATION_UNFINISHED' });
    await pglite.close();
  });
});
