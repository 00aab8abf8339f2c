import { chiSquaredSf, inverseQuadratic, matrix } from '@concord/numeric';
import type { CoxFit, CoxInput } from './cox-fit.js';
import { prepareCox, riskScores, walkDeathTimes, type CoxProblem } from './cox-sums.js';
import { kaplanMeier, stepAt } from './kaplan-meier.js';

/** Tests that hazards are proportional: one a column, and all together. */
export interface ProportionalHazardsTest {
  readonly columns: readonly { readonly chi2: number; readonly p: number }[];
  readonly global: { readonly chi2: number; readonly df: number; readonly p: number };
}

/**
 * Score test of coefficients that drift with 1 - S(t-), S by Kaplan and Meier over all rows.
 *
 * @returns null where the information is singular
 * @see Grambsch and Therneau, Biometrika 81 (1994)
 */
export function proportionalHazardsTest(input: CoxInput, fit: CoxFit): ProportionalHazardsTest | null {
  const problem = prepareCox(input);
  const p = input.columns.length;
  const curve = kaplanMeier(input);
  const drift = (time: number) => {
    const at = stepAt(curve.times, time) - 1;
    return at < 0 ? 0 : 1 - curve.survival[at];
  };
  const { score, information } = driftSums(problem, fit.coefficients, drift);
  const test = (tested: readonly number[]) => scoreTest(score, information, p, tested);
  const columns = Array.from({ length: p }, (_, j) => test([j]));
  const global = test([...score.keys()]);
  if (global === null || columns.some((chi2) => chi2 === null)) return null;
  return {
    columns: columns.map((chi2) => ({ chi2: chi2 ?? 0, p: chiSquaredSf(chi2 ?? 0, 1) })),
    global: { chi2: global, df: p, p: chiSquaredSf(global, p) },
  };
}

/** Score of the drifting coefficients, and the information of plain and drifting ones together (2p × 2p). */
function driftSums(problem: CoxProblem, beta: Float64Array, drift: (time: number) => number) {
  const { p, x, events, isEfron } = problem;
  const { scores } = riskScores(problem, beta);
  const score = new Float64Array(p);
  const information = matrix(2 * p, 2 * p);
  const second = secondMoments(problem, scores);
  let at = 0;
  walkDeathTimes(problem, scores, (time) => {
    const g = drift(time.time);
    const { all, died } = second[at++];
    for (let d = 0; d < time.deaths; d++) {
      const k = isEfron ? d / time.deaths : 0;
      const s0 = time.s0 - k * time.died0;
      const mean = time.s1.map((value, j) => (value - k * time.died1[j]) / s0);
      for (let a = 0; a < p; a++) {
        score[a] -= g * time.meanWeight * mean[a];
        for (let b = 0; b < p; b++) {
          const v = time.meanWeight * ((all[b * p + a] - k * died[b * p + a]) / s0 - mean[a] * mean[b]);
          information.data[b * 2 * p + a] += v;
          information.data[b * 2 * p + p + a] += g * v;
          information.data[(p + b) * 2 * p + a] += g * v;
          information.data[(p + b) * 2 * p + p + a] += g * g * v;
        }
      }
    }
    for (let i = time.first; i < time.end; i++) {
      if (events[i] === 0) continue;
      const weight = problem.weights ? problem.weights[i] : 1;
      for (let a = 0; a < p; a++) score[a] += g * weight * x[i * p + a];
    }
  });
  return { score, information };
}

/** Second moments over the rows at risk, and over those who die, at each time of the walk. */
function secondMoments(problem: CoxProblem, scores: Float64Array): { all: Float64Array; died: Float64Array }[] {
  const { p, x, events } = problem;
  const result: { all: Float64Array; died: Float64Array }[] = [];
  let next = 0;
  let all = new Float64Array(p * p);
  const add = (row: number, to: Float64Array) => {
    for (let a = 0; a < p; a++) {
      for (let b = 0; b < p; b++) to[b * p + a] += scores[row] * x[row * p + a] * x[row * p + b];
    }
  };
  walkDeathTimes(
    problem,
    scores,
    (time) => {
      for (; next < time.end; next++) add(next, all);
      const died = new Float64Array(p * p);
      for (let i = time.first; i < time.end; i++) if (events[i] === 1) add(i, died);
      result.push({ all: all.slice(), died });
    },
    (from) => {
      next = from;
      all = new Float64Array(p * p);
    },
  );
  return result;
}

/** u' (C - B A⁻¹ B')⁻¹ u for the tested drifting coefficients, all plain ones being estimated. */
function scoreTest(
  score: Float64Array,
  information: { rows: number; data: Float64Array },
  p: number,
  tested: readonly number[],
): number | null {
  const kept = [...Array(p).keys(), ...tested.map((j) => p + j)];
  const size = kept.length;
  const reduced = matrix(size, size);
  kept.forEach((a, i) => kept.forEach((b, j) => (reduced.data[j * size + i] = information.data[b * 2 * p + a])));
  const u = new Float64Array(size);
  tested.forEach((j, i) => (u[p + i] = score[j]));
  return inverseQuadratic(reduced, u);
}
