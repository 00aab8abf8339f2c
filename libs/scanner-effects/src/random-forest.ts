import { randomInteger, type RandomSource } from '@concord/numeric';

/** A node of a tree: a leaf has class shares, another one a split. */
interface Node {
  readonly column: number;
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
  readonly shares: readonly number[] | null;
}

export interface RandomForest {
  readonly classCount: number;
  readonly trees: readonly (readonly Node[])[];
}

/**
 * A random forest (Breiman 2001): trees on bootstrap samples, each split by Gini impurity among √columns drawn at random,
 * grown until leaves are pure. Cost: trees × rows × √columns × depth × log rows.
 *
 * @param rows those to learn from
 */
export function fitForest(
  columns: readonly Float64Array[],
  classes: Uint32Array,
  classCount: number,
  rows: readonly number[],
  random: RandomSource,
  treeCount = 100,
): RandomForest {
  const tried = Math.max(1, Math.round(Math.sqrt(columns.length)));
  const trees = Array.from({ length: treeCount }, () => {
    const sample = rows.map(() => rows[randomInteger(random, rows.length)]);
    const nodes: Node[] = [];
    grow(nodes, sample, { columns, classes, classCount, random, tried });
    return nodes;
  });
  return { classCount, trees };
}

/** Mean class shares of the leaves that a row falls into. */
export function forestPosterior(forest: RandomForest, columns: readonly Float64Array[], row: number): number[] {
  const sums = new Array<number>(forest.classCount).fill(0);
  for (const nodes of forest.trees) {
    let node = nodes[0];
    while (node.shares === null) node = nodes[columns[node.column][row] <= node.threshold ? node.left : node.right];
    node.shares.forEach((share, c) => (sums[c] += share / forest.trees.length));
  }
  return sums;
}

interface Context {
  readonly columns: readonly Float64Array[];
  readonly classes: Uint32Array;
  readonly classCount: number;
  readonly random: RandomSource;
  readonly tried: number;
}

/** Appends the subtree of the rows and gives its position. */
function grow(nodes: Node[], rows: readonly number[], context: Context): number {
  const at = nodes.length;
  const counts = new Array<number>(context.classCount).fill(0);
  for (const row of rows) counts[context.classes[row]]++;
  const leaf = { column: -1, threshold: 0, left: -1, right: -1, shares: counts.map((count) => count / rows.length) };
  nodes.push(leaf);
  if (counts.filter((count) => count > 0).length < 2) return at;
  const split = bestSplit(rows, counts, context);
  if (split === null) return at;
  const values = context.columns[split.column];
  const left = grow(
    nodes,
    rows.filter((row) => values[row] <= split.threshold),
    context,
  );
  const right = grow(
    nodes,
    rows.filter((row) => values[row] > split.threshold),
    context,
  );
  nodes[at] = { ...split, left, right, shares: null };
  return at;
}

function bestSplit(rows: readonly number[], counts: readonly number[], context: Context) {
  const { columns, classes, random, tried, classCount } = context;
  let best: { column: number; threshold: number } | null = null;
  let bestScore = -Infinity;
  for (let k = 0; k < tried; k++) {
    const column = randomInteger(random, columns.length);
    const values = columns[column];
    const sorted = rows.slice().sort((a, b) => values[a] - values[b]);
    const left = new Array<number>(classCount).fill(0);
    const right = counts.slice();
    // Σ count² / size of both sides grows as impurity falls.
    let leftSquares = 0;
    let rightSquares = counts.reduce((sum, count) => sum + count * count, 0);
    for (let i = 0; i + 1 < sorted.length; i++) {
      const c = classes[sorted[i]];
      leftSquares += 2 * left[c]++ + 1;
      rightSquares -= 2 * right[c]-- - 1;
      const [here, next] = [values[sorted[i]], values[sorted[i + 1]]];
      if (here === next) continue;
      const score = leftSquares / (i + 1) + rightSquares / (sorted.length - i - 1);
      if (score > bestScore) {
        bestScore = score;
        best = { column, threshold: here + (next - here) / 2 };
      }
    }
  }
  return best;
}
