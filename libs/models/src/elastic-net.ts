import type { RandomSource } from '@concord/numeric';
import { loadSolution, pathState } from './coordinate-descent.js';
import { binomialFamily } from './binomial-family.js';
import { countNonZero, crossValidatedPath, rawSolution, stepTo, type FoldRows } from './cross-validated-path.js';
import { ModelInputError } from './errors.js';
import { stratifiedFolds } from './folds.js';
import type { CrossValidationPoint, LogisticModel, NamedColumn } from './logistic-model.js';

/** What an elastic-net logistic regression is fitted to, and how. */
export interface ElasticNetInput {
  readonly features: readonly NamedColumn[];
  /** 0 or 1 for each patient, both present. */
  readonly outcome: Uint8Array;
  /** 1 is the lasso, 0 ridge; anything between mixes them. */
  readonly alpha: number;
  /** The fold of each patient (0 …), or how many to make with `random`, stratified by outcome. */
  readonly folds: Int32Array | number;
  /** Seeded source for making folds; its seed is recorded as `seed`. */
  readonly random?: RandomSource;
  readonly seed?: number | string;
  /** Which point of the curve is taken: the least deviance, or the sparsest within one standard error of it. */
  readonly lambdaRule?: 'min' | '1se';
  /** Number of penalties (100) and the ratio of the least to the largest (1e-4, or 0.01 if features outnumber rows). */
  readonly lambdaCount?: number;
  readonly lambdaMinRatio?: number;
  /** Given penalties, descending, instead of those two. */
  readonly lambdas?: readonly number[];
  /**
   * End the search once so many penalties in a row have not lowered the cross-validated deviance (15: half of the penalty
   * where the minimum was). `Infinity` walks the whole path, as cv.glmnet does, at about five times the cost.
   */
  readonly patience?: number;
  /** Of the search, as `thresh` of glmnet (1e-7), relative to the null deviance; the final fit is always at 1e-14. */
  readonly tolerance?: number;
}

/** A fit with what belongs to its development patients; only `model` is fit to be locked or sent. */
export interface ElasticNetFit {
  readonly model: LogisticModel;
  /** Each patient's risk by the fit that did not see them, at the chosen penalty. */
  readonly outOfFoldScores: Float64Array;
  readonly folds: Int32Array;
  /** At each point of the cross-validation curve each patient's log odds by the fit that did not see them. */
  readonly heldOutPath: readonly Float64Array[];
}

const DEFAULT_PATIENCE = 15;
/** The chosen solution is settled this closely, whatever the tolerance of the search. */
const FINAL_TOLERANCE = 1e-14;

/**
 * Logistic regression with an elastic-net penalty, the penalty chosen by cross-validated deviance.
 *
 * Conventions of glmnet 4: columns standardised by their population standard deviation inside each fit, coefficients
 * given back on the raw scale, no penalty on the intercept, the path of the whole data used in every fold. Cost: folds
 * + 1 paths of about rows × features × penalties each.
 *
 * @throws {ModelInputError} for shapes or values that do not fit, a class with fewer than 2 patients, or a fold whose
 *   remainder holds one class
 * @throws {ModelConvergenceError} if a fit does not settle
 * @see Friedman, Hastie and Tibshirani, J Stat Softw 33(1), 2010
 */
export function fitElasticNetLogistic(input: ElasticNetInput): ElasticNetFit {
  checkInput(input);
  const { features, outcome, alpha } = input;
  const folds = foldsOf(input);
  const columns = features.map((feature) => feature.values);
  const task = {
    rows: outcome.length,
    familyOf: (rows: Int32Array) => binomialFamily(Uint8Array.from(rows, (row) => outcome[row])),
    lossOf: ({ held }: FoldRows, linear: Float64Array) => ({
      value: heldOutDeviance(linear, outcome, held),
      weight: held.length,
    }),
  };
  const curve = crossValidatedPath(columns, task, folds, {
    alpha,
    tolerance: input.tolerance ?? 1e-7,
    lambdas: input.lambdas,
    lambdaCount: input.lambdaCount ?? 100,
    lambdaMinRatio: input.lambdaMinRatio,
    patience: input.patience ?? (input.lambdas ? Infinity : DEFAULT_PATIENCE),
  });
  const best = choosePoint(curve.points, input.lambdaRule ?? 'min');
  const lambda = curve.points[best].lambda;
  const state = pathState(columns, binomialFamily(outcome), Int32Array.from(outcome.keys()));
  loadSolution(state, curve.solutions[best].coefficients, lambda);
  stepTo(state, lambda, alpha, FINAL_TOLERANCE * state.family.nullDeviance);
  const solution = rawSolution(state);
  const model: LogisticModel = {
    format: 'concord.logistic/1',
    features: features.map((feature) => feature.name),
    coefficients: [...solution.coefficients],
    intercept: solution.intercept,
    alpha,
    lambda,
    lambdaRule: input.lambdaRule ?? 'min',
    seed: input.seed ?? null,
    foldCount: Math.max(...folds) + 1,
    selectedCount: countNonZero(solution),
    development: { n: outcome.length, events: outcome.reduce((sum, value) => sum + value, 0) },
    crossValidation: curve.points,
  };
  return {
    model,
    outOfFoldScores: curve.heldOut[best].map((eta) => 1 / (1 + Math.exp(-eta))),
    folds,
    heldOutPath: curve.heldOut,
  };
}

