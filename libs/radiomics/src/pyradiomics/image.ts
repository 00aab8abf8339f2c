import type { GridGeometry, Triple, Volume } from '@concord/imaging';
import { rightAngledSpacing } from '../region.js';

/** What PyRadiomics would know of the numbers an image is stored as. */
export interface PixelType {
  /** Whole numbers: SimpleITK then truncates what it resamples. */
  readonly isWhole: boolean;
  readonly lowest: number;
  readonly highest: number;
  /** Real numbers of single precision: NumPy then rounds to such what it samples. */
  readonly isSingle: boolean;
}

/** An image between two steps of the extraction. */
export interface WorkingImage extends GridGeometry {
  readonly spacingMm: Triple;
  readonly data: Int16Array | Float32Array | Float64Array;
  readonly pixelType: PixelType;
}

/** Numbers without bounds or rounding. */
export const REAL: PixelType = { isWhole: false, lowest: -Infinity, highest: Infinity, isSingle: false };

/** @throws {ShearedGridError} if the axes are not at right angles */
export function workingImage(volume: Volume): WorkingImage {
  const { shape, affine, data } = volume;
  return { shape, affine, data, spacingMm: rightAngledSpacing(volume, 'image'), pixelType: pixelTypeOf(volume) };
}

/** As the file said; else, whole numbers where all are, 16-bit signed where they are kept as such. */
function pixelTypeOf({ data, storedAs }: Volume): PixelType {
  if (storedAs?.startsWith('float')) return { ...REAL, isSingle: storedAs === 'float32' };
  if (storedAs !== undefined) return wholeNumbers(Number(storedAs.replace(/\D+/, '')), storedAs.startsWith('u'));
  if (data instanceof Int16Array) return wholeNumbers(16, false);
  const isWhole = data.every(Number.isInteger);
  return { ...REAL, isWhole, isSingle: !isWhole && data instanceof Float32Array };
}

function wholeNumbers(bits: number, isUnsigned: boolean): PixelType {
  const lowest = isUnsigned ? 0 : -(2 ** (bits - 1));
  const highest = isUnsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  return { isWhole: true, lowest, highest, isSingle: false };
}

/**
 * Whether SimpleITK takes two grids for one: the same shape, origins and spacings that differ by less than the tolerance times
 * the first spacing, directions by less than the tolerance.
 */
export function isWithinTolerance(image: WorkingImage, mask: GridGeometry, tolerance: number): boolean {
  const [theirs, ours] = [rightAngledSpacing(mask, 'mask'), image.spacingMm];
  const reach = tolerance * ours[0];
  return [0, 1, 2].every((axis) => {
    if (image.shape[axis] !== mask.shape[axis] || Math.abs(theirs[axis] - ours[axis]) > reach) return false;
    if (Math.abs(mask.affine[4 * axis + 3] - image.affine[4 * axis + 3]) > reach) return false;
    return [0, 1, 2].every((row) => {
      const at = 4 * row + axis;
      return Math.abs(mask.affine[at] / theirs[axis] - image.affine[at] / ours[axis]) <= tolerance;
    });
  });
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
