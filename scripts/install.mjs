// Installs what package-lock.json names when it is not there yet. Only `node:` imports: nothing is installed before.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(ROOT, 'node_modules', '.concord-install');
const OLDEST_NODE = [22, 13];

/** Runs `npm ci` with the caller's npm, unless this very lock file was installed before. */
export function ensureInstalled() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  console.error('installing what Concord needs (once, about a minute) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--loglevel=error'];
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (error || status !== 0) {
    console.error('The installation failed; the message above says why. Mend it, and run the command again.');
    process.exit(status || 1);
  }
  writeFileSync(STAMP, wanted); // after success: an interrupted installation is repeated
}

/** The Node that the project installed, or this one where there is none for this machine. */
export function projectNode() {
  const own = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    console.error(`Concord needs Node ${OLDEST_NODE.join('.')} or newer here; this is ${process.version}.`);
    process.exit(2);
  }
  return process.execPath;
}
