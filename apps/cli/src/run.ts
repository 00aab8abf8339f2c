import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/index.js';
import { Cli, type CliStreams, type GlobalOptions } from './lib/cli.js';
import type { CommandEntry } from './lib/command.js';
import { exitCodeOf, formatError, reportOf, UsageError } from './lib/errors.js';

export interface RunSettings {
  readonly version: string;
  readonly streams?: CliStreams;
  readonly commands?: readonly CommandEntry[];
}

const PROCESS_STREAMS: CliStreams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
};

/**
 * Runs one command line and returns its exit code; errors are printed, never thrown.
 *
 * @param argv the words after `concord`
 */
export async function runCli(argv: readonly string[], settings: RunSettings): Promise<number> {
  const streams = settings.streams ?? PROCESS_STREAMS;
  const commands = settings.commands ?? COMMANDS;
  const program = makeProgram(settings.version, streams);
  const cli = new Cli(streams, () => program.opts<GlobalOptions>(), settings.version);
  try {
    const asked = argv.find((word) => !word.startsWith('-'));
    for (const entry of commands) {
      const command = program.command(entry.name).description(entry.summary);
      if (entry.name === asked || (asked === 'help' && argv.includes(entry.name))) {
        (await entry.load()).configure(command, cli);
      }
    }
    inheritSettings(program);
    if (asked === undefined && !argv.some((word) => word.startsWith('-'))) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    cli.reportTimings();
    return cli.exitCode;
  } catch (error) {
    return reportFailure(error, cli, streams, argv);
  }
}

function makeProgram(version: string, streams: CliStreams): Command {
  return new Command('concord')
    .description('Validate imaging models across hospitals without sharing images.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--quiet', 'no progress, no notes')
    .option('--verbose', 'show the stack of an error')
    .option('--timings', 'print the seconds of each phase to stderr as one JSON line')
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out(text),
      writeErr: (text) => streams.err(text),
      outputError: () => undefined, // reportFailure prints it in our own form
    });
}

/** Subcommands take over how the program ends and writes; commander copies that only when they are made by it. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).configureHelp({ showGlobalOptions: true });
    inheritSettings(command);
  }
}

function reportFailure(error: unknown, cli: Cli, streams: CliStreams, argv: readonly string[]): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
  const failure = error instanceof CommanderError ? usageErrorOf(error, argv) : error;
  const isJson = cli.isJson || argv.includes('--json');
  if (isJson) streams.out(`${JSON.stringify(reportOf(failure), null, 2)}\n`);
  else streams.err(formatError(failure, cli.isVerbose || argv.includes('--verbose')));
  return exitCodeOf(failure);
}

function usageErrorOf(error: CommanderError, argv: readonly string[]): UsageError {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0).slice(0, 2);
  if (error.code === 'commander.unknownCommand') words.pop(); // its own help would not be there
  const command = ['concord', ...words.filter((word) => /^[a-z-]+$/.test(word))].join(' ');
  if (error.code === 'commander.help') {
    return new UsageError('a subcommand is missing', command, `See ${command} --help.`);
  }
  const [, what = error.message, nearest] =
    /^(?:error: )?(.*?)(?:\s*\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  const fix = nearest === undefined ? `See ${command} --help.` : `Did you mean ${nearest}?`;
  return new UsageError(what, command, fix, { cause: error });
}
