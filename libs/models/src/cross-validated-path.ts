import { advance, largestPenalty, pathState, trainingDeviance } from './coordinate-descent.js';
import { ModelConvergenceError } from './errors.js';
import type { CrossValidationPoint } from './logistic-model.js';
import type { PathState } from './path-state.js';

/** A penalised solution on the raw scale of the features. */
export interface Solution {
  readonly intercept: number;
  readonly coefficients: Float64Array;
}

/** What a path needs beside the data; see `ElasticNetInput` for the meaning of each. */
export interface PathSettings {
  readonly alpha: number;
  readonly tolerance: number;
  readonly lambdas: readonly number[] | undefined;
  readonly lambdaCount: number;
  readonly lambdaMinRatio: number | undefined;
  readonly patience: number;
}

/** The cross-validation curve, and at each of its points the solution on all rows and the held-out log odds. */
export interface Curve {
  readonly points: CrossValidationPoint[];
  readonly solutions: Solution[];
  readonly heldOut: Float64Array[];
}

// The path of glmnet ends where the deviance stands still or nearly all of it is explained (its fdev and devmax).
const FLATTEST_GAIN = 1e-5;
const SATURATION = 0.999;
const SHORTEST_PATH = 5;

/** One training set walking down its own penalties. */
class Walk {
  readonly state: PathState;
  readonly lambdas: readonly number[];
  readonly nullDeviance: number;
  private index = -1;
  private explained = 0;
  private isEnded = false;

  constructor(
    columns: readonly Float64Array[],
    outcome: Uint8Array,
    rows: Int32Array,
    private readonly settings: PathSettings,
  ) {
    this.state = pathState(columns, outcome, rows);
    this.nullDeviance = nullDevianceOf(this.state);
    const { alpha, lambdaCount } = settings;
    // glmnet's default, taken for each fold from its own number of rows.
    const lambdaMinRatio = settings.lambdaMinRatio ?? (rows.length < columns.length ? 0.01 : 1e-4);
    const largest = largestPenalty(this.state, alpha);
    const at = (i: number) => largest * lambdaMinRatio ** (i / Math.max(lambdaCount - 1, 1));
    this.lambdas = settings.lambdas ?? Array.from({ length: lambdaCount }, (_, i) => at(i));
  }

  get lambda(): number {
    return this.lambdas[this.index] ?? Infinity;
  }

  /** Steps to the next penalty; false where the path has ended. */
  next(): boolean {
    if (this.isEnded || this.index + 1 >= this.lambdas.length) return false;
    this.index++;
    stepTo(this.state, this.lambda, this.settings.alpha, this.settings.tolerance * this.nullDeviance);
    const explained = 1 - trainingDeviance(this.state) / this.nullDeviance;
    const isFlat = explained - this.explained < FLATTEST_GAIN * explained;
    this.explained = explained;
    const mayEnd = this.settings.lambdas === undefined && this.index + 1 >= SHORTEST_PATH;
    this.isEnded = mayEnd && (isFlat || explained > SATURATION);
    return true;
  }
}

/** The held-out rows of one fold and the two points of its path around the penalty in question. */
interface Fold {
  readonly walk: Walk;
  readonly rows: Int32Array;
  above: { lambda: number; linear: Float64Array };
  below: { lambda: number; linear: Float64Array };
}

/**
 * Walks the whole data and every fold down the path together.
 *
 * As in cv.glmnet each fold has penalties of its own, and its predictions between two of them are interpolated.
 */
export function crossValidatedPath(
  columns: readonly Float64Array[],
  outcome: Uint8Array,
  folds: Int32Array,
  settings: PathSettings,
): Curve {
  const rowsWhere = (test: (row: number) => boolean) => Int32Array.from([...outcome.keys()].filter(test));
  const whole = new Walk(columns, outcome, Int32Array.from(outcome.keys()), settings);
  const parts = Array.from({ length: Math.max(...folds) + 1 }, (_, fold): Fold => {
    const walk = new Walk(
      columns,
      outcome,
      rowsWhere((row) => folds[row] !== fold),
      settings,
    );
    const rows = rowsWhere((row) => folds[row] === fold);
    walk.next();
    const start = { lambda: walk.lambda, linear: predictRows(rawSolution(walk.state), columns, rows) };
    return { walk, rows, above: start, below: start };
  });
  const curve: Curve = { points: [], solutions: [], heldOut: [] };
  let least = Infinity;
  let sinceLeast = 0;
  while (sinceLeast <= settings.patience && whole.next()) {
    const solution = rawSolution(whole.state);
    const heldOut = new Float64Array(outcome.length);
    for (const fold of parts) fillHeldOut(heldOut, fold, whole.lambda, columns);
    const point = {
      lambda: whole.lambda,
      ...foldDeviance(heldOut, outcome, parts),
      selectedCount: countNonZero(solution),
    };
    curve.solutions.push(solution);
    curve.heldOut.push(heldOut);
    curve.points.push(point);
    sinceLeast = point.deviance < least ? 0 : sinceLeast + 1;
    least = Math.min(least, point.deviance);
  }
  return curve;
}

