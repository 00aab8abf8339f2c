import { matrix, randomNormal, seededRandom, standardDeviation, symmetricEigen, mean } from '@concord/numeric';

/** Principal components of columns scaled to mean 0 and SD 1 (divisor n − 1). */
export interface PrincipalComponents {
  /** Share of the total variance of each component, descending. */
  readonly explained: readonly number[];
  /** Scores of the rows, one array a component. The entry largest in size is positive. */
  readonly scores: readonly Float64Array[];
  /** Unit weights of the columns, one array a component. */
  readonly loadings: readonly Float64Array[];
  readonly centres: Float64Array;
  readonly scales: Float64Array;
}

/** Relative residual at which a component counts as found. */
const TOLERANCE = 1e-11;
const MAX_STEPS = 400;

/**
 * The leading principal components, by the Lanczos method with full reorthogonalisation (Golub and Van Loan, Matrix
 * Computations, 4th ed., 10.1 and 10.3.1) on X X'; exact where the number of steps reaches that of the rows.
 * Cost: steps × rows × columns, steps typically under 100. The start vector is fixed, so that results repeat.
 *
 * @param columns complete columns that vary, one value a row
 */
export function principalComponents(columns: readonly Float64Array[], count: number): PrincipalComponents {
  const n = columns[0].length;
  const p = columns.length;
  const centres = Float64Array.from(columns, mean);
  const scales = Float64Array.from(columns, standardDeviation);
  const x = new Float64Array(n * p);
  columns.forEach((column, j) => {
    for (let i = 0; i < n; i++) x[j * n + i] = (column[i] - centres[j]) / scales[j];
  });
  const wanted = Math.min(count, n - 1, p);
  const { values, vectors } = leadingEigen(n, wanted, (v) => timesGram(x, n, p, v));
  const scores = vectors.map((u, c) => u.map((value) => value * Math.sqrt(values[c])));
  const loadings = vectors.map((u, c) => {
    const weights = new Float64Array(p);
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[j * n + i] * u[i];
      weights[j] = values[c] > 0 ? sum / Math.sqrt(values[c]) : 0;
    }
    return weights;
  });
  return { explained: values.map((value) => value / ((n - 1) * p)), scores, loadings, centres, scales };
}

/** Scores of other rows of the same columns in the same plane. */
export function project(components: PrincipalComponents, columns: readonly Float64Array[]): Float64Array[] {
  const n = columns[0].length;
  return components.loadings.map((weights) => {
    const scores = new Float64Array(n);
    columns.forEach((column, j) => {
      const factor = weights[j] / components.scales[j];
      for (let i = 0; i < n; i++) scores[i] += factor * (column[i] - components.centres[j]);
    });
    return scores;
  });
}

/** X X' v, column by column. */
function timesGram(x: Float64Array, n: number, p: number, v: Float64Array): Float64Array {
  const result = new Float64Array(n);
  for (let j = 0; j < p; j++) {
    const start = j * n;
    let dot = 0;
    for (let i = 0; i < n; i++) dot += x[start + i] * v[i];
    for (let i = 0; i < n; i++) result[i] += dot * x[start + i];
  }
  return result;
}

function leadingEigen(n: number, wanted: number, multiply: (v: Float64Array) => Float64Array) {
  const source = seededRandom('principal components');
  const basis: Float64Array[] = [];
  const alpha: number[] = [];
  const beta: number[] = [];
  let next = orthonormal(
    Float64Array.from({ length: n }, () => randomNormal(source)),
    basis,
  );
  for (;;) {
    basis.push(next.vector);
    const image = multiply(next.vector);
    alpha.push(dot(image, next.vector));
    next = orthonormal(image, basis);
    const steps = basis.length;
    const isLast = steps >= n || steps >= MAX_STEPS;
    // Looking every tenth step keeps the small eigenproblems cheap.
    if (isLast || (steps >= 2 * wanted && steps % 10 === 0)) {
      const ritz = symmetricEigen(tridiagonal(alpha, beta));
      const residual = (c: number): number => Math.abs(next.length * ritz.vectors.data[c * steps + steps - 1]);
      const isFound = Array.from({ length: wanted }, (_, c) => residual(c)).every(
        (r) => r <= TOLERANCE * ritz.values[0],
      );
      if (isLast || isFound) return assemble(n, wanted, basis, ritz);
    }
    beta.push(next.length);
    // An invariant subspace was reached: go on in a fresh direction, uncoupled.
    if (next.length <= 1e-13 * Math.max(...alpha)) {
      beta[beta.length - 1] = 0;
      next = orthonormal(
        Float64Array.from({ length: n }, () => randomNormal(source)),
        basis,
      );
    }
  }
}

function assemble(n: number, wanted: number, basis: Float64Array[], ritz: ReturnType<typeof symmetricEigen>) {
  const steps = basis.length;
  const vectors = Array.from({ length: wanted }, (_, c) => {
    const vector = new Float64Array(n);
    basis.forEach((direction, s) => {
      const weight = ritz.vectors.data[c * steps + s];
      for (let i = 0; i < n; i++) vector[i] += weight * direction[i];
    });
    const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    return largest < 0 ? vector.map((value) => -value) : vector;
  });
  return { values: Array.from(ritz.values.subarray(0, wanted), (value) => Math.max(0, value)), vectors };
}

function tridiagonal(alpha: readonly number[], beta: readonly number[]) {
  const m = alpha.length;
  const t = matrix(m, m);
  alpha.forEach((value, i) => (t.data[i * m + i] = value));
  for (let i = 0; i + 1 < m; i++) t.data[i * m + i + 1] = t.data[(i + 1) * m + i] = beta[i];
  return t;
}

/** What is left of a vector outside the basis (twice over, for rounding), at unit length, and how long it was. */
function orthonormal(v: Float64Array, basis: readonly Float64Array[]): { vector: Float64Array; length: number } {
  const vector = v.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const share = dot(vector, direction);
      for (let i = 0; i < vector.length; i++) vector[i] -= share * direction[i];
    }
  }
  const length = Math.sqrt(dot(vector, vector));
  return { vector: length > 0 ? vector.map((value) => value / length) : vector, length };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
