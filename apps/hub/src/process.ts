import { isConcordError } from '@concord/errors';

import { SystemClock } from './clock.js';
import { HubLog } from './observe/hub-log.js';

/** Logs to stderr; stdout is for the one line that says where the hub listens. */
export function processLog(): HubLog {
  const clock = new SystemClock();
  return new HubLog(
    (line) => void process.stderr.write(line),
    () => clock.now(),
  );
}

/**
 * Starts a process and ends it in order at SIGINT or SIGTERM. A start that fails says why in one sentence and exits 2;
 * a second signal ends it at once.
 *
 * @param start gives back what stops it
 */
export async function runUntilStopped(start: () => Promise<() => Promise<void>>): Promise<void> {
  let stop: () => Promise<void>;
  try {
    stop = await start();
  } catch (error) {
    if (isConcordError(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
    else processLog().failure('start.failed', error);
    process.exit(2);
  }
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          processLog().failure('stop.failed', error);
          process.exit(1);
        },
      );
    });
  }
}
