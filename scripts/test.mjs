// `npm test`: installs what is missing, builds, checks form, lint, imports and types, and runs every test.
// Its last line is `N passed, N failed, N skipped`, over all suites; each check counts as one test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT, ensureInstalled, projectNode } from './install.mjs';

process.chdir(ROOT);
ensureInstalled();
const node = projectNode();
const only = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

console.log(serverNotes().join('\n'));
if (only.length === 0) {
  check('build', ['scripts/prepare.mjs']);
  check('types', ['node_modules/typescript/bin/tsc', '-b']);
  check('form', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']);
  check('lint', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']);
  check('import rules', [
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    'apps',
    'libs',
    '--config',
    '.dependency-cruiser.cjs',
  ]);
}
runJest();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);

function check(name, args) {
  const start = performance.now();
  const { status } = spawnSync(node, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  counts[status === 0 ? 'passed' : 'failed'] += 1;
}

function runJest() {
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  const file = join(folder, 'jest.json');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const { status } = spawnSync(
    node,
    [...flags, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${file}`, ...only],
    { stdio: 'inherit' },
  );
  if (existsSync(file)) {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    tellSkipped(result);
  }
  if (status !== 0 && counts.failed === 0) counts.failed += 1;
  rmSync(folder, { recursive: true, force: true });
}

function tellSkipped({ testResults }) {
  const names = testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending')
      .map(({ ancestorTitles }) => ancestorTitles.join(' › ')),
  );
  const groups = new Map();
  for (const name of names) groups.set(name, (groups.get(name) ?? 0) + 1);
  for (const [name, count] of groups) console.log(`skipped ${count}: ${name || '(no group)'}`);
}

function serverNotes() {
  const wanted = [
    ['CONCORD_TEST_DATABASE_URL', 'PostgreSQL', 'the embedded database is tested'],
    ['CONCORD_TEST_S3_ENDPOINT', 'S3 server', 'the object store in a folder is tested'],
  ];
  return wanted.map(([key, name, instead]) =>
    process.env[key] ? `with ${name}: ${key} is set` : `without ${name} (${key} is not set): ${instead}`,
  );
}
