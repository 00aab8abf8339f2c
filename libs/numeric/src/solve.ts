import { NotPositiveDefiniteError, requireInput } from './errors.js';
import { matrix, type Matrix } from './matrix.js';

/**
 * Cholesky factor of a symmetric positive definite matrix: lower triangular L with a = L L'. Cost n³/3.
 *
 * Only the lower triangle of `a` is read. A pivot below 1e-14 of its diagonal counts as vanished.
 *
 * @throws {NotPositiveDefiniteError} naming the column that depends on those before it
 */
export function choleskyFactor(a: Matrix): Matrix {
  const factor = factorOf(a);
  if (typeof factor === 'number') throw new NotPositiveDefiniteError(factor, 'choleskyFactor(a)');
  return factor;
}

/** The same; null where the matrix is not positive definite, or holds what is no finite number. */
export function tryCholesky(a: Matrix): Matrix | null {
  const factor = factorOf(a);
  return typeof factor === 'number' ? null : factor;
}

/** The factor, or the column whose pivot vanishes. */
function factorOf(a: Matrix): Matrix | number {
  const n = a.rows;
  requireInput(n === a.cols, `a ${a.rows} × ${a.cols} matrix is not square`, 'choleskyFactor(a)');
  const factor = matrix(n, n);
  const l = factor.data;
  for (let j = 0; j < n; j++) {
    let pivot = a.data[j * n + j];
    for (let k = 0; k < j; k++) pivot -= l[k * n + j] * l[k * n + j];
    if (!(pivot > 1e-14 * a.data[j * n + j])) return j;
    const root = Math.sqrt(pivot);
    l[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a.data[j * n + i];
      for (let k = 0; k < j; k++) sum -= l[k * n + i] * l[k * n + j];
      l[j * n + i] = sum / root;
    }
  }
  return factor;
}

/** The x with L L' x = b, for a factor from {@link choleskyFactor}. Cost n². */
export function choleskySolve(factor: Matrix, b: ArrayLike<number>): Float64Array {
  const n = factor.rows;
  requireInput(b.length === n, `${b.length} values for ${n} equations`, 'choleskySolve(factor, b)');
  const l = factor.data;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= l[k * n + i] * x[k];
    x[i] = sum / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= l[i * n + k] * x[k];
    x[i] = sum / l[i * n + i];
  }
  return x;
}

/** Inverse of the matrix whose factor this is. Cost n³. */
export function choleskyInverse(factor: Matrix): Matrix {
  const n = factor.rows;
  const inverse = matrix(n, n);
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    inverse.data.set(choleskySolve(factor, unit), j * n);
  }
  return inverse;
}

/** x' a⁻¹ x; null where `a` is not positive definite. */
export function inverseQuadratic(a: Matrix, x: ArrayLike<number>): number | null {
  const factor = tryCholesky(a);
  if (factor === null) return null;
  const solved = choleskySolve(factor, x);
  let sum = 0;
  for (let i = 0; i < solved.length; i++) sum += x[i] * solved[i];
  return sum;
}

/** log det of the matrix whose factor this is. */
export function choleskyLogDeterminant(factor: Matrix): number {
  let sum = 0;
  for (let j = 0; j < factor.rows; j++) sum += Math.log(factor.data[j * factor.rows + j]);
  return 2 * sum;
}
