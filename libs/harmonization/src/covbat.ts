import { crossProduct, matrix, mean, standardDeviation, symmetricEigen } from '@concord/numeric';
import { applyCombat, type CombatRows, expectedInPlace, type HarmonizedFeatures } from './apply-combat.js';
import { designColumns } from './coding.js';
import type { CombatModel } from './combat-model.js';
import { CombatInputError } from './errors.js';
import { type CombatInput, fitCombat } from './fit-combat.js';

export interface CovbatInput extends CombatInput {
  /** Share of variance that the adjusted components must exceed; 0.95 unless told. */
  readonly varianceShare?: number;
}

/** A ComBat whose batches are also brought to a common covariance. No patient's value is in it. */
export interface CovbatModel extends Omit<CombatModel, 'format'> {
  readonly format: 'concord.covbat/1';
  readonly covariance: {
    readonly varianceShare: number;
    /** Mean and SD (divisor n − 1) of what ComBat leaves of each feature. */
    readonly centres: readonly number[];
    readonly scales: readonly number[];
    /** Component × feature, unit length; only those that are adjusted. */
    readonly loadings: readonly (readonly number[])[];
    /** Share of variance of each of these components. */
    readonly explained: readonly number[];
    /** ComBat of the scores, without empirical Bayes and covariates. */
    readonly scores: CombatModel;
  };
}

/**
 * Fits CovBat (Chen et al. 2022, Human Brain Mapping 43:1179): ComBat, then principal components of the scaled residuals,
 * whose first scores are brought to a common mean and variance. Cost: patients × features², or the square of the smaller.
 *
 * @throws {CombatInputError} if a feature has missing values, or the share is not in (0, 1)
 * @throws as {@link fitCombat}
 */
export function fitCovbat(input: CovbatInput): CovbatModel {
  const share = input.varianceShare ?? 0.95;
  if (!(share > 0 && share < 1)) {
    throw new CombatInputError(`${share} is not a share of variance`, 'varianceShare', 'Give a number in (0, 1).');
  }
  refuseMissing(input);
  const combat = fitCombat(input);
  const residuals = residualsOf(combat, input, applyCombat(combat, input));
  const centres = residuals.map(mean);
  const scales = residuals.map(standardDeviation);
  const scaled = residuals.map((values, g) => values.map((value) => (value - centres[g]) / scales[g]));
  const { loadings, explained } = componentsReaching(scaled, share);
  const scores = fitCombat({
    features: scoresOf(loadings, scaled),
    batch: input.batch,
    options: { eb: 'none', meanOnly: combat.isMeanOnly, reference: combat.options.reference },
  });
  return {
    ...combat,
    format: 'concord.covbat/1',
    covariance: {
      varianceShare: share,
      centres,
      scales,
      loadings: loadings.map((values) => Array.from(values)),
      explained,
      scores,
    },
  };
}

/**
 * Applies CovBat to rows of known batches, one patient or many.
 *
 * @throws {CombatInputError} if a feature has missing values, else as {@link applyCombat}
 */
export function applyCovbat(model: CovbatModel, rows: CombatRows): HarmonizedFeatures {
  refuseMissing(rows);
  const combat: CombatModel = { ...model, format: 'concord.combat/2' };
  const first = applyCombat(combat, rows);
  const { centres, scales, loadings, scores } = model.covariance;
  const residuals = residualsOf(combat, rows, first);
  const scaled = residuals.map((values, g) => values.map((value) => (value - centres[g]) / scales[g]));
  const before = scoresOf(loadings, scaled);
  const after = applyCombat(scores, { features: before, batch: rows.batch }).features;
  const position = new Map(model.features.map((name, g) => [name, g]));
  const features = first.features.map(({ name, values }) => {
    const g = position.get(name);
    if (g === undefined) return { name, values };
    const result = values.slice();
    loadings.forEach((weights, c) => {
      const factor = weights[g] * scales[g];
      for (let row = 0; row < result.length; row++) {
        // Exactly nothing for a score that stays, so that reference rows keep their bits.
        const change = after[c].values[row] - before[c].values[row];
        if (change !== 0) result[row] += factor * change;
      }
    });
    return { name, values: result };
  });
  return { features, warnings: first.warnings };
}

function refuseMissing({ features }: Pick<CombatRows, 'features'>): void {
  const found = features.find(({ values }) => values.some(Number.isNaN));
  if (found === undefined) return;
  throw new CombatInputError(
    `feature ${found.name} has missing values, and CovBat needs complete patients`,
    `feature ${found.name}`,
    'Leave the feature or these patients out, or use ComBat without the covariance.',
  );
}

/** What ComBat leaves of each adjusted feature beside its mean and covariates, in the order of the model. */
function residualsOf(model: CombatModel, rows: CombatRows, harmonized: HarmonizedFeatures): Float64Array[] {
  const columns = designColumns(model.covariates, rows.covariates ?? []);
  const byName = new Map(harmonized.features.map(({ name, values }) => [name, values]));
  const expected = new Float64Array(rows.batch.length);
  return model.features.map((name, g) => {
    expectedInPlace(model, g, columns, expected);
    return byName.get(name)!.map((value, row) => value - expected[row]);
  });
}

function scoresOf(loadings: readonly ArrayLike<number>[], scaled: readonly Float64Array[]) {
  return loadings.map((weights, c) => {
    const values = new Float64Array(scaled[0].length);
    scaled.forEach((column, g) => {
      for (let row = 0; row < values.length; row++) values[row] += weights[g] * column[row];
    });
    return { name: `component ${c + 1}`, values };
  });
}

/** The first components whose shares of variance together exceed the wanted one. */
function componentsReaching(scaled: readonly Float64Array[], wanted: number) {
  const p = scaled.length;
  const n = scaled[0].length;
  const x = matrix(n, p);
  scaled.forEach((column, g) => x.data.set(column, g * n));
  const isWide = p > n;
  const { values, vectors } = symmetricEigen(isWide ? outerProduct(x.data, n, p) : crossProduct(x, x));
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const explained: number[] = [];
  const loadings: Float64Array[] = [];
  let reached = 0;
  for (let c = 0; c < values.length && reached <= wanted; c++) {
    explained.push(values[c] / total);
    reached += values[c] / total;
    const vector = vectors.data.slice(c * vectors.rows, (c + 1) * vectors.rows);
    loadings.push(isWide ? projected(x.data, n, p, vector, Math.sqrt(values[c])) : vector);
  }
  return { loadings, explained };
}

function outerProduct(x: Float64Array, n: number, p: number) {
  const result = matrix(n, n);
  for (let g = 0; g < p; g++) {
    for (let j = 0; j < n; j++) {
      const factor = x[g * n + j];
      for (let i = j; i < n; i++) result.data[j * n + i] += factor * x[g * n + i];
    }
  }
  return result;
}

function projected(x: Float64Array, n: number, p: number, vector: Float64Array, length: number): Float64Array {
  return Float64Array.from({ length: p }, (_, g) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[g * n + i] * vector[i];
    return sum / length;
  });
}
