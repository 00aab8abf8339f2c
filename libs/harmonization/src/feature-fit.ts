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
    for (let k = from; k < to; k++) inside += buffer[k] * buffer[k];
  }
  fit.effects.fill(0);
  if (design.lengths.length > 0) {
    removeCovariatesInPlace(design, buffer, fit);
    if (design.smallestPivot < 1e-4) removeCovariatesInPlace(design, buffer, fit);
    for (let j = 0; j < fit.effects.length; j++) {
      for (let i = 0; i < batchCount; i++) fit.levels[i] -= design.means.data[j * batchCount + i] * fit.effects[j];
    }
  }
  let left = 0;
  for (let i = 0; i < batchCount; i++) {
    let square = 0;
    for (let k = starts[i]; k < starts[i + 1]; k++) square += buffer[k] * buffer[k];
    fit.residuals[i] = square;
    left += square;
  }
  fit.shareLeft = inside > 0 ? left / inside : 0;
}

/** Buffers for {@link fitFeatureInPlace}. */
export function emptyFit(design: CentredDesign): FeatureFit {
  return {
    levels: new Float64Array(design.batchCount),
    effects: new Float64Array(design.lengths.length),
    residuals: new Float64Array(design.batchCount),
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
  const products = new Float64Array(design.lengths.length);
  for (let j = 0; j < products.length; j++) {
    let sum = 0;
    for (let k = 0, at = j * n; k < n; k++, at++) sum += x[at] * values[k];
    products[j] = sum;
  }
  const solution = choleskySolve(design.factor, products);
  for (let j = 0; j < solution.length; j++) {
    const weight = solution[j];
    for (let k = 0, at = j * n; k < n; k++, at++) values[k] -= weight * x[at];
    fit.effects[j] += weight / design.lengths[j];
  }
}
