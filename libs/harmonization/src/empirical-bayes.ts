/** When the parametric iteration stops: at the fixed point, or where sva does. */
export type StopRule = 'exact' | 'legacy';

/** Moments of one batch's estimates over the features that are adjusted there, divisor count − 1. */
export interface Priors {
  readonly gammaBar: number;
  readonly tau2: number;
  /** Shape and scale of the inverse gamma prior of delta; NaN for mean-only, Infinity where all deltaHat are equal. */
  readonly aPrior: number;
  readonly bPrior: number;
  /** Mean of deltaHat: what delta shrinks to when aPrior is infinite. */
  readonly deltaBar: number;
}

/** Estimates of one batch, per feature; NaN marks a feature that has no value in the batch. */
export interface BatchEstimates {
  readonly gammaHat: Float64Array;
  readonly deltaHat: Float64Array;
  /** Values observed in the batch. */
  readonly counts: Float64Array;
  /** Means of the batch's standardised values where they are not gammaHat, as in a mixed model. */
  readonly centres?: Float64Array;
  /** Degrees of freedom that the divisor of deltaHat lost: 1 for n − 1 (unless told), 0 for n. */
  readonly lost?: 0 | 1;
}

export interface ShrunkenEstimates {
  readonly gammaStar: Float64Array;
  readonly deltaStar: Float64Array;
  readonly iterations: number;
  readonly isConverged: boolean;
}

const MAX_ITERATIONS = 1000;
const EXACT_TOLERANCE = 1e-14;
const LEGACY_TOLERANCE = 1e-4;

/** Method-of-moments priors (Johnson, Li and Rabinovic 2007, Biostatistics 8:118, supplement). Non-finite values are skipped. */
export function priorsOf(gammaHat: Float64Array, deltaHat: Float64Array | null): Priors {
  const gamma = moments(gammaHat);
  if (deltaHat === null) {
    return { gammaBar: gamma.mean, tau2: gamma.variance, aPrior: NaN, bPrior: NaN, deltaBar: 1 };
  }
  const delta = moments(deltaHat);
  const { mean: m, variance: s2 } = delta;
  return {
    gammaBar: gamma.mean,
    tau2: gamma.variance,
    aPrior: (2 * s2 + m * m) / s2,
    bPrior: (m * s2 + m * m * m) / s2,
    deltaBar: m,
  };
}

function moments(values: Float64Array): { mean: number; variance: number } {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) * (value - mean);
  return { mean, variance: squares / (count - 1) };
}

/** Location alone: delta 1, and gamma shrunk as sva does, with count and delta set to 1. */
export function shrinkMeanOnly(estimates: BatchEstimates, priors: Priors): ShrunkenEstimates {
  const { gammaBar, tau2 } = priors;
  return {
    gammaStar: estimates.gammaHat.map((value) => (tau2 * value + gammaBar) / (tau2 + 1)),
    deltaStar: estimates.gammaHat.map((value) => (Number.isNaN(value) ? NaN : 1)),
    iterations: 0,
    isConverged: true,
  };
}

/**
 * Parametric empirical Bayes: alternates the posterior means of gamma and delta.
 *
 * `exact` iterates each feature until both change by at most 1e-14 of their value (gamma also by less than 1e-16, where
 * it passes zero); `legacy` stops the whole batch as sva does: at 1e-4, with signed denominators, so that a negative gamma
 * never delays the stop. Features with fewer than two values in the batch get a location only.
 */
export function shrinkParametric(estimates: BatchEstimates, priors: Priors, stop: StopRule): ShrunkenEstimates {
  return stop === 'exact' ? shrinkToFixedPoint(estimates, priors) : shrinkAsSva(estimates, priors);
}

function updateGamma(p: Priors, n: number, gammaHat: number, delta: number): number {
  return (p.tau2 * n * gammaHat + delta * p.gammaBar) / (p.tau2 * n + delta);
}

/** @param inside sum of squares of the values about their mean, `centre` */
function updateDelta(p: Priors, n: number, centre: number, inside: number, gamma: number): number {
  if (p.aPrior === Infinity) return p.deltaBar;
  const squares = inside + n * (centre - gamma) * (centre - gamma);
  return (squares / 2 + p.bPrior) / (n / 2 + p.aPrior - 1);
}

