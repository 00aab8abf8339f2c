import { type Command, Option } from 'commander';
import {
  type CombatInput,
  type CombatModel,
  type CombatOptions,
  fitCombat,
  type NewSiteEstimates,
  parseCombatModel,
  sealModel,
} from '@concord/harmonization';
import { column, type FeatureTable, textValues } from '@concord/tables';
import { applyToRows, replaceColumns, takeRows } from '../harmonize/apply-to-table.js';
import { type ColumnRoles, columnRoles, looksLikeOutcome, type RoleOptions } from '../harmonize/column-roles.js';
import { effectReport } from '../harmonize/effect-report.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { naming, UnsupportedFileError, UsageError } from '../lib/errors.js';
import { assertOutputFree, readInputText, writeOutput, writeOutputs } from '../lib/files.js';
import { assertTableOutput, readTableFile, writeTableFile } from '../lib/table-file.js';

interface HarmonizeOptions extends Omit<RoleOptions, 'batch'> {
  readonly batch?: string;
  readonly featuresFile?: string;
  readonly eb: CombatOptions['eb'];
  readonly stop: CombatOptions['stop'];
  readonly meanOnly?: boolean;
  readonly reference?: string;
  readonly fitRows?: string;
  readonly allowOutcomeCovariate?: boolean;
  readonly newSites?: boolean;
  readonly out?: string;
  readonly model?: string;
  readonly report?: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  const options = (): HarmonizeOptions => command.opts();
  command
    .description(
      'Remove batch effects from features (ComBat). Fits and applies on the same rows unless told otherwise.',
    )
    .argument('[table]', 'CSV or Arrow, a row for each patient; - is stdin')
    .action((path: string | undefined) => fitAndApply(given(path), options(), cli));
  addOptions(command);
  command
    .command('fit')
    .description('fit a model and keep it, changing nothing')
    .argument('<table>')
    .action((path: string) => fitOnly(path, options(), cli));
  command
    .command('apply')
    .description('apply a model to a table')
    .argument('<table>')
    .action((path: string) => applyOnly(path, options(), cli));
  addExamples(
    command,
    'npx concord harmonize docs/examples/three-scanners.csv --batch scanner --covariates age,sex --outcome event --out harmonized.csv',
    'npx concord harmonize fit docs/examples/three-scanners.csv --batch scanner --covariates age,sex --outcome event --model model.json',
  );
};

/** Options stand on the command itself, so that `fit` and `apply` share them. */
function addOptions(command: Command): void {
  command
    .option('--batch <column>', 'scanner, protocol or site: what is adjusted for')
    .option('--covariates <columns>', 'effects to preserve', collectList)
    .option('--categorical <columns>', 'covariates coded by level though numeric', collectList)
    .option('--outcome <columns>', 'never a covariate, never a feature', collectList)
    .option('--id <columns>', 'identifiers', collectList)
    .option('--features <patterns>', 'feature columns, * and ? allowed', collectList)
    .option('--features-file <file>', 'feature columns, one pattern a line')
    .addOption(new Option('--method <method>', 'kind of ComBat').choices(['combat']).default('combat'))
    .addOption(
      new Option('--eb <kind>', 'empirical Bayes')
        .choices(['parametric', 'nonparametric', 'none'])
        .default('parametric'),
    )
    .addOption(
      new Option('--stop <rule>', 'of its iteration; legacy as sva').choices(['exact', 'legacy']).default('exact'),
    )
    .option('--mean-only', 'adjust locations, not scales')
    .option('--reference <batch>', 'bring the others to this batch')
    .option('--fit-rows <column=values>', 'fit on these rows, apply to all')
    .option('--new-sites', 'harmonize batches that were not in the fit as new sites')
    .option('--allow-outcome-covariate', 'preserve an outcome; marks the result')
    .option('--out <table>', 'harmonized table: .csv, .csv.gz, .arrow or -')
    .option('--model <file>', 'model.json: written, or read by apply')
    .option('--report <folder>', 'report.html and report.json, before and after')
    .option('--force', 'replace existing output');
}

function given(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new UsageError('a table is missing', 'concord harmonize', 'See concord harmonize --help.');
}

function required(value: string | undefined, option: string, where: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`${option} is missing`, where, `See ${where} --help.`);
}

function checkOutputs(options: HarmonizeOptions, cli: Cli, isModelWritten: boolean): void {
  if (options.out !== undefined) {
    assertTableOutput(options.out, cli);
    assertOutputFree(options.out, options.force);
  }
  if (isModelWritten && options.model !== undefined) assertOutputFree(options.model, options.force);
}

