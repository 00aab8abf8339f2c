import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { makeSealingKeys, makeSigningKeys, type KeyPair } from '@concord/contracts';

/** The hub's own keys: `sign` for its replies, `seal` for what sites seal to it. */
export interface HubKeys {
  readonly sign: KeyPair;
  readonly seal: KeyPair;
}

/** The hub's keys as an injection token. */
export class HubSecrets {
  constructor(readonly keys: HubKeys) {}
}

export function makeHubKeys(): HubKeys {
  return { sign: makeSigningKeys(), seal: makeSealingKeys() };
}

/** Reads DATA/hub-keys.json; at first start it makes them. Hub and workers of one data folder get the same keys. */
export function hubKeysOf(dataFolder: string): HubKeys {
  const path = join(dataFolder, 'hub-keys.json');
  if (!existsSync(path)) {
    const part = `${path}.${randomUUID()}`;
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(part, `${JSON.stringify(makeHubKeys(), null, 2)}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(part, path); // unlike rename it does not overwrite: the first process wins
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(part, { force: true });
    }
  }
  return JSON.parse(readFileSync(path, 'utf8')) as HubKeys;
}

/** Writes a file that only the hub's user reads, whole or not at all. */
export function writeSecret(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
