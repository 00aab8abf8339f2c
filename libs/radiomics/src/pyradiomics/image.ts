import type { GridGeometry, Triple, Volume } from '@concord/imaging';
import { rightAngledSpacing } from '../region.js';

/** What PyRadiomics would know of the numbers an image is stored as. */
export interface PixelType {
  /** Whole numbers: SimpleITK then truncates what it resamples. */
  readonly isWhole: boolean;
  readonly lowest: number;
  readonly highest: number;
}

/** An image between two steps of the extraction. */
export interface WorkingImage extends GridGeometry {
  readonly spacingMm: Triple;
  readonly data: Int16Array | Float32Array | Float64Array;
  readonly pixelType: PixelType;
}

/** Numbers without bounds or rounding. */
export const REAL: PixelType = { isWhole: false, lowest: -Infinity, highest: Infinity };

/** @throws {ShearedGridError} if the axes are not at right angles */
export function workingImage(volume: Volume): WorkingImage {
  const { shape, affine, data } = volume;
  return { shape, affine, data, spacingMm: rightAngledSpacing(volume, 'image'), pixelType: pixelTypeOf(volume) };
}

/**
 * 16-bit signed if the volume holds such; whole if it holds whole numbers in double precision, as readers keep 32-bit
 * ones; real otherwise.
 */
function pixelTypeOf({ data }: Volume): PixelType {
  if (data instanceof Int16Array) return { isWhole: true, lowest: -(2 ** 15), highest: 2 ** 15 - 1 };
  if (data instanceof Float64Array && data.every(Number.isInteger)) return { ...REAL, isWhole: true };
  return REAL;
}

/** Affine of a grid that starts at `low` of another and takes steps of `step` of its voxels. */
export function subgridAffine(affine: Float64Array, low: readonly number[], step: readonly number[]): Float64Array {
  const moved = Float64Array.from(affine);
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) {
      moved[4 * row + 3] += affine[4 * row + axis] * low[axis];
      moved[4 * row + axis] = affine[4 * row + axis] * step[axis];
    }
  }
  return moved;
}
