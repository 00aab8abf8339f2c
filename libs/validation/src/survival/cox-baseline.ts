import type { CoxInput } from './cox-fit.js';
import { cumulativeExposure, prepareCox, riskScores } from './cox-sums.js';
import { stepAt } from './kaplan-meier.js';

/** A cumulative hazard as right-continuous steps, ascending. */
export interface BaselineHazard {
  readonly times: Float64Array;
  readonly cumulativeHazard: Float64Array;
}

/**
 * Cumulative baseline hazard at covariates 0 (no strata), with the same treatment of ties as the fit.
 *
 * @param coefficients of the fit
 * @see Breslow 1974; Efron 1977
 */
export function baselineHazard(input: CoxInput, coefficients: Float64Array): BaselineHazard {
  const problem = prepareCox(input);
  const { scores, top } = riskScores(problem, coefficients);
  const increments = new Map<number, number>();
  cumulativeExposure(problem, scores, (share, at, _k, s0) => {
    increments.set(at.time, (increments.get(at.time) ?? 0) + share / s0);
  });
  // Scores are of centred columns and shifted: carried back to covariates of zero.
  const centre = problem.means.reduce((sum, mean, j) => sum + mean * coefficients[j], 0);
  const scale = Math.exp(-centre - top);
  const times = Float64Array.from(increments.keys()).sort();
  let total = 0;
  return { times, cumulativeHazard: times.map((time) => (total += (increments.get(time) ?? 0) * scale)) };
}

/** H(t); 0 before the first step, the last value after the last. */
export function hazardAt(baseline: BaselineHazard, time: number): number {
  const at = stepAt(baseline.times, time);
  return at < 0 ? 0 : baseline.cumulativeHazard[at];
}
