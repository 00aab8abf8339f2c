import { chiSquaredQuantile, normalQuantile } from '@concord/numeric';
import type { CombatModel } from './combat-model.js';

/** How well the estimates of a batch follow the distribution that empirical Bayes takes them from. */
export interface PriorFit {
  readonly batch: string;
  /** Sorted gammaHat against quantiles of the normal prior, and deltaHat against those of the inverse gamma. */
  readonly gamma: QuantilePlot;
  /** null for a mean-only model. */
  readonly delta: QuantilePlot | null;
}

export interface QuantilePlot {
  readonly expected: readonly number[];
  readonly observed: readonly number[];
  /** Largest distance between the distribution functions at the observed points; above 0.1 the prior fits badly. */
  readonly distance: number;
}

/** QQ plots of the priors of a model, at most the given number of points for each. */
export function priorFit(model: CombatModel, points = 200): PriorFit[] {
  const { estimates, batches, isMeanOnly } = model;
  return batches.map((batch, i) => {
    const [centre, variance] = [estimates.gammaBar[i] ?? NaN, estimates.tau2[i] ?? NaN];
    const [a, b] = [estimates.aPrior[i], estimates.bPrior[i]];
    const gamma = plot(estimates.gammaHat[i], points, (p) => centre + Math.sqrt(variance) * normalQuantile(p));
    const delta =
      isMeanOnly || a === null || b === null
        ? null
        : plot(estimates.deltaHat[i], points, (p) => (2 * b) / chiSquaredQuantile(1 - p, 2 * a));
    return { batch, gamma, delta };
  });
}

function plot(values: readonly (number | null)[], points: number, quantile: (p: number) => number): QuantilePlot {
  const sorted = Float64Array.from(values.filter((value) => value !== null)).sort();
  const n = sorted.length;
  const step = Math.max(1, n / points);
  const at: number[] = [];
  for (let k = 0; k < n; k += step) at.push(Math.floor(k));
  const probability = (k: number): number => (k + 0.5) / n;
  return {
    expected: at.map((k) => quantile(probability(k))),
    observed: at.map((k) => sorted[k]),
    distance: largestDistance(sorted, quantile),
  };
}

/** Kolmogorov's distance by the quantile function: for each observed value, where it would lie. */
function largestDistance(sorted: Float64Array, quantile: (p: number) => number): number {
  const n = sorted.length;
  let largest = 0;
  sorted.forEach((value, k) => {
    let low = 1e-9;
    let high = 1 - 1e-9;
    for (let step = 0; step < 20; step++) {
      const middle = (low + high) / 2;
      if (quantile(middle) < value) low = middle;
      else high = middle;
    }
    largest = Math.max(largest, Math.abs(low - k / n), Math.abs(low - (k + 1) / n));
  });
  return largest;
}
