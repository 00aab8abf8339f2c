import { resampleBox, wholeBox, type Triple } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { onNewGrid, type ImageWithRegion } from './new-grid.js';

/**
 * The image and its region on a grid that lies some voxels further along i, j and k: the image by cubic B-splines, the region
 * by linear interpolation and a threshold of a half. What lies in space stays where it is; beyond the image its edge holds.
 */
export function shiftGrid(
  { volume, mask }: ImageWithRegion,
  voxels: Triple,
  paddingValues: readonly number[],
  kernels: Kernels,
): ImageWithRegion {
  if (voxels.every((amount) => amount === 0)) return { volume, mask };
  const map = Float64Array.of(1, 0, 0, voxels[0], 0, 1, 0, voxels[1], 0, 0, 1, voxels[2], 0, 0, 0, 1);
  const axis = (n: number) => ({ size: volume.shape[n], start: voxels[n], step: 1 });
  const grid = { shape: volume.shape, affine: volume.affine, axes: [axis(0), axis(1), axis(2)] as const };
  const box = wholeBox(volume.shape);
  return kernels.arena.scope(() => {
    const image = resampleBox(volume, grid, box, { method: 'cubic', paddingValues }, kernels).slice();
    for (let n = 0; n < image.length; n++) if (Number.isNaN(image[n])) image[n] = paddingValues[0] ?? NaN;
    const shares = resampleBox(mask, grid, box, { method: 'linear' }, kernels);
    return onNewGrid(volume, mask, map, image, shares);
  });
}
