// npm run golden -- FAMILY CASE_DIR --out PATH: computes what a reference case holds, by the libraries' public functions.
// Reads the names of the files in expected/, the case's inputs and its description; never an expected value.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const [family, caseDir, flag, out] = process.argv.slice(2);
const module = new URL(`golden/${family}.mjs`, import.meta.url);
if (!family || !caseDir || flag !== '--out' || !out || !existsSync(module)) {
  process.stderr.write(
    'usage: npm run golden -- FAMILY CASE_DIR --out PATH   (families: the files in scripts/golden/)\n',
  );
  process.exit(2);
}
const { compute } = await import(module.href);
await compute(resolve(caseDir), resolve(out));
