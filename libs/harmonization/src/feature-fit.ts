import { choleskySolve } from '@concord/numeric';
import { type CentredDesign, centreInPlace } from './centred-design.js';

/** Least squares of one feature on batches and covariates. Buffers are reused: copy what must stay. */
export interface FeatureFit {
  /** Level of each batch at covariates zero (the batch rows of sva's B.hat); NaN for a batch without a value. */
  readonly levels: Float64Array;
  /** Effect of each design column. */
  readonly effects: Float64Array;
  /** Residual sum of squares inside each batch. */
  readonly residuals: Float64Array;
  /** Products of covariates and values: working space. */
  readonly products: Float64Array;
  /** A batch of two or more values in which all are equal, or −1. */
  constantBatch: number;
  /** Residual sum of squares over that inside batches before covariates; 0 means that nothing is left. */
  shareLeft: number;
}

/** @param fit from {@link emptyFit}, overwritten; values must be finite in the rows of the design */
export function fitFeatureInPlace(
  design: CentredDesign,
  values: Float64Array,
  buffer: Float64Array,
  fit: FeatureFit,
): void {
  const { rows, starts, batchCount } = design;
  for (let k = 0; k < rows.length; k++) buffer[k] = values[rows[k]];
  fit.constantBatch = -1;
  let inside = 0;
  for (let i = 0; i < batchCount; i++) {
    const from = starts[i];
    const to = starts[i + 1];
    if (to - from > 1 && isConstant(buffer, from, to)) fit.constantBatch = i;
    fit.levels[i] = centreInPlace(buffer, from, to);
    fit.residuals[i] = sumOfSquares(buffer, from, to);
    inside += fit.residuals[i];
  }
  fit.shareLeft = inside > 0 ? 1 : 0;
  if (design.lengths.length === 0) return;
  fit.effects.fill(0);
  removeCovariatesInPlace(design, buffer, fit);
  if (design.smallestPivot < 1e-4) removeCovariatesInPlace(design, buffer, fit);
  for (let j = 0; j < fit.effects.length; j++) {
    for (let i = 0; i < batchCount; i++) fit.levels[i] -= design.means.data[j * batchCount + i] * fit.effects[j];
  }
  let left = 0;
  for (let i = 0; i < batchCount; i++) {
    fit.residuals[i] = sumOfSquares(buffer, starts[i], starts[i + 1]);
    left += fit.residuals[i];
  }
  fit.shareLeft = inside > 0 ? left / inside : 0;
}

function sumOfSquares(values: Float64Array, from: number, to: number): number {
  // Two sums at once: one addition need not wait for the other.
  let a = 0;
  let b = 0;
  let k = from;
  for (; k + 1 < to; k += 2) {
    a += values[k] * values[k];
    b += values[k + 1] * values[k + 1];
  }
  return k < to ? a + b + values[k] * values[k] : a + b;
}

/** Buffers for {@link fitFeatureInPlace}. */
export function emptyFit(design: CentredDesign): FeatureFit {
  return {
    levels: new Float64Array(design.batchCount),
    effects: new Float64Array(design.lengths.length),
    residuals: new Float64Array(design.batchCount),
    products: new Float64Array(design.lengths.length),
    constantBatch: -1,
    shareLeft: 1,
  };
}

function isConstant(values: Float64Array, from: number, to: number): boolean {
  for (let k = from + 1; k < to; k++) if (values[k] !== values[from]) return false;
  return true;
}

/** Takes the covariates' least-squares part out of centred values, and adds it to the effects. */
function removeCovariatesInPlace(design: CentredDesign, values: Float64Array, fit: FeatureFit): void {
  const n = design.rows.length;
  const x = design.centred.data;
  const q = design.lengths.length;
  const products = fit.products;
  for (let j = 0; j < q; j++) {
    const start = j * n;
    let a = 0;
    let b = 0;
    let k = 0;
    for (; k + 1 < n; k += 2) {
      a += x[start + k] * values[k];
      b += x[start + k + 1] * values[k + 1];
    }
    products[j] = k < n ? a + b + x[start + k] * values[k] : a + b;
  }
  const solution = choleskySolve(design.factor, products);
  for (let j = 0; j < q; j++) {
    const weight = solution[j];
    const start = j * n;
    for (let k = 0; k < n; k++) values[k] -= weight * x[start + k];
    fit.effects[j] += weight / design.lengths[j];
  }
}
