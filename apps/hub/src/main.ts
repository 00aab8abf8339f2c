import 'reflect-metadata';

import { AuthService } from './auth/auth.service.js';
import { readConfig } from './config.js';
import { createHub } from './hub.js';
import { openPlatform } from './platform/open-platform.js';
import { processLog, runUntilStopped } from './process.js';

/** The hub; with `CONCORD_HUB_WORKER=inside` it computes too. Prints one JSON line with its address when it listens. */
await runUntilStopped(async () => {
  const config = readConfig();
  const log = processLog();
  const platform = await openPlatform(config, log);
  const app = await createHub(platform, log, config.worker === 'inside');
  await app.get(AuthService).writeFirstTokens(config.dataFolder);
  await app.listen(config.port, config.host);
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: await app.getUrl() })}\n`);
  return async () => {
    await app.close();
    await platform.database.close();
  };
});
