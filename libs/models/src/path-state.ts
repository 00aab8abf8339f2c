/** One training set in standardised form, and where coordinate descent stands on its path of penalties. */
export interface PathState {
  readonly rows: number;
  readonly cols: number;
  /** Standardised columns (mean 0, population variance 1), one after the other; a constant column is all zero. */
  readonly x: Float64Array;
  readonly y: Float64Array;
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
