import { advance, largestPenalty, pathState, trainingDeviance } from './coordinate-descent.js';
import { ModelConvergenceError } from './errors.js';
import type { CrossValidationPoint } from './logistic-model.js';
import type { Family, PathState } from './path-state.js';

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

/** What differs between logistic and Cox models: the likelihood of some rows, and the loss of held-out predictions. */
export interface PathTask {
  readonly rows: number;
  familyOf(rows: Int32Array): Family;
  /**
   * Loss of a fold, and the weight of the fold in the mean.
   *
   * @param linear predictor of every row by the fit that did not see the fold
   */
  lossOf(fold: FoldRows, linear: Float64Array): { value: number; weight: number };
}

/** The rows of one fold and of all others. */
export interface FoldRows {
  readonly held: Int32Array;
  readonly trained: Int32Array;
}

/** The cross-validation curve, and at each of its points the solution on all rows and the held-out linear predictor. */
export interface Curve {
  readonly points: CrossValidationPoint[];
  readonly solutions: Solution[];
  readonly heldOut: Float64Array[];
}

// The path of glmnet ends where the deviance stands still or nearly all of it is explained (its devmax).
const SATURATION = 0.999;
const SHORTEST_PATH = 5;

/** One training set walking down its own penalties. */
class Walk {
  readonly state: PathState;
  readonly lambdas: readonly number[];
  readonly nullDeviance: number;
  private index = -1;
  private readonly explained: number[] = [];
  private isEnded = false;

  constructor(
    columns: readonly Float64Array[],
    family: Family,
    rows: Int32Array,
    private readonly settings: PathSettings,
  ) {
    this.state = pathState(columns, family, rows);
    this.nullDeviance = family.nullDeviance;
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
    const { steps, gain } = this.state.family.flatness;
    const isFlat = explained - (this.explained.at(-steps) ?? 0) < gain * explained;
    this.explained.push(explained);
    const mayEnd = this.settings.lambdas === undefined && this.index + 1 >= SHORTEST_PATH;
    this.isEnded = mayEnd && (isFlat || explained > SATURATION);
    return true;
  }
}

/** One fold and the two points of its path around the penalty in question, predicting every row. */
interface Fold extends FoldRows {
  readonly walk: Walk;
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
  task: PathTask,
  folds: Int32Array,
  settings: PathSettings,
): Curve {
  const everyRow = Int32Array.from({ length: task.rows }, (_, row) => row);
  const whole = new Walk(columns, task.familyOf(everyRow), everyRow, settings);
  const foldCount = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const parts = Array.from({ length: foldCount }, (_, fold): Fold => {
    const trained = everyRow.filter((row) => folds[row] !== fold);
    const walk = new Walk(columns, task.familyOf(trained), trained, settings);
    walk.next();
    const start = { lambda: walk.lambda, linear: predictRows(rawSolution(walk.state), columns) };
    return { walk, held: everyRow.filter((row) => folds[row] === fold), trained, above: start, below: start };
  });
  const curve: Curve = { points: [], solutions: [], heldOut: [] };
  let least = Infinity;
  let sinceLeast = 0;
  while (sinceLeast <= settings.patience && whole.next()) {
    const solution = rawSolution(whole.state);
    const heldOut = new Float64Array(task.rows);
    const losses = parts.map((fold) => {
      const linear = predictionAt(fold, whole.lambda, columns);
      for (const row of fold.held) heldOut[row] = linear[row];
      return task.lossOf(fold, linear);
    });
    const point = { lambda: whole.lambda, ...meanLoss(losses), selectedCount: countNonZero(solution) };
    curve.solutions.push(solution);
    curve.heldOut.push(heldOut);
    curve.points.push(point);
    sinceLeast = point.deviance < least ? 0 : sinceLeast + 1;
    least = Math.min(least, point.deviance);
  }
  return curve;
}

function predictionAt(fold: Fold, lambda: number, columns: readonly Float64Array[]): Float64Array {
  while (fold.below.lambda > lambda && fold.walk.next()) {
    fold.above = fold.below;
    fold.below = { lambda: fold.walk.lambda, linear: predictRows(rawSolution(fold.walk.state), columns) };
  }
  const { above, below } = fold;
  const span = above.lambda - below.lambda;
  // Beyond either end of its own path a fold keeps its last solution.
  const share = span > 0 ? Math.min(Math.max((lambda - below.lambda) / span, 0), 1) : 0;
  return below.linear.map((value, row) => share * above.linear[row] + (1 - share) * value);
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

function predictRows(solution: Solution, columns: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(columns[0].length).fill(solution.intercept);
  solution.coefficients.forEach((coefficient, j) => {
    if (coefficient === 0) return;
    const column = columns[j];
    for (let i = 0; i < out.length; i++) out[i] += coefficient * column[i];
  });
  return out;
}

/** Mean over folds, weighted, and its standard error (cv.glmnet's). */
function meanLoss(losses: readonly { value: number; weight: number }[]) {
  const total = losses.reduce((sum, { weight }) => sum + weight, 0);
  const deviance = losses.reduce((sum, { weight, value }) => sum + (weight / total) * value, 0);
  const spread = losses.reduce((sum, { weight, value }) => sum + (weight / total) * (value - deviance) ** 2, 0);
  return { deviance, standardError: Math.sqrt(spread / (losses.length - 1)) };
}

/** Number of features that the solution uses. */
export function countNonZero(solution: Solution): number {
  return solution.coefficients.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
}
