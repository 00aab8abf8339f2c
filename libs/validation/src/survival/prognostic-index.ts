import { normalQuantile } from '@concord/numeric';
import { ascendingIndex } from '../order.js';
import { fitCox } from './cox-fit.js';
import type { SurvivalData } from './survival-data.js';

/** How far a linear predictor separates patients, without regard to how much of it was censored. */
export interface Separation {
  /** Royston and Sauerbrei's D and its standard error. */
  readonly d: number;
  readonly dStandardError: number;
  /** Explained variation from D. */
  readonly r2D: number;
  /** Kent and O'Quigley's, from the variance of the predictor times its slope. */
  readonly r2Ko: number;
  /** Nagelkerke's, from the partial likelihood. */
  readonly r2N: number;
  /** Gönen and Heller's concordance. */
  readonly gonenHeller: number;
}

/**
 * Separation by the slope-scaled linear predictor.
 *
 * Cost n² for Gönen and Heller's pairs.
 *
 * @param linear linear predictor of the locked model
 * @returns null where the Cox slope does not exist
 * @see Royston and Sauerbrei, Stat Med 23 (2004); Gönen and Heller, Biometrika 92 (2005)
 */
export function separation(data: SurvivalData, linear: Float64Array): Separation | null {
  const fit = fitCox({ ...data, columns: [linear], ties: 'efron' });
  const scores = normalScores(linear);
  const scored = fitCox({ ...data, columns: [scores], ties: 'efron' });
  if (fit === null || scored === null) return null;
  const n = linear.length;
  const eta = linear.map((value) => value * fit.coefficients[0]);
  const spread = varianceOf(eta);
  const beta = scored.coefficients[0];
  const kappa = Math.sqrt(8 / Math.PI);
  const logistic = Math.PI ** 2 / 6;
  const gain = 2 * (fit.logLikelihood - fit.nullLogLikelihood);
  return {
    d: beta * kappa,
    dStandardError: Math.sqrt(scored.covariance.data[0]) * kappa,
    r2D: beta ** 2 / (logistic + beta ** 2),
    r2Ko: spread / (logistic + spread),
    r2N: Math.expm1(-gain / n) / Math.expm1((2 * fit.nullLogLikelihood) / n),
    gonenHeller: gonenHeller(eta),
  };
}

/** Blom's normal scores; equal values share the mean of theirs. */
function normalScores(values: Float64Array): Float64Array {
  const n = values.length;
  const order = ascendingIndex(values);
  const scores = new Float64Array(n);
  for (let start = 0; start < n;) {
    let end = start;
    let sum = 0;
    while (end < n && values[order[end]] === values[order[start]]) sum += normalQuantile((++end - 0.375) / (n + 0.25));
    for (let k = start; k < end; k++) scores[order[k]] = sum / (end - start);
    start = end;
  }
  return scores;
}

/** Mean over pairs of 1 / (1 + exp(lower - higher)); equal predictors count one half. */
function gonenHeller(eta: Float64Array): number {
  const sorted = Float64Array.from(eta).sort();
  const n = sorted.length;
  const { exp } = Math;
  let sum = 0;
  for (let i = 0; i < n - 1; i++) for (let j = i + 1; j < n; j++) sum += 1 / (1 + exp(sorted[i] - sorted[j]));
  return (2 * sum) / (n * (n - 1));
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
