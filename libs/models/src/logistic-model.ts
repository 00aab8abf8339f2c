import { ModelFeatureError } from './errors.js';

/** One feature of a development table: a value for each patient, none missing. */
export interface NamedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** A point of the cross-validation curve. */
export interface CrossValidationPoint {
  readonly lambda: number;
  /** Mean binomial deviance (-2 log likelihood per patient) over the held-out rows. */
  readonly deviance: number;
  readonly standardError: number;
  /** Features with a non-zero coefficient in the fit on all rows. */
  readonly selectedCount: number;
}

/**
 * A fitted logistic model as plain JSON; holds nothing of a patient.
 *
 * risk = 1 / (1 + exp(-(intercept + Σ coefficients[j] · feature j))), features on their own scale.
 */
export interface LogisticModel {
  readonly format: 'concord.logistic/1';
  readonly features: readonly string[];
  /** In the order of `features`; zero where the feature was not selected. */
  readonly coefficients: readonly number[];
  readonly intercept: number;
  readonly alpha: number;
  readonly lambda: number;
  readonly lambdaRule: 'min' | '1se';
  readonly seed: number | string | null;
  readonly foldCount: number;
  readonly selectedCount: number;
  readonly development: { readonly n: number; readonly events: number };
  readonly crossValidation: readonly CrossValidationPoint[];
}

/**
 * Risk of each patient by the model.
 *
 * @param columns every feature with a non-zero coefficient, in any order; others are ignored
 * @returns one probability a patient
 * @throws {ModelFeatureError} if a needed feature is absent or has a missing value, or lengths differ
 */
export function predictLogistic(model: LogisticModel, columns: readonly NamedColumn[]): Float64Array {
  const linear = linearPredictor(model, columns);
  for (let i = 0; i < linear.length; i++) linear[i] = 1 / (1 + Math.exp(-linear[i]));
  return linear;
}

/** The linear predictor (log odds) of each patient; arguments and errors as of `predictLogistic`. */
export function linearPredictor(
  model: Pick<LogisticModel, 'features' | 'coefficients' | 'intercept'>,
  columns: readonly NamedColumn[],
): Float64Array {
  const byName = new Map(columns.map((column) => [column.name, column.values]));
  const rows = columns[0]?.values.length ?? 0;
  const linear = new Float64Array(rows).fill(model.intercept);
  model.features.forEach((name, j) => {
    const coefficient = model.coefficients[j];
    if (coefficient === 0) return;
    const values = byName.get(name);
    if (values === undefined || values.length !== rows) {
      throw new ModelFeatureError(
        values === undefined ? `feature ${name} is absent` : `feature ${name} has ${values.length} rows, not ${rows}`,
        'predictLogistic(columns)',
        'Give every feature the model was locked with, from the same extraction settings.',
      );
    }
    for (let i = 0; i < rows; i++) linear[i] += coefficient * values[i];
    const bad = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    if (bad > 0) {
      throw new ModelFeatureError(
        `feature ${name} is missing for ${bad} of ${rows} patients`,
        'predictLogistic(columns)',
        'Leave those patients out and count them, or extract the feature again.',
      );
    }
  });
  return linear;
}