function shrinkToFixedPoint(
  { gammaHat, deltaHat, counts, centres = gammaHat, lost = 1 }: BatchEstimates,
  priors: Priors,
): ShrunkenEstimates {
  const gammaStar = new Float64Array(gammaHat.length);
  const deltaStar = new Float64Array(gammaHat.length);
  let most = 0;
  let isConverged = true;
  for (let g = 0; g < gammaHat.length; g++) {
    const n = counts[g];
    let gamma = gammaHat[g];
    let delta = deltaHat[g];
    if (!(n >= 2)) {
      gammaStar[g] = (priors.tau2 * gamma + priors.gammaBar) / (priors.tau2 + 1);
      deltaStar[g] = n === 1 ? 1 : NaN;
      continue;
    }
    const inside = (n - lost) * deltaHat[g];
    let iterations = 0;
    let isDone = false;
    while (!isDone && iterations < MAX_ITERATIONS) {
      const nextGamma = updateGamma(priors, n, gammaHat[g], delta);
      const nextDelta = updateDelta(priors, n, centres[g], inside, nextGamma);
      const change = Math.abs(nextGamma - gamma);
      isDone =
        (change <= EXACT_TOLERANCE * Math.abs(gamma) || change < 1e-16) &&
        Math.abs(nextDelta - delta) <= EXACT_TOLERANCE * delta;
      gamma = nextGamma;
      delta = nextDelta;
      iterations++;
    }
    isConverged &&= isDone;
    most = Math.max(most, iterations);
    gammaStar[g] = gamma;
    deltaStar[g] = delta;
  }
  return { gammaStar, deltaStar, iterations: most, isConverged };
}

function shrinkAsSva(
  { gammaHat, deltaHat, counts, centres = gammaHat, lost = 1 }: BatchEstimates,
  priors: Priors,
): ShrunkenEstimates {
  const gammaStar = gammaHat.slice();
  const deltaStar = deltaHat.slice();
  let iterations = 0;
  let change = Infinity;
  while (change > LEGACY_TOLERANCE && iterations < MAX_ITERATIONS) {
    change = 0;
    for (let g = 0; g < gammaHat.length; g++) {
      if (!(counts[g] >= 2)) continue;
      const gamma = updateGamma(priors, counts[g], gammaHat[g], deltaStar[g]);
      const delta = updateDelta(priors, counts[g], centres[g], (counts[g] - lost) * deltaHat[g], gamma);
      if (gamma !== gammaStar[g]) change = Math.max(change, Math.abs(gamma - gammaStar[g]) / gammaStar[g]);
      change = Math.max(change, Math.abs(delta - deltaStar[g]) / deltaStar[g]);
      gammaStar[g] = gamma;
      deltaStar[g] = delta;
    }
    iterations++;
  }
  for (let g = 0; g < gammaHat.length; g++) {
    if (counts[g] >= 2) continue;
    gammaStar[g] = (priors.tau2 * gammaHat[g] + priors.gammaBar) / (priors.tau2 + 1);
    deltaStar[g] = counts[g] === 1 ? 1 : NaN;
  }
  return { gammaStar, deltaStar, iterations, isConverged: change <= LEGACY_TOLERANCE };
}

/**
 * Non-parametric empirical Bayes: each feature takes the mean of the other features' estimates, weighted by the
 * likelihood of its values under them. Weights are formed on the log scale, so that none underflows. Cost features².
 */
export function shrinkNonparametric(estimates: BatchEstimates, isMeanOnly: boolean): ShrunkenEstimates {
  const { gammaHat, deltaHat, counts, lost = 1 } = estimates;
  const p = gammaHat.length;
  const donors = [...gammaHat.keys()].filter((h) => isMeanOnly || counts[h] >= 2);
  const gammaStar = new Float64Array(p).fill(NaN);
  const deltaStar = new Float64Array(p).fill(NaN);
  const logs = new Float64Array(p);
  const logDelta = deltaHat.map((value) => Math.log(value));
  for (let g = 0; g < p; g++) {
    const n = counts[g];
    if (!(n >= 1)) continue;
    const isLocationOnly = isMeanOnly || n < 2;
    let largest = -Infinity;
    for (const h of donors) {
      const d = isLocationOnly ? 1 : deltaHat[h];
      const shift = gammaHat[g] - gammaHat[h];
      const squares = isLocationOnly ? n * shift * shift : (n - lost) * deltaHat[g] + n * shift * shift;
      logs[h] = (isLocationOnly ? 0 : (-n / 2) * logDelta[h]) - squares / (2 * d);
      if (h !== g && logs[h] > largest) largest = logs[h];
    }
    let total = 0;
    let gamma = 0;
    let delta = 0;
    for (const h of donors) {
      if (h === g) continue;
      const weight = Math.exp(logs[h] - largest);
      total += weight;
      gamma += weight * gammaHat[h];
      delta += weight * deltaHat[h];
    }
    gammaStar[g] = gamma / total;
    deltaStar[g] = isLocationOnly ? 1 : delta / total;
  }
  return { gammaStar, deltaStar, iterations: 0, isConverged: true };
}
