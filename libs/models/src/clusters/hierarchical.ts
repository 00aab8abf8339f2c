/** A tree of merges, from the closest pair to the last. */
export interface Dendrogram {
  readonly n: number;
  /** For each merge the two items it joins: rows, or the row that stands for an earlier cluster (its lowest). */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly heights: Float64Array;
}

export type Linkage = 'ward' | 'average';

/** Euclidean distances between rows (row-major, n × p), as a full symmetric matrix. */
export function euclideanDistances(rows: Float64Array, p: number): Float64Array {
  const n = rows.length / p;
  const distances = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      let sum = 0;
      for (let a = i * p, b = j * p, end = a + p; a < end; a++, b++) sum += (rows[a] - rows[b]) * (rows[a] - rows[b]);
      distances[i * n + j] = distances[j * n + i] = Math.sqrt(sum);
    }
  }
  return distances;
}

/**
 * Agglomerative clustering: Ward's criterion on squared distances (heights as distances, "ward.D2"), or the mean
 * distance. Of equal distances the pair with the lowest rows is joined first. O(n²) as a rule.
 *
 * @param distances full symmetric matrix; not changed
 * @see Murtagh and Legendre, J Classif 31 (2014); Lance and Williams 1967
 */
export function hierarchicalClusters(distances: Float64Array, n: number, linkage: Linkage): Dendrogram {
  const isWard = linkage === 'ward';
  const d = isWard ? distances.map((value) => value * value) : distances.slice();
  const sizes = new Float64Array(n).fill(1);
  // Items still apart, ascending.
  const alive = Int32Array.from({ length: n }, (_, i) => i);
  const nearest = new Int32Array(n).fill(-1);
  const gap = new Float64Array(n).fill(Infinity);
  let count = n;
  const look = (at: number): void => {
    const i = alive[at];
    let least = Infinity;
    let found = -1;
    for (let k = at + 1; k < count; k++) {
      const value = d[i * n + alive[k]];
      if (value < least) {
        least = value;
        found = alive[k];
      }
    }
    nearest[i] = found;
    gap[i] = least;
  };
  for (let at = 0; at < n - 1; at++) look(at);
  const steps = Math.max(0, n - 1);
  const left = new Int32Array(steps);
  const right = new Int32Array(steps);
  const heights = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    let a = alive[0];
    for (let k = 1; k < count - 1; k++) if (gap[alive[k]] < gap[a]) a = alive[k];
    const b = nearest[a];
    const height = gap[a];
    left[step] = a;
    right[step] = b;
    heights[step] = isWard ? Math.sqrt(height) : height;
    const [sizeA, sizeB] = [sizes[a], sizes[b]];
    let removed = count;
    for (let k = 0; k < count; k++) {
      const c = alive[k];
      if (c === b) removed = k;
      if (c === a || c === b) continue;
      const [ac, bc, sizeC] = [d[a * n + c], d[b * n + c], sizes[c]];
      const merged = isWard
        ? ((sizeA + sizeC) * ac + (sizeB + sizeC) * bc - sizeC * height) / (sizeA + sizeB + sizeC)
        : (sizeA * ac + sizeB * bc) / (sizeA + sizeB);
      d[a * n + c] = d[c * n + a] = merged;
    }
    sizes[a] = sizeA + sizeB;
    alive.copyWithin(removed, removed + 1, count);
    count--;
    for (let at = 0; at < count - 1; at++) {
      const i = alive[at];
      if (i === a || nearest[i] === a || nearest[i] === b) look(at);
    }
  }
  return { n, left, right, heights };
}

/** The clusters when the tree is cut into k: 0 … k - 1 in the order of their first rows. */
export function cutTree({ n, left, right }: Dendrogram, k: number): Int32Array {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (let step = 0; step < n - k; step++) {
    const [a, b] = [find(left[step]), find(right[step])];
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  const labels = new Int32Array(n).fill(-1);
  const result = new Int32Array(n);
  let next = 0;
  for (let i = 0; i < n; i++) {
    const root = find(i);
    if (labels[root] < 0) labels[root] = next++;
    result[i] = labels[root];
  }
  return result;
}
