import { markUnmeasuredInPlace, type Mask, type Volume } from '@concord/imaging';
import { FlatImageError } from './errors.js';
import { quantiles } from './order-statistics.js';
import type { Normalisation } from './settings.js';

/**
 * Brings the intensities of images without a unit (MR, ultrasound) onto a common scale, before resampling.
 *
 * `z-score` gives `scale * (x - mean) / population standard deviation`, `percentiles` puts two percentiles (linear, at
 * position p (n - 1)) onto the ends of the target. What is measured for that: all voxels, those of the region, or those
 * of tissue: brighter than a threshold, which is Otsu's (IEEE Trans. Syst. Man Cybern. 9(1), 1979, on 256 bins) when none
 * is given.
 *
 * @param mask region on the grid of the image, where it is measured
 * @param paddingValues intensities that are no measurement; they become NaN and are not measured
 * @throws {FlatImageError} if what is measured holds one value only, or nothing
 */
export function normalise(
  volume: Volume,
  mask: Mask | null,
  normalisation: Normalisation,
  paddingValues: readonly number[],
): Volume {
  const values = Float64Array.from(volume.data);
  markUnmeasuredInPlace(values, paddingValues);
  const { slope, intercept } = scaleOf(measured(values, mask, normalisation), normalisation);
  const [low, high] = [normalisation.saturation?.[0] ?? -Infinity, normalisation.saturation?.[1] ?? Infinity];
  for (let n = 0; n < values.length; n++) {
    values[n] = Math.min(high, Math.max(low, slope * values[n] + intercept)); // NaN stays NaN
  }
  return { ...volume, data: values };
}

/** The values that are measured. */
function measured(values: Float64Array, mask: Mask | null, { over, tissueAbove }: Normalisation): Float64Array {
  if (over === 'region') return values.filter((x, n) => mask?.data[n] === 1 && !Number.isNaN(x));
  const all = values.filter((x) => !Number.isNaN(x));
  if (over === 'image' || all.length === 0) return all;
  const threshold = tissueAbove ?? otsuThreshold(all);
  return all.filter((x) => x > threshold);
}

/** Normalised is slope times intensity, plus intercept. */
function scaleOf(values: Float64Array, normalisation: Normalisation): { slope: number; intercept: number } {
  if (values.length === 0) throw flat('there is nothing to measure');
  if (normalisation.method === 'z-score') {
    let mean = 0;
    for (let n = 0; n < values.length; n++) mean += values[n];
    mean /= values.length;
    let squares = 0;
    for (let n = 0; n < values.length; n++) squares += (values[n] - mean) ** 2;
    const deviation = Math.sqrt(squares / values.length);
    if (deviation === 0) throw flat('all of it has one intensity');
    const slope = normalisation.scale / deviation;
    return { slope, intercept: -slope * mean };
  }
  const shares = normalisation.percentiles.map((percent) => percent / 100);
  const [low, high] = quantiles(values, shares);
  if (low === high) throw flat('both percentiles are one intensity');
  const [from, to] = normalisation.target;
  const slope = (to - from) / (high - low);
  return { slope, intercept: from - slope * low };
}

function flat(why: string): FlatImageError {
  return new FlatImageError(
    `the image cannot be normalised: ${why}`,
    'settings.normalisation',
    'Check the image; measure all of it, or more tissue.',
  );
}

/** The upper edge of the darker class whose split from the brighter one explains most variance. */
function otsuThreshold(values: Float64Array): number {
  const bins = 256;
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < values.length; n++) {
    if (values[n] < low) low = values[n];
    if (values[n] > high) high = values[n];
  }
  if (low === high) return -Infinity; // one intensity: refused by what follows
  const width = (high - low) / bins;
  const counts = new Float64Array(bins);
  for (let n = 0; n < values.length; n++) counts[Math.min(bins - 1, Math.floor((values[n] - low) / width))]++;
  const total = counts.reduce((sum, count, bin) => sum + count * bin, 0);
  let [best, threshold, below, sumBelow] = [-1, low, 0, 0];
  for (let bin = 0; bin < bins - 1; bin++) {
    below += counts[bin];
    sumBelow += counts[bin] * bin;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (between > best) [best, threshold] = [between, low + (bin + 1) * width];
  }
  return threshold;
}
