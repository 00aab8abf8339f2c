import { type DesignColumn, designColumns, extrapolations } from './coding.js';
import { batchIndexOf, checkColumns, type Covariate, type FeatureColumn } from './columns.js';
import type { CombatModel } from './combat-model.js';
import { ModelMismatchError } from './errors.js';
import { type CombatInput, fitCombat } from './fit-combat.js';

/** Rows to harmonise: one value a patient in every column. */
export interface CombatRows {
  readonly features: readonly FeatureColumn[];
  readonly batch: readonly (string | null)[];
  readonly covariates?: readonly Covariate[];
}

/** Harmonised columns, in the order given; missing values stay missing. */
export interface HarmonizedFeatures {
  readonly features: FeatureColumn[];
  readonly warnings: string[];
}

/**
 * Brings rows of batches that the model knows to the common (or reference) location and scale.
 *
 * One patient, one batch, one level of a covariate suffice: nothing is estimated anew. Rows of the reference batch and
 * features that the model passes through are returned as they are, bit by bit.
 *
 * @throws {UnknownBatchError} for a batch that was not in the fit
 * @throws {UnknownLevelError} for a level of a covariate that was not in the fit
 * @throws {ModelMismatchError} if a feature or covariate of the model is missing, or a feature is unknown to it
 */
export function applyCombat(model: CombatModel, rows: CombatRows): HarmonizedFeatures {
  checkColumns(rows.features, rows.batch, rows.covariates ?? []);
  const position = positionsOf(model, rows.features);
  const columns = designColumns(model.covariates, rows.covariates ?? []);
  const batchIndex = batchIndexOf(model.batches, rows.batch as readonly string[]);
  const expected = new Float64Array(batchIndex.length);
  const warnings = extrapolations(model.covariates, rows.covariates ?? []);
  const features = rows.features.map(({ name, values }, f) => {
    const g = position[f];
    if (g < 0) return { name, values: values.slice() };
    const result = correct(model, g, values, batchIndex, columns, expected);
    if (result.untouched > 0)
      warnings.push(`${name}: ${result.untouched} values stay as they are, their batch had none in the fit.`);
    return { name, values: result.values };
  });
  return { features, warnings };
}

/** Fits on the rows and applies to the same rows; the model says so (`transductive`). */
export function harmonize(input: CombatInput): HarmonizedFeatures & { model: CombatModel } {
  const model: CombatModel = { ...fitCombat(input), transductive: true };
  const { features, warnings } = applyCombat(model, input);
  return { model, features, warnings: [...model.warnings, ...warnings] };
}

/** Position of each given feature in the model's estimates, −1 for those it passes through. */
export function positionsOf(
  model: Pick<CombatModel, 'features' | 'passedThrough'>,
  features: readonly FeatureColumn[],
): Int32Array {
  const positions = new Map(model.features.map((name, g) => [name, g]));
  for (const { feature } of model.passedThrough) positions.set(feature, -1);
  const given = new Set(features.map(({ name }) => name));
  const absent = [...positions.keys()].filter((name) => !given.has(name));
  const unknown = [...given].filter((name) => !positions.has(name));
  if (absent.length > 0 || unknown.length > 0) {
    const some = (names: string[]): string => names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
    throw new ModelMismatchError(
      absent.length > 0
        ? `${absent.length} features of the model are missing: ${some(absent)}`
        : `the model does not know ${unknown.length} of the features: ${some(unknown)}`,
      'the feature columns',
      'Give exactly the features that the model was fitted on.',
    );
  }
  return Int32Array.from(features, ({ name }) => positions.get(name)!);
}

/** What the model expects of feature g in each row, without any batch effect: grand mean plus covariates. */
export function expectedInPlace(
  model: CombatModel,
  g: number,
  columns: readonly DesignColumn[],
  expected: Float64Array,
): void {
  expected.fill(model.estimates.grandMean[g]);
  for (let j = 0; j < columns.length; j++) {
    const { values } = columns[j];
    const effect = model.estimates.coefficients[model.batches.length + j][g] ?? 0;
    for (let row = 0; row < expected.length; row++) expected[row] += effect * values[row];
  }
}

function correct(
  model: CombatModel,
  g: number,
  values: Float64Array,
  batchIndex: Uint32Array,
  columns: readonly DesignColumn[],
  expected: Float64Array,
): { values: Float64Array; untouched: number } {
  const { estimates, batches } = model;
  const sd = Math.sqrt(estimates.pooledVariance[g]);
  const shift = new Float64Array(batches.length);
  const scale = new Float64Array(batches.length);
  const unchanged = new Uint8Array(batches.length);
  let hasUnchanged = false;
  for (let i = 0; i < batches.length; i++) {
    shift[i] = sd * (estimates.gammaStar[i][g] ?? NaN);
    scale[i] = 1 / Math.sqrt(estimates.deltaStar[i][g] ?? NaN);
    // The reference, and the only batch of a fit.
    const isIdentity = shift[i] === 0 && scale[i] === 1;
    unchanged[i] = isIdentity || Number.isNaN(scale[i]) ? 1 : 0;
    hasUnchanged ||= unchanged[i] === 1;
  }
  expectedInPlace(model, g, columns, expected);
  const result = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const i = batchIndex[row];
    result[row] = (values[row] - expected[row] - shift[i]) * scale[i] + expected[row];
  }
  let untouched = 0;
  for (let row = 0; hasUnchanged && row < values.length; row++) {
    if (unchanged[batchIndex[row]] === 0) continue;
    result[row] = values[row];
    if (Number.isNaN(scale[batchIndex[row]]) && !Number.isNaN(values[row])) untouched++;
  }
  return { values: result, untouched };
}
