import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { readConfig } from './config.js';
import { HubError } from './errors/hub-error.js';
import { openPlatform } from './platform/open-platform.js';
import { processLog, runUntilStopped } from './process.js';
import { WorkerModule } from './worker.module.js';

/** A process that only computes steps; any number of them share the hub's PostgreSQL, object store and keys. */
await runUntilStopped(async () => {
  const config = readConfig();
  if (config.databaseUrl === null) {
    throw new HubError(
      'CONFIG_INVALID',
      'a separate worker needs PostgreSQL: the embedded database serves one process only',
      'CONCORD_DATABASE_URL',
      'Set CONCORD_DATABASE_URL, or let the hub work inside (CONCORD_HUB_WORKER=inside).',
    );
  }
  const log = processLog();
  const platform = await openPlatform(config, log);
  const app = await NestFactory.createApplicationContext(WorkerModule.of(platform, log), { logger: log });
  process.stdout.write(`${JSON.stringify({ event: 'working' })}\n`);
  return async () => {
    await app.close();
    await platform.database.close();
  };
});
