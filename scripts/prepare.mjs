// Runs at the end of every `npm ci` and `npm install`: generated code, compiled libraries, the web page.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (!existsSync('node_modules/typescript')) {
  console.error('prepare: development packages are absent, nothing to build');
  process.exit(0);
}

// Prisma would download an engine that we do not use: any executable satisfies it.
run('node_modules/prisma/build/index.js', ['generate'], { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath });
run('node_modules/typescript/bin/tsc', ['-b', 'apps/hub', 'apps/agent', 'apps/cli']); // tests that span apps: npm test
run('scripts/output-schemas.mjs', []);
if (existsSync('apps/web/index.html'))
  run('node_modules/vite/bin/vite.js', ['build', 'apps/web', '--logLevel', 'warn']);

function run(script, args, env = {}) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  });
  if (status !== 0) {
    console.error(`prepare: ${script} ${args.join(' ')} failed`);
    process.exit(status ?? 1);
  }
}
