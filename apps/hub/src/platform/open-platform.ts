import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { hubKeysOf } from '../auth/hub-keys.js';
import { SystemClock } from '../clock.js';
import type { HubConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { FolderObjectStore } from '../objects/object.folder-store.js';
import type { ObjectStore } from '../objects/object.store.js';
import type { HubLog } from '../observe/hub-log.js';
import { HubSettings } from './hub-settings.js';
import type { Platform } from './platform.module.js';

/**
 * Opens all that the hub stands on.
 *
 * @throws {HubError} DATA_DIR_IN_USE, MIGRATION_CHANGED, MIGRATION_UNFINISHED, OBJECT_STORE_UNFIT
 */
export async function openPlatform(config: HubConfig, log: HubLog): Promise<Platform> {
  const { dataFolder } = config;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const database = await openDatabase(config, (error) => log.failure('queue.failed', error));
  try {
    const objects = await openObjects(config);
    await objects.check();
    return {
      settings: new HubSettings(join(dataFolder, 'uploads'), config.isProduction, config.webFolder),
      database,
      objects,
      clock: new SystemClock(),
      keys: hubKeysOf(dataFolder),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openObjects({ s3, dataFolder }: HubConfig): Promise<ObjectStore> {
  if (s3 === null) return new FolderObjectStore(join(dataFolder, 'objects'));
  const { MinioObjectStore } = await import('../objects/object.minio-store.js');
  return MinioObjectStore.open(s3);
}
