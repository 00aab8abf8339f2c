import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ROOT } from './installation.js';

/** Whatever answers SQL with rows of named values. */
interface Connection {
  query(sql: string): Promise<{ rows: Record<string, unknown>[] }>;
}

type PgliteModule = typeof import('@electric-sql/pglite');

// The database clients are packages of the hub.
const hubRequire = createRequire(join(ROOT, 'apps/hub/package.json'));

/** Imports a package that the hub depends on. */
export async function importOfHub<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(hubRequire.resolve(name)).href)) as T;
}

/** Every row of every table of the embedded database of a stopped hub as text, by `schema.table`. */
export async function embeddedRows(folder: string): Promise<Map<string, string>> {
  const { PGlite } = await importOfHub<PgliteModule>('@electric-sql/pglite');
  const pglite = await PGlite.create(folder);
  try {
    return await allRows(pglite);
  } finally {
    await pglite.close();
  }
}

/** Every row of every table as text, by `schema.table`; compressed values are text again here. */
export async function allRows(connection: Connection): Promise<Map<string, string>> {
  const { rows } = await connection.query(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
     ORDER BY 1, 2`,
  );
  const found = new Map<string, string>();
  for (const { schema, name } of rows as { schema: string; name: string }[]) {
    const table = await connection.query(`SELECT t::text AS line FROM "${schema}"."${name}" t`);
    found.set(`${schema}.${name}`, table.rows.map(({ line }) => String(line)).join('\n'));
  }
  return found;
}
