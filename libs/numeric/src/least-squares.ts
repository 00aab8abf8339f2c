import { requireInput } from './errors.js';
import type { Matrix } from './matrix.js';

/** What {@link leastSquares} finds. */
export interface LeastSquaresFit {
  /** One a column of x, in its order; 0 for columns left out because they depend on others. */
  readonly coefficients: Float64Array;
  readonly rank: number;
  readonly residualSumOfSquares: number;
  /** Column indices in pivot order; those from `rank` on are the dependent ones. */
  readonly pivots: Int32Array;
}

/**
 * Ordinary least squares of y on the columns of x, by Householder QR with column pivoting on columns scaled to unit
 * length (Golub and Van Loan, Matrix Computations, 4th ed., 5.4.2), and one step of iterative refinement.
 * Cost rows × cols².
 *
 * @param tolerance a column counts as dependent when what is left of it is below this share of its length
 * @throws {NumericInputError} if lengths differ or a value is not finite
 */
export function leastSquares(x: Matrix, y: ArrayLike<number>, tolerance = 1e-11): LeastSquaresFit {
  const { rows: n, cols: p } = x;
  requireInput(y.length === n, `${y.length} values of y for ${n} rows`, 'leastSquares(x, y)');
  requireInput(x.data.every(Number.isFinite), 'a value of x is not finite', 'leastSquares(x, y)');
  const target = Float64Array.from(y);
  requireInput(target.every(Number.isFinite), 'a value of y is not finite', 'leastSquares(x, y)');
  const qr = Float64Array.from(x.data);
  const scales = scaleColumnsInPlace(qr, n, p);
  const { pivots, diagonal, rank } = factorInPlace(qr, n, p, tolerance);
  const solve = (rhs: Float64Array): Float64Array => {
    applyReflectionsInPlace(qr, n, rank, rhs);
    const solution = backSubstitute(qr, n, rank, diagonal, rhs);
    const result = new Float64Array(p);
    for (let k = 0; k < rank; k++) result[pivots[k]] = solution[k] / scales[pivots[k]];
    return result;
  };
  const coefficients = solve(Float64Array.from(target));
  const correction = solve(residuals(x, target, coefficients));
  for (let j = 0; j < p; j++) coefficients[j] += correction[j];
  let residualSumOfSquares = 0;
  for (const r of residuals(x, target, coefficients)) residualSumOfSquares += r * r;
  return { coefficients, rank, residualSumOfSquares, pivots };
}

function residuals(x: Matrix, y: Float64Array, coefficients: Float64Array): Float64Array {
  const result = Float64Array.from(y);
  for (let j = 0, k = 0; j < x.cols; j++) {
    for (let i = 0; i < x.rows; i++, k++) result[i] -= x.data[k] * coefficients[j];
  }
  return result;
}

function scaleColumnsInPlace(a: Float64Array, n: number, p: number): Float64Array {
  const scales = new Float64Array(p);
  for (let j = 0; j < p; j++) {
    const column = a.subarray(j * n, (j + 1) * n);
    const length = norm(column);
    scales[j] = length > 0 ? length : 1;
    for (let i = 0; i < n; i++) column[i] /= scales[j];
  }
  return scales;
}

/** Euclidean norm without overflow. */
function norm(column: Float64Array): number {
  let largest = 0;
  for (const value of column) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  let sum = 0;
  for (const value of column) sum += (value / largest) * (value / largest);
  return largest * Math.sqrt(sum);
}

/** Reflections below the diagonal (with their own first entries), R above it, R's diagonal apart. */
function factorInPlace(qr: Float64Array, n: number, p: number, tolerance: number) {
  const pivots = Int32Array.from({ length: p }, (_, j) => j);
  const diagonal = new Float64Array(p);
  let rank = 0;
  for (; rank < Math.min(n, p); rank++) {
    const best = longestColumn(qr, n, p, rank);
    if (!(best.length > tolerance)) break;
    swapColumnsInPlace(qr, n, rank, best.index);
    [pivots[rank], pivots[best.index]] = [pivots[best.index], pivots[rank]];
    const start = rank * n;
    const alpha = qr[start + rank] > 0 ? -best.length : best.length;
    diagonal[rank] = alpha;
    qr[start + rank] -= alpha;
    for (let j = rank + 1; j < p; j++) reflectInPlace(qr, start, rank, n, qr, j * n);
  }
  return { pivots, diagonal, rank };
}

function longestColumn(qr: Float64Array, n: number, p: number, from: number): { index: number; length: number } {
  let index = from;
  let most = -1;
  for (let j = from; j < p; j++) {
    let sum = 0;
    for (let i = from; i < n; i++) sum += qr[j * n + i] * qr[j * n + i];
    // A later column must be clearly longer, so that the order of near-equal columns is the caller's.
    if (sum > most * (1 + 1e-12)) {
      most = sum;
      index = j;
    }
  }
  return { index, length: Math.sqrt(Math.max(most, 0)) };
}

function swapColumnsInPlace(a: Float64Array, n: number, j: number, k: number): void {
  if (j === k) return;
  const kept = a.slice(j * n, (j + 1) * n);
  a.copyWithin(j * n, k * n, (k + 1) * n);
  a.set(kept, k * n);
}

/** Applies the reflection kept at qr[start + from …] to the vector at target[offset …]. */
function reflectInPlace(
  qr: Float64Array,
  start: number,
  from: number,
  n: number,
  target: Float64Array,
  offset: number,
): void {
  let square = 0;
  let dot = 0;
  for (let i = from; i < n; i++) {
    square += qr[start + i] * qr[start + i];
    dot += qr[start + i] * target[offset + i];
  }
  if (square === 0) return;
  const factor = (2 * dot) / square;
  for (let i = from; i < n; i++) target[offset + i] -= factor * qr[start + i];
}

function applyReflectionsInPlace(qr: Float64Array, n: number, rank: number, rhs: Float64Array): void {
  for (let k = 0; k < rank; k++) reflectInPlace(qr, k * n, k, n, rhs, 0);
}

function backSubstitute(
  qr: Float64Array,
  n: number,
  rank: number,
  diagonal: Float64Array,
  rhs: Float64Array,
): Float64Array {
  const solution = new Float64Array(rank);
  for (let k = rank - 1; k >= 0; k--) {
    let sum = rhs[k];
    for (let j = k + 1; j < rank; j++) sum -= qr[j * n + k] * solution[j];
    solution[k] = sum / diagonal[k];
  }
  return solution;
}
