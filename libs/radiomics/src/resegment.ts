import type { Region } from './region.js';
import type { Resegmentation } from './settings.js';

/**
 * Re-segments the intensity mask by range and outliers; the morphological mask stays.
 *
 * Both bounds are closed. Outlier bounds come from all voxels of the region, before the range is applied (IBSI 1,
 * sections 2.5.1 and 2.5.2; on configurations D and E this gives the reference voxel counts).
 *
 * @returns the region with what is left, possibly nothing
 */
export function resegment(region: Region, { range, outlierSigma }: Resegmentation): Region {
  let lower = range?.[0] ?? -Infinity;
  let upper = range?.[1] ?? Infinity;
  if (outlierSigma !== null) {
    const { mean, deviation } = meanAndDeviation(region.intensities);
    lower = Math.max(lower, mean - outlierSigma * deviation);
    upper = Math.min(upper, mean + outlierSigma * deviation);
  }
  let kept = 0;
  for (let n = 0; n < region.voxels.length; n++) {
    if (region.intensities[n] >= lower && region.intensities[n] <= upper) kept++;
  }
  if (kept === region.voxels.length) return region;
  const voxels = new Int32Array(kept);
  const intensities = new Float64Array(kept);
  let next = 0;
  for (let n = 0; n < region.voxels.length; n++) {
    const x = region.intensities[n];
    if (x < lower || x > upper) continue;
    voxels[next] = region.voxels[n];
    intensities[next++] = x;
  }
  return { ...region, voxels, intensities };
}

function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  let mean = 0;
  for (let n = 0; n < values.length; n++) mean += values[n];
  mean /= values.length;
  let squares = 0;
  for (let n = 0; n < values.length; n++) squares += (values[n] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
