import type { Levels } from '../discretise.js';
import { undefinedBecause, ratio, type FamilyValues } from '../feature-value.js';

const FLAT = 'all voxels have one grey level';

/**
 * Intensity histogram (IBSI ZVCW): statistics of the grey levels. The histogram is dense over levels 1 to the highest
 * present. On a tie the mode is the bin nearest to the mean, then the lower one; the gradient is one-sided at the ends,
 * central inside, and the first bin wins a tie.
 */
export function intensityHistogram(levels: Levels): FamilyValues {
  const counts = Float64Array.from(levels.counts);
  const total = levels.values.length;
  const { mean, m2, m3, m4 } = moments(counts, total);
  const quantile = quantileOf(counts, total);
  const [min, p10, p25, median, p75, p90, max] = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1].map(quantile);
  const isFlat = min === max;
  return {
    ih_mean: mean,
    ih_var: m2,
    ih_skew: isFlat ? undefinedBecause(FLAT) : m3 / m2 ** 1.5,
    ih_kurt: isFlat ? undefinedBecause(FLAT) : m4 / (m2 * m2) - 3,
    ih_median: median,
    ih_min: min,
    ih_p10: p10,
    ih_p90: p90,
    ih_max: max,
    ih_mode: modeOf(counts, mean),
    ih_iqr: p75 - p25,
    ih_range: max - min,
    ih_mad: meanDeviation(counts, mean),
    ih_rmad: robustDeviation(counts, p10, p90),
    ih_medad: meanDeviation(counts, median),
    ih_cov: Math.sqrt(m2) / mean, // levels start at 1: never 0
    ih_qcod: ratio(p75 - p25, p75 + p25, FLAT),
    ih_entropy: sumOverLevels(counts, (_, p) => -p * Math.log2(p)),
    ih_uniformity: sumOverLevels(counts, (_, p) => p * p),
    ...gradients(counts),
  };
}

/** Sum of a term over the levels that occur; p is the level's share of the voxels. */
function sumOverLevels(counts: Float64Array, term: (level: number, p: number) => number): number {
  let total = 0;
  for (let g = 1; g < counts.length; g++) total += counts[g];
  let sum = 0;
  for (let g = 1; g < counts.length; g++) if (counts[g] > 0) sum += term(g, counts[g] / total);
  return sum;
}

function moments(counts: Float64Array, total: number) {
  let mean = 0;
  for (let g = 1; g < counts.length; g++) mean += g * counts[g];
  mean /= total;
  const central = (power: number): number => sumOverLevels(counts, (g, p) => p * (g - mean) ** power);
  return { mean, m2: central(2), m3: central(3), m4: central(4) };
}

/** Quantile of the sorted levels at position p (n - 1), linear between neighbours. */
function quantileOf(counts: Float64Array, total: number): (share: number) => number {
  const levelAt = (rank: number): number => {
    let before = 0;
    for (let g = 1; g < counts.length; g++) {
      before += counts[g];
      if (rank < before) return g;
    }
    return counts.length - 1;
  };
  return (share) => {
    const position = share * (total - 1);
    const rank = Math.floor(position);
    const level = levelAt(rank);
    return rank === position ? level : level + (position - rank) * (levelAt(rank + 1) - level);
  };
}

function modeOf(counts: Float64Array, mean: number): number {
  let mode = 1;
  for (let g = 2; g < counts.length; g++) {
    const isNearer = Math.abs(g - mean) < Math.abs(mode - mean);
    if (counts[g] > counts[mode] || (counts[g] === counts[mode] && isNearer)) mode = g;
  }
  return mode;
}

function meanDeviation(counts: Float64Array, centre: number): number {
  return sumOverLevels(counts, (g, p) => p * Math.abs(g - centre));
}

function robustDeviation(counts: Float64Array, p10: number, p90: number) {
  const core = counts.map((count, g) => (g >= p10 && g <= p90 ? count : 0));
  if (core.every((count) => count === 0)) {
    return undefinedBecause('no voxel lies between the 10th and 90th percentile');
  }
  return meanDeviation(
    core,
    sumOverLevels(core, (g, p) => g * p),
  );
}

function gradients(counts: Float64Array): FamilyValues {
  const last = counts.length - 1;
  if (last < 2) {
    const none = undefinedBecause('the histogram has one bin');
    return { ih_max_grad: none, ih_max_grad_g: none, ih_min_grad: none, ih_min_grad_g: none };
  }
  const gradient = (g: number): number => {
    if (g === 1) return counts[2] - counts[1];
    if (g === last) return counts[last] - counts[last - 1];
    return (counts[g + 1] - counts[g - 1]) / 2;
  };
  let steepestUp = 1;
  let steepestDown = 1;
  for (let g = 2; g <= last; g++) {
    if (gradient(g) > gradient(steepestUp)) steepestUp = g;
    if (gradient(g) < gradient(steepestDown)) steepestDown = g;
  }
  return {
    ih_max_grad: gradient(steepestUp),
    ih_max_grad_g: steepestUp,
    ih_min_grad: gradient(steepestDown),
    ih_min_grad_g: steepestDown,
  };
}
