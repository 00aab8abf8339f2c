import { inParts, type Kernels } from '@concord/kernels';
import { refuseEmpty } from '../geometry.js';
import type { Mask, Volume } from '../volume.js';
import { resampleBox, type ResampleOptions } from './box.js';
import {
  resampledGrid,
  wholeBox,
  type GridAlignment,
  type IndexBox,
  type ResampledGrid,
  type TargetSpacing,
} from './grid.js';
import type { ResampleMethod } from './taps.js';

/**
 * Resamples an image to a new spacing, see `resampleBox`. Cost: about 3 × taps operations a new voxel.
 *
 * @throws {ImagingError} as `resampledGrid`
 */
export function resampleVolume(
  volume: Volume,
  spacing: TargetSpacing,
  options: ResampleOptions & { readonly alignment?: GridAlignment },
  kernels: Kernels,
): Volume & { readonly data: Float64Array } {
  const { shape, affine, axes } = resampledGrid(volume, spacing, options.alignment);
  const data = kernels.arena.scope(() =>
    resampleBox(volume, { shape, affine, axes }, wholeBox(shape), options, kernels).slice(),
  );
  return { shape, affine, data, unit: volume.unit, provenance: volume.provenance };
}

/** How a region is resampled. */
export interface MaskOptions {
  /** `linear` by default (IBSI), `nearest` as PyRadiomics does. */
  readonly method?: Exclude<ResampleMethod, 'cubic'>;
  /** Share of a voxel from which it is inside; 0.5 by default. */
  readonly threshold?: number;
}

/**
 * Resamples a box of a region: interpolates its 0s and 1s, rounds to 6 decimals and takes what reaches the threshold as
 * inside. Without the rounding, noise in the last bit would move voxels of exactly one half.
 *
 * @returns the box, x-fastest, from the kernels' arena
 */
export function resampleMaskBox(
  mask: Mask,
  grid: ResampledGrid,
  box: IndexBox,
  { method = 'linear', threshold = 0.5 }: MaskOptions,
  kernels: Kernels,
): Uint8Array {
  const shares = resampleBox(mask, grid, box, { method }, kernels);
  const inside = kernels.arena.u8(shares.length);
  kernels.run(
    inParts(shares.length, 1024, (first, last) =>
      kernels.call('resample', 'inside', shares, inside, threshold, first, last),
    ),
  );
  return inside;
}

/**
 * Resamples a region with its image, see `resampleMaskBox`.
 *
 * @throws {ImagingError} as `resampledGrid`; `EMPTY_MASK` if nothing is left
 */
export function resampleMask(
  mask: Mask,
  spacing: TargetSpacing,
  options: MaskOptions & { readonly alignment?: GridAlignment },
  kernels: Kernels,
): Mask {
  const grid = resampledGrid(mask, spacing, options.alignment);
  const data = kernels.arena.scope(() => resampleMaskBox(mask, grid, wholeBox(grid.shape), options, kernels).slice());
  const resampled: Mask = { shape: grid.shape, affine: grid.affine, data, label: mask.label };
  refuseEmpty(resampled);
  return resampled;
}
