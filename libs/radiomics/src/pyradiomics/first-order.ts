import { quantiles } from '../order-statistics.js';
import type { Levels } from './bins.js';
import { entropyWithEpsilon } from './entropy.js';

/**
 * First-order statistics as PyRadiomics defines them: kurtosis is not excess, energies take the shift first.
 *
 * @param intensities of the region, at least one
 * @param voxelVolumeMm3 for TotalEnergy
 */
export function firstOrder(
  intensities: Float64Array,
  levels: Levels,
  voxelVolumeMm3: number,
  shift: number,
): Record<string, number> {
  const count = intensities.length;
  const { mean, energy, absolute, m2, m3, m4 } = moments(intensities, shift);
  const [p10, p25, median, p75, p90] = quantiles(Float64Array.from(intensities), [0.1, 0.25, 0.5, 0.75, 0.9]);
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < count; n++) {
    if (intensities[n] < low) low = intensities[n];
    if (intensities[n] > high) high = intensities[n];
  }
  const shares = levelShares(levels);
  const spread = m2 === 0 ? 1 : m2; // PyRadiomics' value for a flat region is then 0
  return {
    '10Percentile': p10,
    '90Percentile': p90,
    Energy: energy,
    Entropy: entropyWithEpsilon(shares),
    InterquartileRange: p75 - p25,
    Kurtosis: m4 / spread ** 2,
    Maximum: high,
    MeanAbsoluteDeviation: absolute,
    Mean: mean,
    Median: median,
    Minimum: low,
    Range: high - low,
    RobustMeanAbsoluteDeviation: deviationWithin(intensities, p10, p90),
    RootMeanSquared: Math.sqrt(energy / count),
    Skewness: m3 / spread ** 1.5,
    StandardDeviation: Math.sqrt(m2),
    TotalEnergy: energy * voxelVolumeMm3,
    Uniformity: shares.reduce((sum, share) => sum + share * share, 0),
    Variance: m2,
  };
}

function moments(intensities: Float64Array, shift: number) {
  const count = intensities.length;
  let sum = 0;
  let energy = 0;
  for (let n = 0; n < count; n++) {
    sum += intensities[n];
    energy += (intensities[n] + shift) ** 2;
  }
  const mean = sum / count;
  let absolute = 0;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let n = 0; n < count; n++) {
    const deviation = intensities[n] - mean;
    const square = deviation * deviation;
    absolute += Math.abs(deviation);
    m2 += square;
    m3 += square * deviation;
    m4 += square * square;
  }
  return { mean, energy, absolute: absolute / count, m2: m2 / count, m3: m3 / count, m4: m4 / count };
}

/** Mean distance from their mean of those between two percentiles, both included. */
function deviationWithin(intensities: Float64Array, low: number, high: number): number {
  let count = 0;
  let sum = 0;
  for (let n = 0; n < intensities.length; n++) {
    if (intensities[n] < low || intensities[n] > high) continue;
    count++;
    sum += intensities[n];
  }
  const mean = sum / count;
  let absolute = 0;
  for (let n = 0; n < intensities.length; n++) {
    if (intensities[n] >= low && intensities[n] <= high) absolute += Math.abs(intensities[n] - mean);
  }
  return absolute / count;
}

function levelShares({ ranks, levelOf }: Levels): Float64Array {
  const counts = new Float64Array(levelOf.length);
  for (let n = 0; n < ranks.length; n++) counts[ranks[n] - 1]++;
  return counts.map((n) => n / ranks.length);
}
