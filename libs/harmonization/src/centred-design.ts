import { choleskyFactor, choleskySolve, crossProduct, type Matrix, matrix, tryCholesky } from '@concord/numeric';
import type { DesignColumn } from './coding.js';
import { CovariateAliasedError } from './errors.js';

/**
 * Rows sorted by batch, and covariates centred inside their batch and scaled to unit length: what a least-squares fit
 * on batch indicators and covariates needs. Centring first keeps large means out of the normal equations.
 */
export interface CentredDesign {
  readonly batchCount: number;
  /** Row indices of the table, those of batch i at starts[i] … starts[i + 1] − 1. */
  readonly rows: Uint32Array;
  readonly starts: Uint32Array;
  /** Covariate means inside batches: (batch, column), column-major. */
  readonly means: Matrix;
  /** rows.length × columns. */
  readonly centred: Matrix;
  /** What each centred column was divided by. */
  readonly lengths: Float64Array;
  readonly factor: Matrix;
  /** Products of the centred columns inside each batch: column × column × batch. */
  readonly batchProducts: Float64Array;
  /** Smallest pivot of the factor, squared: below 1e-4 the solution is refined. */
  readonly smallestPivot: number;
}

/** A squared length below this share of the column's own counts as none. */
const ALIASED = 1e-12;

/**
 * @param batchIndex batch of each row, 0 … batchCount − 1
 * @param isUsed rows to take (those observed); all when left out
 * @throws {CovariateAliasedError} if a covariate follows from the batches or from other covariates
 */
export function centreDesign(
  batchIndex: Uint32Array,
  batchCount: number,
  columns: readonly DesignColumn[],
  isUsed?: (row: number) => boolean,
): CentredDesign {
  const { rows, starts } = sortRows(batchIndex, batchCount, isUsed);
  const means = matrix(batchCount, columns.length);
  const centred = matrix(rows.length, columns.length);
  const lengths = new Float64Array(columns.length);
  columns.forEach((column, j) => {
    const target = centred.data.subarray(j * rows.length, (j + 1) * rows.length);
    for (let k = 0; k < rows.length; k++) target[k] = column.values[rows[k]];
    const spread = squaredSpread(target);
    for (let i = 0; i < batchCount; i++) {
      means.data[j * batchCount + i] = centreInPlace(target, starts[i], starts[i + 1]);
    }
    let square = 0;
    for (const value of target) square += value * value;
    if (!(square > ALIASED * spread)) throw new CovariateAliasedError(column.name, []);
    lengths[j] = Math.sqrt(square);
    for (let k = 0; k < target.length; k++) target[k] /= lengths[j];
  });
  const gram = crossProduct(centred, centred);
  const factor = factorNamingColumns(gram, columns);
  let smallestPivot = 1;
  for (let j = 0; j < columns.length; j++) {
    smallestPivot = Math.min(smallestPivot, factor.data[j * columns.length + j] ** 2);
  }
  const batchProducts = productsByBatch(centred, starts);
  return { batchCount, rows, starts, means, centred, lengths, factor, batchProducts, smallestPivot };
}

function productsByBatch({ data, rows, cols }: Matrix, starts: Uint32Array): Float64Array {
  const result = new Float64Array((starts.length - 1) * cols * cols);
  for (let b = 0; b + 1 < starts.length; b++) {
    for (let i = 0; i < cols; i++) {
      for (let j = 0; j < cols; j++) {
        let sum = 0;
        for (let k = starts[b]; k < starts[b + 1]; k++) sum += data[i * rows + k] * data[j * rows + k];
        result[(b * cols + j) * cols + i] = sum;
      }
    }
  }
  return result;
}

function sortRows(batchIndex: Uint32Array, batchCount: number, isUsed?: (row: number) => boolean) {
  const starts = new Uint32Array(batchCount + 1);
  for (let row = 0; row < batchIndex.length; row++) {
    if (!isUsed || isUsed(row)) starts[batchIndex[row] + 1]++;
  }
  for (let i = 0; i < batchCount; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const rows = new Uint32Array(starts[batchCount]);
  for (let row = 0; row < batchIndex.length; row++) {
    if (!isUsed || isUsed(row)) rows[next[batchIndex[row]]++] = row;
  }
  return { rows, starts };
}

/** Sum of squared deviations of the whole column from its mean, plus rounding of its magnitude. */
function squaredSpread(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let square = 0;
  for (const value of values) square += (value - mean) * (value - mean);
  return square + values.length * (mean * 1e-8) ** 2;
}

/**
 * Subtracts the mean of values[from … to) from them and returns it. The mean returned is corrected by what rounding left;
 * the values keep that rest, about 1e-16 of the mean.
 */
export function centreInPlace(values: Float64Array, from: number, to: number): number {
  const n = to - from;
  if (n === 0) return NaN;
  let sum = 0;
  for (let k = from; k < to; k++) sum += values[k];
  const first = sum / n;
  let rest = 0;
  for (let k = from; k < to; k++) {
    values[k] -= first;
    rest += values[k];
  }
  return first + rest / n;
}

function factorNamingColumns(gram: Matrix, columns: readonly DesignColumn[]): Matrix {
  const q = gram.rows;
  for (let size = 1; size <= q; size++) {
    const corner = matrix(size, size);
    for (let j = 0; j < size; j++) {
      corner.data.set(gram.data.subarray(j * q, j * q + size), j * size);
    }
    const pivot = lastPivot(corner);
    if (pivot > ALIASED) continue;
    throw new CovariateAliasedError(columns[size - 1].name, culprits(gram, size - 1, columns));
  }
  return choleskyFactor(gram);
}

/** What of the last column is left after those before it: its pivot in the factor, 0 where it vanishes. */
export function lastPivot(corner: Matrix): number {
  const factor = tryCholesky(corner);
  return factor === null ? 0 : factor.data[factor.data.length - 1] ** 2;
}

/** The earlier columns that column j is a combination of. */
function culprits(gram: Matrix, j: number, columns: readonly DesignColumn[]): string[] {
  const corner = matrix(j, j);
  for (let c = 0; c < j; c++) corner.data.set(gram.data.subarray(c * gram.rows, c * gram.rows + j), c * j);
  const weights = choleskySolve(choleskyFactor(corner), gram.data.subarray(j * gram.rows, j * gram.rows + j));
  return columns.slice(0, j).flatMap(({ name }, c) => (Math.abs(weights[c]) > 1e-6 ? [name] : []));
}
