import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { AgentError } from '../agent-errors.js';

/** Writes a file that only its owner reads (0600), whole or not at all, and on disk when this returns. */
export function writeSecret(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.part`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(beside, 0o600); // a file left by a crash may have had another mode
  renameSync(beside, path);
}

/**
 * @returns the content, or null if there is no such file
 * @throws {AgentError} FILE_TOO_OPEN if others may read it, FILE_NOT_READABLE
 */
export function readSecret(path: string): string | null {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      throw new AgentError('FILE_TOO_OPEN', 'others than its owner may read a secret', path, `Run: chmod 600 ${path}`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new AgentError('FILE_NOT_READABLE', `it cannot be read (${code ?? 'unknown'})`, path, 'Check its rights.', {
      cause: error,
    });
  }
}
