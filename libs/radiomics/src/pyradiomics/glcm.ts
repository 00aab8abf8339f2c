import { anglesOf, stepMm, strideOf, type Angle } from './angles.js';
import { EPSILON } from './entropy.js';
import { maximalCorrelation } from './maximal-correlation.js';
import type { PairShares } from './pair-shares.js';
import { meanOverDirections, type TextureInput } from './texture-input.js';

/**
 * Grey level co-occurrence as PyRadiomics defines it: a matrix for each direction and distance, features averaged over
 * those that have a pair; or one matrix, weighted by distance, when a weighting norm is set.
 */
export function glcm(input: TextureInput): Record<string, number> {
  const { settings, levels } = input;
  const matrices = glcmMatrices(input);
  const features = matrices.map((counts) => {
    const pairs = pairShares(counts, levels.levelOf.length, settings.symmetricalGLCM);
    return pairs === null ? null : pairFeatures(pairs, levels.levelOf, levels.highest);
  });
  return meanOverDirections(features.filter((values) => values !== null));
}

/** Counts of each direction, directed, row-major; a single matrix when weighted. */
export function glcmMatrices(input: TextureInput): Float64Array[] {
  const { levels, grid, shape, voxels, size, spacingMm, settings, flatAxis } = input;
  const count = levels.levelOf.length;
  const angles = anglesOf(size, settings.distances, flatAxis);
  const { weightingNorm: norm } = settings;
  const total = norm === null ? null : new Float64Array(count * count);
  const matrices: Float64Array[] = [];
  for (const angle of angles) {
    const counts = new Float64Array(count * count);
    countPairsInPlace(counts, grid, voxels, strideOf(angle, shape), count);
    if (total === null) matrices.push(counts);
    else {
      const weight = pairWeight(stepMm(angle, spacingMm), norm);
      for (let n = 0; n < counts.length; n++) if (counts[n] > 0) total[n] += weight * counts[n];
    }
  }
  return total === null ? matrices : [total];
}

function countPairsInPlace(
  counts: Float64Array,
  grid: Uint16Array,
  voxels: Int32Array,
  stride: number,
  levelCount: number,
): void {
  for (let n = 0; n < voxels.length; n++) {
    const neighbour = grid[voxels[n] + stride];
    if (neighbour !== 0) counts[(grid[voxels[n]] - 1) * levelCount + neighbour - 1]++;
  }
}

function pairWeight(lengths: Angle, norm: string | null): number {
  const [z, y, x] = lengths;
  switch (norm) {
    case 'infinity':
      return Math.exp(-(Math.max(z, y, x) ** 2));
    case 'euclidean':
      return Math.exp(-(z * z + y * y + x * x));
    case 'manhattan':
      return Math.exp(-((z + y + x) ** 2));
    default:
      return 1;
  }
}

/** Null when no pair occurs. */
function pairShares(counts: Float64Array, size: number, isSymmetric: boolean): PairShares | null {
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  let total = 0;
  for (let i = 0, n = 0; i < size; i++) {
    for (let j = 0; j < size; j++, n++) {
      const value = isSymmetric ? counts[n] + counts[j * size + i] : counts[n];
      if (value === 0) continue;
      rows.push(i);
      columns.push(j);
      values.push(value);
      total += value;
    }
  }
  if (total === 0) return null;
  const rowShares = new Float64Array(size);
  const columnShares = new Float64Array(size);
  const shares = Float64Array.from(values, (value) => value / total);
  for (let n = 0; n < shares.length; n++) {
    rowShares[rows[n]] += shares[n];
    columnShares[columns[n]] += shares[n];
  }
  return { rows: Uint16Array.from(rows), columns: Uint16Array.from(columns), shares, rowShares, columnShares };
}

