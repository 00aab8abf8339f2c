import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { makeSigningKeys, type KeyPair } from '@concord/contracts';

import { AgentError } from '../agent-errors.js';
import { readSecret, writeSecret } from './secret-files.js';

/** What a site knows after it joined: who it is, and which hub it believes. */
export interface SiteIdentity {
  readonly hubUrl: string;
  readonly hubSignKey: string;
  readonly hubSealKey: string;
  readonly studyId: string;
  readonly studyTitle: string;
  readonly site: string;
  readonly siteName: string;
  readonly proxyUrl: string | null;
  readonly caFile: string | null;
}

const IDENTITY_FILE = 'site.json';
const KEY_FILE = 'site-key.json';
const PSEUDONYM_KEY_BYTES = 32;

export function readIdentity(dataFolder: string): SiteIdentity | null {
  const text = readSecret(join(dataFolder, IDENTITY_FILE));
  return text === null ? null : (JSON.parse(text) as SiteIdentity); // written by writeIdentity only
}

export function writeIdentity(dataFolder: string, identity: SiteIdentity): void {
  writeSecret(join(dataFolder, IDENTITY_FILE), `${JSON.stringify(identity, null, 2)}\n`);
}

/** @throws {AgentError} NOT_JOINED */
export function requireIdentity(dataFolder: string): SiteIdentity {
  const identity = readIdentity(dataFolder);
  if (identity) return identity;
  throw new AgentError(
    'NOT_JOINED',
    'this agent has not joined a study',
    dataFolder,
    'Run: concord agent join URL --token-file FILE, with the token the coordinator sent.',
  );
}

/** The site's Ed25519 keys, made here on first use; the private one never leaves the folder. */
export function siteKeys(dataFolder: string): KeyPair {
  const path = join(dataFolder, KEY_FILE);
  const text = readSecret(path);
  if (text !== null) return JSON.parse(text) as KeyPair;
  const keys = makeSigningKeys();
  writeSecret(path, `${JSON.stringify(keys)}\n`);
  return keys;
}

/**
 * The key of the pseudonyms, 32 bytes as hex in a file, made on first use. Whoever has it can tell which patient a
 * pseudonym is: it stays at the site. Lost, the site's patients get new pseudonyms.
 *
 * @throws {AgentError} FILE_NOT_READABLE if the file is not such a key
 */
export function pseudonymKey(path: string): Uint8Array {
  const text = readSecret(path);
  if (text === null) {
    const key = randomBytes(PSEUDONYM_KEY_BYTES);
    writeSecret(path, `${key.toString('hex')}\n`);
    return key;
  }
  if (!/^[0-9a-f]{64,}$/.test(text.trim())) {
    throw new AgentError('FILE_NOT_READABLE', 'this is no pseudonym key', path, 'It holds 64 or more hex digits.');
  }
  return Buffer.from(text.trim(), 'hex');
}
