import type { BatchSums, SiteSums } from './batch-sums.js';
import { designColumnNames } from './coding.js';
import { type CombatModel, type CombatOptions, defaultCombatOptions } from './combat-model.js';
import { CombatInputError } from './errors.js';
import { assemble, emptyLocation, type Location, shrinkAll } from './estimates.js';
import type { PooledFit } from './pooled-fit.js';

/**
 * The ComBat of every batch from sums and the pooled fit of the same sums: the model that `fitCombat` gives on all patients
 * together, to about 1e-12 SD. Empirical Bayes needs count, mean and squares of a batch only, so no patient is missed.
 *
 * @param sites sums that `pooled` was formed of, in any order
 * @throws {CombatInputError} if the sums belong to another codebook, or lack the part that was pooled
 */
export function combatFromSums(
  pooled: PooledFit,
  sites: readonly SiteSums[],
  partial: Partial<Omit<CombatOptions, 'reference'>> = {},
): CombatModel {
  const options = { ...defaultCombatOptions, ...partial, reference: pooled.reference };
  const sums = batchesOf(pooled, sites);
  const designColumns = designColumnNames(pooled.codebook.covariates);
  const fit = emptyLocation(sums.length, designColumns.length, pooled.codebook.features.length);
  const out = new Map(pooled.passedThrough.map((entry) => [entry.feature, entry.reason]));
  pooled.codebook.features.forEach((feature, g) => {
    const reason = out.get(feature);
    if (reason === undefined) locateInPlace(fit, g, pooled, sums, options);
    else fit.passedThrough.push({ feature, reason });
  });
  const reference = sums.findIndex(({ batch }) => batch === pooled.reference);
  const shrunken = shrinkAll(fit, options, options.meanOnly, sums.length, reference);
  return {
    format: 'concord.combat/2',
    batchColumn: null,
    batches: sums.map(({ batch }) => batch),
    batchCounts: sums.map(({ count }) => count),
    features: fit.kept.map((g) => pooled.codebook.features[g]),
    passedThrough: fit.passedThrough,
    covariates: pooled.codebook.covariates,
    designColumns,
    outcomeCovariates: [],
    options,
    isMeanOnly: options.meanOnly,
    ...assemble(fit, shrunken, reference),
    transductive: false,
    warnings: sums
      .filter(({ count }) => count < 20)
      .map(({ batch }) => `Batch ${batch} has fewer than 20 patients: its estimates are uncertain.`),
  };
}

/** The batches of the pooled part, in text order. */
function batchesOf(pooled: PooledFit, sites: readonly SiteSums[]): BatchSums[] {
  const text = JSON.stringify(pooled.codebook);
  const batches = sites.flatMap(({ codebook, parts }) => {
    const part = parts.find(({ without }) => without === pooled.without);
    if (part === undefined || JSON.stringify(codebook) !== text) {
      throw new CombatInputError(
        'the sums are not those that were pooled',
        'the sums of the sites',
        'Give the sums that the pooled fit was formed of.',
      );
    }
    return part.batches;
  });
  return batches.sort((a, b) => (a.batch < b.batch ? -1 : 1));
}

/** Shift and variance of feature g in each batch, about the pooled fit. */
function locateInPlace(
  fit: Location,
  g: number,
  pooled: PooledFit,
  sums: readonly BatchSums[],
  options: CombatOptions,
): void {
  const variance = pooled.pooledVariance[g];
  const beta = pooled.effects.map((row) => row[g]);
  fit.kept.push(g);
  fit.grandMean[g] = pooled.grandMean[g];
  fit.pooledVariance[g] = variance;
  beta.forEach((effect, j) => (fit.effects[j][g] = effect));
  sums.forEach((own, i) => {
    const { count: n, level, squares } = restOf(own, g, beta);
    const divisor = options.divisor === 'n' ? n : n - 1;
    fit.counts[i][g] = n;
    fit.levels[i][g] = level;
    fit.gammaHat[i][g] = (level - pooled.grandMean[g]) / Math.sqrt(variance);
    fit.deltaHat[i][g] = n === 0 ? NaN : options.meanOnly ? 1 : n < 2 ? NaN : squares / divisor / variance;
  });
}

/** Mean and centred squares of what covariate effects leave of feature g in a batch; NaN where nobody has it. */
function restOf(own: BatchSums, g: number, beta: readonly number[]): { count: number; level: number; squares: number } {
  const q = beta.length;
  const partial = own.partial.find(({ feature }) => feature === g);
  const { sumX, sxx } = partial ?? own;
  const count = partial === undefined ? own.count : partial.observed;
  let sum = own.sumY[g];
  let squares = own.syy[g];
  for (let j = 0; j < q; j++) {
    sum -= beta[j] * sumX[j];
    squares -= 2 * beta[j] * own.sxy[g * q + j];
    for (let i = 0; i < q; i++) squares += beta[i] * beta[j] * sxx[j * q + i];
  }
  return { count, level: count === 0 ? NaN : sum / own.count, squares };
}
