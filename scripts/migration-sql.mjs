// Prints the SQL that takes an empty database to prisma/schema.prisma, without downloading an engine.
// Usage, from the repository root: node scripts/migration-sql.mjs > prisma/migrations/NAME/migration.sql
import fs from 'node:fs';

import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

// The package bars its files from import by name.
const engine = await import('../node_modules/@prisma/schema-engine-wasm/schema_engine_bg.js');
const wasm = fs.readFileSync('node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm');
const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { './schema_engine_bg.js': engine });
engine.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

class EmptyDatabase extends PrismaPGlite {
  async connectToShadowDb() {
    return new PrismaPGlite(new PGlite()).connect();
  }
}

const path = 'prisma/schema.prisma';
const content = fs.readFileSync(path, 'utf8');
const schemaEngine = await engine.SchemaEngine.new(
  { datamodels: [[path, content]] },
  () => {},
  bindMigrationAwareSqlAdapterFactory(new EmptyDatabase(new PGlite())),
);
const { stdout } = await schemaEngine.diff({
  from: { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files: [{ path, content }] },
  script: true,
  shadowDatabaseUrl: null,
  exitCode: false,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(stdout);
