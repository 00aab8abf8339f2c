import { chiSquaredQuantile, normalQuantile, tQuantile } from '@concord/numeric';
import type { CombatModel } from './combat-model.js';
import {
  type BatchEstimates,
  type Priors,
  shrinkMeanOnly,
  shrinkParametric,
  type StopRule,
} from './empirical-bayes.js';

/** A quantity for each adjusted feature with its 95 % interval; NaN where there is none. */
export interface IntervalColumn {
  readonly values: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** How a batch differs, in SD of the feature (`shift`) and as a ratio of SDs (`scale`, null: not estimated). */
export interface BatchDescription {
  readonly shift: IntervalColumn;
  readonly scale: IntervalColumn | null;
  readonly method: string;
}

const Z = normalQuantile(0.975);

/**
 * The size of the correction that a model makes to each of its batches, with intervals; null for the reference, whose
 * rows stay. Intervals are those of parametric empirical Bayes, also for a non-parametric model, whose points they are not
 * centred on; a feature with missing values counts as complete in them.
 */
export function correctionSizes(model: CombatModel): (({ readonly batch: string } & BatchDescription) | null)[] {
  const { estimates, batches, batchCounts, options, isMeanOnly } = model;
  const column = (row: readonly (number | null)[]): Float64Array => Float64Array.from(row, (value) => value ?? NaN);
  return batches.map((batch, i) => {
    if (batch === options.reference || batches.length === 1) return null;
    const own: BatchEstimates = {
      gammaHat: column(estimates.gammaHat[i]),
      deltaHat: column(estimates.deltaHat[i]),
      counts: new Float64Array(model.features.length).fill(batchCounts[i]),
      lost: options.divisor === 'n' ? 0 : 1,
    };
    const priors: Priors = {
      gammaBar: estimates.gammaBar[i] ?? NaN,
      tau2: estimates.tau2[i] ?? NaN,
      aPrior: estimates.aPrior[i] ?? Infinity,
      bPrior: estimates.bPrior[i] ?? Infinity,
      deltaBar: mean(own.deltaHat),
    };
    const eb = options.eb === 'none' ? 'none' : 'eb';
    return { batch, ...describeBatch(options.stop, own, priors, eb, isMeanOnly) };
  });
}

function mean(values: Float64Array): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value / finite.length, 0);
}

/** Shrunken shift and scale of one batch with 95 % intervals of the conditional posteriors. */
export function describeBatch(
  stop: StopRule,
  estimates: BatchEstimates,
  priors: Priors,
  eb: 'none' | 'eb',
  isMeanOnly: boolean,
): BatchDescription {
  const { gammaHat, deltaHat, counts } = estimates;
  if (eb === 'none') {
    const se = (u: number): number =>
      (counts[u] > 1 ? tQuantile(0.975, counts[u] - 1) : NaN) * Math.sqrt(deltaHat[u] / counts[u]);
    const df = counts.map((n) => n - 1);
    return {
      method: 'no empirical Bayes; t and chi-squared intervals',
      shift: around(gammaHat, se),
      scale: variances(
        deltaHat,
        (u) => deltaHat[u] * df[u],
        (u) => df[u],
      ),
    };
  }
  if (isMeanOnly) {
    const { gammaStar } = shrinkMeanOnly(estimates, priors);
    const half = Z * Math.sqrt(priors.tau2 / (priors.tau2 + 1));
    return { method: 'location only, parametric empirical Bayes', shift: around(gammaStar, () => half), scale: null };
  }
  const { gammaStar, deltaStar } = shrinkParametric(estimates, priors, stop);
  const squares = (u: number): number => (counts[u] - 1) * deltaHat[u] + counts[u] * (gammaHat[u] - gammaStar[u]) ** 2;
  return {
    method: 'parametric empirical Bayes',
    shift: around(
      gammaStar,
      (u) => Z * Math.sqrt((priors.tau2 * deltaStar[u]) / (counts[u] * priors.tau2 + deltaStar[u])),
    ),
    scale: variances(
      deltaStar,
      (u) => squares(u) + 2 * priors.bPrior,
      (u) => counts[u] + 2 * priors.aPrior,
    ),
  };
}

function around(values: Float64Array, half: (u: number) => number): IntervalColumn {
  return { values, lower: values.map((value, u) => value - half(u)), upper: values.map((value, u) => value + half(u)) };
}

/** Ratios of SDs from variances, with intervals from squares / chi-squared(df); an infinite df is a point. */
function variances(values: Float64Array, squares: (u: number) => number, df: (u: number) => number): IntervalColumn {
  const bound = (p: number) => {
    // Features observed alike share their degrees of freedom, and quantiles are dear.
    const quantiles = new Map<number, number>();
    return (value: number, u: number): number => {
      const freedom = df(u);
      if (freedom === Infinity) return Math.sqrt(value);
      if (!(freedom > 0)) return NaN;
      const quantile = quantiles.get(freedom) ?? chiSquaredQuantile(p, freedom);
      quantiles.set(freedom, quantile);
      return Math.sqrt(squares(u) / quantile);
    };
  };
  return { values: values.map(Math.sqrt), lower: values.map(bound(0.975)), upper: values.map(bound(0.025)) };
}
