import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import { processEnvironment, settingOf, type Environment } from '../config.js';
import type { Cli } from '../lib/cli.js';
import { UsageError } from '../lib/errors.js';
import { HubClient } from './hub-client.js';
import { TokenFileError } from './hub.errors.js';

export interface HubFlags {
  readonly hub?: string;
  readonly tokenFile?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8640';
const MOST_TOKEN_BYTES = 4096; // a file named by mistake is not read whole

/** Options of every command that talks to a hub. */
export function addHubOptions(command: Command): Command {
  return command
    .option('--hub <url>', `address of the hub; else CONCORD_HUB_URL, else ${DEFAULT_URL}`)
    .option('--token-file <file>', 'your token; else CONCORD_TOKEN_FILE, else that of the hub on this machine');
}

/**
 * The hub that the options, then the environment, name. A token is never an option: other users of a machine can read
 * command lines. For a hub on this machine it is taken from the hub's own folder.
 *
 * @throws {UsageError} for an address that is none
 * @throws {TokenFileError} if there is no token
 */
export function connect(flags: HubFlags, cli: Cli, environment: Environment = processEnvironment()): HubClient {
  const url = hubUrl(flags.hub ?? settingOf(environment, 'CONCORD_HUB_URL') ?? DEFAULT_URL);
  const isLocal = isLoopback(url.hostname);
  if (url.protocol === 'http:' && !isLocal) {
    cli.warn(`your token travels unprotected to ${url.host}: use an https address`);
  }
  const named = flags.tokenFile ?? settingOf(environment, 'CONCORD_TOKEN_FILE');
  if (named === null && !isLocal) {
    throw new TokenFileError('no token is given', url.origin, 'Name the file that holds yours with --token-file.');
  }
  const local = join(settingOf(environment, 'CONCORD_HUB_DATA') ?? 'concord-hub', 'coordinator.token');
  return new HubClient(url.href, readToken(named ?? local, cli));
}

/** Whether a name of a machine is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/.test(hostname);
}

function hubUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return url;
  throw new UsageError(
    'this is no address of a hub',
    '--hub',
    'Give one like https://hub.example, without a password.',
  );
}

function readToken(file: string, cli: Cli): string {
  let text: string;
  try {
    const { mode, size } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      cli.warn(`others than you may read ${file}: run chmod 600 ${file}`);
    }
    text = size > MOST_TOKEN_BYTES ? '' : readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new TokenFileError(
      `the file of the token cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      file,
      'Name it with --token-file; the hub writes coordinator.token into its data folder.',
      { cause: error },
    );
  }
  // Never a part of it in the message: a file named by mistake may hold another secret.
  if (/^[\x21-\x7e]{20,200}$/.test(text)) return text;
  throw new TokenFileError(
    'it holds no token',
    file,
    'A token is one word of 20 to 200 characters, alone in its file.',
  );
}
