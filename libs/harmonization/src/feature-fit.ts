import { choleskySolve } from '@concord/numeric';
import { type CentredDesign } from './centred-design.js';

/** Least squares of one feature on batches and covariates. Buffers are reused: copy what must stay. */
export interface FeatureFit {
  /** Level of each batch at covariates zero (the batch rows of sva's B.hat); NaN for a batch without a value. */
  readonly levels: Float64Array;
  /** Effect of each design column. */
  readonly effects: Float64Array;
  /** Residual sum of squares inside each batch. */
  readonly residuals: Float64Array;
  /** Products of the centred columns and values, by batch and in all: working space. */
  readonly batchProducts: Float64Array;
  readonly products: Float64Array;
  /** A batch of two or more values in which all are equal, or −1. */
  constantBatch: number;
  /** Residual sum of squares over that inside batches before covariates; 0 means that nothing is left. */
  shareLeft: number;
}

/** Below this share of what varies, residuals are formed value by value: as a difference they would lose digits. */
const CANCELLING = 1e-4;

/**
 * Fits one feature in two passes over its values, batch by batch, so that each batch stays in the cache.
 *
 * @param fit from {@link emptyFit}, overwritten
 * @returns false if a value is missing or infinite; the fit is then of no use
 */
export function fitFeatureInPlace(
  design: CentredDesign,
  values: Float64Array,
  buffer: Float64Array,
  fit: FeatureFit,
): boolean {
  const { starts, batchCount } = design;
  const q = design.lengths.length;
  fit.constantBatch = -1;
  fit.products.fill(0);
  let inside = 0;
  for (let i = 0; i < batchCount; i++) {
    const from = starts[i];
    const to = starts[i + 1];
    if (!centreBatchInPlace(design, values, buffer, i, fit)) return false;
    inside += fit.residuals[i];
    multiplyBatch(design, buffer, from, to, fit.batchProducts, i * q);
    for (let j = 0; j < q; j++) fit.products[j] += fit.batchProducts[i * q + j];
  }
  fit.shareLeft = inside > 0 ? 1 : 0;
  if (q === 0) return true;
  const solution = choleskySolve(design.factor, fit.products);
  for (let j = 0; j < q; j++) fit.effects[j] = solution[j] / design.lengths[j];
  let left = 0;
  for (let i = 0; i < batchCount; i++) left += residualOf(design, i, solution, fit);
  if (!(left > CANCELLING * inside) || design.smallestPivot < CANCELLING) {
    left = refineInPlace(design, buffer, solution, fit);
  } else {
    for (let i = 0; i < batchCount; i++) fit.residuals[i] = residualOf(design, i, solution, fit);
  }
  for (let j = 0; j < q; j++) {
    for (let i = 0; i < batchCount; i++) fit.levels[i] -= design.means.data[j * batchCount + i] * fit.effects[j];
  }
  fit.shareLeft = inside > 0 ? left / inside : 0;
  return true;
}

/** Buffers for {@link fitFeatureInPlace}. */
export function emptyFit(design: CentredDesign): FeatureFit {
  const q = design.lengths.length;
  return {
    levels: new Float64Array(design.batchCount),
    effects: new Float64Array(q),
    residuals: new Float64Array(design.batchCount),
    batchProducts: new Float64Array(design.batchCount * q),
    products: new Float64Array(q),
    constantBatch: -1,
    shareLeft: 1,
  };
}

/** Gathers the values of batch i, takes their mean out, and notes mean and squares; false if one is not finite. */
function centreBatchInPlace(
  { rows, starts }: CentredDesign,
  values: Float64Array,
  buffer: Float64Array,
  i: number,
  fit: FeatureFit,
): boolean {
  const from = starts[i];
  const to = starts[i + 1];
  const n = to - from;
  fit.levels[i] = NaN;
  fit.residuals[i] = 0;
  if (n === 0) return true;
  const first = values[rows[from]];
  let isConstant = true;
  let sum = 0;
  for (let k = from; k < to; k++) {
    const value = values[rows[k]];
    buffer[k] = value;
    sum += value;
    if (value !== first) isConstant = false;
  }
  // x − x is 0 for every finite number and NaN otherwise.
  if (sum - sum !== 0) return false;
  if (n > 1 && isConstant) fit.constantBatch = i;
  const centre = sum / n;
  let rest = 0;
  let squares = 0;
  for (let k = from; k < to; k++) {
    const value = buffer[k] - centre;
    buffer[k] = value;
    rest += value;
    squares += value * value;
  }
  // What rounding left of the mean goes to the level; the values keep it, about 1e-16 of the mean.
  fit.levels[i] = centre + rest / n;
  fit.residuals[i] = Math.max(0, squares - (rest * rest) / n);
  return true;
}

/** Sum of a[offset + k] b[k] over from … to − 1, two sums at once: one addition need not wait for the other. */
function dot(a: Float64Array, offset: number, b: Float64Array, from: number, to: number): number {
  let even = 0;
  let odd = 0;
  let k = from;
  for (; k + 1 < to; k += 2) {
    even += a[offset + k] * b[k];
    odd += a[offset + k + 1] * b[k + 1];
  }
  return k < to ? even + odd + a[offset + k] * b[k] : even + odd;
}

/** Products of all centred columns with the values of one batch, two columns in a pass. */
function multiplyBatch(
  { centred: { data }, rows, lengths }: CentredDesign,
  buffer: Float64Array,
  from: number,
  to: number,
  into: Float64Array,
  at: number,
): void {
  const n = rows.length;
  const q = lengths.length;
  let j = 0;
  for (; j + 1 < q; j += 2) {
    let a = 0;
    let b = 0;
    for (let k = from, x = j * n + from; k < to; k++, x++) {
      const value = buffer[k];
      a += data[x] * value;
      b += data[x + n] * value;
    }
    into[at + j] = a;
    into[at + j + 1] = b;
  }
  if (j < q) into[at + j] = dot(data, j * n, buffer, from, to);
}

/** S − 2 b'p + b'Xb of batch i. */
function residualOf(design: CentredDesign, i: number, solution: Float64Array, fit: FeatureFit): number {
  const q = solution.length;
  let left = fit.residuals[i];
  for (let j = 0; j < q; j++) {
    let row = -2 * fit.batchProducts[i * q + j];
    for (let l = 0; l < q; l++) row += solution[l] * design.batchProducts[(i * q + j) * q + l];
    left += solution[j] * row;
  }
  return Math.max(0, left);
}

/** Residuals value by value, with one step of refinement of the solution; gives their sum of squares. */
function refineInPlace(design: CentredDesign, values: Float64Array, first: Float64Array, fit: FeatureFit): number {
  const { starts, batchCount, centred, lengths } = design;
  const n = design.rows.length;
  const subtract = (weights: Float64Array): void => {
    for (let j = 0; j < weights.length; j++) {
      for (let k = 0; k < n; k++) values[k] -= weights[j] * centred.data[j * n + k];
    }
  };
  subtract(first);
  for (let j = 0; j < lengths.length; j++) fit.products[j] = dot(centred.data, j * n, values, 0, n);
  const second = choleskySolve(design.factor, fit.products);
  subtract(second);
  for (let j = 0; j < lengths.length; j++) fit.effects[j] = (first[j] + second[j]) / lengths[j];
  let left = 0;
  for (let i = 0; i < batchCount; i++) {
    fit.residuals[i] = dot(values, 0, values, starts[i], starts[i + 1]);
    left += fit.residuals[i];
  }
  return left;
}
