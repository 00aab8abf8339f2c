import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { readRun, readStudy, type RunRecord, type StepRecord } from '../hub/study-records.js';
import { dateWords, durationWords, printable, textTable } from '../hub/words.js';
import type { Cli } from '../lib/cli.js';
import { addHubExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command.description('See what a study has computed, and what it waits for.');
  const show = command
    .command('show')
    .description('list the steps of a study with their state; a step that failed says why')
    .argument('<study>', 'its id');
  addHubOptions(show).action(async (study: string, flags: HubFlags) => {
    const hub = connect(flags, cli);
    const run = await readRun(hub, study);
    if (cli.isJson) return cli.printJson(run);
    if (run !== null) return printRun(run, cli);
    const { state } = await readStudy(hub, study);
    const next = state === 'draft' ? `concord study freeze ${study}` : `concord study start ${study}`;
    cli.print(`The study is ${state} and does not run yet. Next: ${next}`);
  });
  const examples = ['npx concord run show my-study', 'npx concord run show my-study --json'] as const;
  addHubExamples(show, ...examples);
  addHubExamples(command, ...examples);
};

function printRun(run: RunRecord, cli: Cli): void {
  cli.print(textTable(['step', 'state', 'done', 'took'], run.steps.map(rowOf)));
  for (const { name, error } of run.steps) {
    if (error === null) continue;
    cli.print(`\n${name} failed: ${printable(error.what)} (${error.code})`);
    cli.print(`  where  ${printable(error.where)}\n  fix    ${printable(error.fix)}`);
  }
  const count = (state: string) => run.steps.filter((step) => step.state === state).length;
  const failed = count('failed') > 0 ? `, ${count('failed')} failed` : '';
  const end = run.finishedAt === null ? '' : `, finished ${dateWords(run.finishedAt)}`;
  cli.print(`\n${count('done')} of ${run.steps.length} steps done${failed}; started ${dateWords(run.startedAt)}${end}`);
}

function rowOf({ name, state, queuedAt, finishedAt }: StepRecord): string[] {
  const took =
    queuedAt === null || finishedAt === null ? '–' : durationWords(Date.parse(finishedAt) - Date.parse(queuedAt));
  return [name, state, dateWords(finishedAt), took];
}
