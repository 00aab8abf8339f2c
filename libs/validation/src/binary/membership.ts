import { aucSums, type AucSums } from '../auc.js';
import { fitLogistic } from '../logistic-fit.js';

/** How far validation patients differ from those the model was developed on. */
export interface Membership {
  /** Intercept, then one for each column. */
  readonly coefficients: readonly number[];
  /** Near 0.5: the same kind of patients, a test of reproducibility; near 1: of transportability. */
  readonly auc: AucSums;
  /** Probability of each patient to be from the validation set, development first. */
  readonly probabilities: Float64Array;
}

/**
 * A logistic model of belonging to the validation set on predictors and outcome.
 *
 * @returns null where the sets are separated, or columns depend on each other
 * @see Debray et al., J Clin Epidemiol 68 (2015)
 */
export function membershipModel(columns: readonly Float64Array[], isValidation: Uint8Array): Membership | null {
  const ones = new Float64Array(isValidation.length).fill(1);
  const fit = fitLogistic([ones, ...columns], isValidation);
  if (fit === null) return null;
  const linear = new Float64Array(isValidation.length).fill(fit.coefficients[0]);
  columns.forEach((column, j) => {
    for (let i = 0; i < linear.length; i++) linear[i] += fit.coefficients[j + 1] * column[i];
  });
  const probabilities = linear.map((eta) => 1 / (1 + Math.exp(-eta)));
  return { coefficients: [...fit.coefficients], auc: aucSums(linear, isValidation), probabilities };
}

/**
 * Mean of the validation set less that of the development set, in units of their pooled standard deviation.
 *
 * @returns null where a set has fewer than two patients or no spread at all
 */
export function standardizedMeanDifference(values: Float64Array, isValidation: Uint8Array): number | null {
  const parts = [0, 1].map((set) => {
    const own = values.filter((_, i) => isValidation[i] === set);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return { n: own.length, mean, variance: own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (own.length - 1) };
  });
  if (parts.some(({ n }) => n < 2)) return null;
  const spread = (parts[0].variance + parts[1].variance) / 2;
  return spread > 0 ? (parts[1].mean - parts[0].mean) / Math.sqrt(spread) : null;
}
