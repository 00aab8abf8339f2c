import { tagsOf } from '../catalogue.js';
import { undefinedBecause, type FamilyValues } from '../feature-value.js';
import type { DirectionalFamily } from './aggregate.js';

/**
 * Grey level co-occurrence (IBSI LFYI), Chebyshev distance 1, symmetric. Logarithms are base 2.
 *
 * A matrix without any pair has no features. For one grey level IBSI leaves correlation and information correlation 1
 * open; here they are 1 and 0, as in PyRadiomics.
 */
export const GLCM: DirectionalFamily = {
  tags: tagsOf('glcm'),
  size: ({ levelOf }) => levelOf.length ** 2,
  accumulateInPlace: (kernels, { ranks, levelOf }, voxels, offset, counts) =>
    kernels.now('texture', 'pairs', ranks, voxels, voxels.length, offset, levelOf.length, counts),
  features: ({ levelOf, highest }, { counts }) => {
    const pairs = pairDistributions(counts, levelOf, highest);
    if (pairs === null) return noPairs();
    return { ...jointFeatures(pairs), ...differenceFeatures(pairs), ...sumFeatures(pairs) };
  },
};

function noPairs(): FamilyValues {
  const none = undefinedBecause('no two neighbouring voxels along this direction');
  return Object.fromEntries(GLCM.tags.map((tag) => [tag, none]));
}

interface PairDistributions {
  readonly highest: number;
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

/** One pass over the counts of one direction; the opposite direction is its transpose. */
function pairDistributions(counts: Float64Array, levelOf: Float64Array, highest: number): PairDistributions | null {
  const size = levelOf.length;
  let total = 0;
  for (let n = 0; n < counts.length; n++) total += counts[n];
  if (total === 0) return null;
  const marginal = new Float64Array(size);
  const difference = new Float64Array(highest);
  const sum = new Float64Array(2 * highest + 1);
  let jointMax = 0;
  let jointEnergy = 0;
  let jointEntropy = 0;
  let product = 0;
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      const either = counts[a * size + b] + (a === b ? 0 : counts[b * size + a]);
      if (either === 0) continue;
      const share = either / total; // of i j and j i together
      const p = a === b ? share : share / 2;
      jointMax = Math.max(jointMax, p);
      jointEnergy += share * p;
      jointEntropy -= share * Math.log2(p);
      product += share * levelOf[a] * levelOf[b];
      difference[levelOf[a] - levelOf[b]] += share;
      sum[levelOf[a] + levelOf[b]] += share;
      marginal[a] += share / 2;
      marginal[b] += share / 2;
    }
  }
  return {
    highest,
    jointMax,
    jointEnergy,
    jointEntropy,
    product,
    difference,
    sum,
    ...marginalMoments(marginal, levelOf),
  };
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

/** Sum of a term over the values that occur. */
function expectation(shares: Float64Array, term: (value: number, share: number) => number): number {
  let sum = 0;
  for (let k = 0; k < shares.length; k++) if (shares[k] > 0) sum += term(k, shares[k]);
  return sum;
}

function entropy(shares: Float64Array): number {
  return expectation(shares, (_, share) => -share * Math.log2(share));
}

function jointFeatures(pairs: PairDistributions): FamilyValues {
  const { mean, variance, jointEntropy, marginalEntropy, product } = pairs;
  // By symmetry HX = HY and HXY1 = HXY2 = 2 HX.
  const gap = Math.max(0, 2 * marginalEntropy - jointEntropy);
  const isFlat = marginalEntropy === 0;
  return {
    cm_joint_max: pairs.jointMax,
    cm_joint_avg: mean,
    cm_joint_var: variance,
    cm_joint_entr: jointEntropy,
    cm_energy: pairs.jointEnergy,
    cm_corr: isFlat ? 1 : (product - mean * mean) / variance,
    cm_auto_corr: product,
    cm_info_corr1: isFlat ? 0 : -gap / marginalEntropy,
    cm_info_corr2: Math.sqrt(1 - Math.exp(-2 * gap)),
  };
}

function differenceFeatures({ difference, highest }: PairDistributions): FamilyValues {
  const average = expectation(difference, (k, share) => k * share);
  return {
    cm_diff_avg: average,
    cm_diff_var: expectation(difference, (k, share) => (k - average) ** 2 * share),
    cm_diff_entr: entropy(difference),
    cm_contrast: expectation(difference, (k, share) => k * k * share),
    cm_dissimilarity: average,
    cm_inv_diff: expectation(difference, (k, share) => share / (1 + k)),
    cm_inv_diff_norm: expectation(difference, (k, share) => share / (1 + k / highest)),
    cm_inv_diff_mom: expectation(difference, (k, share) => share / (1 + k * k)),
    cm_inv_diff_mom_norm: expectation(difference, (k, share) => share / (1 + (k / highest) ** 2)),
    cm_inv_var: expectation(difference, (k, share) => (k === 0 ? 0 : share / (k * k))),
  };
}

function sumFeatures({ sum }: PairDistributions): FamilyValues {
  const average = expectation(sum, (k, share) => k * share);
  const central = (power: number): number => expectation(sum, (k, share) => (k - average) ** power * share);
  return {
    cm_sum_avg: average,
    cm_sum_var: central(2),
    cm_sum_entr: entropy(sum),
    cm_clust_tend: central(2),
    cm_clust_shade: central(3),
    cm_clust_prom: central(4),
  };
}
