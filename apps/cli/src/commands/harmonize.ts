import type { HarmonizationModel } from '@concord/harmonization';
import type { FeatureTable } from '@concord/tables';
import { applyToRows, replaceColumns } from '../harmonize/apply-to-table.js';
import { type ColumnRoles, columnsForModel } from '../harmonize/column-roles.js';
import { fitTable, rolesOf } from '../harmonize/fit-table.js';
import { columnsOf, markTransductive, methodModel } from '../harmonize/model-facts.js';
import { addOptions, checkOptions, type Form, type HarmonizeOptions, required } from '../harmonize/options.js';
import { checkOutputs, readModel, summarise, tell, writeModel, writeReport } from '../harmonize/outputs.js';
import { isLargeArrow, openStreamed, writeStreamed } from '../harmonize/stream-table.js';
import { combineSums, finishModel, readPooled, writeSums } from '../harmonize/sums-files.js';
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
  command
    .command('sums')
    .description('at a site: write the sums that may leave, after the disclosure rules')
    .argument('<table>')
    .action((path: string) => sumsOnly(path, options('sums'), cli));
  command
    .command('combine')
    .description('at the hub: combine the sums of three sites or more')
    .argument('<sums...>')
    .action((files: string[]) => {
      const typed = options('combine');
      required(typed.out, '--out', 'combine');
      combineSums(files, typed, cli);
    });
  command
    .command('finish')
    .description('at the site: harmonize its own patients by what combine wrote')
    .argument('<table>')
    .action((path: string) => finishOnly(path, options('finish'), cli));
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
  if (options.stream === true || isLargeArrow(path)) return harmonizeStreamed(path, out, options, cli);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { model, roles } = await cli.timed('fitting', () => fitTable(table, options, 'harmonize', cli));
  await applyAndWrite({ table, model, roles, out }, options, cli);
}

interface Fitted {
  readonly table: FeatureTable;
  readonly model: HarmonizationModel;
  readonly roles: ColumnRoles;
  readonly out: string;
}

/** Applies a model that was fitted just now, and writes everything that was asked for. */
async function applyAndWrite({ table, model, roles, out }: Fitted, options: HarmonizeOptions, cli: Cli): Promise<void> {
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
    await writeReport(table, options, model, roles, applied.features, warnings, cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}

/** As `fitAndApply`, for an Arrow table that need not fit into memory: its columns are read and replaced block by block. */
async function harmonizeStreamed(path: string, out: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const { method = 'combat', transform = 'none' } = options;
  const isPlain = (method === 'combat' || method === 'gam') && transform === 'none';
  const whole = (['fitRows', 'newSites', 'report'] as const).find((key) => options[key] !== undefined);
  if (!isPlain || whole !== undefined || !/\.arrow$/i.test(path) || !/\.arrow$/i.test(out)) {
    throw new UsageError(
      'a table is streamed from Arrow to Arrow, by plain ComBat on all its rows',
      path,
      'Leave out --transform, --report, --fit-rows, --new-sites and other methods; or fit, then apply the model to parts.',
    );
  }
  const streamed = openStreamed(path);
  try {
    const { model, roles } = await cli.timed('fitting', () => fitTable(streamed.table, options, 'harmonize', cli));
    const inner = methodModel(model);
    if (inner.format !== 'concord.combat/2')
      throw new UsageError('only ComBat can be streamed', '--method', 'Use combat.');
    cli.note('transductive: fitted and applied on the same rows.');
    const warnings = await cli.timed('writing', () => writeStreamed(path, out, streamed, inner, roles));
    tell([...inner.warnings, ...warnings], cli);
    if (options.model !== undefined) writeModel(options.model, model, options.force);
    summarise(cli, model, streamed.table.rowCount, [], options);
  } finally {
    streamed.close();
  }
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

async function sumsOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'sums');
  const batch = required(options.batch, '--batch', 'sums');
  if (batch.length > 1) throw new UsageError('sums take one batch column', '--batch', 'Name one column.');
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const roles = rolesOf(table, options, 'sums', cli);
  writeSums(table, roles, options, cli);
  const batches = new Set(roles.batches[0].labels).size;
  cli.note(`sums of ${batches} batches and ${roles.features.length} features may leave: ${out}`);
  if (cli.isJson && out !== '-') cli.printJson({ batches, features: roles.features.length, out });
}

async function finishOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'finish');
  const file = readPooled(required(options.pooled, '--pooled', 'finish'));
  const batch = required(
    options.batch ?? (file.batchColumn === null ? undefined : [file.batchColumn]),
    '--batch',
    'finish',
  );
  checkOutputs(options, cli);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { features, covariates } = file.pooled.codebook;
  const roles = columnsForModel(table, { batches: batch, subject: null, features, covariates });
  const model = await cli.timed('fitting', () => finishModel(file, roles, options));
  await applyAndWrite({ table, model, roles, out }, options, cli);
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
    await writeReport(table, options, model, roles, applied.features, applied.warnings, cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}
