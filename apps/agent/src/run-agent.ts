import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { DatabaseSync } from 'node:sqlite';

import { parseJoinToken, SUMS_KINDS, TABLE_KINDS } from '@concord/contracts';
import { ConcordError, InvariantError } from '@concord/errors';

import { AgentError, problemOf, type Problem } from './agent-errors.js';
import { readConfig, type AgentConfig, type Environment } from './config.js';
import { httpSender } from './hub/http-request.js';
import { join } from './identity/join.js';
import { readIdentity } from './identity/site-identity.js';
import { Decisions } from './release/decide.js';
import { serve } from './serve.js';
import { lockDataFolder, openDatabase } from './store/database.js';
import { Facts } from './store/facts.js';
import { firstBrokenEntry, Ledger } from './store/ledger.js';
import { Releases } from './store/releases.js';
import { Traffic } from './store/traffic.js';
import { agentVersion } from './version.js';

export interface AgentStreams {
  out(text: string): void;
  err(text: string): void;
}

const USAGE = `concord agent [--data DIR]                                  run the site agent; settings: .env.example
concord agent join URL --token-file FILE [--data DIR] [--proxy URL] [--ca FILE]
concord agent releases [--data DIR] [--json]                what is prepared, waits, or has left
concord agent approve ID [--by NAME] [--data DIR]
concord agent refuse ID --reason TEXT [--by NAME] [--data DIR]
concord agent ledger [--data DIR] [--json]                  print the ledger and check its chain
`;