function pairFeatures(pairs: PairShares, levelOf: Float64Array, highest: number): Record<string, number> {
  const { rows, columns, shares } = pairs;
  const difference = new Float64Array(highest);
  const sum = new Float64Array(2 * highest + 1);
  let joint = 0;
  let energy = 0;
  let entropy = 0;
  let most = 0;
  for (let n = 0; n < shares.length; n++) {
    const [i, j, p] = [levelOf[rows[n]], levelOf[columns[n]], shares[n]];
    joint += p * i * j;
    energy += p * p;
    entropy -= p * Math.log2(p + EPSILON);
    if (p > most) most = p;
    difference[Math.abs(i - j)] += p;
    sum[i + j] += p;
  }
  const row = marginal(pairs.rowShares, levelOf);
  const column = marginal(pairs.columnShares, levelOf);
  const sums = sumFeatures(sum, row.mean + column.mean);
  const covariance = (sums.ClusterTendency - row.variance - column.variance) / 2;
  const deviations = Math.sqrt(row.variance) * Math.sqrt(column.variance);
  return {
    Autocorrelation: joint,
    ...sums,
    ...differenceFeatures(difference, highest),
    Correlation: deviations === 0 ? 1 : covariance / (deviations + EPSILON),
    ...informationFeatures(pairs, entropy, row.entropy, column.entropy),
    JointAverage: row.mean,
    JointEnergy: energy,
    JointEntropy: entropy,
    MCC: maximalCorrelation(pairs),
    MaximumProbability: most,
    SumSquares: row.variance,
  };
}

function marginal(shares: Float64Array, levelOf: Float64Array) {
  let mean = 0;
  let entropy = 0;
  for (let n = 0; n < shares.length; n++) {
    mean += levelOf[n] * shares[n];
    if (shares[n] > 0) entropy -= shares[n] * Math.log2(shares[n]);
  }
  let variance = 0;
  for (let n = 0; n < shares.length; n++) variance += (levelOf[n] - mean) ** 2 * shares[n];
  return { mean, variance, entropy };
}

/** @param centre mean of rows plus mean of columns */
function sumFeatures(sum: Float64Array, centre: number) {
  const values = { SumAverage: 0, SumEntropy: 0, ClusterTendency: 0, ClusterShade: 0, ClusterProminence: 0 };
  for (let k = 0; k < sum.length; k++) {
    const p = sum[k];
    if (p === 0) continue;
    const square = (k - centre) ** 2;
    values.SumAverage += k * p;
    values.SumEntropy -= p * Math.log2(p + EPSILON);
    values.ClusterTendency += square * p;
    values.ClusterShade += square * (k - centre) * p;
    values.ClusterProminence += square * square * p;
  }
  return values;
}

function differenceFeatures(difference: Float64Array, highest: number) {
  let average = 0;
  for (let k = 0; k < difference.length; k++) average += k * difference[k];
  const values = {
    Contrast: 0,
    DifferenceAverage: average,
    DifferenceEntropy: 0,
    DifferenceVariance: 0,
    Id: 0,
    Idm: 0,
    Idmn: 0,
    Idn: 0,
    InverseVariance: 0,
  };
  for (let k = 0; k < difference.length; k++) {
    const p = difference[k];
    if (p === 0) continue;
    values.Contrast += k * k * p;
    values.DifferenceEntropy -= p * Math.log2(p + EPSILON);
    values.DifferenceVariance += (k - average) ** 2 * p;
    values.Id += p / (1 + k);
    values.Idm += p / (1 + k * k);
    values.Idmn += p / (1 + (k * k) / (highest * highest));
    values.Idn += p / (1 + k / highest);
    if (k > 0) values.InverseVariance += p / (k * k);
  }
  return values;
}

/**
 * The information measures of correlation. PyRadiomics adds its epsilon to products of two marginal shares, which may be
 * as small as 1e-12: their logarithms are expanded to first order in it, so that no sum over all pairs of levels is due.
 */
function informationFeatures(pairs: PairShares, joint: number, rowEntropy: number, columnEntropy: number) {
  const { rows, columns, shares, rowShares, columnShares } = pairs;
  let ratios = 0;
  for (let n = 0; n < shares.length; n++) ratios += shares[n] / (rowShares[rows[n]] * columnShares[columns[n]]);
  const present = (marginals: Float64Array): number => marginals.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
  const [rowCount, columnCount] = [present(rowShares), present(columnShares)];
  const step = EPSILON / Math.LN2;
  const crossed = rowEntropy + columnEntropy - step * ratios;
  const independent = rowEntropy + columnEntropy - step * rowCount * columnCount;
  const largest = Math.max(rowEntropy - step * rowCount, columnEntropy - step * columnCount);
  const isFlat = rowCount === 1 && columnCount === 1;
  return {
    Imc1: isFlat ? 0 : (joint - crossed) / largest,
    Imc2: isFlat ? 0 : Math.sqrt(Math.max(0, 1 - Math.exp(-2 * (independent - joint)))),
  };
}
