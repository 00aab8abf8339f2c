import { choleskyInverse, choleskySolve, matrix, tryCholesky, type Matrix } from '@concord/numeric';

// Looked up once: inside the sandbox of a test runner every look-up of a global costs more than the function.
const { exp, log1p, abs } = Math;

/** An unpenalised logistic regression of a few columns. */
export interface LogisticFit {
  readonly coefficients: Float64Array;
  /** Inverse of the information at the coefficients. */
  readonly covariance: Matrix;
  readonly deviance: number;
}

const ITERATION_LIMIT = 100;
/** Beyond this log odds a fit runs away: a fitted probability of 1e-13 is separation, not an estimate. */
const RUNAWAY = 30;

/** How rows count, and where the search begins. */
export interface LogisticOptions {
  /** Times that each row counts, as in a bootstrap replicate; 0 leaves it out. */
  readonly weights?: ArrayLike<number>;
  readonly start?: Float64Array;
}

/**
 * Fits by Newton steps, halved where the deviance would rise.
 *
 * @param columns design columns, an intercept among them if one is wanted
 * @param outcomes 0 or 1 for each row
 * @param offset added to the linear predictor, one a row
 * @returns null where no finite solution was found: separation, or columns that depend on each other
 */
export function fitLogistic(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  offset: Float64Array = new Float64Array(outcomes.length),
  { weights, start }: LogisticOptions = {},
): LogisticFit | null {
  let coefficients = start ? Float64Array.from(start) : new Float64Array(columns.length);
  let linear = linearOf(columns, coefficients, offset);
  let deviance = devianceOf(linear, outcomes, weights);
  for (let iteration = 0; iteration < ITERATION_LIMIT; iteration++) {
    const { gradient, information } = derivatives(columns, outcomes, linear, weights);
    const factor = tryCholesky(information);
    if (factor === null) return null;
    const step = choleskySolve(factor, gradient);
    let share = 1;
    let next = coefficients;
    let nextDeviance = Infinity;
    for (; share > 1e-10; share /= 2) {
      next = coefficients.map((value, j) => value + share * step[j]);
      linear = linearOf(columns, next, offset);
      nextDeviance = devianceOf(linear, outcomes, weights);
      if (nextDeviance <= deviance + 1e-12 * (abs(deviance) + 1)) break;
    }
    const size = gradient.reduce((sum, value, j) => sum + value * step[j], 0);
    coefficients = next;
    deviance = nextDeviance;
    // The Newton decrement before this step; after it, about its square is left.
    if (size < 1e-10) return finish(columns, outcomes, coefficients, offset, weights);
  }
  return null;
}

function finish(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  coefficients: Float64Array,
  offset: Float64Array,
  weights?: ArrayLike<number>,
): LogisticFit | null {
  const linear = linearOf(columns, coefficients, offset);
  const { information } = derivatives(columns, outcomes, linear, weights);
  const factor = tryCholesky(information);
  if (factor === null || linear.some((value) => !(abs(value) < RUNAWAY))) return null;
  return { coefficients, covariance: choleskyInverse(factor), deviance: devianceOf(linear, outcomes, weights) };
}

/** Row by row into plain arrays: bootstraps come here a thousand times. */
function derivatives(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  linear: Float64Array,
  weights?: ArrayLike<number>,
) {
  const size = columns.length;
  const information = matrix(size, size);
  const sums = information.data;
  const gradient = new Float64Array(size);
  for (let i = 0; i < linear.length; i++) {
    const times = weights === undefined ? 1 : weights[i];
    if (times === 0) continue;
    const risk = 1 / (1 + exp(-linear[i]));
    const residual = times * (outcomes[i] - risk);
    const weight = times * risk * (1 - risk);
    for (let a = 0; a < size; a++) {
      const x = columns[a][i];
      gradient[a] += x * residual;
      for (let b = 0; b <= a; b++) sums[b * size + a] += weight * x * columns[b][i];
    }
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) sums[a * size + b] = sums[b * size + a];
  return { gradient, information };
}

function linearOf(columns: readonly Float64Array[], coefficients: Float64Array, offset: Float64Array): Float64Array {
  const linear = Float64Array.from(offset);
  for (let j = 0; j < columns.length; j++) {
    const column = columns[j];
    for (let i = 0; i < linear.length; i++) linear[i] += coefficients[j] * column[i];
  }
  return linear;
}

/** -2 log likelihood of given log odds. */
export function devianceOf(linear: Float64Array, outcomes: Uint8Array, weights?: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < linear.length; i++) {
    const times = weights === undefined ? 1 : weights[i];
    if (times === 0) continue;
    const eta = outcomes[i] === 1 ? -linear[i] : linear[i];
    sum += times * (eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta)));
  }
  return 2 * sum;
}