async function fitAndApply(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'concord harmonize');
  checkOutputs(options, cli, true);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { model, roles } = await cli.timed('fitting', () => fit(table, options, cli));
  const applied = await cli.timed('applying', () => applyToRows(model, roles, options.newSites === true));
  if (model.transductive) {
    cli.note('transductive: fitted and applied on the same rows; for validation fit on development rows (--fit-rows).');
  }
  tell([...model.warnings, ...applied.warnings], cli);
  await cli.timed('writing', async () => {
    writeTableFile(out, replaceColumns(table, applied.features), cli, options.force);
    if (options.model !== undefined) writeModel(options.model, model, options.force);
    await writeReport(options, model, roles, applied.features, [...model.warnings, ...applied.warnings], cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}

async function fitOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const file = required(options.model, '--model', 'concord harmonize fit');
  assertOutputFree(file, options.force);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const { model } = await cli.timed('fitting', () => fit(table, options, cli));
  const fitted = { ...model, transductive: false };
  tell(fitted.warnings, cli);
  writeModel(file, fitted, options.force);
  summarise(cli, fitted, table.rowCount, [], options);
}

async function applyOnly(path: string, options: HarmonizeOptions, cli: Cli): Promise<void> {
  const out = required(options.out, '--out', 'concord harmonize apply');
  const file = required(options.model, '--model', 'concord harmonize apply');
  checkOutputs(options, cli, false);
  const model = naming(file, () => parseCombatModel(jsonOf(file)));
  const batch = required(options.batch ?? model.batchColumn ?? undefined, '--batch', 'concord harmonize apply');
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const roles = columnRoles(table, {
    batch,
    covariates: model.covariates.map(({ name }) => name),
    categorical: model.covariates.filter(({ kind }) => kind === 'categorical').map(({ name }) => name),
    features: [...model.features, ...model.passedThrough.map(({ feature }) => feature)],
  });
  const applied = await cli.timed('applying', () => applyToRows(model, roles, options.newSites === true));
  tell(applied.warnings, cli);
  await cli.timed('writing', async () => {
    writeTableFile(out, replaceColumns(table, applied.features), cli, options.force);
    await writeReport({ ...options, batch }, model, roles, applied.features, applied.warnings, cli);
  });
  summarise(cli, model, table.rowCount, applied.newSites, options);
}

function fit(table: FeatureTable, options: HarmonizeOptions, cli: Cli): { model: CombatModel; roles: ColumnRoles } {
  const batchColumn = required(options.batch, '--batch', 'concord harmonize');
  const { fitRows, ...rest } = options;
  const chosen = fitRows === undefined ? null : rowsWhere(table, fitRows);
  const roles = columnRoles(table, {
    ...rest,
    batch: batchColumn,
    features: [...(options.features ?? []), ...patternsIn(options.featuresFile)],
    others: chosen === null ? [] : [chosen.column],
  });
  for (const { name } of roles.covariates) {
    if (looksLikeOutcome(name)) cli.warn(`covariate ${name} looks like an outcome; name outcomes in --outcome`);
  }
  const input: CombatInput = {
    ...(chosen === null ? roles : takeRows(roles, chosen.rows)),
    batchColumn,
    options: {
      eb: options.eb,
      stop: options.stop,
      meanOnly: options.meanOnly === true,
      reference: options.reference ?? null,
    },
    outcomes: options.outcome ?? [],
    allowOutcomeCovariate: options.allowOutcomeCovariate === true,
  };
  return { model: { ...fitCombat(input), transductive: chosen === null }, roles };
}

function rowsWhere(table: FeatureTable, condition: string): { column: string; rows: number[] } {
  const [, name, list] = /^([^=]+)=(.+)$/s.exec(condition) ?? [];
  if (name === undefined || list === undefined) {
    throw new UsageError(
      `${condition} is not COLUMN=VALUE`,
      '--fit-rows',
      'Write for example --fit-rows cohort=development.',
    );
  }
  column(table, name);
  const values = textValues(table, name);
  const wanted = new Set(list.split(','));
  const rows = [...values.keys()].filter((row) => values[row] !== null && wanted.has(values[row]));
  if (rows.length === 0) {
    throw new UsageError(`no row has ${condition}`, '--fit-rows', 'Check the values of the column.');
  }
  return { column: name, rows };
}

function patternsIn(file: string | undefined): string[] {
  if (file === undefined) return [];
  const lines = readInputText(file).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readInputText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnsupportedFileError('this is not JSON', file, 'Give a model.json that concord harmonize wrote.', {
      cause: error,
    });
  }
}

function tell(warnings: readonly string[], cli: Cli): void {
  for (const warning of warnings) cli.warn(warning);
}

function writeModel(file: string, model: CombatModel, force = false): void {
  writeOutput(file, `${JSON.stringify(sealModel(model))}\n`, force);
}

async function writeReport(
  options: HarmonizeOptions,
  model: CombatModel,
  roles: ColumnRoles,
  after: ColumnRoles['features'],
  warnings: readonly string[],
  cli: Cli,
): Promise<void> {
  if (options.report === undefined) return;
  const notes = model.transductive ? ['Fitted and applied on the same rows (transductive).', ...warnings] : warnings;
  const files = await effectReport({
    title: 'Harmonization by ComBat',
    batchColumn: options.batch ?? model.batchColumn ?? 'batch',
    batch: roles.batch,
    before: roles.features,
    after,
    notes,
    // Estimates stay in model.json: the report says what was done.
    details: { transductive: model.transductive, harmonization: { ...model, estimates: undefined } },
    version: cli.version,
  });
  writeOutputs(options.report, files, options.force);
}

function summarise(
  cli: Cli,
  model: CombatModel,
  rowCount: number,
  newSites: readonly NewSiteEstimates[],
  options: HarmonizeOptions,
): void {
  const counts = `${model.features.length} features adjusted, ${model.passedThrough.length} passed through`;
  const sites = newSites.length > 0 ? `, ${newSites.length} new sites` : '';
  cli.note(`${rowCount} rows, ${model.batches.length} batches, ${counts}${sites}`);
  if (!cli.isJson) return;
  cli.printJson({
    rowCount,
    batches: model.batches,
    batchCounts: model.batchCounts,
    adjustedCount: model.features.length,
    passedThrough: model.passedThrough,
    newSites: newSites.map(({ batch, count, method }) => ({ batch, count, method })),
    isConverged: model.isConverged,
    transductive: model.transductive,
    warnings: model.warnings,
    out: options.out ?? null,
    model: options.model ?? null,
    report: options.report ?? null,
  });
}
