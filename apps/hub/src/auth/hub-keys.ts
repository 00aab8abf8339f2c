import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** Reads DATA/hub-keys.json; at first start it makes them. Every process of one hub needs the same file. */
export function hubKeysOf(dataFolder: string): HubKeys {
  const path = join(dataFolder, 'hub-keys.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as HubKeys;
  const keys = makeHubKeys();
  writeSecret(path, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}

/** Writes a file that only the hub's user reads, whole or not at all. */
export function writeSecret(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
