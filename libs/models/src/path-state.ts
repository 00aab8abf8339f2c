/** The likelihood of a model family on one training set, as coordinate descent needs it. */
export interface Family {
  /** A Cox model has none. */
  readonly hasIntercept: boolean;
  /** Where the intercept starts. */
  readonly nullIntercept: number;
  /** Mean deviance of the model without covariates. */
  readonly nullDeviance: number;
  /** A path ends where so many steps have explained less than this share of what is explained; as in glmnet. */
  readonly flatness: { readonly steps: number; readonly gain: number };
  /** Fills each row's pull (first derivative of its log likelihood by the linear predictor) and weight (minus the second). */
  refresh(linear: Float64Array, residual: Float64Array, weight: Float64Array): void;
  /** Mean deviance at a linear predictor. */
  deviance(linear: Float64Array): number;
  /**
   * Information of some columns at the linear predictor last refreshed, where it is not that of the weights; row-major.
   *
   * @param x columns one after the other, as long as the rows
   */
  information?(x: Float64Array, active: readonly number[]): Float64Array;
}

/** One training set in standardised form, and where coordinate descent stands on its path of penalties. */
export interface PathState {
  readonly rows: number;
  readonly cols: number;
  /** Standardised columns (mean 0, population variance 1), one after the other; a constant column is all zero. */
  readonly x: Float64Array;
  readonly family: Family;
  readonly means: Float64Array;
  readonly scales: Float64Array;
  readonly beta: Float64Array;
  readonly gradient: Float64Array;
  readonly isCandidate: Uint8Array;
  readonly candidates: Int32Array;
  readonly linear: Float64Array;
  readonly residual: Float64Array;
  readonly weight: Float64Array;
  readonly curvature: Float64Array;
  readonly previous: Float64Array;
  candidateCount: number;
  intercept: number;
  lambda: number;
}
