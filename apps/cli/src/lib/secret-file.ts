import { randomBytes } from 'node:crypto';
import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { OutputRefusedError } from './errors.js';
import { assertOutputFree } from './files.js';

/**
 * Says before a secret is made that it could not be kept.
 *
 * @throws {OutputRefusedError} when the file exists and force is not set, or its folder cannot be written
 */
export function assertSecretWritable(path: string, force: boolean): void {
  assertOutputFree(path, force);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Writes a file that only its owner reads (0600), whole or not at all. @throws {OutputRefusedError} */
export function writeSecretFile(path: string, text: string, force: boolean): void {
  assertSecretWritable(path, force);
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): OutputRefusedError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return new OutputRefusedError(`it cannot be written (${code})`, path, 'Name a file in a folder of yours.', {
    cause: error,
  });
}
