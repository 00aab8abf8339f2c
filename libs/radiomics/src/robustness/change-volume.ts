import { distanceToRegionMm, spacingMm, type Mask } from '@concord/imaging';
import type { RandomSource } from '@concord/numeric';
import { countVoxels } from '../region.js';
import { cropAround, forEachVoxel, type Crop } from './crop.js';
import { PerturbationError } from './perturbation.js';

/**
 * The region with a fraction of its voxels more or fewer, to the nearest whole voxel: those nearest to it are added, or those
 * nearest to its outside are taken away, by distance in mm. Of voxels equally near, which ones is drawn. Beyond the image
 * is outside.
 *
 * @param fraction above -1; 0.1 grows by a tenth
 * @throws {PerturbationError} if nothing would be left, or the image has too few voxels to grow into
 */
export function changeVolume(mask: Mask, fraction: number, random: RandomSource): Mask {
  const count = countVoxels(mask.data);
  const change = Math.round(count * fraction);
  if (count + change < 1) {
    throw new PerturbationError(
      `nothing is left of ${count} voxels`,
      `volume of region ${mask.label}`,
      'Shrink it by less.',
    );
  }
  if (change === 0) return mask;
  const chosen = change > 0 ? outsideNearest(mask, change, random) : insideNearest(mask, -change, random);
  const data = mask.data.slice();
  for (const voxel of chosen) data[voxel] = change > 0 ? 1 : 0;
  return { ...mask, data };
}

/** Voxels of one side with their distance from the other. */
interface Candidates {
  readonly voxels: number[];
  readonly distances: number[];
}

/** The voxels outside that are nearest to the region. */
function outsideNearest(mask: Mask, count: number, random: RandomSource): number[] {
  const spacing = spacingMm(mask);
  let reachMm = 2 * Math.max(...spacing);
  for (;;) {
    const margin = (axis: number): number => Math.min(mask.shape[axis], Math.ceil(reachMm / spacing[axis]));
    const crop = cropAround(mask, [margin(0), margin(1), margin(2)]);
    const candidates = nearby(mask, crop, 1, reachMm);
    if (candidates.voxels.length >= count) return nearest(candidates, count, random);
    if ([0, 1, 2].every((axis) => margin(axis) === mask.shape[axis])) {
      throw new PerturbationError(
        'the image has too few voxels to grow into',
        `volume of region ${mask.label}`,
        'Grow it by less.',
      );
    }
    reachMm *= 2;
  }
}

function insideNearest(mask: Mask, count: number, random: RandomSource): number[] {
  return nearest(nearby(mask, cropAround(mask, [1, 1, 1]), 0, Infinity), count, random);
}

/** Voxels up to a distance from those of a value (1 inside, 0 outside), which they do not have themselves. */
function nearby(mask: Mask, crop: Crop, value: 0 | 1, reachMm: number): Candidates {
  const [w, h, d] = crop.size;
  const seeds = new Uint8Array(w * h * d).fill(1 - value);
  forEachVoxel(crop, mask.shape, (inBox, inGrid) => (seeds[inBox] = mask.data[inGrid] === value ? 1 : 0));
  const distances = distanceToRegionMm({ ...mask, shape: crop.size, data: seeds });
  const candidates: Candidates = { voxels: [], distances: [] };
  forEachVoxel(crop, mask.shape, (inBox, inGrid) => {
    if (seeds[inBox] === 1 || distances[inBox] > reachMm) return;
    candidates.voxels.push(inGrid);
    candidates.distances.push(distances[inBox]);
  });
  return candidates;
}

function nearest({ voxels, distances }: Candidates, count: number, random: RandomSource): number[] {
  const lots = voxels.map(() => random.next());
  return voxels
    .map((_, n) => n)
    .sort((a, b) => distances[a] - distances[b] || lots[a] - lots[b])
    .slice(0, count)
    .map((n) => voxels[n]);
}
