import type { Mask, Triple, Volume } from '@concord/imaging';
import { mean, standardDeviation, type RandomSource } from '@concord/numeric';
import { countVoxels, rightAngledSpacing } from '../region.js';
import { cropAround, forEachVoxel, onGrid, type Crop } from './crop.js';
import { measured } from './noise.js';
import { PerturbationError } from './perturbation.js';
import { supervoxels } from './supervoxels.js';

/** Volume of a supervoxel: at most this, at most a part of the region, at least some voxels. */
const MOST_MM3 = 250;
const PART_OF_REGION = 1 / 20;
const LEAST_VOXELS = 8;

/** Supervoxels that lie in the region to this share are kept whole; to less than the other one, left out. */
const KEPT_FROM = 0.9;
const LEFT_BELOW = 0.1;

/**
 * The region as another reader might have drawn it, after Zwanenburg et al. 2019: the image about the region is divided into
 * supervoxels, and each of those that the outline cuts belongs to the new region, whole, with a chance equal to the share of
 * it that lies in the old one. Outlines along edges of the image hardly move, those through even tissue do.
 *
 * @throws {PerturbationError} if nothing is left, which only regions of a few voxels meet
 */
export function randomiseContour(
  volume: Volume,
  mask: Mask,
  random: RandomSource,
  paddingValues: readonly number[],
): Mask {
  const spacing = rightAngledSpacing(volume, 'image');
  const voxelMm3 = spacing[0] * spacing[1] * spacing[2];
  const wanted = Math.min(MOST_MM3, countVoxels(mask.data) * voxelMm3 * PART_OF_REGION);
  const edgeMm = Math.cbrt(Math.max(wanted, LEAST_VOXELS * voxelMm3));
  const margin = (axis: number): number => Math.ceil((2 * edgeMm) / spacing[axis]);
  const crop = onGrid(cropAround(mask, [margin(0), margin(1), margin(2)]), mask.shape);
  const { values, contrast } = clipped(volume, mask, crop, measured(paddingValues));
  const box = { values, size: crop.size, spacingMm: spacing };
  const { labels, count } = supervoxels(box, edgeMm, contrast, random);
  const data = evened(mask, crop, keepSome(mask, crop, labels, count, random));
  if (!data.includes(1)) {
    throw new PerturbationError(
      'no supervoxel of it was kept',
      `contour of region ${mask.label}`,
      'Leave contour out of the chain: the region is too small.',
    );
  }
  return { ...mask, data };
}

/** Intensities of the box within three standard deviations about those of the region, and that deviation. */
function clipped(
  { data, shape }: { readonly data: Volume['data']; readonly shape: Triple },
  mask: Mask,
  crop: Crop,
  isMeasured: (x: number) => boolean,
): { readonly values: Float64Array; readonly contrast: number } {
  const own: number[] = [];
  forEachVoxel(crop, shape, (_, n) => {
    if (mask.data[n] === 1 && isMeasured(data[n])) own.push(data[n]);
  });
  const centre = own.length > 0 ? mean(own) : 0;
  const deviation = own.length > 1 ? standardDeviation(own) : 0;
  const contrast = deviation > 0 ? deviation : 1; // a flat region against anything else: the clip below says it all
  const values = new Float64Array(crop.size[0] * crop.size[1] * crop.size[2]);
  forEachVoxel(crop, shape, (inBox, n) => {
    const x = isMeasured(data[n]) ? data[n] : -Infinity;
    values[inBox] = Math.min(Math.max(x, centre - 3 * contrast), centre + 3 * contrast);
  });
  return { values, contrast };
}

/** The mask with every supervoxel of the box inside or outside as a whole. */
function keepSome(mask: Mask, crop: Crop, labels: Int32Array, count: number, random: RandomSource): Uint8Array {
  const sizes = new Int32Array(count);
  const inside = new Int32Array(count);
  forEachVoxel(crop, mask.shape, (inBox, n) => {
    sizes[labels[inBox]]++;
    inside[labels[inBox]] += mask.data[n];
  });
  const isKept = Array.from(sizes, (size, label) => {
    const share = size === 0 ? 0 : inside[label] / size;
    const lot = random.next(); // drawn for each, so that the draws of others do not depend on this one
    return share >= KEPT_FROM || (share >= LEFT_BELOW && lot < share);
  });
  const data = mask.data.slice();
  forEachVoxel(crop, mask.shape, (inBox, n) => (data[n] = isKept[labels[inBox]] ? 1 : 0));
  return data;
}

/**
 * As many voxels of the box as before, those with most of the 27 about them inside, since no reader draws single voxels; of equal
 * ones those that were inside. Beyond the image it is as at its edge.
 */
function evened({ shape }: Mask, crop: Crop, ragged: Uint8Array): Uint8Array {
  const [nx, ny] = shape;
  const about = (index: number, axis: number): number[] =>
    [index - 1, index, index + 1].map((at) => Math.min(Math.max(at, 0), shape[axis] - 1));
  const byScore: number[][] = Array.from({ length: 56 }, () => []); // twice the neighbours, plus itself
  let wanted = 0;
  forEachVoxel(crop, shape, (_, n) => {
    const row = Math.floor(n / nx);
    let inside = 0;
    for (const k of about(Math.floor(row / ny), 2)) {
      for (const j of about(row % ny, 1)) {
        for (const i of about(n - row * nx, 0)) inside += ragged[i + nx * (j + ny * k)];
      }
    }
    wanted += ragged[n];
    byScore[2 * inside + ragged[n]].push(n);
  });
  const data = new Uint8Array(ragged.length);
  for (const voxel of byScore.reverse().flat().slice(0, wanted)) data[voxel] = 1;
  return data;
}
