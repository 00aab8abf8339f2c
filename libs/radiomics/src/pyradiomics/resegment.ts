import { RegionTooSmallError } from './errors.js';
import type { WorkingImage } from './image.js';
import type { PyradiomicsSettings } from './settings.js';

/**
 * Keeps the voxels of a region whose intensity lies in a closed range, given absolutely, as shares of the region's maximum,
 * or in standard deviations from its mean.
 *
 * @returns a new mask
 * @throws {RegionTooSmallError} if one voxel is left or none
 */
export function resegmentMask(
  { data }: WorkingImage,
  mask: Uint8Array,
  range: readonly number[],
  mode: PyradiomicsSettings['resegmentMode'],
): Uint8Array {
  const toIntensity = scaleOf(data, mask, mode);
  const [low, high = Infinity] = range.toSorted((a, b) => a - b).map(toIntensity);
  let left = 0;
  const kept = mask.map((inside, n) => {
    const isKept = inside === 1 && data[n] >= low && data[n] <= high;
    if (isKept) left++;
    return isKept ? 1 : 0;
  });
  if (left <= 1) {
    throw new RegionTooSmallError(
      `the resegmentRange leaves ${left} voxel(s) of the region`,
      'setting.resegmentRange',
      'Choose a wider range, or leave the case out.',
    );
  }
  return kept;
}

function scaleOf(data: ArrayLike<number>, mask: Uint8Array, mode: string): (threshold: number) => number {
  if (mode === 'absolute') return (threshold) => threshold;
  let count = 0;
  let sum = 0;
  let highest = -Infinity;
  for (let n = 0; n < mask.length; n++) {
    if (mask[n] !== 1) continue;
    count++;
    sum += data[n];
    if (data[n] > highest) highest = data[n];
  }
  if (mode === 'relative') return (threshold) => highest * threshold;
  const mean = sum / count;
  let squares = 0;
  for (let n = 0; n < mask.length; n++) if (mask[n] === 1) squares += (data[n] - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  return (threshold) => mean + deviation * threshold;
}
