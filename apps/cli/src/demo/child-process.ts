import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { DemoProcessError } from './demo.errors.js';

/** A hub or agent of the demo: a process of its own with its own data folder and log. */
export interface DemoProcess {
  readonly name: string;
  readonly child: ChildProcess;
  /** Where it says that it listens. */
  readonly url: string;
  /** Set once it ended. */
  readonly exit: Promise<number | null>;
}

/** Top folder of the installation: where `apps/` lies. */
export function installationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'apps', 'hub', 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new DemoProcessError('apps/hub is not found', 'installation', 'Install Concord again.');
    folder = parent;
  }
  return folder;
}

/** The processes of one demo. Each is known from the moment it is spawned, so that none stays behind. */
export class ProcessGroup {
  readonly running: DemoProcess[] = [];
  private readonly children = new Set<ChildProcess>();
  private isStopped = false;
  private readonly kill = () => {
    for (const child of this.children) child.kill('SIGKILL');
  };

  constructor() {
    process.once('exit', this.kill); // whatever ends this process, no hub and no agent stays behind
  }

  /**
   * Starts a process and waits until it prints `{"event":"listening","url":…}`.
   *
   * @param logFile gets everything else it prints
   * @throws {DemoProcessError} if it ends before, with the last lines of its log
   */
  async start(
    name: string,
    script: string,
    args: readonly string[],
    env: Record<string, string>,
    logFile: string,
  ): Promise<DemoProcess> {
    const child = this.spawn(name, script, args, env);
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stderr.pipe(log);
    const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const url = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        log.write(`${line}\n`);
        const address = listeningUrl(line);
        if (address !== null) resolve(address);
      });
      child.once('error', reject);
      void exit.then((code) => {
        const tail = existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n').slice(-8).join('\n') : '';
        reject(
          new DemoProcessError(`${name} ended with ${code} before it listened\n${tail}`, logFile, 'Read its log.'),
        );
      });
    });
    const started = { name, child, url, exit };
    this.running.push(started);
    return started;
  }

  /** Runs a command to its end. @throws {DemoProcessError} if it fails */
  async run(name: string, script: string, args: readonly string[], env: Record<string, string>): Promise<void> {
    const child = this.spawn(name, script, args, env);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.resume();
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status));
    });
    if (code !== 0)
      throw new DemoProcessError(`${name} failed (${code}): ${said.trim()}`, name, 'Read the message above.');
  }

  /** Asks every process to stop, and makes those stop that have not after 8 s. No other starts any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const child of this.children) child.kill('SIGTERM');
    const timer = setTimeout(this.kill, 8000);
    await Promise.all([...this.children].map((child) => new Promise((resolve) => child.once('exit', resolve))));
    clearTimeout(timer);
    process.off('exit', this.kill);
  }

  private spawn(name: string, script: string, args: readonly string[], env: Record<string, string>) {
    if (this.isStopped) throw new DemoProcessError(`${name} is not started: the demo ends`, name, 'Start it again.');
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...baseEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }
}

function listeningUrl(line: string): string | null {
  if (!line.startsWith('{')) return null;
  try {
    const event = JSON.parse(line) as { event?: string; url?: string };
    return event.event === 'listening' && typeof event.url === 'string' ? event.url : null;
  } catch {
    return null; // not a line of ours
  }
}

/** What a child needs of this process's environment, without any setting of Concord's. */
function baseEnvironment(): Record<string, string> {
  const keep = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'LANG', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(keep.flatMap((key) => inherited(key)));
}

function inherited(key: string): [string, string][] {
  // eslint-disable-next-line no-restricted-properties -- passed on to children unread
  const value = process.env[key];
  return value === undefined ? [] : [[key, value]];
}
