import { cutTree, euclideanDistances, hierarchicalClusters } from './hierarchical.js';

/** How often pairs of patients fall together when the clustering is repeated on subsamples. */
export interface ConsensusClusters {
  readonly k: number;
  /** Symmetric n × n: share of the subsamples with both patients that put them together; 1 on the diagonal. */
  readonly matrix: Float64Array;
  /** Final clusters: average linkage on 1 - consensus. */
  readonly assignment: Int32Array;
  /** Mean consensus over the pairs of each cluster; null for a patient alone. */
  readonly clusterConsensus: readonly (number | null)[];
  /** Area under the distribution of the pairs' consensus, and the share of ambiguous pairs (above 0.1, below 0.9). */
  readonly cdfArea: number;
  readonly ambiguous: number;
  /** Share of the pairs with a consensus of at most x. */
  readonly cdf: (x: number) => number;
}

/**
 * Consensus clustering with Ward's method on given subsamples.
 *
 * @param rows row-major, n × p, standardised on all of them
 * @param subsamples rows of each resample; every pair should meet in some
 * @param counts numbers of clusters to try
 * @see Monti et al., Mach Learn 52 (2003); Șenbabaoğlu et al., Sci Rep 4 (2014), the share of ambiguous pairs
 */
export function consensusClusters(
  rows: Float64Array,
  p: number,
  subsamples: readonly Uint32Array[],
  counts: readonly number[],
): ConsensusClusters[] {
  const n = rows.length / p;
  const distances = euclideanDistances(rows, p);
  const met = new Float64Array(n * n);
  const together = counts.map(() => new Float64Array(n * n));
  for (const sample of subsamples) {
    const m = sample.length;
    const part = new Float64Array(m * m);
    for (let i = 0; i < m; i++) {
      const base = sample[i] * n;
      for (let j = 0; j < m; j++) {
        part[i * m + j] = distances[base + sample[j]];
        met[base + sample[j]]++;
      }
    }
    const tree = hierarchicalClusters(part, m, 'ward');
    counts.forEach((k, at) => addPairs(together[at], n, sample, cutTree(tree, k)));
  }
  return counts.map((k, at) => finish(k, n, together[at], met));
}

function addPairs(together: Float64Array, n: number, sample: Uint32Array, labels: Int32Array): void {
  const members: number[][] = [];
  labels.forEach((label, i) => (members[label] ??= []).push(sample[i]));
  for (const group of members) for (const i of group) for (const j of group) together[i * n + j]++;
}

function finish(k: number, n: number, together: Float64Array, met: Float64Array): ConsensusClusters {
  const matrix = new Float64Array(n * n);
  const pairs = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    matrix[i * n + i] = 1;
    for (let j = i + 1; j < n; j++) {
      const share = met[i * n + j] > 0 ? together[i * n + j] / met[i * n + j] : 0;
      matrix[i * n + j] = matrix[j * n + i] = share;
      pairs[at++] = share;
    }
  }
  pairs.sort();
  const cdf = (x: number) => countUpTo(pairs, x, true) / pairs.length;
  let cdfArea = 0;
  for (let step = 1; step <= 100; step++) cdfArea += 0.01 * cdf(step / 100);
  const assignment = cutTree(
    hierarchicalClusters(
      matrix.map((share) => 1 - share),
      n,
      'average',
    ),
    k,
  );
  const ambiguous = (countUpTo(pairs, 0.9, false) - countUpTo(pairs, 0.1, true)) / pairs.length;
  return { k, matrix, assignment, clusterConsensus: consensusOf(matrix, n, assignment, k), cdfArea, ambiguous, cdf };
}

/** How many of the ascending values are at most x, or below it. */
function countUpTo(sorted: Float64Array, x: number, isClosed: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isClosed ? sorted[middle] <= x : sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function consensusOf(matrix: Float64Array, n: number, assignment: Int32Array, k: number): (number | null)[] {
  return Array.from({ length: k }, (_, cluster) => {
    const rows = [...assignment.keys()].filter((i) => assignment[i] === cluster);
    if (rows.length < 2) return null;
    let sum = 0;
    for (const i of rows) for (const j of rows) if (i < j) sum += matrix[i * n + j];
    return sum / ((rows.length * (rows.length - 1)) / 2);
  });
}
