// `npm run demo`: installs what is missing, then runs `concord demo` with the words given.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ROOT, ensureInstalled, projectNode } from './install.mjs';

ensureInstalled();
const child = spawn(projectNode(), [join(ROOT, 'apps/cli/bin/concord.mjs'), 'demo', ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
