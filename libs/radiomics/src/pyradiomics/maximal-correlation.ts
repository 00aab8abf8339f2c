import { EPSILON } from './entropy.js';
import type { PairShares } from './pair-shares.js';

/**
 * Maximal correlation coefficient of a co-occurrence matrix: the root of the second largest eigenvalue of
 * Q(i, j) = sum over k of p(i, k) p(j, k) / (px(i) py(k) + epsilon); 1 for a single level.
 *
 * Without the epsilon Q is similar to B B' with B(i, k) = p(i, k) / sqrt(px(i) py(k)), whose largest singular value is 1
 * with known vectors. A Lanczos iteration orthogonal to those finds the next, and a Rayleigh quotient of its left and right
 * vector puts the epsilon back, which is exact to second order in it.
 */
export function maximalCorrelation(pairs: PairShares): number {
  const size = pairs.rowShares.length;
  if (size < 2) return 1;
  const scaled = scaledShares(pairs);
  const first = pairs.rowShares.map(Math.sqrt);
  const inner = new Float64Array(size);
  const multiply = (vector: Float64Array): Float64Array => timesTransposed(pairs, scaled, vector, inner);
  const vector = dominantVector(multiply, first);
  return Math.sqrt(Math.max(0, quotientWithEpsilon(pairs, vector)));
}

function scaledShares({ rows, columns, shares, rowShares, columnShares }: PairShares): Float64Array {
  return shares.map((share, n) => share / Math.sqrt(rowShares[rows[n]] * columnShares[columns[n]]));
}

/** B B' v */
function timesTransposed(
  { rows, columns }: PairShares,
  scaled: Float64Array,
  vector: Float64Array,
  inner: Float64Array,
): Float64Array {
  const product = new Float64Array(vector.length);
  inner.fill(0);
  for (let n = 0; n < scaled.length; n++) inner[columns[n]] += scaled[n] * vector[rows[n]];
  for (let n = 0; n < scaled.length; n++) product[rows[n]] += scaled[n] * inner[columns[n]];
  return product;
}

/** x' D^(1/2) Q D^(-1/2) x / x'x with the epsilon in Q, for x a unit vector. */
function quotientWithEpsilon(pairs: PairShares, x: Float64Array): number {
  const { rows, columns, shares, rowShares, columnShares } = pairs;
  const right = new Float64Array(x.length);
  for (let n = 0; n < shares.length; n++) {
    right[columns[n]] += (shares[n] * x[rows[n]]) / Math.sqrt(rowShares[rows[n]]);
  }
  let sum = 0;
  for (let n = 0; n < shares.length; n++) {
    const [row, column] = [rowShares[rows[n]], columnShares[columns[n]]];
    sum += (x[rows[n]] * Math.sqrt(row) * shares[n] * right[columns[n]]) / (row * column + EPSILON);
  }
  return sum;
}

const MAX_STEPS = 300;

/**
 * Unit eigenvector of the largest eigenvalue of a symmetric operator but for one known unit eigenvector, by Lanczos with full
 * reorthogonalisation.
 */
function dominantVector(multiply: (vector: Float64Array) => Float64Array, known: Float64Array): Float64Array {
  const size = known.length;
  const start = startVector(size);
  makeOrthogonalInPlace(start, [known]);
  const basis: Float64Array[] = [unit(start)];
  const diagonal: number[] = [];
  const offDiagonal: number[] = [];
  for (let step = 0; ; step++) {
    const next = multiply(basis[step]);
    diagonal.push(dot(basis[step], next));
    makeOrthogonalInPlace(next, [known, ...basis]);
    const length = Math.sqrt(dot(next, next));
    const isLast = step + 2 === Math.min(size, MAX_STEPS) || length < 1e-14;
    if (isLast || step % 4 === 3) {
      const weights = topVector(diagonal, offDiagonal);
      if (isLast || Math.abs(length * weights[step]) < 1e-13) return combine(basis, weights);
    }
    offDiagonal.push(length);
    basis.push(next.map((value) => value / length));
  }
}

/** Twice, because rounding leaves a rest the first time. */
function makeOrthogonalInPlace(vector: Float64Array, basis: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const along = dot(direction, vector);
      for (let n = 0; n < vector.length; n++) vector[n] -= along * direction[n];
    }
  }
}

/**
 * A vector that is not orthogonal to the one sought: the sines of whole numbers, of which no combination with algebraic factors,
 * such as the entries of eigenvectors here are, is 0 (Lindemann and Weierstrass). Evenly spaced numbers will not do: small
 * matrices have eigenvectors like (1, -1, 0, -1, 1).
 */
function startVector(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, n) => Math.sin(n + 1));
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

function combine(basis: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const vector = new Float64Array(basis[0].length);
  weights.forEach((weight, k) => {
    for (let n = 0; n < vector.length; n++) vector[n] += weight * basis[k][n];
  });
  return unit(vector);
}

/** Unit eigenvector of the largest eigenvalue of a symmetric tridiagonal matrix: bisection, then inverse iteration. */
function topVector(diagonal: readonly number[], offDiagonal: readonly number[]): number[] {
  const size = diagonal.length;
  let low = Math.max(...diagonal);
  let high = low;
  for (let n = 0; n < size; n++) {
    high = Math.max(high, diagonal[n] + Math.abs(offDiagonal[n - 1] ?? 0) + Math.abs(offDiagonal[n] ?? 0));
  }
  while (high - low > 1e-15) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (isAboveAll(diagonal, offDiagonal, middle)) high = middle;
    else low = middle;
  }
  let vector = new Array<number>(size).fill(1);
  for (let round = 0; round < 3; round++) vector = solveShifted(diagonal, offDiagonal, high + 1e-14, vector);
  return vector;
}

/** Whether a number exceeds every eigenvalue (Sturm's count is then 0). */
function isAboveAll(diagonal: readonly number[], offDiagonal: readonly number[], value: number): boolean {
  let pivot = 1;
  for (let n = 0; n < diagonal.length; n++) {
    pivot = value - diagonal[n] - (n === 0 ? 0 : offDiagonal[n - 1] ** 2 / pivot);
    if (pivot <= 0) return false;
  }
  return true;
}

/** Unit solution of (shift - T) x = b, for a shift above every eigenvalue: the matrix is positive definite. */
function solveShifted(
  diagonal: readonly number[],
  offDiagonal: readonly number[],
  shift: number,
  b: readonly number[],
): number[] {
  const size = diagonal.length;
  const pivots = new Array<number>(size);
  const x = [...b];
  for (let n = 0; n < size; n++) {
    const factor = n === 0 ? 0 : -offDiagonal[n - 1] / pivots[n - 1];
    pivots[n] = Math.max(shift - diagonal[n] + (n === 0 ? 0 : factor * offDiagonal[n - 1]), 1e-300);
    if (n > 0) x[n] -= factor * x[n - 1];
  }
  for (let n = size - 1; n >= 0; n--) {
    x[n] = (x[n] + (n + 1 < size ? offDiagonal[n] * x[n + 1] : 0)) / pivots[n];
  }
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n] * b[n];
  return sum;
}
