import type { CovariateCoding } from './coding.js';
import { CombatModelFormatError } from './errors.js';
import type { StopRule } from './empirical-bayes.js';

/** What ComBat is asked to do. */
export interface CombatOptions {
  /** How estimates borrow strength over features. */
  readonly eb: 'parametric' | 'nonparametric' | 'none';
  /** When parametric EB stops: at the fixed point, or where sva does (differs by up to 6e-5 SD). */
  readonly stop: StopRule;
  /** Adjust the location alone. */
  readonly meanOnly: boolean;
  /** Batch that the others are brought to; its rows stay as they are. null: the mean of all. */
  readonly reference: string | null;
}

export const defaultCombatOptions: CombatOptions = {
  eb: 'parametric',
  stop: 'exact',
  meanOnly: false,
  reference: null,
};

/** null: not estimable (the feature has no value in the batch; no prior of the scale in a mean-only fit). */
type Maybe = number | null;

/** Estimates in the notation of Johnson, Li and Rabinovic (2007); the tables are [row][feature]. */
export interface CombatEstimates {
  /** Batch × feature, in SD of the feature: shift and variance ratio, raw and shrunken. */
  readonly gammaHat: readonly (readonly Maybe[])[];
  readonly deltaHat: readonly (readonly Maybe[])[];
  readonly gammaStar: readonly (readonly Maybe[])[];
  readonly deltaStar: readonly (readonly Maybe[])[];
  /** Priors, one a batch. */
  readonly gammaBar: readonly Maybe[];
  readonly tau2: readonly Maybe[];
  readonly aPrior: readonly Maybe[];
  readonly bPrior: readonly Maybe[];
  /** One a feature, in its unit (squared for the variance). */
  readonly pooledVariance: readonly number[];
  readonly grandMean: readonly number[];
  /** Rows: batches, then design columns. With a reference, its row is its level and other batches are differences. */
  readonly coefficients: readonly (readonly Maybe[])[];
}

/** A feature that the model leaves as it is, and why. */
export interface PassedThrough {
  readonly feature: string;
  readonly reason: string;
}

/** A fitted ComBat. Plain data: `JSON.stringify` saves it, {@link parseCombatModel} reads it. No patient's value is in it. */
export interface CombatModel {
  readonly format: 'concord.combat/1';
  /** Name of the column that held the batches, where the caller told it; applying to a table can default to it. */
  readonly batchColumn: string | null;
  /** Labels in text order, with the patients of each. */
  readonly batches: readonly string[];
  readonly batchCounts: readonly number[];
  /** The features that are adjusted, in the order of the table; estimates follow it. */
  readonly features: readonly string[];
  readonly passedThrough: readonly PassedThrough[];
  readonly covariates: readonly CovariateCoding[];
  readonly designColumns: readonly string[];
  /** Outcomes among the covariates: results of this model are not fit for judging a model of them. */
  readonly outcomeCovariates: readonly string[];
  readonly options: CombatOptions;
  /** True when only locations were adjusted, by option or because a batch has one patient. */
  readonly isMeanOnly: boolean;
  readonly estimates: CombatEstimates;
  /** Updates of parametric EB, one a batch; empty otherwise. */
  readonly iterations: readonly number[];
  readonly isConverged: boolean;
  /** True when the model was applied to the very rows it was fitted on, as {@link harmonize} does. */
  readonly transductive: boolean;
  readonly warnings: readonly string[];
}

function fail(what: string): never {
  throw new CombatModelFormatError(what, 'the ComBat model', 'Use a model.json that concord harmonize wrote.');
}

/**
 * A model read from JSON, checked to be one.
 *
 * @throws {CombatModelFormatError} if the format or version is another, or a table has the wrong shape
 */
export function parseCombatModel(json: unknown): CombatModel {
  if (typeof json !== 'object' || json === null || !('format' in json)) fail('this is not a ComBat model');
  if (json.format !== 'concord.combat/1') fail(`the format ${String(json.format)} is not concord.combat/1`);
  // Every field that the code relies on is checked below.
  const model = json as CombatModel;
  for (const key of ['batches', 'batchCounts', 'features', 'passedThrough', 'covariates', 'designColumns'] as const) {
    if (!Array.isArray(model[key])) fail(`${key} is not a list`);
  }
  if (!isRecord(model.options) || !isRecord(model.estimates)) fail('options or estimates are missing');
  const { reference } = model.options;
  if (reference !== null && !model.batches.includes(reference)) fail('the reference is not one of the batches');
  const k = model.batches.length;
  const p = model.features.length;
  const e = model.estimates;
  for (const key of ['gammaHat', 'deltaHat', 'gammaStar', 'deltaStar'] as const) checkTable(e[key], k, p, key);
  checkTable(e.coefficients, k + model.designColumns.length, p, 'coefficients');
  for (const key of ['pooledVariance', 'grandMean'] as const) checkRow(e[key], p, key, false);
  for (const key of ['gammaBar', 'tau2', 'aPrior', 'bPrior'] as const) checkRow(e[key], k, key, true);
  return model;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function checkTable(table: unknown, rows: number, columns: number, name: string): void {
  if (!Array.isArray(table) || table.length !== rows) fail(`estimates.${name} has not ${rows} rows`);
  for (const row of table) checkRow(row, columns, name, true);
}

function checkRow(row: unknown, length: number, name: string, mayBeNull: boolean): void {
  if (!Array.isArray(row) || row.length !== length) fail(`estimates.${name} has not ${length} columns`);
  for (const value of row as unknown[]) {
    if (!(Number.isFinite(value) || (mayBeNull && value === null)))
      fail(`estimates.${name} holds something that is no number`);
  }
}