/**
 * Coefficients on the raw scale at given penalties, without cross-validation.
 *
 * @param lambdas descending
 * @returns for each penalty the intercept and a coefficient for each feature
 */
export function elasticNetPath(
  features: readonly NamedColumn[],
  outcome: Uint8Array,
  alpha: number,
  lambdas: readonly number[],
  tolerance = FINAL_TOLERANCE,
): { lambda: number; intercept: number; coefficients: Float64Array }[] {
  checkInput({ features, outcome, alpha, folds: 2, lambdas });
  const state = pathState(
    features.map((feature) => feature.values),
    binomialFamily(outcome),
    Int32Array.from(outcome.keys()),
  );
  const scaled = tolerance * state.family.nullDeviance;
  return lambdas.map((lambda) => {
    stepTo(state, lambda, alpha, scaled);
    return { lambda, ...rawSolution(state) };
  });
}

function heldOutDeviance(linear: Float64Array, outcome: Uint8Array, held: Int32Array): number {
  let sum = 0;
  for (const row of held) {
    // cv.glmnet bounds the probabilities by 1e-5, so that one certain miss does not decide the curve.
    const p = Math.min(Math.max(1 / (1 + Math.exp(-linear[row])), 1e-5), 1 - 1e-5);
    sum -= 2 * Math.log(outcome[row] === 1 ? p : 1 - p);
  }
  return sum / held.length;
}

/** The point of least loss, or the sparsest within one standard error of it. */
export function choosePoint(points: readonly CrossValidationPoint[], rule: 'min' | '1se'): number {
  let best = 0;
  points.forEach((point, index) => {
    if (point.deviance < points[best].deviance) best = index;
  });
  if (rule === 'min') return best;
  const limit = points[best].deviance + points[best].standardError;
  return points.findIndex((point) => point.deviance <= limit);
}

function foldsOf(input: ElasticNetInput): Int32Array {
  const { folds, outcome, random } = input;
  if (typeof folds !== 'number') return folds;
  if (random === undefined) throw refuse('a number of folds was given without a random source', 'Give a seeded one.');
  return stratifiedFolds(outcome, folds, random);
}

function checkInput(input: ElasticNetInput): void {
  const { features, outcome, alpha, folds } = input;
  const n = outcome.length;
  const events = outcome.reduce((sum, value) => sum + value, 0);
  if (features.length === 0) throw refuse('no features were given', 'Check the feature globs.');
  if (outcome.some((value) => value > 1)) throw refuse('the outcome holds values other than 0 and 1', 'Code it so.');
  if (events < 2 || n - events < 2) {
    throw refuse(`${events} of ${n} patients have the event`, 'A model needs at least 2 patients of each class.');
  }
  if (!(alpha >= 0 && alpha <= 1)) throw refuse(`alpha is ${alpha}`, 'Choose it from 0 (ridge) to 1 (lasso).');
  const names = new Set(features.map((feature) => feature.name));
  if (names.size !== features.length) throw refuse('two features have one name', 'Rename one of them.');
  for (const { name, values } of features) {
    if (values.length !== n)
      throw refuse(`feature ${name} has ${values.length} rows, not ${n}`, 'Give a value a patient.');
    if (!values.every(Number.isFinite)) throw refuse(`feature ${name} has missing values`, 'Drop or impute it first.');
  }
  if (input.lambdas?.some((value, i, all) => !(value > 0) || (i > 0 && value >= all[i - 1]))) {
    throw refuse('the penalties do not descend', 'Give positive penalties from the largest to the least.');
  }
  if (typeof folds !== 'number') checkFolds(folds, outcome, events);
}

function checkFolds(folds: Int32Array, outcome: Uint8Array, events: number): void {
  const count = Math.max(...folds) + 1;
  if (folds.length !== outcome.length || count < 2 || folds.some((fold) => fold < 0)) {
    throw refuse('the folds do not fit the patients', 'Give each patient a fold from 0, at least 2 folds.');
  }
  for (let fold = 0; fold < count; fold++) {
    const held = folds.filter((value) => value === fold).length;
    const heldEvents = folds.filter((value, row) => value === fold && outcome[row] === 1).length;
    const left = events - heldEvents;
    if (held === 0 || left < 1 || outcome.length - held - left < 1) {
      throw refuse(
        `fold ${fold + 1} is empty or leaves one class to train on`,
        'Use fewer folds, stratified by outcome.',
      );
    }
  }
}

function refuse(what: string, fix: string): ModelInputError {
  return new ModelInputError(what, 'fitElasticNetLogistic(input)', fix);
}
