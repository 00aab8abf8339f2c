import type { NamedColumn } from '../logistic-model.js';
import { ModelFeatureError, ModelInputError } from '../errors.js';

/** Means and standard deviations (n - 1) of development patients, locked with a model. */
export interface Standardization {
  readonly features: readonly string[];
  readonly means: readonly number[];
  readonly sds: readonly number[];
}

/**
 * @param columns development patients, at least two, nothing missing
 * @throws {ModelInputError} if a feature is missing for a patient or the same for all
 */
export function fitStandardization(columns: readonly NamedColumn[]): Standardization {
  const stats = columns.map(({ name, values }) => {
    const n = values.length;
    if (n < 2 || !values.every(Number.isFinite)) {
      throw new ModelInputError(
        `feature ${name} is missing for a patient, or there are fewer than two`,
        'fitStandardization(columns)',
        'Leave those patients out and count them.',
      );
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
    if (!(sd > 0)) {
      throw new ModelInputError(
        `feature ${name} is the same for all patients`,
        'fitStandardization(columns)',
        'Drop it.',
      );
    }
    return { mean, sd };
  });
  return {
    features: columns.map(({ name }) => name),
    means: stats.map(({ mean }) => mean),
    sds: stats.map(({ sd }) => sd),
  };
}

/**
 * The features of patients in units of the development standard deviations, row-major: patient after patient.
 *
 * @throws {ModelFeatureError} if a feature is absent or missing for a patient
 */
export function standardizedRows(standardization: Standardization, columns: readonly NamedColumn[]): Float64Array {
  const { features, means, sds } = standardization;
  const byName = new Map(columns.map(({ name, values }) => [name, values]));
  const n = columns[0]?.values.length ?? 0;
  const p = features.length;
  const rows = new Float64Array(n * p);
  features.forEach((name, j) => {
    const values = byName.get(name);
    if (values?.length !== n || !values.every(Number.isFinite)) {
      throw new ModelFeatureError(
        `feature ${name} is absent, or missing for a patient`,
        'standardizedRows(columns)',
        'Give every feature the model was locked with; leave patients without it out and count them.',
      );
    }
    for (let i = 0; i < n; i++) rows[i * p + j] = (values[i] - means[j]) / sds[j];
  });
  return rows;
}
