import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { HubError } from '../errors/hub-error.js';

/**
 * Takes a data folder for this process. The kernel frees it when the process dies, however it dies. Needed because
 * PGlite lets a second process in, and two writers corrupt it without an error.
 *
 * @throws {HubError} DATA_DIR_IN_USE
 */
export function lockDataFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    throw new HubError(
      'DATA_DIR_IN_USE',
      'another process works on this data folder',
      folder,
      'Stop the other hub first, or give this one a folder of its own by CONCORD_HUB_DATA.',
      { cause: error },
    );
  }
  return { release: () => lock.close() };
}
