import type { Command } from 'commander';
import type { Cli } from './cli.js';

/**
 * Gives a command its arguments, options, subcommands, examples and action. The command comes with name and summary.
 *
 * The action reads options as commander hands them over, prints through `cli`, and throws a ConcordError when it
 * cannot do what was asked.
 */
export type Configure = (command: Command, cli: Cli) => void;

export interface CommandModule {
  readonly configure: Configure;
}

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Ends the help of a command with examples that run as printed from the repository root. */
export function addExamples(command: Command, ...examples: string[]): void {
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}\n`).join('')}`);
}

/** As `addExamples`, for a command that talks to a hub: they run where one does. */
export function addHubExamples(command: Command, ...examples: string[]): void {
  addExamples(command, ...examples);
  command.addHelpText('after', 'They need a hub that runs: concord hub starts one here.');
}

/** Parser of a comma-separated option that may repeat: `.option('--x <list>', '…', collectList)`. */
export function collectList(value: string, previous: readonly string[] = []): string[] {
  const items = value.split(',').map((item) => item.trim());
  return [...previous, ...items.filter((item) => item !== '')];
}
