// npm run kernels [-- NAME …]: compiles libs/kernels/as/NAME.ts to libs/kernels/src/wasm/NAME.ts (all without a name).
// The compiler is fetched into node_modules/.cache, so that nobody who only uses Concord has to install it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = 'assemblyscript@0.28.20';
const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'libs/kernels/as');
const built = join(root, 'libs/kernels/src/wasm');
const cache = join(root, 'node_modules/.cache/kernels');
const asc = join(cache, 'node_modules/assemblyscript/bin/asc.js');

if (!existsSync(asc)) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--prefix', cache, COMPILER], { stdio: 'inherit' });
}
const files = readdirSync(sources).sort();
/** What modules import: belongs to the digest of each. */
const parts = files.filter((file) => file.startsWith('_'));
const all = files.filter((file) => file.endsWith('.ts') && !file.startsWith('_')).map((file) => file.slice(0, -3));
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of names) compile(name);

function compile(name) {
  const scratch = mkdtempSync(join(tmpdir(), 'concord-kernels-'));
  const out = join(scratch, 'module.wasm');
  const limits = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'];
  execFileSync(process.execPath, [asc, join(sources, `${name}.ts`), ...flags, ...limits, '--outFile', out], {
    stdio: 'inherit',
  });
  const wasm = readFileSync(out);
  rmSync(scratch, { recursive: true });
  if (hasData(wasm)) {
    throw new Error(`${name}.ts holds static data (a string, a constant array, Math.pow …): modules share one memory`);
  }
  const digest = createHash('sha256');
  for (const file of [`${name}.ts`, ...parts]) digest.update(readFileSync(join(sources, file)));
  const text = wasm
    .toString('base64')
    .replace(/(.{1,110})/g, "  '$1' +\n")
    .replace(/ \+\n$/, ';\n');
  writeFileSync(
    join(built, `${name}.ts`),
    `// Compiled by scripts/kernels.mjs with ${COMPILER}; do not edit.\n` +
      `export const ${name}Source = '${digest.digest('hex')}';\nexport const ${name}Wasm =\n${text}`,
  );
  process.stdout.write(`${name}: ${wasm.length} bytes\n`);
}

/** Whether a module has a data section (11). */
function hasData(wasm) {
  for (let at = 8; at < wasm.length;) {
    const section = wasm[at++];
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      size |= (wasm[at] & 127) << shift;
      more = wasm[at++] > 127;
    }
    if (section === 11) return true;
    at += size;
  }
  return false;
}
