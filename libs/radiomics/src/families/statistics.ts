import type { Kernels } from '@concord/kernels';
import { ratio, undefinedBecause, type FamilyValues } from '../feature-value.js';
import { quantiles } from '../order-statistics.js';

const FLAT = 'all voxels have one intensity';

/**
 * Intensity-based statistics (IBSI UHIW) of the voxels of the intensity mask. Moments divide by the number of voxels;
 * kurtosis is excess; "median absolute deviation" is IBSI's mean of |x - median|.
 *
 * @param intensities at least one number
 */
export function intensityStatistics(intensities: Float64Array, kernels: Kernels): FamilyValues {
  const count = intensities.length;
  const [p10, p25, median, p75, p90] = quantiles(intensities, [0.1, 0.25, 0.5, 0.75, 0.9]);
  const { mean, m2, m3, m4, energy, min, max, mad, medad, rmad } = kernels.arena.scope(() =>
    sumsOf(kernels.arena.copy(intensities), { median, p10, p90 }, kernels),
  );
  return {
    stat_mean: mean,
    stat_var: m2,
    stat_skew: min === max ? undefinedBecause(FLAT) : m3 / m2 ** 1.5,
    stat_kurt: min === max ? undefinedBecause(FLAT) : m4 / (m2 * m2) - 3,
    stat_median: median,
    stat_min: min,
    stat_p10: p10,
    stat_p90: p90,
    stat_max: max,
    stat_iqr: p75 - p25,
    stat_range: max - min,
    stat_mad: mad,
    stat_rmad: rmad,
    stat_medad: medad,
    stat_cov: ratio(Math.sqrt(m2), mean, 'the mean intensity is 0'),
    stat_qcod: ratio(p75 - p25, p75 + p25, 'the 25th and 75th percentile add up to 0'),
    stat_energy: energy,
    stat_rms: Math.sqrt(energy / count),
  };
}

interface Middle {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

/** @param values from the arena */
function sumsOf(values: Float64Array, { median, p10, p90 }: Middle, kernels: Kernels) {
  const count = values.length;
  const out = kernels.arena.f64(4);
  kernels.now('intensities', 'summary', values, count, out);
  const [sum, energy, min, max] = out;
  const mean = min === max ? min : sum / count; // without rounding: the variance of a flat region is 0
  kernels.now('intensities', 'centralMoments', values, count, mean, out);
  const [second, third, fourth, absolute] = out;
  kernels.now('intensities', 'deviations', values, count, median, p10, p90, out);
  const [fromMedian, , coreSum, coreCount] = out;
  kernels.now('intensities', 'deviations', values, count, coreSum / coreCount, p10, p90, out);
  const none = undefinedBecause('no voxel lies between the 10th and 90th percentile');
  return {
    mean,
    energy,
    min,
    max,
    m2: second / count,
    m3: third / count,
    m4: fourth / count,
    mad: absolute / count,
    medad: fromMedian / count,
    rmad: coreCount === 0 ? none : out[1] / coreCount,
  };
}