function fillHeldOut(heldOut: Float64Array, fold: Fold, lambda: number, columns: readonly Float64Array[]): void {
  while (fold.below.lambda > lambda && fold.walk.next()) {
    fold.above = fold.below;
    fold.below = { lambda: fold.walk.lambda, linear: predictRows(rawSolution(fold.walk.state), columns, fold.rows) };
  }
  const { above, below } = fold;
  const span = above.lambda - below.lambda;
  // Beyond either end of its own path a fold keeps its last solution.
  const share = span > 0 ? Math.min(Math.max((lambda - below.lambda) / span, 0), 1) : 0;
  fold.rows.forEach((row, i) => {
    heldOut[row] = share * above.linear[i] + (1 - share) * below.linear[i];
  });
}

/** @throws {ModelConvergenceError} if the coefficients do not rest within the bound of passes */
export function stepTo(state: PathState, lambda: number, alpha: number, tolerance: number): void {
  if (!advance(state, lambda, alpha, tolerance)) {
    throw new ModelConvergenceError(
      `the elastic net did not settle at lambda ${lambda}`,
      'fitElasticNetLogistic(features)',
      'Raise the least penalty (lambdaMinRatio): at the end of the path the classes are separated.',
    );
  }
}

/** Mean binomial deviance of the model with an intercept only. */
export function nullDevianceOf(state: PathState): number {
  const rate = state.y.reduce((sum, value) => sum + value, 0) / state.rows;
  return -2 * (rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

/** The state's solution on the raw scale. */
export function rawSolution(state: PathState): Solution {
  const coefficients = new Float64Array(state.cols);
  let intercept = state.intercept;
  for (let c = 0; c < state.candidateCount; c++) {
    const j = state.candidates[c];
    if (state.beta[j] === 0) continue;
    coefficients[j] = state.beta[j] / state.scales[j];
    intercept -= coefficients[j] * state.means[j];
  }
  return { intercept, coefficients };
}

function predictRows(solution: Solution, columns: readonly Float64Array[], rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length).fill(solution.intercept);
  solution.coefficients.forEach((coefficient, j) => {
    if (coefficient === 0) return;
    const column = columns[j];
    for (let i = 0; i < rows.length; i++) out[i] += coefficient * column[rows[i]];
  });
  return out;
}

/** Mean over folds of the held-out deviance, folds weighted by size, and its standard error (cv.glmnet's). */
function foldDeviance(heldOut: Float64Array, outcome: Uint8Array, parts: readonly { rows: Int32Array }[]) {
  const n = outcome.length;
  const perFold = parts.map(({ rows }) => {
    let sum = 0;
    for (const row of rows) {
      // cv.glmnet bounds the probabilities by 1e-5, so that one certain miss does not decide the curve.
      const p = Math.min(Math.max(1 / (1 + Math.exp(-heldOut[row])), 1e-5), 1 - 1e-5);
      sum -= 2 * Math.log(outcome[row] === 1 ? p : 1 - p);
    }
    return { weight: rows.length / n, value: sum / rows.length };
  });
  const deviance = perFold.reduce((sum, fold) => sum + fold.weight * fold.value, 0);
  const spread = perFold.reduce((sum, fold) => sum + fold.weight * (fold.value - deviance) ** 2, 0);
  return { deviance, standardError: Math.sqrt(spread / (perFold.length - 1)) };
}

/** Number of features that the solution uses. */
export function countNonZero(solution: Solution): number {
  return solution.coefficients.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
}
