import { matrix, symmetricEigen } from '@concord/numeric';
import { fitLogistic } from '../logistic-fit.js';

/** A logistic model with a normal intercept for each site. */
export interface RandomIntercept {
  readonly coefficients: Float64Array;
  /** Standard deviation of the sites' intercepts; 0 where the likelihood is highest there. */
  readonly siteSd: number;
  readonly logLikelihood: number;
  readonly isConverged: boolean;
}

const POINTS = 15;
const ITERATIONS = 200;

/**
 * Maximum likelihood by adaptive Gauss-Hermite quadrature with 15 points.
 *
 * @param columns design columns, the intercept among them
 * @param groups site of each row, 0 …
 * @returns null where the model without sites has no finite solution
 * @see Pinheiro and Bates, J Comput Graph Stat 4 (1995)
 */
export function randomInterceptLogistic(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  groups: Int32Array,
): RandomIntercept | null {
  const plain = fitLogistic(columns, outcomes);
  if (plain === null) return null;
  const rows = rowsByGroup(groups);
  const rule = hermite(POINTS);
  const objective = (theta: Float64Array) => marginal(columns, outcomes, rows, rule, theta);
  const start = Float64Array.of(...plain.coefficients, 0.3);
  const end = quasiNewton(objective, start);
  const without = objective(Float64Array.of(...plain.coefficients, 0)).value;
  if (without <= end.value + 1e-10) {
    return { coefficients: plain.coefficients, siteSd: 0, logLikelihood: -without, isConverged: true };
  }
  const p = columns.length;
  return {
    coefficients: end.theta.slice(0, p),
    siteSd: Math.abs(end.theta[p]),
    logLikelihood: -end.value,
    isConverged: end.isConverged,
  };
}

function rowsByGroup(groups: Int32Array): number[][] {
  const rows: number[][] = [];
  groups.forEach((group, i) => (rows[group] ??= []).push(i));
  return rows.filter((list) => list.length > 0);
}

/** Nodes and log weights for ∫ f(x) dx with f near exp(-x²/2), by the eigenvalues of the recurrence (Golub and Welsch). */
function hermite(count: number): { nodes: Float64Array; logWeights: Float64Array } {
  const jacobi = matrix(count, count);
  for (let i = 1; i < count; i++) {
    jacobi.data[i * count + i - 1] = Math.sqrt(i);
    jacobi.data[(i - 1) * count + i] = Math.sqrt(i);
  }
  const { values, vectors } = symmetricEigen(jacobi);
  const logWeights = values.map((x, k) => 2 * Math.log(Math.abs(vectors.data[k * count])) + (x * x) / 2);
  return { nodes: values, logWeights };
}

/** Minus the marginal log likelihood and its gradient; the site's intercept is theta's last entry times u ~ N(0, 1). */
function marginal(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  rows: readonly number[][],
  rule: { nodes: Float64Array; logWeights: Float64Array },
  theta: Float64Array,
): { value: number; gradient: Float64Array } {
  const p = columns.length;
  const gradient = new Float64Array(p + 1);
  let value = 0;
  for (const group of rows) {
    const eta = group.map((i) => columns.reduce((sum, column, j) => sum + theta[j] * column[i], 0));
    const { mode, scale } = modeOf(group, eta, outcomes, theta[p]);
    const terms: { log: number; score: Float64Array }[] = [];
    rule.nodes.forEach((node, k) => {
      const u = mode + scale * node;
      let log = rule.logWeights[k] - (u * u) / 2;
      const score = new Float64Array(p + 1);
      group.forEach((i, g) => {
        const linear = eta[g] + theta[p] * u;
        const signed = outcomes[i] === 1 ? -linear : linear;
        log -= signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed));
        const residual = outcomes[i] - 1 / (1 + Math.exp(-linear));
        for (let j = 0; j < p; j++) score[j] += residual * columns[j][i];
        score[p] += residual * u;
      });
      terms.push({ log, score });
    });
    const top = terms.reduce((most, { log }) => Math.max(most, log), -Infinity);
    const total = terms.reduce((sum, { log }) => sum + Math.exp(log - top), 0);
    value -= top + Math.log(total) + Math.log(scale);
    for (const { log, score } of terms) {
      const share = Math.exp(log - top) / total;
      for (let j = 0; j <= p; j++) gradient[j] -= share * score[j];
    }
  }
  return { value, gradient };
}

/** Most likely u of a site and the width of the likelihood there, by Newton steps. */
function modeOf(group: readonly number[], eta: readonly number[], outcomes: Uint8Array, sd: number) {
  let mode = 0;
  let curvature = 1;
  for (let iteration = 0; iteration < 50; iteration++) {
    let slope = -mode;
    curvature = 1;
    group.forEach((i, g) => {
      const risk = 1 / (1 + Math.exp(-(eta[g] + sd * mode)));
      slope += sd * (outcomes[i] - risk);
      curvature += sd * sd * risk * (1 - risk);
    });
    const step = slope / curvature;
    mode += step;
    if (Math.abs(step) < 1e-10) break;
  }
  return { mode, scale: 1 / Math.sqrt(curvature) };
}

/** BFGS with step halving; see Nocedal and Wright, Numerical Optimization, algorithm 6.1. */
function quasiNewton(
  objective: (theta: Float64Array) => { value: number; gradient: Float64Array },
  start: Float64Array,
) {
  const n = start.length;
  let theta = start;
  let { value, gradient } = objective(theta);
  let inverse: number[][] = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 0.01 : 0)),
  );
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const direction = inverse.map((row) => -row.reduce((sum, h, j) => sum + h * gradient[j], 0));
    const slope = direction.reduce((sum, d, j) => sum + d * gradient[j], 0);
    if (-slope < 1e-14) return { theta, value, isConverged: true };
    let share = 1;
    let next = theta;
    let found = { value: Infinity, gradient };
    for (; share > 1e-12; share /= 2) {
      next = theta.map((t, j) => t + share * direction[j]);
      found = objective(next);
      if (found.value <= value + 1e-4 * share * slope) break;
    }
    if (share <= 1e-12) return { theta, value, isConverged: -slope < 1e-6 };
    const s = next.map((t, j) => t - theta[j]);
    const y = found.gradient.map((g, j) => g - gradient[j]);
    inverse = updated(inverse, s, y);
    [theta, value, gradient] = [next, found.value, found.gradient];
  }
  return { theta, value, isConverged: false };
}

function updated(inverse: number[][], s: Float64Array, y: Float64Array): number[][] {
  const sy = s.reduce((sum, value, j) => sum + value * y[j], 0);
  if (!(sy > 1e-14)) return inverse;
  const hy = inverse.map((row) => row.reduce((sum, h, j) => sum + h * y[j], 0));
  const yhy = y.reduce((sum, value, j) => sum + value * hy[j], 0);
  return inverse.map((row, i) =>
    row.map((h, j) => h + ((sy + yhy) * s[i] * s[j]) / (sy * sy) - (hy[i] * s[j] + s[i] * hy[j]) / sy),
  );
}
