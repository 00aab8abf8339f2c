import { fitHarmonization, type HarmonizationModel } from '@concord/harmonization';
import { column, type FeatureTable, textValues } from '@concord/tables';
import type { Cli } from '../lib/cli.js';
import { UsageError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';
import { takeRows } from './apply-to-table.js';
import { type ColumnRoles, columnRoles } from './column-roles.js';
import { OneBatchError } from './errors.js';
import { markTransductive } from './model-facts.js';
import { type Form, type HarmonizeOptions, methodOf, required } from './options.js';
import { looksLikeOutcome } from './suspicious-names.js';

/** Columns by role as the options say, those of a file of names included. */
export function rolesOf(
  table: FeatureTable,
  options: HarmonizeOptions,
  form: Form,
  cli: Cli,
  others: string[] = [],
): ColumnRoles {
  const batch = required(options.batch, '--batch', form);
  const features = [...(options.features ?? []), ...patternsIn(options.featuresFile)];
  const roles = columnRoles(table, { ...options, batch, features, others });
  const declared = options.outcome ?? [];
  for (const { name } of roles.covariates) {
    if (looksLikeOutcome(name) && !declared.includes(name)) {
      cli.warn(`covariate ${name} looks like an outcome; name outcomes in --outcome`);
    }
  }
  return roles;
}

/**
 * Fits what the options ask for, on all rows or those of --fit-rows.
 *
 * @throws {OneBatchError} if a batch column has one level only
 * @throws as `columnRoles`, `fitHarmonization`
 */
export function fitTable(
  table: FeatureTable,
  options: HarmonizeOptions,
  form: Form,
  cli: Cli,
): { model: HarmonizationModel; roles: ColumnRoles } {
  const { fitRows } = options;
  const chosen = fitRows === undefined ? null : rowsWhere(table, fitRows);
  const roles = rolesOf(table, options, form, cli, chosen === null ? [] : [chosen.column]);
  const fitted = chosen === null ? roles : takeRows(roles, chosen.rows);
  for (const { name, labels } of fitted.batches) {
    const levels = new Set(labels);
    if (levels.size > 1) continue;
    throw new OneBatchError(
      `column ${name} holds one batch only, so there is no effect to remove`,
      `column ${name}`,
      'Name the column that tells scanners, protocols or sites apart.',
    );
  }
  const model = fitHarmonization({
    ...fitted,
    ...methodOf(options),
    outcomes: options.outcome ?? [],
    allowOutcomeCovariate: options.allowOutcomeCovariate === true,
  });
  return { model: markTransductive(model, chosen === null), roles };
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
