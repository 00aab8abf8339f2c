import { hazardAt } from '@concord/validation';
import { assignNearest } from './clusters/k-means.js';
import { standardizedRows, type Standardization } from './clusters/standardize.js';
import type { CoxModel } from './cox-model.js';
import { ModelFeatureError, ModelInputError } from './errors.js';
import { linearPredictor, type NamedColumn } from './logistic-model.js';
import type { SvmModel } from './linear-svm.js';
import { signatureScores, type SignatureModel } from './signature.js';
import type { ForestModel } from './trees/random-forest.js';
import type { SurvivalForestModel } from './trees/survival-forest.js';
import { meanOverTrees } from './trees/tree.js';

/** A logistic model of any origin: elastic net, maximum likelihood, Firth. */
export interface LogisticCoefficients {
  readonly format: 'concord.logistic/1' | 'concord.logistic-fit/1';
  readonly features: readonly string[];
  readonly coefficients: readonly number[];
  readonly intercept: number;
}

/** A logistic regression by maximum likelihood or with Firth's penalty. */
export interface LogisticFitModel extends LogisticCoefficients {
  readonly format: 'concord.logistic-fit/1';
  readonly penalty: 'none' | 'firth';
  readonly development: { readonly n: number; readonly events: number };
}

/** Clusters of development patients, by their centres in units of standard deviations. */
export interface ClusterModel {
  readonly format: 'concord.clusters/1';
  readonly method: 'k-means' | 'ward' | 'consensus';
  readonly features: readonly string[];
  readonly standardization: Standardization;
  /** A centre a cluster. */
  readonly centres: readonly (readonly number[])[];
  readonly sizes: readonly number[];
  readonly seed: number | string | null;
}

/** Every kind of model that predicts, told apart by `format`. */
export type PredictionModel =
  LogisticCoefficients | CoxModel | SvmModel | ForestModel | SurvivalForestModel | ClusterModel | SignatureModel;

/**
 * Predictions of a model, a column each: `risk`, or `lp` (survival: higher is worse) with `risk_12` for every horizon, or
 * `cluster` (1 …), or `score` with what the signature gives.
 *
 * @param columns every feature of the model, in any order, none missing; others are ignored
 * @param horizons of a Cox model, in its unit of time; forests and signatures have theirs
 * @throws {ModelFeatureError} if a needed feature is absent or missing for a patient
 */
export function predictWith(
  model: PredictionModel,
  columns: readonly NamedColumn[],
  horizons: readonly number[] = [],
): NamedColumn[] {
  switch (model.format) {
    case 'concord.logistic/1':
    case 'concord.logistic-fit/1':
      return [{ name: 'risk', values: linearPredictor(model, columns).map(inverseLogit) }];
    case 'concord.cox/1':
      return coxPredictions(model, columns, horizons);
    case 'concord.svm/1': {
      const score = svmScores(model, columns);
      const { slope, intercept } = model.calibration;
      return [
        { name: 'risk', values: score.map((value) => inverseLogit(slope * value + intercept)) },
        { name: 'score', values: score },
      ];
    }
    case 'concord.forest/1':
      return [{ name: 'risk', values: meanOverTrees(model.trees, columnsOf(model.features, columns), 1) }];
    case 'concord.survival-forest/1':
      return survivalForestPredictions(model, columns);
    case 'concord.clusters/1': {
      const rows = standardizedRows(model.standardization, columns);
      const found = assignNearest(rows, model.features.length, Float64Array.from(model.centres.flat()));
      return [{ name: 'cluster', values: Float64Array.from(found, (cluster) => cluster + 1) }];
    }
    case 'concord.signature/1':
      return signaturePredictions(model, columns);
  }
}

/** Log of the baseline hazard at each horizon; -Infinity before the first event. */
export function logHazards(model: CoxModel, horizons: readonly number[]): number[] {
  const { times, cumulativeHazard } = model.baseline;
  const baseline = { times: Float64Array.from(times), cumulativeHazard: Float64Array.from(cumulativeHazard) };
  if (horizons.some((time) => !(time > 0 && time < Infinity))) {
    throw new ModelInputError(`${horizons.join(', ')} are no horizons`, 'horizons', 'Give times above 0.');
  }
  return horizons.map((time) => Math.log(hazardAt(baseline, time)));
}

/** The columns that a model wants, in its order. @throws {ModelFeatureError} if one is absent or holds a missing value */
export function columnsOf(features: readonly string[], columns: readonly NamedColumn[]): Float64Array[] {
  const byName = new Map(columns.map(({ name, values }) => [name, values]));
  const rows = columns[0]?.values.length ?? 0;
  return features.map((name) => {
    const values = byName.get(name);
    if (values?.length === rows && values.every(Number.isFinite)) return values;
    throw new ModelFeatureError(
      `feature ${name} is absent, or missing for a patient`,
      'predictWith(columns)',
      'Give every feature the model was locked with; leave patients without it out and count them.',
    );
  });
}

function inverseLogit(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function coxPredictions(model: CoxModel, columns: readonly NamedColumn[], horizons: readonly number[]): NamedColumn[] {
  const lp = linearPredictor({ ...model, intercept: 0 }, columns);
  const logs = logHazards(model, horizons);
  const risks = horizons.map((time, k) =>
    riskColumn(
      time,
      lp.map((value) => -Math.expm1(-Math.exp(value + logs[k]))),
    ),
  );
  return [{ name: 'lp', values: lp }, ...risks];
}

function riskColumn(horizon: number, values: Float64Array): NamedColumn {
  return { name: `risk_${horizon}`, values };
}

/** Signed distance from the plane that separates the classes, in the machine's units. */
export function svmScores(
  model: Pick<SvmModel, 'standardization' | 'coefficients' | 'intercept'>,
  columns: readonly NamedColumn[],
): Float64Array {
  const rows = standardizedRows(model.standardization, columns);
  const p = model.coefficients.length;
  return Float64Array.from({ length: rows.length / p }, (_, i) =>
    model.coefficients.reduce((sum, coefficient, j) => sum + coefficient * rows[i * p + j], model.intercept),
  );
}

function survivalForestPredictions(model: SurvivalForestModel, columns: readonly NamedColumn[]): NamedColumn[] {
  const width = 1 + model.horizons.length;
  const means = meanOverTrees(model.trees, columnsOf(model.features, columns), width);
  const at = (k: number) => Float64Array.from({ length: means.length / width }, (_, i) => means[i * width + k]);
  return [{ name: 'lp', values: at(0) }, ...model.horizons.map((time, k) => riskColumn(time, at(k + 1)))];
}

function signaturePredictions(model: SignatureModel, columns: readonly NamedColumn[]): NamedColumn[] {
  const score = signatureScores(model, columns);
  const { link, cutOff } = model;
  const risks: NamedColumn[] = [];
  if (link === 'logit') risks.push({ name: 'risk', values: score.map(inverseLogit) });
  else if (link !== 'none') {
    for (const { horizon, value } of link.survival) {
      const hazard = -Math.log(value);
      risks.push(
        riskColumn(
          horizon,
          score.map((s) => -Math.expm1(-hazard * Math.exp(s))),
        ),
      );
    }
  }
  const positive = cutOff === null ? [] : [{ name: 'positive', values: score.map((s) => Number(s >= cutOff)) }];
  return [{ name: 'score', values: score }, ...risks, ...positive];
}
