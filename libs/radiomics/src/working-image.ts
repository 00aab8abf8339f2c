import {
  isKept,
  resampleBox,
  resampledGrid,
  type IndexBox,
  type Mask,
  type ResampledGrid,
  type Triple,
  type Volume,
} from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { triple } from './filters/image-part.js';
import { normalise } from './normalise.js';
import { rightAngledSpacing } from './region.js';
import type { ExtractionSettings } from './settings.js';

/** The grid that features are computed on. */
export interface WorkingGrid {
  readonly grid: ResampledGrid;
  /** As the settings say it: computed from the affine it would carry rounding noise. */
  readonly spacingMm: Triple;
}

/**
 * The grid of the whole image at the spacing of the settings.
 *
 * @throws {ShearedGridError} if the image's axes are not at right angles, {ImagingError} as `resampledGrid`
 */
export function workingGrid(volume: Volume, { resampling }: ExtractionSettings): WorkingGrid {
  const old = rightAngledSpacing(volume, 'image');
  if (resampling === null) {
    const [x, y, z] = volume.shape.map((size) => ({ size, start: 0, step: 1 }));
    return { grid: { shape: volume.shape, affine: volume.affine, axes: [x, y, z] }, spacingMm: old };
  }
  const grid = resampledGrid(volume, resampling.spacingMm, resampling.alignment);
  const spacingMm = triple((axis) => {
    if (isKept(grid.axes[axis])) return old[axis];
    return resampling.alignment === 'fit'
      ? grid.axes[axis].step * old[axis]
      : (resampling.spacingMm[axis] ?? old[axis]);
  });
  return { grid, spacingMm };
}

/**
 * The image on a box of the new grid: normalised, rounded, resampled and rounded again. NaN where nothing was measured.
 *
 * @param mask the region, where normalisation asks for it
 * @returns x-fastest, from the kernels' arena
 */
export function workingImage(
  volume: Volume,
  mask: Mask | null,
  { grid }: WorkingGrid,
  box: IndexBox,
  { normalisation, paddingValues, resampling, rounding }: ExtractionSettings,
  kernels: Kernels,
): Float64Array {
  const source = normalisation === null ? volume : normalise(volume, mask, normalisation, paddingValues);
  const options = {
    method: resampling?.image ?? 'nearest',
    antiAliasing: resampling?.antiAliasing ?? null,
    round: rounding === 'nearest-integer',
    paddingValues: normalisation === null ? paddingValues : [],
  };
  return resampleBox(source, grid, box, options, kernels);
}
