import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

import type { Database } from './database.js';
import { readMigrations } from './migrations.js';
import { PgliteDatabase } from './pglite.js';
import { PostgresqlDatabase } from './postgresql.js';

export interface TestDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** The databases that a contract is tested on; PostgreSQL where the environment names a server. */
export function testDatabaseKinds(
  serverUrl: string | undefined,
): { name: string; open: () => Promise<TestDatabase> }[] {
  const pglite = { name: 'PGlite', open: openTestPglite };
  if (!serverUrl) return [pglite];
  return [pglite, { name: 'PostgreSQL', open: () => openTestPostgresql(serverUrl) }];
}

/** A migrated, empty database in memory: 0.3 s from a dump kept in the temporary folder, 2 s the first time. */
export async function openTestPglite(): Promise<TestDatabase> {
  const database = await PgliteDatabase.from(await loadTestPglite(), throwLater);
  return { database, close: () => database.close() };
}

/** The same without Prisma and the queue; in memory unless a folder is named, which must be empty. */
export async function loadTestPglite(folder?: string): Promise<PGlite> {
  const migrations = await readMigrations();
  const version = createHash('sha256')
    .update(migrations.map((migration) => migration.checksum).join())
    .digest('hex');
  const dump = join(tmpdir(), `concord-test-database-${version.slice(0, 16)}.tar`);
  if (!existsSync(dump)) await writeDump(dump);
  const loadDataDir = new Blob([readFileSync(dump)]);
  return folder === undefined ? PGlite.create({ loadDataDir }) : PGlite.create(folder, { loadDataDir });
}

async function writeDump(path: string): Promise<void> {
  const pglite = await PGlite.create();
  const database = await PgliteDatabase.from(pglite, throwLater);
  await database.boss.stop({ graceful: false });
  const bytes = await (await pglite.dumpDataDir('none')).arrayBuffer();
  const part = `${path}.${randomUUID()}`;
  writeFileSync(part, new Uint8Array(bytes));
  renameSync(part, path);
  await database.close();
}

async function openTestPostgresql(serverUrl: string): Promise<TestDatabase> {
  const name = `concord_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = await PostgresqlDatabase.open(url.href, throwLater);
  return {
    database,
    close: async () => {
      await database.close();
      await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  await connection.query(sql);
  await connection.end();
}

/** A queue error in a test is a failure, not a line in a log. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
