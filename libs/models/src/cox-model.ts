import type { CrossValidationPoint } from './logistic-model.js';

/**
 * A fitted proportional-hazards model as plain JSON; holds nothing of a patient but the steps of the baseline hazard.
 *
 * risk by time t = 1 - exp(-H(t) exp(Σ coefficients[j] · feature j)), H the baseline hazard at features of 0.
 */
export interface CoxModel {
  readonly format: 'concord.cox/1';
  readonly features: readonly string[];
  /** In the order of `features`; zero where the feature was not selected. */
  readonly coefficients: readonly number[];
  readonly ties: 'efron' | 'breslow';
  readonly baseline: { readonly times: readonly number[]; readonly cumulativeHazard: readonly number[] };
  /** Null for a fit without a penalty. */
  readonly penalty: {
    readonly alpha: number;
    readonly lambda: number;
    readonly lambdaRule: 'min' | '1se';
    readonly seed: number | string | null;
    readonly foldCount: number;
    readonly crossValidation: readonly CrossValidationPoint[];
  } | null;
  readonly development: { readonly n: number; readonly events: number };
}
