import { applyToRows, replaceColumns } from '../harmonize/apply-to-table.js';
import { columnsForModel } from '../harmonize/column-roles.js';
import { fitTable } from '../harmonize/fit-table.js';
import { columnsOf, markTransductive, methodModel } from '../harmonize/model-facts.js';
import { addOptions, checkOptions, type Form, type HarmonizeOptions, required } from '../harmonize/options.js';
import { checkOutputs, readModel, summarise, tell, writeModel, writeReport } from '../harmonize/outputs.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';
import { readTableFile, writeTableFile } from '../lib/table-file.js';

export const configure: Configure = (command, cli) => {
  const options = (form: Form): HarmonizeOptions => {
    const typed = command.opts<HarmonizeOptions>();
    checkOptions(typed, form);
    return typed;
  };
  command
    .description(
      'Remove batch effects from features (ComBat). Fits and applies on the same rows unless told otherwise.',
    )
    .argument('[table]', 'CSV or Arrow, a row for each patient; - is stdin')
    .action((path: string | undefined) => fitAndApply(given(path), options('harmonize'), cli));
  addOptions(command);
  command
    .command('fit')
    .description('fit a model and keep it, changing nothing')
    .argument('<table>')
    .action((path: string) => fitOnly(path, options('fit'), cli));
  command
    .command('apply')
    .description('apply a model to a table')
    .argument('<table>')
    .action((path: string) => applyOnly(path, options('apply'), cli));
  addExamples(
    command,
    'npx concord harmonize docs/examples/three-scanners.csv --batch scanner --covariates age,sex --outcome event --out harmonized.csv',
    'npx concord harmonize fit docs/examples/three-scanners.csv --batch scanner --covariates age,sex --outcome event --model model.json',
  );
};

function given(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new UsageError('a table is missing', 'concord harmonize', 'See concord harmonize --help.');
}

async function fitAndApply(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'harmonize');
  checkOutputs(options, cli);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { model, roles } = await cli.timed('fitting', () => fitTable(table, options, 'harmonize', cli));
  const applied = await cli.timed('applying', () => applyToRows(model, roles, options.newSites === true));
  const { transductive, warnings: fitWarnings } = methodModel(model);
  if (transductive) {
    cli.note('transductive: fitted and applied on the same rows; for validation fit on development rows (--fit-rows).');
  }
  const warnings = [...fitWarnings, ...applied.warnings];
  tell(warnings, cli);
  await cli.timed('writing', async () => {
    writeTableFile(out, replaceColumns(table, applied.features), cli, options.force);
    if (options.model !== undefined) writeModel(options.model, model, options.force);
    await writeReport(options, model, roles, applied.features, warnings, cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}

async function fitOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const file = required(options.model, '--model', 'fit');
  checkOutputs(options, cli);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { model } = await cli.timed('fitting', () => fitTable(table, options, 'fit', cli));
  const fitted = markTransductive(model, false);
  tell(methodModel(fitted).warnings, cli);
  writeModel(file, fitted, options.force);
  summarise(cli, fitted, table.rowCount, [], options);
}

async function applyOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'apply');
  const file = required(options.model, '--model', 'apply');
  checkOutputs({ ...options, model: undefined }, cli);
  const model = readModel(file);
  const columns = columnsOf(model, options);
  required(columns.batches[0], '--batch', 'apply');
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const roles = columnsForModel(table, columns);
  const applied = await cli.timed('applying', () => applyToRows(model, roles, options.newSites === true));
  tell(applied.warnings, cli);
  await cli.timed('writing', async () => {
    writeTableFile(out, replaceColumns(table, applied.features), cli, options.force);
    await writeReport(options, model, roles, applied.features, applied.warnings, cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}
