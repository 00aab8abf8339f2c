import { ratio, undefinedBecause, type FamilyValues } from '../feature-value.js';
import { quantiles } from '../order-statistics.js';

const FLAT = 'all voxels have one intensity';

/**
 * Intensity-based statistics (IBSI UHIW) of the voxels of the intensity mask. Moments divide by the number of voxels;
 * kurtosis is excess; "median absolute deviation" is IBSI's mean of |x - median|.
 *
 * @param intensities at least one number
 */
export function intensityStatistics(intensities: Float64Array): FamilyValues {
  const [p10, p25, median, p75, p90] = quantiles(intensities, [0.1, 0.25, 0.5, 0.75, 0.9]);
  const { mean, m2, m3, m4, energy, min, max } = moments(intensities);
  const { mad, medad, rmad } = deviations(intensities, mean, median, p10, p90);
  const count = intensities.length;
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

function moments(values: Float64Array) {
  const count = values.length;
  let sum = 0;
  let energy = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let n = 0; n < count; n++) {
    const x = values[n];
    sum += x;
    energy += x * x;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const mean = min === max ? min : sum / count; // without rounding: the variance of a flat region is 0
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let n = 0; n < count; n++) {
    const d = values[n] - mean;
    const d2 = d * d;
    m2 += d2;
    m3 += d2 * d;
    m4 += d2 * d2;
  }
  return { mean, m2: m2 / count, m3: m3 / count, m4: m4 / count, energy, min, max };
}

function deviations(values: Float64Array, mean: number, median: number, p10: number, p90: number) {
  let mad = 0;
  let medad = 0;
  let coreSum = 0;
  let coreCount = 0;
  for (let n = 0; n < values.length; n++) {
    const x = values[n];
    mad += Math.abs(x - mean);
    medad += Math.abs(x - median);
    if (x < p10 || x > p90) continue;
    coreSum += x;
    coreCount++;
  }
  const coreMean = coreSum / coreCount;
  let rmad = 0;
  for (let n = 0; n < values.length; n++) {
    const x = values[n];
    if (x >= p10 && x <= p90) rmad += Math.abs(x - coreMean);
  }
  const rmadMean =
    coreCount === 0 ? undefinedBecause('no voxel lies between the 10th and 90th percentile') : rmad / coreCount;
  return { mad: mad / values.length, medad: medad / values.length, rmad: rmadMean };
}
