// Writes the corpus into a folder, or its table for the README:
// node -C source --import ./scripts/register-source.mjs test/hostile/onnx/make.ts FOLDER | --table
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CORPUS } from './corpus.js';

const [target] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('usage: make.ts FOLDER | --table\n');
  process.exitCode = 2;
} else if (target === '--table') {
  const rows = CORPUS.map(({ name, code }) => `| \`${name}\` | \`${code}\` |`);
  process.stdout.write(['| file | refused by |', '| --- | --- |', ...rows, ''].join('\n'));
} else {
  mkdirSync(target, { recursive: true });
  for (const { name, bytes } of CORPUS) writeFileSync(join(target, name), bytes());
}
