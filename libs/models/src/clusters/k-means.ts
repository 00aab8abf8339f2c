import { ModelInputError } from '../errors.js';

/** Clusters of rows around their means. */
export interface KMeans {
  /** Row-major: one centre after the other. */
  readonly centres: Float64Array;
  /** Cluster of each row, 0 …, in the order of the starting rows. */
  readonly assignment: Int32Array;
  readonly sizes: readonly number[];
  readonly withinSquares: readonly number[];
  readonly betweenSquares: number;
  readonly isConverged: boolean;
}

const ITERATIONS = 1000;

/**
 * Lloyd's iterations from given rows; a row goes to the nearest centre, the first of equals.
 *
 * @param rows row-major, n × p, standardised
 * @param p features
 * @param startRows one row a cluster, all different
 * @throws {ModelInputError} if a cluster runs empty
 * @see Lloyd, IEEE Trans Inf Theory 28 (1982)
 */
export function kMeans(rows: Float64Array, p: number, startRows: readonly number[]): KMeans {
  const n = rows.length / p;
  const k = startRows.length;
  const centres = new Float64Array(k * p);
  startRows.forEach((row, c) => centres.set(rows.subarray(row * p, (row + 1) * p), c * p));
  let assignment: Int32Array = new Int32Array(n).fill(-1);
  let isConverged = false;
  for (let iteration = 0; iteration < ITERATIONS && !isConverged; iteration++) {
    const next = assignNearest(rows, p, centres);
    isConverged = next.every((cluster, i) => cluster === assignment[i]);
    assignment = next;
    updateCentres(rows, p, assignment, centres);
  }
  const grand = new Float64Array(p);
  for (let i = 0; i < rows.length; i++) grand[i % p] += rows[i] / n;
  const sizes = new Array<number>(k).fill(0);
  const withinSquares = new Array<number>(k).fill(0);
  let betweenSquares = 0;
  assignment.forEach((cluster, i) => {
    sizes[cluster]++;
    for (let j = 0; j < p; j++) withinSquares[cluster] += (rows[i * p + j] - centres[cluster * p + j]) ** 2;
  });
  for (let c = 0; c < k; c++)
    for (let j = 0; j < p; j++) betweenSquares += sizes[c] * (centres[c * p + j] - grand[j]) ** 2;
  return { centres, assignment, sizes, withinSquares, betweenSquares, isConverged };
}

/** The nearest centre of each row: how patients who come later are told their cluster. */
export function assignNearest(rows: Float64Array, p: number, centres: Float64Array): Int32Array {
  const n = rows.length / p;
  const k = centres.length / p;
  const result = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let least = Infinity;
    for (let c = 0; c < k; c++) {
      let distance = 0;
      for (let j = 0; j < p; j++) distance += (rows[i * p + j] - centres[c * p + j]) ** 2;
      if (distance < least) {
        least = distance;
        result[i] = c;
      }
    }
  }
  return result;
}

function updateCentres(rows: Float64Array, p: number, assignment: Int32Array, centres: Float64Array): void {
  const k = centres.length / p;
  const counts = new Float64Array(k);
  centres.fill(0);
  assignment.forEach((cluster, i) => {
    counts[cluster]++;
    for (let j = 0; j < p; j++) centres[cluster * p + j] += rows[i * p + j];
  });
  for (let c = 0; c < k; c++) {
    if (counts[c] === 0) {
      throw new ModelInputError(
        `cluster ${c + 1} has run empty`,
        'kMeans(rows)',
        'Start from other rows, or with fewer clusters.',
      );
    }
    for (let j = 0; j < p; j++) centres[c * p + j] /= counts[c];
  }
}
