import type { RandomSource } from '@concord/numeric';
import { fitCox, fitLogistic, type SurvivalData } from '@concord/validation';
import { fitClusters } from './clusters/fit-clusters.js';
import { fitStandardization, standardizedRows } from './clusters/standardize.js';
import { fitCoxModel, fitElasticNetCox } from './cox-elastic-net.js';
import { fitElasticNetLogistic } from './elastic-net.js';
import { ModelConvergenceError, ModelInputError } from './errors.js';
import { firthCoefficients } from './firth.js';
import { stratifiedFolds } from './folds.js';
import { calibrateScores, fitLinearSvm, type SvmModel } from './linear-svm.js';
import type { NamedColumn } from './logistic-model.js';
import { predictWith, svmScores, type LogisticFitModel, type PredictionModel } from './prediction.js';
import { byQuotient, selectMrmr, selectReliable, type RepeatedMeasurements } from './selection.js';
import { fitForest } from './trees/random-forest.js';
import { fitSurvivalForest } from './trees/survival-forest.js';

export const MODEL_KINDS = [
  'logistic',
  'firth',
  'cox',
  'elastic-net',
  'svm',
  'forest',
  'k-means',
  'ward',
  'consensus',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** Development patients, and what is known of them. */
export interface FitData {
  readonly features: readonly NamedColumn[];
  /** One of the two, or neither for clusters; `elastic-net` and `forest` do either. */
  readonly outcome?: Uint8Array;
  readonly survival?: SurvivalData;
  /** The patient of each row, where features are to be chosen by repeated measurements of patients. */
  readonly patients?: readonly string[];
}

/** How a model is fitted; every choice that it makes is made anew inside each fold. */
export interface FitSettings {
  readonly kind: ModelKind;
  /** Of the elastic net: 1 is the lasso, 0 ridge. Default 0.5. */
  readonly alpha?: number;
  readonly lambdaRule?: 'min' | '1se';
  readonly ties?: 'efron' | 'breslow';
  /** Of the support vector machine; default: the best of 0.001 … 10 by the log loss of calibrated held-out scores. */
  readonly cost?: number;
  readonly treeCount?: number;
  readonly leafSize?: number;
  /** Of survival models, ascending. */
  readonly horizons?: readonly number[];
  readonly clusterCount?: number;
  /** Keep so many features by minimum redundancy and maximum relevance. */
  readonly mrmr?: number;
  /** Keep features whose repeated measurements agree. */
  readonly reliable?: { readonly measurements: RepeatedMeasurements; readonly leastIcc: number };
  /** Of the folds that choose penalties and costs, inside every training set. Default 10, fewer where events are few. */
  readonly foldCount?: number;
  readonly seed: number | string;
}

/** A fitted model and the features that were left to it. */
export interface FittedModel {
  readonly model: PredictionModel;
  readonly selected: readonly string[];
}

const COSTS = [0.001, 0.01, 0.1, 1, 10];
const FOLDS = 10;

/**
 * Chooses features and fits, on all rows given.
 *
 * @param random a seeded source; the same gives the same model
 * @throws {ModelInputError} for data that the kind cannot use
 * @throws {ModelConvergenceError} where there is no finite solution
 */
export function fitModel(data: FitData, settings: FitSettings, random: RandomSource): FittedModel {
  const features = chosenFeatures(data, settings);
  const selected = features.map(({ name }) => name);
  const model = FITS[settings.kind]({ ...data, features }, settings, random);
  return { model, selected };
}

/**
 * Predicts every row by a model that did not see it: selection, tuning and fit are repeated on the rows outside its fold.
 *
 * @returns the first column of `predictWith` for each row, and the features kept in each fold
 */
export function crossFit(
  data: FitData,
  settings: FitSettings,
  folds: Int32Array,
  random: RandomSource,
): { readonly scores: Float64Array; readonly selected: readonly (readonly string[])[] } {
  const scores = new Float64Array(folds.length);
  const count = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const selected = Array.from({ length: count }, (_, fold) => {
    const rows = (isHeld: boolean) => Int32Array.from(folds.keys()).filter((row) => (folds[row] === fold) === isHeld);
    const held = rows(true);
    const fitted = fitModel(rowsOf(data, rows(false)), settings, random);
    const columns = rowsOf(data, held).features;
    predictWith(fitted.model, columns, settings.horizons)[0].values.forEach((value, i) => (scores[held[i]] = value));
    return fitted.selected;
  });
  return { scores, selected };
}

/** Folds stratified by the event, as many as its patients allow. */
export function foldsFor(data: FitData, wanted: number | undefined, random: RandomSource): Int32Array {
  const classes = data.outcome ?? data.survival?.events;
  if (classes === undefined) throw refuse('there is no outcome', 'Name an outcome, or time and event.');
  const events = classes.reduce((sum, value) => sum + value, 0);
  const rarer = data.outcome ? Math.min(events, classes.length - events) : events;
  return stratifiedFolds(classes, Math.max(2, Math.min(wanted ?? FOLDS, rarer)), random);
}

function rowsOf({ features, outcome, survival, patients }: FitData, rows: Int32Array): FitData {
  return {
    features: features.map(({ name, values }) => ({ name, values: Float64Array.from(rows, (row) => values[row]) })),
    ...(outcome && { outcome: Uint8Array.from(rows, (row) => outcome[row]) }),
    ...(survival && {
      survival: {
        times: Float64Array.from(rows, (row) => survival.times[row]),
        events: Uint8Array.from(rows, (row) => survival.events[row]),
      },
    }),
    ...(patients && { patients: Array.from(rows, (row) => patients[row]) }),
  };
}

function chosenFeatures(data: FitData, { reliable, mrmr }: FitSettings): readonly NamedColumn[] {
  let { features } = data;
  if (reliable !== undefined) {
    const patients = data.patients === undefined ? undefined : new Set(data.patients);
    const names = new Set(selectReliable(reliable.measurements, reliable.leastIcc, patients));
    features = features.filter(({ name }) => names.has(name));
  }
  if (mrmr !== undefined) {
    const names = new Set(relevant(features, data, mrmr));
    features = features.filter(({ name }) => names.has(name));
  }
  if (features.length === 0) throw refuse('no feature is left', 'Lower the least ICC, or check the feature globs.');
  return features;
}

/** For survival the relevance is the Wald statistic of a Cox model with the feature alone. */
function relevant(features: readonly NamedColumn[], { outcome, survival }: FitData, count: number): string[] {
  if (outcome !== undefined) return selectMrmr(features, outcome, count);
  if (survival === undefined) throw refuse('there is no outcome', 'Choose by relevance only where there is one.');
  const wald = (values: Float64Array) => {
    const fit = fitCox({ ...survival, columns: [values], ties: 'efron' });
    return fit === null ? 0 : fit.coefficients[0] ** 2 / fit.covariance.data[0];
  };
  return byQuotient(features, survival.times.length, wald, count);
}

type Fit = (data: FitData, settings: FitSettings, random: RandomSource) => PredictionModel;

const FITS: Readonly<Record<ModelKind, Fit>> = {
  logistic: (data) => regression(data, 'none'),
  firth: (data) => regression(data, 'firth'),
  cox: (data, { ties }) => fitCoxModel(data.features, survivalOf(data), ties),
  'elastic-net': elasticNet,
  svm: supportVectors,
  forest,
  'k-means': clusters,
  ward: clusters,
  consensus: clusters,
};

function clusters({ features }: FitData, { kind, clusterCount, seed }: FitSettings, random: RandomSource) {
  if (kind !== 'k-means' && kind !== 'ward' && kind !== 'consensus')
    throw refuse(`${kind} makes no clusters`, 'Fix it.');
  return fitClusters(features, { method: kind, count: clusterCount ?? 2, random, seed });
}

function elasticNet(data: FitData, settings: FitSettings, random: RandomSource): PredictionModel {
  const { alpha = 0.5, lambdaRule, foldCount, seed } = settings;
  const folds = foldsFor(data, foldCount, random);
  const common = { features: data.features, alpha, folds, seed, ...(lambdaRule && { lambdaRule }) };
  if (data.outcome !== undefined) return fitElasticNetLogistic({ ...common, outcome: data.outcome }).model;
  return fitElasticNetCox({ ...common, ...survivalOf(data) }).model;
}

function forest(data: FitData, settings: FitSettings, random: RandomSource): PredictionModel {
  const { treeCount, leafSize, horizons = [], seed } = settings;
  const common = { random, seed, ...(treeCount && { treeCount }), ...(leafSize && { leafSize }) };
  if (data.outcome !== undefined) return fitForest(data.features, data.outcome, common).model;
  return fitSurvivalForest(data.features, survivalOf(data), { ...common, horizons }).model;
}

/** Maximum likelihood or Firth's, found on standardised features and given back on their own scale. */
function regression(data: FitData, penalty: 'none' | 'firth'): LogisticFitModel {
  const outcome = outcomeOf(data);
  const { columns, standardization } = standardized(data.features);
  const { means, sds } = standardization;
  const ones = new Float64Array(outcome.length).fill(1);
  const found =
    penalty === 'none' ? fitLogistic([ones, ...columns], outcome)?.coefficients : firthCoefficients(columns, outcome);
  if (!found) {
    throw new ModelConvergenceError(
      'the regression has no finite solution: the classes are separated, or features depend on each other',
      'fitModel(data)',
      penalty === 'none' ? 'Use kind firth or elastic-net, or fewer features.' : 'Use fewer features.',
    );
  }
  const coefficients = means.map((_, j) => found[j + 1] / sds[j]);
  return {
    format: 'concord.logistic-fit/1',
    features: standardization.features,
    coefficients,
    intercept: coefficients.reduce((sum, coefficient, j) => sum - coefficient * means[j], found[0]),
    penalty,
    development: { n: outcome.length, events: outcome.reduce((sum, value) => sum + value, 0) },
  };
}

function supportVectors(data: FitData, settings: FitSettings, random: RandomSource): SvmModel {
  const outcome = outcomeOf(data);
  const folds = foldsFor(data, settings.foldCount, random);
  const count = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const heldOut = (cost: number): Float64Array => {
    const scores = new Float64Array(outcome.length);
    for (let fold = 0; fold < count; fold++) {
      const rows = (isHeld: boolean) => Int32Array.from(folds.keys()).filter((row) => (folds[row] === fold) === isHeld);
      const [held, trained] = [rows(true), rowsOf(data, rows(false))];
      const plane = planeOf(trained, cost);
      svmScores(plane, rowsOf(data, held).features).forEach((score, i) => (scores[held[i]] = score));
    }
    return scores;
  };
  const candidates = (settings.cost === undefined ? COSTS : [settings.cost]).map((cost) => {
    const scores = heldOut(cost);
    const calibration = calibrateScores(scores, outcome);
    return { cost, calibration, loss: logLoss(scores, outcome, calibration) };
  });
  const best = candidates.reduce((least, candidate) => (candidate.loss < least.loss ? candidate : least));
  return {
    format: 'concord.svm/1',
    features: data.features.map(({ name }) => name),
    ...planeOf(data, best.cost),
    cost: best.cost,
    calibration: best.calibration,
    development: { n: outcome.length, events: outcome.reduce((sum, value) => sum + value, 0) },
  };
}

function planeOf(data: FitData, cost: number) {
  const { columns, standardization } = standardized(data.features);
  const { coefficients, intercept } = fitLinearSvm(columns, outcomeOf(data), cost);
  return { standardization, coefficients: [...coefficients], intercept };
}

function logLoss(scores: Float64Array, outcome: Uint8Array, calibration: { slope: number; intercept: number }): number {
  return scores.reduce((sum, score, i) => {
    const logit = calibration.slope * score + calibration.intercept;
    return sum + Math.log1p(Math.exp(outcome[i] === 1 ? -logit : logit));
  }, 0);
}

function standardized(features: readonly NamedColumn[]) {
  const standardization = fitStandardization(features);
  const rows = standardizedRows(standardization, features);
  const p = features.length;
  const columns = features.map((_, j) =>
    Float64Array.from({ length: rows.length / p }, (_value, i) => rows[i * p + j]),
  );
  return { standardization, columns };
}

function outcomeOf({ outcome }: FitData): Uint8Array {
  if (outcome !== undefined) return outcome;
  throw refuse(
    'this kind needs an outcome of two classes',
    'Name the outcome, or use kind cox, elastic-net or forest.',
  );
}

function survivalOf({ survival }: FitData): SurvivalData {
  if (survival !== undefined) return survival;
  throw refuse('this kind needs follow-up', 'Name time and event, or use kind logistic, elastic-net or forest.');
}

function refuse(what: string, fix: string): ModelInputError {
  return new ModelInputError(what, 'fitModel(data)', fix);
}
