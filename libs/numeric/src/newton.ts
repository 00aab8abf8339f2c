import type { Matrix } from './matrix.js';
import { choleskySolve, tryCholesky } from './solve.js';

/** A log likelihood at some coefficients, with its first derivatives and minus its second. */
export interface LikelihoodPoint {
  readonly logLikelihood: number;
  readonly gradient: ArrayLike<number>;
  readonly information: Matrix;
}

export interface NewtonSettings {
  /** Of the Newton decrement (gradient times step), at which the search has arrived. */
  readonly tolerance: number;
  /** A step is halved while the likelihood falls, down to this share of it. */
  readonly leastShare: number;
  readonly iterationLimit: number;
}

export interface NewtonMaximum<P extends LikelihoodPoint> {
  readonly coefficients: Float64Array;
  readonly point: P;
  /** Cholesky factor of the information there. */
  readonly factor: Matrix;
  readonly iterations: number;
}

/** A likelihood lower by this much is taken for noise of its sum. */
const NOISE = 1e-10;

/**
 * Maximises a concave log likelihood by Newton steps, halved where it would fall.
 *
 * @param at the likelihood at given coefficients
 * @returns null where the information is singular, no step raises the likelihood, or the limit is reached
 */
export function maximiseByNewton<P extends LikelihoodPoint>(
  at: (coefficients: Float64Array) => P,
  start: Float64Array,
  { tolerance, leastShare, iterationLimit }: NewtonSettings,
): NewtonMaximum<P> | null {
  let coefficients = Float64Array.from(start);
  let point = at(coefficients);
  for (let iterations = 1; iterations <= iterationLimit; iterations++) {
    const factor = tryCholesky(point.information);
    if (factor === null) return null;
    const step = choleskySolve(factor, point.gradient);
    const decrement = step.reduce((sum, value, j) => sum + value * point.gradient[j], 0);
    if (decrement < tolerance) return { coefficients, point, factor, iterations };
    let share = 1;
    for (; share > leastShare; share /= 2) {
      const next = coefficients.map((value, j) => value + share * step[j]);
      const found = at(next);
      if (!(found.logLikelihood >= point.logLikelihood - NOISE)) continue;
      coefficients = next;
      point = found;
      break;
    }
    if (share <= leastShare) return null;
  }
  return null;
}
