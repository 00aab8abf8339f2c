import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { installationRoot } from '../demo/child-process.js';

/**
 * Runs another app of the installation as a process of its own, with this terminal, environment and signals.
 *
 * @returns its exit code
 */
export async function runApp(app: 'hub' | 'agent', entry: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(installationRoot(), 'apps', app, 'dist', entry), ...args], {
    stdio: 'inherit',
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
