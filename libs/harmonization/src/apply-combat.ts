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
  const features = emptyLike(rows.features);
  return { features, warnings: applyInto(model, rows, features) };
}

/** As {@link applyCombat}, into the given columns themselves, for tables that fit into memory once; gives the warnings. */
export function applyCombatInPlace(model: CombatModel, rows: CombatRows): string[] {
  return applyInto(model, rows, rows.features);
}

/** Values in one allocation: thousands of small ones would cost more than the arithmetic. */
const BLOCK = 1 << 20;

/** Columns of the same names and lengths, several to an allocation. */
function emptyLike(features: readonly FeatureColumn[]): FeatureColumn[] {
  const length = features[0]?.values.length ?? 0;
  const perBlock = Math.max(1, Math.floor(BLOCK / Math.max(1, length)));
  let block = new Float64Array(0);
  return features.map(({ name }, f) => {
    const at = f % perBlock;
    if (at === 0) block = new Float64Array(Math.min(perBlock, features.length - f) * length);
    return { name, values: block.subarray(at * length, (at + 1) * length) };
  });
}

function applyInto(model: CombatModel, rows: CombatRows, target: readonly FeatureColumn[]): string[] {
  checkColumns(rows.features, rows.batch, rows.covariates ?? []);
  const position = positionsOf(model, rows.features);
  const columns = designColumns(model.covariates, rows.covariates ?? []);
  const batchIndex = batchIndexOf(model.batches, rows.batch as readonly string[]);
  const buffers = emptyBuffers(model.batches.length, batchIndex.length);
  const warnings = extrapolations(model.covariates, rows.covariates ?? []);
  rows.features.forEach(({ name, values }, f) => {
    const into = target[f].values;
    if (position[f] < 0) {
      into.set(values);
      return;
    }
    const untouched = correct(model, position[f], values, into, batchIndex, columns, buffers);
    if (untouched > 0) warnings.push(`${name}: ${untouched} values stay as they are, their batch had none in the fit.`);
  });
  return warnings;
}

interface Buffers {
  readonly expected: Float64Array;
  readonly scale: Float64Array;
  readonly rest: Float64Array;
  readonly offset: Float64Array;
}

function emptyBuffers(batchCount: number, rowCount: number): Buffers {
  const row = () => new Float64Array(batchCount);
  return { expected: new Float64Array(rowCount), scale: row(), rest: row(), offset: row() };
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
  const { grandMean, coefficients } = model.estimates;
  const effect = (j: number): number => coefficients[model.batches.length + j][g] ?? 0;
  const level = grandMean[g];
  let j = 0;
  // Two columns in a pass.
  for (; j + 1 < columns.length; j += 2) {
    const [x, y] = [columns[j].values, columns[j + 1].values];
    const [a, b] = [effect(j), effect(j + 1)];
    if (j === 0) for (let row = 0; row < expected.length; row++) expected[row] = level + a * x[row] + b * y[row];
    else for (let row = 0; row < expected.length; row++) expected[row] += a * x[row] + b * y[row];
  }
  if (columns.length === 0) expected.fill(level);
  if (j < columns.length) {
    const x = columns[j].values;
    const a = effect(j);
    if (j === 0) for (let row = 0; row < expected.length; row++) expected[row] = level + a * x[row];
    else for (let row = 0; row < expected.length; row++) expected[row] += a * x[row];
  }
}

/**
 * Corrects feature g: y* = scale y + (1 − scale) expected − scale shift, which leaves a batch without shift and
 * scale (the reference) as it is, bit by bit. Gives how many values stay because their batch had none in the fit.
 */
function correct(
  model: CombatModel,
  g: number,
  values: Float64Array,
  into: Float64Array,
  batchIndex: Uint32Array,
  columns: readonly DesignColumn[],
  { expected, scale, rest, offset }: Buffers,
): number {
  const { estimates, batches } = model;
  const sd = Math.sqrt(estimates.pooledVariance[g]);
  let hasAbsent = false;
  for (let i = 0; i < batches.length; i++) {
    const gamma = estimates.gammaStar[i][g];
    const delta = estimates.deltaStar[i][g];
    const isAbsent = gamma === null || delta === null;
    hasAbsent ||= isAbsent;
    scale[i] = isAbsent ? NaN : 1 / Math.sqrt(delta);
    rest[i] = 1 - scale[i];
    offset[i] = isAbsent ? NaN : -scale[i] * sd * gamma;
  }
  expectedInPlace(model, g, columns, expected);
  if (!hasAbsent) {
    for (let row = 0; row < values.length; row++) {
      const i = batchIndex[row];
      into[row] = scale[i] * values[row] + (rest[i] * expected[row] + offset[i]);
    }
    return 0;
  }
  let untouched = 0;
  for (let row = 0; row < values.length; row++) {
    const i = batchIndex[row];
    const isAbsent = Number.isNaN(scale[i]);
    if (isAbsent && !Number.isNaN(values[row])) untouched++;
    into[row] = isAbsent ? values[row] : scale[i] * values[row] + (rest[i] * expected[row] + offset[i]);
  }
  return untouched;
}
