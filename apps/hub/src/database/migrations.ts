import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { HubError } from '../errors/hub-error.js';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, as Prisma keeps it. */
  readonly checksum: string;
}

/** Runs SQL on one connection, outside Prisma. */
export interface SqlSession {
  query(sql: string): Promise<{ rows: unknown[] }>;
  /** Many statements in one text. */
  script(sql: string): Promise<void>;
}

const MIGRATIONS_FOLDER = resolve(import.meta.dirname, '../../../../prisma/migrations');

// As Prisma's own `migrate deploy` makes it, so that its tools can read what was applied.
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/** In the order in which they apply. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Applies what is due, each migration whole or not at all. The caller keeps others out (a lock).
 *
 * @throws {HubError} MIGRATION_CHANGED, MIGRATION_UNFINISHED
 */
export async function migrate(session: SqlSession, migrations: readonly Migration[]): Promise<void> {
  await session.script(MIGRATIONS_TABLE);
  const { rows } = await session.query(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const applied = new Map(
    (rows as { migration_name: string; checksum: string; finished_at: Date | null }[]).map((row) => [
      row.migration_name,
      row,
    ]),
  );
  const known = new Set(migrations.map((migration) => migration.name));
  const newer = [...applied.keys()].find((name) => !known.has(name));
  if (newer !== undefined) throw changed(`migration ${newer} was applied by another version of Concord`);
  for (const { name, sql, checksum } of migrations) {
    const row = applied.get(name);
    if (row === undefined) {
      await session.script(`BEGIN;\n${sql}\nINSERT INTO _prisma_migrations
        (id, checksum, migration_name, finished_at, applied_steps_count)
        VALUES ('${randomUUID()}', '${checksum}', '${name.replaceAll("'", "''")}', now(), 1);\nCOMMIT;`);
    } else if (row.finished_at === null) {
      throw new HubError(
        'MIGRATION_UNFINISHED',
        `migration ${name} was begun and not finished`,
        'database',
        'Restore the database from its backup and start again.',
      );
    } else if (row.checksum !== checksum) {
      throw changed(`migration ${name} is not the one that was applied`);
    }
  }
}

function changed(what: string): HubError {
  const fix = 'Start the version of Concord that wrote this database, or a newer one.';
  return new HubError('MIGRATION_CHANGED', what, 'database', fix);
}