const OPTIONS = {
  data: { type: 'string' },
  'token-file': { type: 'string' },
  proxy: { type: 'string' },
  ca: { type: 'string' },
  by: { type: 'string' },
  reason: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof parseWords>['values'];

const IDLE_TIMEOUT_MS = 60_000;

/**
 * Runs one command of the agent.
 *
 * @param argv the words after `concord agent`
 * @returns the exit code, as docs/cli.md lists them; errors are printed, never thrown
 */
export async function runAgent(argv: readonly string[], env: Environment, streams: AgentStreams): Promise<number> {
  try {
    const { values, positionals } = parseWords(argv);
    if (values.help) {
      streams.out(USAGE);
      return 0;
    }
    const [command = 'run', ...rest] = positionals;
    const config = readConfig(env, values.data);
    return await runCommand(command, rest, values, config, streams);
  } catch (error) {
    report(error, argv.includes('--json'), streams);
    return exitCodeOf(error);
  }
}

async function runCommand(
  command: string,
  words: readonly string[],
  flags: Flags,
  config: AgentConfig,
  streams: AgentStreams,
): Promise<number> {
  switch (command) {
    case 'run':
      return serve(config, streams);
    case 'join':
      return runJoin(words[0], flags, config, streams);
    case 'approve':
    case 'refuse':
      return runDecision(command, words[0], flags, config, streams);
    case 'releases':
      return runReleases(flags, config, streams);
    case 'ledger':
      return runLedger(flags, config, streams);
    default:
      throw usage(`there is no command "${command}"`);
  }
}

async function runJoin(
  url: string | undefined,
  flags: Flags,
  config: AgentConfig,
  streams: AgentStreams,
): Promise<number> {
  const tokenFile = flags['token-file'];
  if (url === undefined || tokenFile === undefined) throw usage('join needs the address of the hub and --token-file');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw usage('the address of the hub begins with https://');
  const token = readText(tokenFile);
  parseJoinToken(token); // before a data folder is made
  const unlock = lockDataFolder(config.dataFolder);
  const database = openDatabase(config.dataFolder);
  const proxyUrl = flags.proxy ?? config.proxyUrl;
  const caFile = flags.ca ?? config.caFile;
  const sender = httpSender({ proxyUrl, noProxy: config.noProxy, caFile, idleTimeoutMs: IDLE_TIMEOUT_MS });
  try {
    const ledger = new Ledger(database, () => new Date());
    const identity = await join(
      {
        ...{ hubUrl: url, token, dataFolder: config.dataFolder, agentVersion: agentVersion() },
        ...{ proxyUrl: flags.proxy ?? null, caFile: flags.ca ?? null },
      },
      sender.send,
      new Traffic(database, ledger),
      ledger,
    );
    const { studyId, studyTitle, site, siteName } = identity;
    if (flags.json) streams.out(`${JSON.stringify({ studyId, studyTitle, site, siteName }, null, 2)}\n`);
    else streams.out(`joined ${studyId} (${studyTitle}) as ${site} (${siteName})\n`);
    return 0;
  } finally {
    sender.close();
    database.close();
    unlock();
  }
}

function runDecision(
  command: 'approve' | 'refuse',
  word: string | undefined,
  flags: Flags,
  config: AgentConfig,
  streams: AgentStreams,
): number {
  const id = Number(word);
  if (!Number.isSafeInteger(id) || id < 1) throw usage(`${command} needs the number of a release`);
  if (command === 'refuse' && !flags.reason) throw usage('refuse needs --reason');
  return withDatabase(config, (database) => {
    const now = (): Date => new Date();
    const releases = new Releases(database);
    const decisions = new Decisions(database, releases, new Ledger(database, now), now);
    const by = flags.by ?? userInfo().username;
    if (command === 'approve') decisions.approve(id, by);
    else decisions.refuse(id, by, flags.reason ?? '');
    const { kind, rowCount, tableDigest, state } = releases.get(id);
    if (flags.json) streams.out(`${JSON.stringify({ id, kind, rowCount, tableDigest, state, by }, null, 2)}\n`);
    else streams.out(`release ${id} (${kind}, ${rowCount} patients) is ${state}\n`);
    return 0;
  });
}

function runReleases(flags: Flags, config: AgentConfig, streams: AgentStreams): number {
  return withDatabase(config, (database) => {
    const rows = new Releases(database).list().map((release) => ({ ...release, members: undefined }));
    if (flags.json) streams.out(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length === 0) streams.out('no release has been prepared\n');
    for (const row of flags.json ? [] : rows) {
      const { id, kind, state, rowCount, columnCount, tableByteCount, problem } = row;
      const note = problem ? `; ${problem.code}: ${problem.what}` : '';
      streams.out(
        `${id}  ${kind}  ${state}  ${rowCount} patients, ${columnCount} columns, ${tableByteCount} bytes${note}\n`,
      );
    }
    if (!flags.json) printKeptBack(new Facts(database), streams);
    return 0;
  });
}

/** What the rules keep here, each with cell and mending. */
function printKeptBack(facts: Facts, streams: AgentStreams): void {
  for (const kind of [...TABLE_KINDS, ...SUMS_KINDS]) {
    const problem = facts.get<Problem>(`keptBack:${kind}`);
    if (problem === null) continue;
    const { code, findings = [{ ...problem, rule: code, cell: problem.where }] } = problem;
    for (const { rule, cell, what, fix } of findings) {
      streams.out(`kept back  ${kind}  ${rule}: ${cell}: ${what}\n  fix  ${fix}\n`);
    }
  }
}

function runLedger(flags: Flags, config: AgentConfig, streams: AgentStreams): number {
  return withDatabase(config, (database) => {
    const ledger = new Ledger(database, () => new Date());
    const entries = ledger.entries();
    const traffic = new Traffic(database, ledger).rows();
    const brokenAt = firstBrokenEntry(entries);
    if (flags.json) {
      const document = { holds: brokenAt < 0, firstBrokenEntry: brokenAt < 0 ? null : brokenAt + 1, traffic, entries };
      streams.out(`${JSON.stringify(document, null, 2)}\n`);
    } else {
      for (const { sequence, at, action, subject, details, hash } of entries) {
        streams.out(`${sequence}  ${at}  ${action}  ${subject}  ${hash.slice(0, 12)}  ${JSON.stringify(details)}\n`);
      }
      for (const { kind, requestCount, byteCount } of traffic) {
        streams.out(`${kind}: ${requestCount} requests, ${byteCount} bytes\n`);
      }
    }
    if (brokenAt < 0) {
      if (!flags.json) streams.out(`the chain of ${entries.length} entries holds\n`);
      return 0;
    }
    throw new AgentError(
      'LEDGER_BROKEN',
      'an entry does not fit the one before it: the file was changed',
      `ledger entry ${brokenAt + 1}`,
      'Keep a copy of the data folder and tell the data protection officer.',
    );
  });
}

function withDatabase(config: AgentConfig, work: (database: DatabaseSync) => number): number {
  if (readIdentity(config.dataFolder) === null) {
    throw new AgentError(
      'NOT_JOINED',
      'no agent has joined a study from this data folder',
      config.dataFolder,
      'Name the folder with --data, or join first: concord agent join URL --token-file FILE.',
    );
  }
  const database = openDatabase(config.dataFolder);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function parseWords(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error), error);
  }
}

function usage(what: string, cause?: unknown): AgentError {
  return new AgentError('USAGE', what, 'concord agent', 'See concord agent --help.', { cause });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError(
      'FILE_NOT_READABLE',
      `it cannot be read (${code})`,
      path,
      'Check the path and the rights on it.',
      {
        cause: error,
      },
    );
  }
}

function report(error: unknown, isJson: boolean, streams: AgentStreams): void {
  const problem = problemOf(error);
  if (isJson) streams.out(`${JSON.stringify(problem, null, 2)}\n`);
  else streams.err(`error ${problem.code}: ${problem.what}\n  where  ${problem.where}\n  fix    ${problem.fix}\n`);
  if (!(error instanceof ConcordError) && error instanceof Error) streams.err(`${error.stack ?? ''}\n`);
}

const REFUSED_BY_RULE = ['RELEASE_NOT_HELD', 'RELEASE_CHANGED'];

function exitCodeOf(error: unknown): number {
  if (!(error instanceof ConcordError) || error instanceof InvariantError) return 1;
  if (error.code === 'USAGE' || error.code === 'CONFIG_INVALID') return 2;
  if (REFUSED_BY_RULE.includes(error.code)) return 5;
  return error.code === 'HUB_UNREACHABLE' ? 6 : 3;
}
