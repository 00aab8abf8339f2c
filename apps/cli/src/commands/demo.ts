import { resolve } from 'node:path';

import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT, UsageError } from '../lib/errors.js';

interface DemoFlags {
  readonly serve?: boolean;
  readonly sites: string;
  readonly patients: string;
  readonly seed: string;
  readonly tables?: string;
  readonly batch?: string;
  readonly outcome?: string;
  readonly out: string;
  readonly faults?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Run a whole consortium on this machine: hub, hospitals, harmonisation, validation, report.')
    .option('--serve', 'keep the hub and the agents running, and print the address of the page')
    .option('--sites <count>', 'number of hospitals; the last two validate', '5')
    .option('--patients <count>', 'patients of each hospital', '24')
    .option('--seed <number>', 'what everything is drawn from', '1')
    .option('--tables <table>', 'share the rows of this feature table instead of extracting from images')
    .option('--batch <column>', 'with --tables: the column that names the site')
    .option('--outcome <column>', 'with --tables: the column of the outcome, 0 or 1')
    .option('--out <folder>', 'where everything is written', 'concord-demo')
    .option('--faults', 'kill the hub three times and pause an agent on the way; the result must not change')
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('../demo/demo.js');
      const { summaryOf } = await import('../demo/summary.js');
      const { DemoTruthError } = await import('../demo/demo.errors.js');
      const start = performance.now();
      const seconds = () => (performance.now() - start) / 1000;
      const interrupted = endOnSignal();
      const result = await runDemo({
        out: resolve(flags.out),
        seed: wholeNumber('--seed', flags.seed),
        siteCount: wholeNumber('--sites', flags.sites),
        patientsPerSite: wholeNumber('--patients', flags.patients),
        table: await tableOf(flags, cli),
        withFaults: flags.faults === true,
        hubEnvironment: {},
        say: (line) => cli.note(`${seconds().toFixed(1).padStart(6)} s  ${line}`),
      });
      try {
        if (cli.isJson)
          cli.printJson({ resultDigest: result.resultDigest, truth: result.truth, report: result.report });
        else cli.print(summaryOf({ ...result, out: flags.out }, seconds()));
        if (result.truth?.holds === false) {
          const missed = result.truth.lines.filter(({ holds }) => !holds);
          throw new DemoTruthError(
            `the result is not what was put in: ${missed.map(({ promise, found }) => `${promise} (${found})`).join('; ')}`,
            flags.out,
            'This is a bug: please report it with the seed.',
          );
        }
        if (flags.serve === true) {
          cli.print(`page     ${result.pageUrl}/#token=${result.pageToken}`);
          cli.note('Ctrl-C ends it.');
          interrupted.allow();
          await interrupted.signal;
        }
      } finally {
        await result.stop();
      }
    });
  addExamples(command, 'npx concord demo', 'npx concord demo --seed 7 --serve');
};

/** Ctrl-C ends the demo with 130 at once, or, once allowed, lets it end by itself. */
function endOnSignal(): { allow: () => void; signal: Promise<void> } {
  let isAllowed = false;
  const signal = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (!isAllowed) process.exit(EXIT.interrupted);
        resolve();
      });
    }
  });
  return { allow: () => (isAllowed = true), signal };
}

async function tableOf(flags: DemoFlags, cli: Cli) {
  if (flags.tables === undefined) return null;
  if (flags.batch === undefined || flags.outcome === undefined) {
    throw new UsageError(
      '--tables needs --batch and --outcome',
      'concord demo',
      'Name the columns of site and outcome.',
    );
  }
  const { readTableFile } = await import('../lib/table-file.js');
  const rows = readTableFile(flags.tables, cli);
  return { file: flags.tables, rows, batch: flags.batch, outcome: flags.outcome };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new UsageError(`${text} is not a whole number`, option, 'Give a number such as 5.');
  }
  return value;
}
