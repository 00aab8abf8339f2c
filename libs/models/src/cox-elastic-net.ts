import { baselineHazard, fitCox, type SurvivalData } from '@concord/validation';
import { loadSolution, pathState } from './coordinate-descent.js';
import { coxFamily } from './cox-family.js';
import type { CoxModel } from './cox-model.js';
import { crossValidatedPath, rawSolution, stepTo, type FoldRows } from './cross-validated-path.js';
import { choosePoint } from './elastic-net.js';
import { ModelConvergenceError, ModelInputError } from './errors.js';
import type { NamedColumn } from './logistic-model.js';

/** What an elastic-net Cox regression is fitted to, and how; see `ElasticNetInput` for the settings. */
export interface CoxElasticNetInput extends SurvivalData {
  readonly features: readonly NamedColumn[];
  readonly alpha: number;
  /** The fold of each patient, 0 …; every fold must leave an event to train on. */
  readonly folds: Int32Array;
  readonly seed?: number | string;
  readonly lambdaRule?: 'min' | '1se';
  readonly lambdaCount?: number;
  readonly lambdaMinRatio?: number;
  readonly lambdas?: readonly number[];
  readonly patience?: number;
  readonly tolerance?: number;
}

/** A fit with what belongs to its development patients; only `model` is fit to be locked or sent. */
export interface CoxElasticNetFit {
  readonly model: CoxModel;
  /** Each patient's linear predictor by the fit that did not see them, at the chosen penalty. */
  readonly outOfFoldScores: Float64Array;
  /** The same at each point of the cross-validation curve. */
  readonly heldOutPath: readonly Float64Array[];
}

const DEFAULT_PATIENCE = 15;
const FINAL_TOLERANCE = 1e-14;

/**
 * Cox regression with an elastic-net penalty, ties by Breslow, the penalty chosen by cross-validated partial likelihood:
 * that of all rows less that of the trained rows, both at the fold's coefficients.
 *
 * @throws {ModelInputError} for shapes or values that do not fit, or a fold without an event outside it
 * @throws {ModelConvergenceError} if a fit does not settle
 * @see Simon, Friedman, Hastie and Tibshirani, J Stat Softw 39(5), 2011; Verweij and van Houwelingen, Stat Med 12 (1993)
 */
export function fitElasticNetCox(input: CoxElasticNetInput): CoxElasticNetFit {
  checkInput(input);
  const { features, times, events, alpha, folds } = input;
  const n = times.length;
  const columns = features.map((feature) => feature.values);
  const familyOf = (rows: Int32Array) =>
    coxFamily(
      Float64Array.from(rows, (row) => times[row]),
      Uint8Array.from(rows, (row) => events[row]),
    );
  const everyRow = Int32Array.from({ length: n }, (_, row) => row);
  const all = familyOf(everyRow);
  const trained = new Map<Int32Array, ReturnType<typeof familyOf>>();
  const lossOf = ({ held, trained: rows }: FoldRows, linear: Float64Array) => {
    const family = trained.get(rows) ?? familyOf(rows);
    trained.set(rows, family);
    const part = family.deviance(Float64Array.from(rows, (row) => linear[row])) * rows.length;
    const weight = held.reduce((sum, row) => sum + events[row], 0);
    return { value: weight > 0 ? (all.deviance(linear) * n - part) / weight : 0, weight };
  };
  const curve = crossValidatedPath(columns, { rows: n, familyOf, lossOf }, folds, {
    alpha,
    tolerance: input.tolerance ?? 1e-7,
    lambdas: input.lambdas,
    lambdaCount: input.lambdaCount ?? 100,
    lambdaMinRatio: input.lambdaMinRatio,
    patience: input.patience ?? (input.lambdas ? Infinity : DEFAULT_PATIENCE),
  });
  const best = choosePoint(curve.points, input.lambdaRule ?? 'min');
  const { lambda } = curve.points[best];
  const state = pathState(columns, all, everyRow);
  loadSolution(state, curve.solutions[best].coefficients, lambda);
  stepTo(state, lambda, alpha, FINAL_TOLERANCE * all.nullDeviance);
  const { coefficients } = rawSolution(state);
  const model: CoxModel = {
    format: 'concord.cox/1',
    features: features.map(({ name }) => name),
    coefficients: [...coefficients],
    ...baselineOf(input, columns, coefficients, 'breslow'),
    penalty: {
      alpha,
      lambda,
      lambdaRule: input.lambdaRule ?? 'min',
      seed: input.seed ?? null,
      foldCount: folds.reduce((most, fold) => Math.max(most, fold), 0) + 1,
      crossValidation: curve.points,
    },
    development: { n, events: events.reduce((sum, event) => sum + event, 0) },
  };
  return { model, outOfFoldScores: curve.heldOut[best], heldOutPath: curve.heldOut };
}

