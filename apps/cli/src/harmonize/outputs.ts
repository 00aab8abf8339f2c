import {
  type HarmonizationModel,
  type NewSiteEstimates,
  parseHarmonizationModel,
  sealModel,
} from '@concord/harmonization';
import { type FeatureTable, textValues } from '@concord/tables';
import type { Cli } from '../lib/cli.js';
import { naming, UnsupportedFileError } from '../lib/errors.js';
import { assertOutputFree, readInputText, writeOutput, writeOutputs } from '../lib/files.js';
import { assertTableOutput } from '../lib/table-file.js';
import type { ColumnRoles } from './column-roles.js';
import { effectReport } from './effect-report.js';
import { batchCounts, methodModel, methodName } from './model-facts.js';
import type { HarmonizeOptions } from './options.js';

/** Says before long work that an output would be refused at its end. */
export function checkOutputs({ out, model, force }: HarmonizeOptions, cli: Cli): void {
  if (out !== undefined) {
    assertTableOutput(out, cli);
    assertOutputFree(out, force);
  }
  if (model !== undefined) assertOutputFree(model, force);
}

/** @throws {CombatModelFormatError} if it is none, or was changed; it names the file */
export function readModel(file: string): HarmonizationModel {
  return naming(file, () => parseHarmonizationModel(jsonIn(file, 'Give a model.json that concord harmonize wrote.')));
}

/**
 * JSON of a file whose digest is checked by its reader. A digit that changes no double would slip by the digest, so the
 * text must be what would be written, blanks between its parts aside.
 *
 * @throws {UnsupportedFileError} if the file is not JSON, or not as it was written
 */
export function jsonIn(file: string, fix: string): unknown {
  const text = readInputText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnsupportedFileError('this is not JSON', file, fix, { cause: error });
  }
  if (JSON.stringify(value) !== text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')) {
    throw new UnsupportedFileError('the file was changed: it is not spelled as it was written', file, fix);
  }
  return value;
}

export function writeModel(file: string, model: HarmonizationModel, force = false): void {
  writeOutput(file, `${JSON.stringify(sealModel(model))}\n`, force);
}

export function tell(warnings: readonly string[], cli: Cli): void {
  for (const warning of new Set(warnings)) cli.warn(warning);
}

/** Writes the report that --report asks for. */
export async function writeReport(
  table: FeatureTable,
  options: HarmonizeOptions,
  model: HarmonizationModel,
  roles: ColumnRoles,
  after: ColumnRoles['features'],
  warnings: readonly string[],
  cli: Cli,
): Promise<void> {
  if (options.report === undefined) return;
  const inner = methodModel(model);
  const notes = inner.transductive ? ['Fitted and applied on the same rows (transductive).', ...warnings] : warnings;
  const [first, ...others] = roles.batches;
  const outcome = options.outcome?.[0];
  const files = await effectReport({
    title: `Harmonization by ${methodName(model)}`,
    // Several variables make one batch of each combination.
    batch: {
      name: [first, ...others].map((variable) => variable.name).join(' × '),
      labels: first.labels.map((label, row) =>
        label === null ? null : [label, ...others.map((variable) => variable.labels[row])].join(' × '),
      ),
    },
    before: roles.features,
    after,
    covariates: roles.covariates,
    outcome: outcome === undefined ? null : { name: outcome, labels: textValues(table, outcome) },
    subject: null,
    factors: [],
    model: inner.format === 'concord.combat/2' ? inner : null,
    seed: 1,
    permutations: 19,
    notes,
    // Estimates stay in model.json: the report says what was done.
    details: {
      transductive: inner.transductive,
      harmonization: { ...inner, estimates: undefined, covariance: undefined },
    },
    version: cli.version,
  });
  writeOutputs(options.report, files, options.force);
}

/** One line for a person, or the facts as JSON. */
export function summarise(
  cli: Cli,
  model: HarmonizationModel,
  rowCount: number,
  newSites: readonly NewSiteEstimates[],
  options: HarmonizeOptions,
): void {
  const inner = methodModel(model);
  const batches = batchCounts(model);
  const counts = `${inner.features.length} features adjusted, ${inner.passedThrough.length} passed through`;
  const sites = newSites.length > 0 ? `, ${newSites.length} new sites` : '';
  cli.note(`${methodName(model)}: ${rowCount} rows, ${batches.length} batches, ${counts}${sites}`);
  if (!cli.isJson) return;
  cli.printJson({
    method: methodName(model),
    rowCount,
    batches: batches.map(({ batch }) => batch),
    batchCounts: batches.map(({ count }) => count),
    adjustedCount: inner.features.length,
    passedThrough: inner.passedThrough,
    newSites: newSites.map(({ batch, count, method }) => ({ batch, count, method })),
    isConverged: inner.isConverged,
    transductive: inner.transductive,
    warnings: inner.warnings,
    out: options.out ?? null,
    model: options.model ?? null,
    report: options.report ?? null,
  });
}
