import type { Command } from 'commander';

import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { runApp } from '../lib/run-app.js';

/** Options of the agent's commands that are handed on with their value. */
const VALUE_OPTIONS = { data: 'data', tokenFile: 'token-file', proxy: 'proxy', ca: 'ca', by: 'by', reason: 'reason' };

export const configure: Configure = (command, cli) => {
  command
    .description('Run the agent of a hospital. Settings come from the environment: see .env.example.')
    .option('--data <folder>', 'the agent’s own folder: keys, cases, ledger')
    .action(async (_flags: unknown, self: Command) => handOn(cli, self, []));
  command
    .command('join')
    .description('join a study with the token its coordinator sent')
    .argument('<url>', 'address of the hub')
    .requiredOption('--token-file <file>', 'file with the token')
    .option('--proxy <url>', 'proxy to the outside')
    .option('--ca <file>', 'authorities to trust besides the public ones, PEM')
    .action(async (url: string, _flags: unknown, self: Command) => handOn(cli, self, ['join', url]));
  command
    .command('releases')
    .description('list what is prepared, waits, or has left')
    .action(async (_flags: unknown, self: Command) => handOn(cli, self, ['releases']));
  command
    .command('approve')
    .description('let a prepared table leave; it cannot be called back')
    .argument('<id>', 'number of the release')
    .option('--by <name>', 'who decides; without it your login name')
    .action(async (id: string, _flags: unknown, self: Command) => handOn(cli, self, ['approve', id]));
  command
    .command('refuse')
    .description('keep a prepared table here')
    .argument('<id>', 'number of the release')
    .requiredOption('--reason <text>', 'why; stays in the ledger of this site')
    .option('--by <name>', 'who decides; without it your login name')
    .action(async (id: string, _flags: unknown, self: Command) => handOn(cli, self, ['refuse', id]));
  command
    .command('ledger')
    .description('print what left and why, and check that nobody changed it')
    .action(async (_flags: unknown, self: Command) => handOn(cli, self, ['ledger']));
  addExamples(command, 'npx concord agent join https://hub.example --token-file token.txt', 'npx concord agent ledger');
};

async function handOn(cli: Cli, self: Command, words: readonly string[]): Promise<void> {
  const flags = self.optsWithGlobals<Record<string, unknown>>();
  const options = Object.entries(VALUE_OPTIONS).flatMap(([name, option]) => {
    const value = flags[name];
    return typeof value === 'string' ? [`--${option}=${value}`] : [];
  });
  cli.exitCode = await runApp('agent', 'main.js', [...words, ...options, ...(cli.isJson ? ['--json'] : [])]);
}