/**
 * Coefficients on the raw scale at given penalties, descending, without cross-validation.
 *
 * @returns for each penalty a coefficient for each feature, and the share of the deviance that it explains
 */
export function coxElasticNetPath(
  features: readonly NamedColumn[],
  data: SurvivalData,
  alpha: number,
  lambdas: readonly number[],
  tolerance = FINAL_TOLERANCE,
): { lambda: number; coefficients: Float64Array; explained: number }[] {
  const family = coxFamily(data.times, data.events);
  const everyRow = Int32Array.from({ length: data.times.length }, (_, row) => row);
  const state = pathState(
    features.map(({ values }) => values),
    family,
    everyRow,
  );
  return lambdas.map((lambda) => {
    stepTo(state, lambda, alpha, tolerance * family.nullDeviance);
    const explained = 1 - family.deviance(state.linear) / family.nullDeviance;
    return { lambda, coefficients: rawSolution(state).coefficients, explained };
  });
}

/**
 * Cox regression without a penalty, as a model that can be locked.
 *
 * @throws {ModelConvergenceError} where some coefficient has no finite estimate
 */
export function fitCoxModel(
  features: readonly NamedColumn[],
  data: SurvivalData,
  ties: 'efron' | 'breslow' = 'efron',
): CoxModel {
  const columns = features.map(({ values }) => values);
  const fit = fitCox({ ...data, columns, ties });
  if (fit === null) {
    throw new ModelConvergenceError(
      'the Cox model has no finite solution: no event, dependent features, or a feature that orders all events',
      'fitCoxModel(features)',
      'Drop features, or fit with a penalty.',
    );
  }
  return {
    format: 'concord.cox/1',
    features: features.map(({ name }) => name),
    coefficients: [...fit.coefficients],
    ...baselineOf(data, columns, fit.coefficients, ties),
    penalty: null,
    development: { n: data.times.length, events: data.events.reduce((sum, event) => sum + event, 0) },
  };
}

function baselineOf(
  { times, events }: SurvivalData,
  columns: readonly Float64Array[],
  coefficients: Float64Array,
  ties: 'efron' | 'breslow',
): Pick<CoxModel, 'ties' | 'baseline'> {
  const baseline = baselineHazard({ times, events, columns, ties }, coefficients);
  return {
    ties,
    baseline: { times: [...baseline.times], cumulativeHazard: [...baseline.cumulativeHazard] },
  };
}

function checkInput({ features, times, events, alpha, folds, lambdas }: CoxElasticNetInput): void {
  const n = times.length;
  if (features.length === 0) throw refuse('no features were given', 'Check the feature globs.');
  if (events.length !== n || folds.length !== n || !times.every((time) => time >= 0 && time < Infinity)) {
    throw refuse(`${n} times, ${events.length} events and ${folds.length} folds do not fit`, 'Give one of each.');
  }
  if (!(alpha >= 0 && alpha <= 1)) throw refuse(`alpha is ${alpha}`, 'Choose it from 0 (ridge) to 1 (lasso).');
  for (const { name, values } of features) {
    if (values.length !== n || !values.every(Number.isFinite)) {
      throw refuse(`feature ${name} has missing values or another length`, 'Drop or impute it first.');
    }
  }
  if (lambdas?.some((value, i, list) => !(value > 0) || (i > 0 && value >= list[i - 1]))) {
    throw refuse('the penalties do not descend', 'Give positive penalties from the largest to the least.');
  }
  const count = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  for (let fold = 0; fold < count; fold++) {
    const left = events.reduce((sum, event, row) => sum + (folds[row] === fold ? 0 : event), 0);
    if (left === 0) throw refuse(`fold ${fold + 1} holds every event`, 'Use other folds, stratified by the event.');
  }
}

function refuse(what: string, fix: string): ModelInputError {
  return new ModelInputError(what, 'fitElasticNetCox(input)', fix);
}
