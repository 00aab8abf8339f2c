import { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset } from '@concord/kernels';
import { undefinedBecause, type FeatureOutcome } from '../feature-value.js';
import { log2OfCount } from '../log2.js';
import type { TextureGrid } from '../texture-grid.js';
import { addCounts, type MatrixFeatures, type MatrixKind } from './aggregate.js';

/** Directions that one call counts. */
const DIRECTIONS_A_CALL = 4;

/** Counts of one direction, see `pairs` in the kernels; the opposite direction is the transpose. */
export const PAIRS: MatrixKind<Uint32Array> = {
  size: (grid, isSpatial) => (isSpatial ? 13 : 4) * (grid.levelOf.length + 1) ** 2,
  start: (kernels, grid, parts, isSpatial) => {
    const steps = isSpatial ? DIRECTIONS_3D : DIRECTIONS_2D;
    const levelCount = grid.levelOf.length;
    const size = (levelCount + 1) ** 2;
    const offsets = kernels.arena.i32(steps.length);
    offsets.set(steps.map((step) => stepOffset(step, grid.shape[0], grid.shape[1])));
    const counts = parts.map(() => kernels.arena.u32(size * steps.length));
    const calls = parts.flatMap(({ spans }, p) =>
      steps.flatMap((_, d) => {
        if (d % DIRECTIONS_A_CALL !== 0) return [];
        const own = offsets.subarray(d, d + DIRECTIONS_A_CALL);
        const to = counts[p].subarray(d * size);
        const { ranks } = grid;
        return kernels.call('texture', 'pairs', ranks, spans, spans.length / 2, own, own.length, levelCount, to);
      }),
    );
    const results = (): Uint32Array[][] =>
      counts.map((part) => steps.map((_, d) => part.subarray(d * size, (d + 1) * size)));
    return { calls, results };
  },
  merge: addCounts,
};

/**
 * Grey level co-occurrence (IBSI LFYI), Chebyshev distance 1, symmetric. Logarithms are base 2.
 *
 * A matrix without any pair has no features. For one grey level IBSI leaves correlation and information correlation 1
 * open; here they are 1 and 0, as in PyRadiomics.
 */
export const glcm: MatrixFeatures<Uint32Array> = (counts, grid) => {
  const pairs = pairDistributions(counts, grid);
  if (pairs === null) return Array.from({ length: 25 }, () => undefinedBecause(NO_PAIRS));
  const { mean, variance, jointEntropy, marginalEntropy, product } = pairs;
  const difference = differenceFeatures(pairs.difference, grid.highest);
  const sum = sumFeatures(pairs.sum);
  // By symmetry HX = HY and HXY1 = HXY2 = 2 HX.
  const gap = Math.max(0, 2 * marginalEntropy - jointEntropy);
  const isFlat = marginalEntropy === 0;
  return [
    pairs.jointMax,
    mean,
    variance,
    jointEntropy,
    difference.average,
    difference.variance,
    difference.entropy,
    sum.average,
    sum.variance,
    sum.entropy,
    pairs.jointEnergy,
    difference.contrast,
    difference.average, // dissimilarity
    difference.inverse,
    difference.inverseNormalised,
    difference.inverseMoment,
    difference.inverseMomentNormalised,
    difference.inverseVariance,
    isFlat ? 1 : (product - mean * mean) / variance,
    product,
    sum.variance, // cluster tendency
    sum.shade,
    sum.prominence,
    isFlat ? 0 : -gap / marginalEntropy,
    Math.sqrt(1 - Math.exp(-2 * gap)),
  ] satisfies FeatureOutcome[];
};

export const NO_PAIRS = 'no two neighbouring voxels along this direction';

interface PairDistributions {
  readonly jointMax: number;
  readonly jointEnergy: number;
  readonly jointEntropy: number;
  /** Sum of i j p(i, j). */
  readonly product: number;
  readonly mean: number;
  readonly variance: number;
  readonly marginalEntropy: number;
  /** Shares of |i - j| = k at index k. */
  readonly difference: Float64Array;
  /** Shares of i + j = k at index k. */
  readonly sum: Float64Array;
}

/** Number of pairs in the counts of a direction, those with the outside left out. */
export function pairCount(counts: Uint32Array, levelCount: number): number {
  let total = 0;
  for (let a = 1; a <= levelCount; a++) {
    const row = a * (levelCount + 1);
    for (let b = 1; b <= levelCount; b++) total += counts[row + b];
  }
  return total;
}

