import { randomInteger, type RandomSource } from '@concord/numeric';

/**
 * A decision tree as flat lists, node 0 the root. A row goes left where its feature is at most the threshold.
 *
 * `feature` is -1 at a leaf; `leaf` is there the place of its first value in `values`, and -1 elsewhere.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leaf: readonly number[];
  readonly values: readonly number[];
}

/** A cut of some rows in two, and what it gains; larger is better. */
export interface Cut {
  readonly threshold: number;
  readonly gain: number;
}

/** What distinguishes kinds of trees. */
export interface TreeRules {
  /** Features looked at for each cut. */
  readonly tried: number;
  /** The best cut of rows by one feature; null where there is none. `ordered` are the rows ascending by `values`. */
  cut(ordered: Int32Array, values: Float64Array): Cut | null;
  /** Whether rows are not to be cut any more. */
  isLeaf(rows: Int32Array): boolean;
  leafValues(rows: Int32Array): ArrayLike<number>;
}

interface Waiting {
  readonly node: number;
  readonly rows: Int32Array;
}

/**
 * Grows a tree on rows that may repeat. Features are drawn without replacement at every node; of equal gains the feature
 * drawn first wins, so that the same source grows the same tree.
 */
export function growTree(
  columns: readonly Float64Array[],
  rows: Int32Array,
  rules: TreeRules,
  random: RandomSource,
): Tree {
  const tree = { feature: [0], threshold: [0], left: [-1], right: [-1], leaf: [-1], values: [] as number[] };
  const drawn = Int32Array.from(columns.keys());
  const stack: Waiting[] = [{ node: 0, rows }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, rows: here } = next;
    const best = rules.isLeaf(here) ? null : bestCut(columns, here, rules, drawn, random);
    tree.feature[node] = best?.feature ?? -1;
    tree.threshold[node] = best?.threshold ?? 0;
    if (best === null) {
      tree.leaf[node] = tree.values.length;
      tree.values.push(...Array.from(rules.leafValues(here)));
      continue;
    }
    const column = columns[best.feature];
    for (const side of ['left', 'right'] as const) {
      const child = tree.feature.length;
      tree[side][node] = child;
      for (const list of [tree.feature, tree.left, tree.right, tree.leaf]) list.push(-1);
      tree.threshold.push(0);
      const goes = here.filter((row) => column[row] <= best.threshold === (side === 'left'));
      stack.push({ node: child, rows: goes });
    }
  }
  return tree;
}

function bestCut(
  columns: readonly Float64Array[],
  rows: Int32Array,
  rules: TreeRules,
  drawn: Int32Array,
  random: RandomSource,
): { feature: number; threshold: number } | null {
  let best: { feature: number; threshold: number; gain: number } | null = null;
  for (let i = 0; i < Math.min(rules.tried, drawn.length); i++) {
    const at = i + randomInteger(random, drawn.length - i);
    [drawn[i], drawn[at]] = [drawn[at], drawn[i]];
    const feature = drawn[i];
    const values = columns[feature];
    const ordered = rows.slice().sort((a, b) => values[a] - values[b] || a - b);
    if (values[ordered[0]] === values[ordered[ordered.length - 1]]) continue;
    const found = rules.cut(ordered, values);
    if (found !== null && found.gain > 0 && (best === null || found.gain > best.gain)) best = { feature, ...found };
  }
  return best;
}

/** Between two values, never the upper one: rows at the lower go left, rows at the upper right. */
export function cutBetween(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

/** The leaf that a row falls into: place of its first value. */
export function leafOf(tree: Tree, valueOf: (feature: number) => number): number {
  let node = 0;
  while (tree.feature[node] >= 0) {
    node = valueOf(tree.feature[node]) <= tree.threshold[node] ? tree.left[node] : tree.right[node];
  }
  return tree.leaf[node];
}

/** Rows drawn with replacement, as many as there are, and those that were never drawn. */
export function bootstrapRows(rows: number, random: RandomSource): { drawn: Int32Array; left: Int32Array } {
  const counts = new Int32Array(rows);
  for (let i = 0; i < rows; i++) counts[randomInteger(random, rows)]++;
  const drawn: number[] = [];
  counts.forEach((count, row) => {
    for (let i = 0; i < count; i++) drawn.push(row);
  });
  return { drawn: Int32Array.from(drawn), left: Int32Array.from(counts.keys()).filter((row) => counts[row] === 0) };
}

/** Means over trees of the `width` values of each row's leaf, row after row. */
export function meanOverTrees(trees: readonly Tree[], columns: readonly Float64Array[], width: number): Float64Array {
  const rows = columns[0].length;
  const sums = new Float64Array(rows * width);
  for (const tree of trees) {
    for (let i = 0; i < rows; i++) {
      const leaf = leafOf(tree, (feature) => columns[feature][i]);
      for (let k = 0; k < width; k++) sums[i * width + k] += tree.values[leaf + k];
    }
  }
  return sums.map((sum) => sum / trees.length);
}
