import { log2OfCount } from '../log2.js';
import { undefinedBecause, type FeatureOutcome } from '../feature-value.js';

/**
 * Counts by grey level and by one more whole number: the length of a run, the size or distance of a zone, the number of
 * dependent voxels.
 */
export interface LevelMatrix {
  /** Row-major: `[rank * columnOf.length + column]`. */
  readonly counts: Uint32Array;
  /** Grey level of each row, ascending. */
  readonly levelOf: Float64Array;
  /** The other number of each column, ascending, from 1. */
  readonly columnOf: Float64Array;
  /** What the percentage is of: voxels, times directions for merged matrices of runs. */
  readonly visits: number;
}

/** Counts of every row and of every column, and what needs each cell. */
interface Sums {
  readonly total: number;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly smallLow: number;
  readonly smallHigh: number;
  readonly largeLow: number;
  readonly largeHigh: number;
  readonly logSum: number;
  readonly squares: number;
}

/**
 * The sixteen features that GLRLM, GLSZM, GLDZM and NGLDM share, in the order of the IBSI manual, and energy (NGLDM's
 * seventeenth): emphases of the column (small, large), of the level (low, high) and of both; non-uniformity of levels
 * and of columns, each also normalised; percentage; variances of level and of column; entropy (base 2).
 */
export function emphases(matrix: LevelMatrix): FeatureOutcome[] {
  const { total, rows, columns, ...sums } = sumsOf(matrix);
  if (total === 0) return Array.from({ length: 17 }, () => undefinedBecause('nothing was counted on this region'));
  const level = marginOf(rows, matrix.levelOf, total);
  const column = marginOf(columns, matrix.columnOf, total);
  return [
    column.low,
    column.high,
    level.low,
    level.high,
    sums.smallLow / total,
    sums.smallHigh / total,
    sums.largeLow / total,
    sums.largeHigh / total,
    level.squares / total,
    level.squares / (total * total),
    column.squares / total,
    column.squares / (total * total),
    total / matrix.visits,
    level.variance,
    column.variance,
    // -sum p log2 p with p = count / total; exactly 0 for a single cell
    sums.squares === total * total ? 0 : Math.log2(total) - sums.logSum / total,
    sums.squares / (total * total),
  ];
}

function sumsOf({ counts, levelOf, columnOf }: LevelMatrix): Sums {
  const width = columnOf.length;
  const rows = new Float64Array(levelOf.length);
  const columns = new Float64Array(width);
  let [total, smallLow, smallHigh, largeLow, largeHigh, logSum, squares] = [0, 0, 0, 0, 0, 0, 0];
  for (let a = 0; a < levelOf.length; a++) {
    let [row, small, large] = [0, 0, 0];
    for (let c = 0; c < width; c++) {
      const count = counts[a * width + c];
      if (count === 0) continue;
      const value2 = columnOf[c] * columnOf[c];
      row += count;
      columns[c] += count;
      small += count / value2;
      large += count * value2;
      squares += count * count;
      if (count > 1) logSum += count * log2OfCount(count);
    }
    const level2 = levelOf[a] * levelOf[a];
    rows[a] = row;
    total += row;
    smallLow += small / level2;
    smallHigh += small * level2;
    largeLow += large / level2;
    largeHigh += large * level2;
  }
  return { total, rows, columns, smallLow, smallHigh, largeLow, largeHigh, logSum, squares };
}

function marginOf(counts: Float64Array, values: Float64Array, total: number) {
  let [sum, low, high, squares] = [0, 0, 0, 0];
  for (let n = 0; n < counts.length; n++) {
    const value2 = values[n] * values[n];
    sum += counts[n] * values[n];
    low += counts[n] / value2;
    high += counts[n] * value2;
    squares += counts[n] * counts[n];
  }
  const mean = sum / total;
  let variance = 0;
  for (let n = 0; n < counts.length; n++) variance += counts[n] * (values[n] - mean) ** 2;
  return { low: low / total, high: high / total, squares, variance: variance / total };
}
