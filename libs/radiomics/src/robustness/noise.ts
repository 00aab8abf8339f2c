import type { Triple, Volume } from '@concord/imaging';
import { normalQuantile, randomNormal, type RandomSource } from '@concord/numeric';
import { FlatImageError } from '../errors.js';
import { quantiles } from '../order-statistics.js';
import { waveletFilters } from '../pyradiomics/wavelet-filters.js';

/**
 * Standard deviation of the noise of an image: that of its finest diagonal wavelet coefficients in the plane of the slices
 * (coiflet of order 1), by their median absolute value over 0.6745 (Chang, Yu and Vetterli, IEEE Trans. Image Process. 9(9),
 * 2000). Places without any variation (air that was cut off, padding) say nothing of noise and are left out. Noise that
 * neighbouring voxels share, as after interpolation, is underestimated.
 *
 * @throws {FlatImageError} if there is no variation at all, or a slice is smaller than the wavelet (6 x 6)
 */
export function noiseLevel({ data, shape }: Volume, paddingValues: readonly number[]): number {
  const [nx, ny, nz] = shape;
  const high = waveletFilters('coif1').high.toReversed(); // a convolution
  const reach = high.length;
  const details = new Float64Array(Math.max(0, nx - reach + 1) * Math.max(0, ny - reach + 1) * nz);
  const isMeasured = measured(paddingValues);
  const rows = new Float64Array(nx);
  let count = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j + reach <= ny; j++) {
      mixRows(data, nx * (j + ny * k), nx, high, isMeasured, rows);
      count = collectDetails(rows, high, details, count);
    }
  }
  if (count === 0) {
    throw new FlatImageError(
      'the image shows no noise to go by',
      `${describe(shape)} voxels`,
      'Leave noise out of the chain.',
    );
  }
  const [middle] = quantiles(details.subarray(0, count), [0.5]);
  return middle / normalQuantile(0.75);
}

/** The wavelet down each column from one row on; NaN where something is not measured. */
function mixRows(
  data: Volume['data'],
  start: number,
  nx: number,
  high: Float64Array,
  isMeasured: (x: number) => boolean,
  rows: Float64Array,
): void {
  for (let i = 0; i < nx; i++) {
    let sum = 0;
    for (let n = 0; n < high.length; n++) {
      const x = data[start + i + nx * n];
      sum += isMeasured(x) ? high[n] * x : NaN;
    }
    rows[i] = sum;
  }
}

/** Sizes of the wavelet's answers along a row, those aside that are rounding noise of a flat place. */
function collectDetails(rows: Float64Array, high: Float64Array, details: Float64Array, count: number): number {
  for (let i = 0; i + high.length <= rows.length; i++) {
    let sum = 0;
    let size = 0;
    for (let n = 0; n < high.length; n++) {
      sum += high[n] * rows[i + n];
      size += Math.abs(rows[i + n]);
    }
    if (Math.abs(sum) > 1e-9 * size && size > 1e-9) details[count++] = Math.abs(sum);
  }
  return count;
}

/** The image with independent Gaussian noise on every voxel that is measured. */
export function addNoise(
  volume: Volume,
  deviation: number,
  random: RandomSource,
  paddingValues: readonly number[],
): Volume {
  if (deviation === 0) return volume;
  const isMeasured = measured(paddingValues);
  const noisy = Float64Array.from(volume.data);
  for (let n = 0; n < noisy.length; n++) {
    const step = randomNormal(random);
    if (isMeasured(noisy[n])) noisy[n] += deviation * step;
  }
  return { ...volume, data: noisy, storedAs: 'float64' };
}

/** Tells measurements from padding values and from what is no finite number. */
export function measured(paddingValues: readonly number[]): (x: number) => boolean {
  return (x) => x - x === 0 && !paddingValues.includes(x);
}

function describe(shape: Triple): string {
  return shape.join(' x ');
}
