import { matrix, type Matrix } from '@concord/numeric';
import type { CoxFit, CoxInput } from './cox-fit.js';
import { prepareCox, riskScores, walkDeathTimes, type CoxProblem } from './cox-sums.js';

/**
 * Score residuals: how much each row pulls at each coefficient, times its weight. Rows are as given.
 *
 * @returns row-major, rows × columns; their sum over rows is 0 at the fit
 * @see Therneau and Grambsch, Modeling Survival Data (2000), 4.6; Efron's ties as in 4.2
 */
export function scoreResiduals(input: CoxInput, coefficients: Float64Array): Float64Array {
  const problem = prepareCox(input);
  const { n, p, x, events, order } = problem;
  const { scores } = riskScores(problem, coefficients);
  const { hazard, meanHazard, deathMeans } = exposures(problem, scores);
  const result = new Float64Array(n * p);
  for (let i = 0; i < n; i++) {
    const own = events[i] === 1 ? (problem.weights ? problem.weights[i] : 1) : 0;
    for (let j = 0; j < p; j++) {
      const expected = scores[i] * (x[i * p + j] * hazard[i] - meanHazard[i * p + j]);
      result[order[i] * p + j] = own * (x[i * p + j] - deathMeans[i * p + j]) - expected;
    }
  }
  return result;
}

/** For each ordered row: its hazard, the hazard times the mean of x, and for deaths the mean of x at their time. */
function exposures(problem: CoxProblem, scores: Float64Array) {
  const { n, p, events, isEfron, starts, times } = problem;
  const hazard = new Float64Array(n);
  const meanHazard = new Float64Array(n * p);
  const deathMeans = new Float64Array(n * p);
  const strata: { from: number; to: number }[] = [];
  walkDeathTimes(
    problem,
    scores,
    (at) => {
      const { to } = strata[strata.length - 1];
      for (let d = 0; d < at.deaths; d++) {
        const k = isEfron ? d / at.deaths : 0;
        const s0 = at.s0 - k * at.died0;
        const share = at.meanWeight / s0;
        const mean = at.s1.map((value, j) => (value - k * at.died1[j]) / s0);
        for (let i = stratumStart(strata); i < to; i++) {
          if (times[i] < at.time || (starts && starts[i] >= at.time)) continue;
          const isDeath = events[i] === 1 && i >= at.first && i < at.end;
          const part = isDeath ? (1 - k) * share : share;
          hazard[i] += part;
          for (let j = 0; j < p; j++) {
            meanHazard[i * p + j] += part * mean[j];
            if (isDeath) deathMeans[i * p + j] += mean[j] / at.deaths;
          }
        }
      }
    },
    (from, to) => strata.push({ from, to }),
  );
  return { hazard, meanHazard, deathMeans };
}

function stratumStart(strata: readonly { from: number }[]): number {
  return strata[strata.length - 1].from;
}

/** The covariance that holds when the model does not (Lin and Wei 1989): V R'R V, every row standing for itself. */
export function robustCovariance(input: CoxInput, fit: CoxFit): Matrix {
  const p = input.columns.length;
  const residuals = scoreResiduals(input, fit.coefficients);
  const influence = new Float64Array(p);
  const result = matrix(p, p);
  for (let i = 0; i < input.times.length; i++) {
    influence.fill(0);
    for (let j = 0; j < p; j++) {
      for (let k = 0; k < p; k++) influence[j] += residuals[i * p + k] * fit.covariance.data[k * p + j];
    }
    for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) result.data[k * p + j] += influence[j] * influence[k];
  }
  return result;
}
