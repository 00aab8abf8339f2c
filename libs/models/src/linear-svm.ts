import { matrix, tryCholesky, choleskySolve } from '@concord/numeric';
import { fitLogistic } from '@concord/validation';
import type { Standardization } from './clusters/standardize.js';
import { ModelConvergenceError, ModelInputError } from './errors.js';

/** A linear separation of rows: score = intercept + Σ coefficients[j] · column j. */
export interface LinearSvm {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  readonly iterations: number;
}

/**
 * A linear support vector machine as plain JSON, on features in units of the development standard deviations.
 *
 * risk = 1 / (1 + exp(-(calibration.slope · score + calibration.intercept))), fitted to out-of-fold scores.
 */
export interface SvmModel {
  readonly format: 'concord.svm/1';
  readonly features: readonly string[];
  readonly standardization: Standardization;
  readonly coefficients: readonly number[];
  readonly intercept: number;
  readonly cost: number;
  readonly calibration: { readonly slope: number; readonly intercept: number };
  readonly development: { readonly n: number; readonly events: number };
}

const ITERATIONS = 500;

/**
 * Least ½|w|² + cost · Σ max(0, 1 - y · score)², the intercept penalised like a coefficient, as liblinear's L2-loss machine.
 *
 * Newton steps on the squared hinge: the solution is exact once the set of rows inside the margin stands still. Cost: some
 * ten Cholesky factors of features or rows, whichever are fewer, in size.
 *
 * @param columns standardised features
 * @param outcome 0 or 1, both present
 * @throws {ModelInputError} if a class is absent, a value is missing, or the cost is not positive
 * @throws {ModelConvergenceError} if it does not settle
 * @see Fan et al., J Mach Learn Res 9 (2008); Keerthi and DeCoste, J Mach Learn Res 6 (2005), finite Newton
 */
export function fitLinearSvm(columns: readonly Float64Array[], outcome: Uint8Array, cost: number): LinearSvm {
  const n = outcome.length;
  const events = outcome.reduce((sum, value) => sum + value, 0);
  const isWhole = columns.every((column) => column.length === n && column.every(Number.isFinite));
  if (!(events > 0 && events < n) || !isWhole || !(cost > 0 && cost < Infinity)) {
    throw new ModelInputError(
      `${columns.length} columns, ${events} events of ${n} patients and a cost of ${cost} give no separation`,
      'fitLinearSvm(columns, outcome, cost)',
      'Give both classes, no missing value, and a positive cost.',
    );
  }
  const design = [...columns, new Float64Array(n).fill(1)];
  const y = Float64Array.from(outcome, (value) => (value === 1 ? 1 : -1));
  let w = new Float64Array(design.length);
  let scores = new Float64Array(n);
  let value = objective(w, scores, y, cost);
  for (let iteration = 1; iteration <= ITERATIONS; iteration++) {
    const target = leastSquaresInside(design, y, scores, cost);
    const move = target.map((to, j) => to - w[j]);
    const along = multiply(design, move);
    let share = 1;
    let next = value;
    for (; share > 1e-14; share /= 2) {
      const tried = w.map((at, j) => at + share * move[j]);
      const triedScores = scores.map((score, i) => score + share * along[i]);
      next = objective(tried, triedScores, y, cost);
      if (next < value) {
        w = tried;
        scores = triedScores;
        break;
      }
    }
    const isSettled = share <= 1e-14 || value - next <= 1e-15 * value;
    value = Math.min(value, next);
    // The objective is flat at its least: the last digits come from the equations, not from the search.
    if (isSettled) {
      const settled = leastSquaresInside(design, y, scores, cost);
      return { coefficients: settled.slice(0, -1), intercept: settled[settled.length - 1], iterations: iteration };
    }
  }
  throw new ModelConvergenceError(
    `the machine did not settle in ${ITERATIONS} steps`,
    'fitLinearSvm(columns)',
    'Standardise the features, or lower the cost.',
  );
}

function multiply(design: readonly Float64Array[], w: Float64Array): Float64Array {
  const out = new Float64Array(design[0].length);
  design.forEach((column, j) => {
    for (let i = 0; i < out.length; i++) out[i] += w[j] * column[i];
  });
  return out;
}

function objective(w: Float64Array, scores: Float64Array, y: Float64Array, cost: number): number {
  const loss = scores.reduce((sum, score, i) => sum + Math.max(0, 1 - y[i] * score) ** 2, 0);
  return w.reduce((sum, at) => sum + at * at, 0) / 2 + cost * loss;
}

/** The minimum if the rows now inside the margin stayed the ones: a ridge regression of y, in its smaller form. */
function leastSquaresInside(
  design: readonly Float64Array[],
  y: Float64Array,
  scores: Float64Array,
  cost: number,
): Float64Array {
  const inside = Int32Array.from(y.keys()).filter((i) => y[i] * scores[i] < 1);
  const part = design.map((column) => Float64Array.from(inside, (i) => column[i]));
  const wanted = Float64Array.from(inside, (i) => y[i]);
  const ridge = 1 / (2 * cost);
  if (part.length <= inside.length) {
    const right = part.map((column) => dot(column, wanted));
    return solveRidge(part, ridge, right);
  }
  const rows = Array.from(inside, (_, i) => Float64Array.from(part, (column) => column[i]));
  const weights = solveRidge(rows, ridge, wanted);
  return Float64Array.from(part, (column) => dot(column, weights));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Solves (V'V + ridge · I) x = right, V's columns given. */
function solveRidge(vectors: readonly Float64Array[], ridge: number, right: ArrayLike<number>): Float64Array {
  const size = vectors.length;
  const normal = matrix(size, size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      normal.data[b * size + a] = normal.data[a * size + b] = dot(vectors[a], vectors[b]) + (a === b ? ridge : 0);
    }
  }
  const factor = tryCholesky(normal);
  if (factor === null) {
    throw new ModelConvergenceError(
      'the features are too large for the penalty',
      'fitLinearSvm(columns)',
      'Standardise the features.',
    );
  }
  return choleskySolve(factor, Float64Array.from(right));
}

/**
 * Platt's calibration of scores to risks, on scores of fits that did not see the patient. Where the classes are separated
 * (no finite fit) every score counts once more as the other class, weighed as Platt's targets do.
 *
 * @see Platt, Advances in Large Margin Classifiers (2000), 61-74
 */
export function calibrateScores(scores: Float64Array, outcome: Uint8Array): { slope: number; intercept: number } {
  const n = scores.length;
  const events = outcome.reduce((sum, value) => sum + value, 0);
  const target = (value: number) => (value === 1 ? (events + 1) / (events + 2) : 1 / (n - events + 2));
  // A target between 0 and 1 is two rows, one of each class, weighed by it.
  const weights = [...outcome].map(target);
  const doubled = Float64Array.from([...scores, ...scores]);
  const classes = Uint8Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : 0));
  const fit = fitLogistic([new Float64Array(2 * n).fill(1), doubled], classes, new Float64Array(2 * n), {
    weights: [...weights, ...weights.map((weight) => 1 - weight)],
  });
  if (fit === null) {
    throw new ModelConvergenceError(
      'the scores of the development patients are all the same',
      'calibrateScores(scores)',
      'Give features that differ between patients.',
    );
  }
  return { intercept: fit.coefficients[0], slope: fit.coefficients[1] };
}
