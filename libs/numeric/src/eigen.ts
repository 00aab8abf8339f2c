import { requireInput } from './errors.js';
import { matrix, type Matrix } from './matrix.js';

/** Eigenvalues in descending order; column j of `vectors` belongs to value j, its largest entry is positive. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

/**
 * Eigen-decomposition of a symmetric matrix: Householder tridiagonalisation, then implicit QL (EISPACK tred2 and tql2,
 * as in JAMA 1.0.3). Cost about 9 n³. Only the lower triangle is read.
 *
 * @throws {NumericInputError} if the matrix is not square or not finite, or QL needs more than 60 sweeps for a value
 */
export function symmetricEigen(a: Matrix): SymmetricEigen {
  const n = a.rows;
  requireInput(n === a.cols, `a ${a.rows} × ${a.cols} matrix is not square`, 'symmetricEigen(a)');
  requireInput(a.data.every(Number.isFinite), 'a value is not finite', 'symmetricEigen(a)');
  // v[i * n + j] is row-major here: the loops of tred2 run along rows.
  const v = new Float64Array(n * n);
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) v[i * n + j] = v[j * n + i] = a.data[j * n + i];
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  if (n > 0) {
    tridiagonaliseInPlace(n, v, d, e);
    accumulateInPlace(n, v, d, e);
    diagonaliseInPlace(n, v, d, e);
  }
  return sorted(n, v, d);
}

function sorted(n: number, v: Float64Array, d: Float64Array): SymmetricEigen {
  const order = Array.from(d.keys()).sort((i, j) => d[j] - d[i] || i - j);
  const vectors = matrix(n, n);
  order.forEach((source, j) => {
    let largest = 0;
    for (let i = 0; i < n; i++) if (Math.abs(v[i * n + source]) > Math.abs(largest)) largest = v[i * n + source];
    const sign = largest < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors.data[j * n + i] = sign * v[i * n + source];
  });
  return { values: Float64Array.from(order, (i) => d[i]), vectors };
}

function tridiagonaliseInPlace(n: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
      }
      const f = d[i - 1];
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      similarityInPlace(n, i, h, v, d, e);
    }
    d[i] = h;
  }
}

function similarityInPlace(n: number, i: number, h: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const f = d[j];
    v[j * n + i] = f;
    let g = e[j] + v[j * n + j] * f;
    for (let k = j + 1; k < i; k++) {
      g += v[k * n + j] * d[k];
      e[k] += v[k * n + j] * f;
    }
    e[j] = g;
  }
  let f = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    f += e[j] * d[j];
  }
  const hh = f / (h + h);
  for (let j = 0; j < i; j++) e[j] -= hh * d[j];
  for (let j = 0; j < i; j++) {
    const fj = d[j];
    const gj = e[j];
    for (let k = j; k < i; k++) v[k * n + j] -= fj * e[k] + gj * d[k];
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
  }
}

function accumulateInPlace(n: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  v[(n - 1) * n + n - 1] = 1;
  e[0] = 0;
}

function diagonaliseInPlace(n: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let f = 0;
  let threshold = 0;
  for (let l = 0; l < n; l++) {
    threshold = Math.max(threshold, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * threshold) m++;
    if (m > l) {
      let sweeps = 0;
      do {
        requireInput(++sweeps <= 60, 'QL did not converge in 60 sweeps', 'symmetricEigen(a)');
        f += shiftInPlace(n, l, d, e);
        rotateInPlace(n, l, m, v, d, e);
      } while (Math.abs(e[l]) > Number.EPSILON * threshold);
    }
    d[l] += f;
    e[l] = 0;
  }
}

function shiftInPlace(n: number, l: number, d: Float64Array, e: Float64Array): number {
  const g = d[l];
  const p = (d[l + 1] - g) / (2 * e[l]);
  const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const h = g - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= h;
  return h;
}

function rotateInPlace(n: number, l: number, m: number, v: Float64Array, d: Float64Array, e: Float64Array): void {
  let p = d[m];
  let c = 1;
  let c2 = 1;
  let c3 = 1;
  let s = 0;
  let s2 = 0;
  const dl1 = d[l + 1];
  const el1 = e[l + 1];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    const r = Math.hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    for (let k = 0, at = i; k < n; k++, at += n) {
      const kept = v[at + 1];
      v[at + 1] = s * v[at] + c * kept;
      v[at] = c * v[at] - s * kept;
    }
  }
  p = (-s * s2 * c3 * el1 * e[l]) / dl1;
  e[l] = s * p;
  d[l] = c * p;
}
