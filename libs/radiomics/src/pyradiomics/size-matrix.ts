import { EPSILON } from './entropy.js';

/** A sparse matrix of counts: how often a grey level meets a size (of a run, a zone, a dependence). */
export interface SizeCounts {
  readonly levels: readonly number[];
  readonly sizes: readonly number[];
  readonly counts: readonly number[];
}

/** What the run length, size zone and dependence classes have in common, before each gives it its own names. */
export interface SizeStatistics {
  readonly smallEmphasis: number;
  readonly largeEmphasis: number;
  readonly levelNonUniformity: number;
  readonly levelNonUniformityNormalized: number;
  readonly sizeNonUniformity: number;
  readonly sizeNonUniformityNormalized: number;
  /** Elements for each voxel that they cover. */
  readonly percentage: number;
  readonly levelVariance: number;
  readonly sizeVariance: number;
  readonly entropy: number;
  readonly lowLevelEmphasis: number;
  readonly highLevelEmphasis: number;
  readonly smallLowEmphasis: number;
  readonly smallHighEmphasis: number;
  readonly largeLowEmphasis: number;
  readonly largeHighEmphasis: number;
}

/** @returns null when nothing was counted */
export function sizeStatistics({ levels, sizes, counts }: SizeCounts): SizeStatistics | null {
  let total = 0;
  let covered = 0;
  const sums = new Float64Array(8); // of count * level^a * size^b, in the order of the emphases below
  const ofLevel = new Map<number, number>();
  const ofSize = new Map<number, number>();
  for (let n = 0; n < counts.length; n++) {
    const count = counts[n];
    const [level2, size2] = [levels[n] ** 2, sizes[n] ** 2];
    total += count;
    covered += count * sizes[n];
    sums[0] += count / size2;
    sums[1] += count * size2;
    sums[2] += count / level2;
    sums[3] += count * level2;
    sums[4] += count / (level2 * size2);
    sums[5] += (count * level2) / size2;
    sums[6] += (count * size2) / level2;
    sums[7] += count * level2 * size2;
    ofLevel.set(levels[n], (ofLevel.get(levels[n]) ?? 0) + count);
    ofSize.set(sizes[n], (ofSize.get(sizes[n]) ?? 0) + count);
  }
  if (total === 0) return null;
  let entropy = 0;
  for (const count of counts) entropy -= (count / total) * Math.log2(count / total + EPSILON);
  const [levelSquares, sizeSquares] = [squares(ofLevel), squares(ofSize)];
  return {
    smallEmphasis: sums[0] / total,
    largeEmphasis: sums[1] / total,
    levelNonUniformity: levelSquares / total,
    levelNonUniformityNormalized: levelSquares / total ** 2,
    sizeNonUniformity: sizeSquares / total,
    sizeNonUniformityNormalized: sizeSquares / total ** 2,
    percentage: total / covered,
    levelVariance: variance(ofLevel, total),
    sizeVariance: variance(ofSize, total),
    entropy,
    lowLevelEmphasis: sums[2] / total,
    highLevelEmphasis: sums[3] / total,
    smallLowEmphasis: sums[4] / total,
    smallHighEmphasis: sums[5] / total,
    largeLowEmphasis: sums[6] / total,
    largeHighEmphasis: sums[7] / total,
  };
}

function squares(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count * count;
  return sum;
}

function variance(counts: ReadonlyMap<number, number>, total: number): number {
  let mean = 0;
  for (const [value, count] of counts) mean += (value * count) / total;
  let sum = 0;
  for (const [value, count] of counts) sum += ((value - mean) ** 2 * count) / total;
  return sum;
}
