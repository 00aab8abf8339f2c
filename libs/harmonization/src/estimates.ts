import type { CombatEstimates, CombatOptions, PassedThrough } from './combat-model.js';
import {
  type BatchEstimates,
  type Priors,
  priorsOf,
  shrinkMeanOnly,
  shrinkNonparametric,
  shrinkParametric,
  type ShrunkenEstimates,
} from './empirical-bayes.js';
import { TooFewFeaturesError } from './errors.js';

/** The fit of every feature before shrinking: tables are one array a batch or design column, over features. */
export interface Location {
  readonly kept: number[];
  readonly passedThrough: PassedThrough[];
  readonly levels: Float64Array[];
  readonly effects: Float64Array[];
  readonly counts: Float64Array[];
  readonly gammaHat: Float64Array[];
  readonly deltaHat: Float64Array[];
  readonly grandMean: Float64Array;
  readonly pooledVariance: Float64Array;
}

/** Tables for p features, k batches and q design columns. */
export function emptyLocation(k: number, q: number, p: number): Location {
  const table = (rows: number): Float64Array[] => Array.from({ length: rows }, () => new Float64Array(p));
  return {
    kept: [],
    passedThrough: [],
    levels: table(k),
    effects: table(q),
    counts: table(k),
    gammaHat: table(k),
    deltaHat: table(k),
    grandMean: new Float64Array(p),
    pooledVariance: new Float64Array(p),
  };
}

export interface Shrunken {
  readonly priors: Priors[];
  readonly stars: ShrunkenEstimates[];
}

/** Priors and EB of every batch, over the kept features only. */
export function shrinkAll(
  fit: Location,
  options: CombatOptions,
  isMeanOnly: boolean,
  k: number,
  reference: number,
  batchesInFit = k,
): Shrunken {
  if (options.eb !== 'none' && batchesInFit > 1 && fit.kept.length === 1) {
    throw new TooFewFeaturesError(
      'empirical Bayes needs at least two features that vary',
      'the feature columns',
      'Add features, or fit without empirical Bayes (eb: none).',
    );
  }
  const pick = (values: Float64Array): Float64Array => {
    // Not Float64Array.from with a function: it goes through an iterator, ten times as slow.
    const result = new Float64Array(fit.kept.length);
    for (let k = 0; k < result.length; k++) result[k] = values[fit.kept[k]];
    return result;
  };
  const priors: Priors[] = [];
  const stars: ShrunkenEstimates[] = [];
  for (let i = 0; i < k; i++) {
    const estimates: BatchEstimates = {
      gammaHat: pick(fit.gammaHat[i]),
      deltaHat: pick(fit.deltaHat[i]),
      counts: pick(fit.counts[i]),
      lost: options.divisor === 'n' ? 0 : 1,
    };
    priors.push(priorsOf(estimates.gammaHat, isMeanOnly ? null : estimates.deltaHat));
    stars.push(
      i === reference || batchesInFit === 1
        ? identity(estimates)
        : shrinkBatch(estimates, priors[i], options, isMeanOnly),
    );
  }
  return { priors, stars };
}

function identity({ gammaHat }: BatchEstimates): ShrunkenEstimates {
  return {
    gammaStar: new Float64Array(gammaHat.length),
    deltaStar: new Float64Array(gammaHat.length).fill(1),
    iterations: 0,
    isConverged: true,
  };
}

function shrinkBatch(
  estimates: BatchEstimates,
  priors: Priors,
  options: CombatOptions,
  isMeanOnly: boolean,
): ShrunkenEstimates {
  if (options.eb === 'nonparametric') return shrinkNonparametric(estimates, isMeanOnly);
  if (options.eb === 'none') {
    // A single value has no variance of its own: its scale is left alone.
    const deltaStar = estimates.deltaHat.map((value, g) => (estimates.counts[g] === 1 ? 1 : value));
    return { gammaStar: estimates.gammaHat, deltaStar, iterations: 0, isConverged: true };
  }
  return isMeanOnly ? shrinkMeanOnly(estimates, priors) : shrinkParametric(estimates, priors, options.stop);
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Plain tables of the kept features, for a model. */
export function assemble(
  fit: Location,
  { priors, stars }: Shrunken,
  reference: number,
): { estimates: CombatEstimates; iterations: number[]; isConverged: boolean } {
  const pick = (values: Float64Array): (number | null)[] => fit.kept.map((g) => orNull(values[g]));
  const row = (values: Float64Array): (number | null)[] => fit.kept.map((_, k) => orNull(values[k]));
  const levels = fit.levels.map((values, i) =>
    reference < 0 || i === reference ? pick(values) : fit.kept.map((g) => orNull(values[g] - fit.levels[reference][g])),
  );
  const isIterated = stars.some(({ iterations }) => iterations > 0);
  return {
    estimates: {
      gammaHat: fit.gammaHat.map(pick),
      deltaHat: fit.deltaHat.map(pick),
      gammaStar: stars.map(({ gammaStar }) => row(gammaStar)),
      deltaStar: stars.map(({ deltaStar }) => row(deltaStar)),
      gammaBar: priors.map(({ gammaBar }) => orNull(gammaBar)),
      tau2: priors.map(({ tau2 }) => orNull(tau2)),
      aPrior: priors.map(({ aPrior }) => orNull(aPrior)),
      bPrior: priors.map(({ bPrior }) => orNull(bPrior)),
      pooledVariance: fit.kept.map((g) => fit.pooledVariance[g]),
      grandMean: fit.kept.map((g) => fit.grandMean[g]),
      coefficients: [...levels, ...fit.effects.map(pick)],
    },
    iterations: isIterated ? stars.map(({ iterations }) => iterations) : [],
    isConverged: stars.every((star) => star.isConverged),
  };
}
