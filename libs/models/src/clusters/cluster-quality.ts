/** How well clusters are apart, each by another idea. */
export interface ClusterQuality {
  /** Mean silhouette; a patient alone in a cluster has 0. */
  readonly silhouette: number;
  readonly calinskiHarabasz: number;
  readonly daviesBouldin: number;
  /** Sum of squares within the clusters. */
  readonly withinSquares: number;
}

/**
 * @param rows row-major, n × p @param distances between them @param assignment cluster of each row, 0 … k - 1, none empty
 * @see Rousseeuw 1987; Caliński and Harabasz 1974; Davies and Bouldin 1979
 */
export function clusterQuality(
  rows: Float64Array,
  p: number,
  distances: Float64Array,
  assignment: Int32Array,
): ClusterQuality {
  const n = assignment.length;
  const k = assignment.reduce((most, cluster) => Math.max(most, cluster), 0) + 1;
  const { centres, sizes } = centresOf(rows, p, assignment, k);
  const grand = new Float64Array(p);
  for (let i = 0; i < rows.length; i++) grand[i % p] += rows[i] / n;
  const spread = new Float64Array(k);
  let [withinSquares, between] = [0, 0];
  assignment.forEach((cluster, i) => {
    const square = squaredDistance(rows, i * p, centres, cluster * p, p);
    withinSquares += square;
    spread[cluster] += Math.sqrt(square) / sizes[cluster];
  });
  for (let c = 0; c < k; c++) between += sizes[c] * squaredDistance(centres, c * p, grand, 0, p);
  let daviesBouldin = 0;
  for (let a = 0; a < k; a++) {
    let worst = 0;
    for (let b = 0; b < k; b++) {
      if (a === b) continue;
      const apart = Math.sqrt(squaredDistance(centres, a * p, centres, b * p, p));
      worst = Math.max(worst, (spread[a] + spread[b]) / apart);
    }
    daviesBouldin += worst / k;
  }
  return {
    silhouette: silhouetteOf(distances, assignment, sizes),
    calinskiHarabasz: between / (k - 1) / (withinSquares / (n - k)),
    daviesBouldin,
    withinSquares,
  };
}

function squaredDistance(x: Float64Array, at: number, y: Float64Array, from: number, p: number): number {
  let sum = 0;
  for (let j = 0; j < p; j++) sum += (x[at + j] - y[from + j]) ** 2;
  return sum;
}

function centresOf(rows: Float64Array, p: number, assignment: Int32Array, k: number) {
  const centres = new Float64Array(k * p);
  const sizes = new Float64Array(k);
  assignment.forEach((cluster, i) => {
    sizes[cluster]++;
    for (let j = 0; j < p; j++) centres[cluster * p + j] += rows[i * p + j];
  });
  for (let c = 0; c < k; c++) for (let j = 0; j < p; j++) centres[c * p + j] /= sizes[c];
  return { centres, sizes };
}

function silhouetteOf(distances: Float64Array, assignment: Int32Array, sizes: Float64Array): number {
  const n = assignment.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (sizes[assignment[i]] === 1) continue;
    const means = new Float64Array(sizes.length);
    for (let j = 0; j < n; j++) means[assignment[j]] += distances[i * n + j];
    let other = Infinity;
    for (let c = 0; c < sizes.length; c++) {
      if (c === assignment[i]) means[c] /= sizes[c] - 1;
      else other = Math.min(other, means[c] / sizes[c]);
    }
    const own = means[assignment[i]];
    const widest = Math.max(own, other);
    if (widest > 0) sum += (other - own) / widest;
  }
  return sum / n;
}

/** Agreement of two partitions, corrected for chance: 1 is the same, 0 what chance gives (Hubert and Arabie 1985). */
export function adjustedRand(a: Int32Array, b: Int32Array): number {
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const count = (keys: readonly (string | number)[]) => {
    const counts = new Map<string | number, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, size) => sum + pairs(size), 0);
  };
  const both = count([...a].map((cluster, i) => `${cluster},${b[i]}`));
  const [inA, inB, all] = [count([...a]), count([...b]), pairs(a.length)];
  const expected = (inA * inB) / all;
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}