/** One pass over the counts of one direction and their transpose; null without any pair. */
function pairDistributions(counts: Uint32Array, { levelOf, highest }: TextureGrid): PairDistributions | null {
  const levelCount = levelOf.length;
  const width = levelCount + 1;
  const total = pairCount(counts, levelCount);
  if (total === 0) return null;
  const marginal = new Float64Array(levelCount);
  const difference = new Float64Array(highest);
  const sum = new Float64Array(2 * highest + 1);
  const logTotal = Math.log2(2 * total);
  let [jointMax, squares, entropy, product] = [0, 0, 0, 0];
  for (let a = 1; a <= levelCount; a++) {
    const level = levelOf[a - 1];
    let row = 0;
    for (let b = 1; b < a; b++) {
      const either = counts[a * width + b] + counts[b * width + a]; // of i j and j i together
      if (either === 0) continue;
      const other = levelOf[b - 1];
      if (either > jointMax) jointMax = either;
      squares += either * either;
      entropy += either * (logTotal - log2OfCount(either));
      product += either * level * other;
      difference[level - other] += either;
      sum[level + other] += either;
      row += either;
      marginal[b - 1] += either;
    }
    const same = 2 * counts[a * width + a]; // both directions
    marginal[a - 1] += row + same;
    if (same === 0) continue;
    if (same > jointMax) jointMax = same;
    squares += (same * same) / 2;
    entropy += (same * (logTotal - log2OfCount(same))) / 2;
    product += (same * level * level) / 2;
    difference[0] += same / 2;
    sum[2 * level] += same / 2;
  }
  return {
    jointMax: jointMax / (2 * total),
    jointEnergy: squares / (2 * total * total),
    jointEntropy: entropy / total,
    product: product / total,
    difference: sharesOf(difference, total),
    sum: sharesOf(sum, total),
    ...marginalMoments(sharesOf(marginal, 2 * total), levelOf),
  };
}

function sharesOf(counts: Float64Array, total: number): Float64Array {
  for (let n = 0; n < counts.length; n++) counts[n] /= total;
  return counts;
}

function marginalMoments(marginal: Float64Array, levelOf: Float64Array) {
  let mean = 0;
  let marginalEntropy = 0;
  for (let a = 0; a < marginal.length; a++) {
    mean += levelOf[a] * marginal[a];
    if (marginal[a] > 0) marginalEntropy -= marginal[a] * Math.log2(marginal[a]);
  }
  let variance = 0;
  for (let a = 0; a < marginal.length; a++) variance += (levelOf[a] - mean) ** 2 * marginal[a];
  return { mean, variance, marginalEntropy };
}

function differenceFeatures(shares: Float64Array, highest: number) {
  let [average, entropy, contrast] = [0, 0, 0];
  let [inverse, inverseNormalised, inverseMoment, inverseMomentNormalised, inverseVariance] = [0, 0, 0, 0, 0];
  for (let k = 0; k < shares.length; k++) {
    const p = shares[k];
    if (p === 0) continue;
    const k2 = k * k;
    average += k * p;
    contrast += k2 * p;
    entropy -= p * Math.log2(p);
    inverse += p / (1 + k);
    inverseNormalised += p / (1 + k / highest);
    inverseMoment += p / (1 + k2);
    inverseMomentNormalised += p / (1 + k2 / (highest * highest));
    if (k > 0) inverseVariance += p / k2;
  }
  let variance = 0;
  for (let k = 0; k < shares.length; k++) variance += shares[k] * (k - average) * (k - average);
  return {
    average,
    variance,
    entropy,
    contrast,
    inverse,
    inverseNormalised,
    inverseMoment,
    inverseMomentNormalised,
    inverseVariance,
  };
}

function sumFeatures(shares: Float64Array) {
  let [average, entropy] = [0, 0];
  for (let k = 2; k < shares.length; k++) {
    const p = shares[k];
    if (p === 0) continue;
    average += k * p;
    entropy -= p * Math.log2(p);
  }
  let [variance, shade, prominence] = [0, 0, 0];
  for (let k = 2; k < shares.length; k++) {
    const d = k - average;
    const square = shares[k] * d * d;
    variance += square;
    shade += square * d;
    prominence += square * d * d;
  }
  return { average, entropy, variance, shade, prominence };
}
