import type { HubConfig } from '../config.js';
import type { Database } from './database.js';

/**
 * Opens the database, applies migrations that are due and starts the queue.
 *
 * @throws {HubError} DATA_DIR_IN_USE, MIGRATION_CHANGED, MIGRATION_UNFINISHED
 */
export async function openDatabase(
  config: Pick<HubConfig, 'databaseUrl' | 'dataFolder'>,
  onQueueError: (error: unknown) => void = () => {},
): Promise<Database> {
  if (config.databaseUrl !== null) {
    const { PostgresqlDatabase } = await import('./postgresql.js');
    return PostgresqlDatabase.open(config.databaseUrl, onQueueError);
  }
  const { PgliteDatabase } = await import('./pglite.js');
  return PgliteDatabase.openFolder(config.dataFolder, onQueueError);
}
