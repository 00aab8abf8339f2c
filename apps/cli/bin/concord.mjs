#!/usr/bin/env node
// Must parse on any Node: it hands over to the Node that the project installed when the one it runs on is too old.
import { spawn } from 'child_process';
import { existsSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const NEEDED = [22, 13];
const self = fileURLToPath(import.meta.url);
const here = dirname(self);

function isRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function fail(code, what, where, fix) {
  process.stderr.write(`error ${code}: ${what}\n  where  ${where}\n  fix    ${fix}\n`);
  process.exit(2);
}

function handOver(node) {
  const child = spawn(node, [...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, CONCORD_HANDED_OVER: '1' },
  });
  // A stopped parent must not leave a server running. From a terminal the child gets the signal too: harmless.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail('NODE_TOO_OLD', `the installed Node does not start (${error.message})`, node, 'Run npm ci again.'),
  );
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

function installedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const root = join(here, '..', '..', '..');
  return [join(root, 'node_modules', 'node', 'bin', name)].find(existsSync);
}

/** A parent that is killed outright can tell nobody, but its channel closes: then this process ends too. */
function endWithParent() {
  delete process.env.CONCORD_HANDED_OVER;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

/** What V8 made of the modules is kept beside them, where that can be written: the next start is quicker by a third. */
async function keepCompiled() {
  const { enableCompileCache } = await import('module');
  enableCompileCache?.(join(here, '..', '..', '..', 'node_modules', '.cache', 'concord'));
}

if (isRecentEnough(process.versions.node)) {
  if (process.env.CONCORD_HANDED_OVER && process.channel) endWithParent();
  await keepCompiled();
  const main = new URL('../dist/main.js', import.meta.url);
  if (existsSync(fileURLToPath(main))) await import(main.href);
  else
    fail(
      'NOT_BUILT',
      'the command line is not built',
      fileURLToPath(main),
      'Run npm ci (or npm run build) in the repository.',
    );
} else {
  const node = installedNode();
  if (node) handOver(node);
  else
    fail(
      'NODE_TOO_OLD',
      `Node ${process.versions.node} is too old`,
      process.execPath,
      `Install Node ${NEEDED.join('.')} or newer.`,
    );
}
