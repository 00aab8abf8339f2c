import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Path of a file or folder of the reference data (IBSI, ComBat, validation cases), or null where they are not there.
 *
 * They lie in `../shared/data` beside the checkout, or where `CONCORD_REFERENCE_DATA` says; they are not part of the
 * project (some may not be redistributed), so tests on them must say that they were skipped.
 *
 * @param parts path below the reference data folder
 */
export function referenceData(...parts: string[]): string | null {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = process.env['CONCORD_REFERENCE_DATA'] ?? join(here, '..', '..', '..', '..', 'shared', 'data');
  const path = join(root, ...parts);
  return existsSync(path) ? path : null;
}
