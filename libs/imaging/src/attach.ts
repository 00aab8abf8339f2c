import {
  axisOf,
  compareGrids,
  GRID_TOLERANCE_VOXELS,
  invertAffine,
  multiplyAffines,
  refuseEmpty,
  toPatient,
  voxelVolumeMm3,
  type GridComparison,
} from './geometry.js';
import { ImagingError } from './imaging-error.js';
import type { GridGeometry, Mask, Triple } from './volume.js';

/**
 * What to do with a mask that lies on another grid than its image:
 *
 * - `reject`: refuse it.
 * - `snap`: take voxel for voxel what lies less than half a voxel off, as headers that were rounded do.
 * - `resample`: as `snap`; else give each voxel of the image the value of the mask's voxel nearest to its centre.
 */
export type MaskPolicy = 'reject' | 'snap' | 'resample';

/** A mask on the grid of its image, and how it came there. */
export interface AttachedMask extends Mask {
  /** As it was; counted in another order or direction; shifted by less than half a voxel; by nearest neighbour. */
  readonly how: 'same' | 'reordered' | 'snapped' | 'resampled';
  /** How far the corners of both grids lie apart; after re-ordering, if they were the same voxels. */
  readonly maxCornerErrorMm: number;
  /** Volume of the region on the image's grid minus that on its own; 0 unless resampled. */
  readonly volumeChangeMm3: number;
}

const SNAP_TOLERANCE_VOXELS = 0.5;

interface SignedAxis {
  /** Which axis of the image an axis of the mask runs along, and in which direction. */
  readonly axis: number;
  readonly sign: 1 | -1;
}

/**
 * Puts a mask on the grid of its image: as it is where the grids agree to 0.01 voxel, re-ordered where they are the
 * same voxels counted in another order or direction. Nothing is interpolated unless the policy says so.
 *
 * @returns a mask with the very shape and affine of `image`
 * @throws {ImagingError} `GEOMETRY_MISMATCH` in any other case, saying by how many mm; `EMPTY_MASK` if no voxel is inside,
 *   before or after
 */
export function attachMask(mask: Mask, image: GridGeometry, policy: MaskPolicy = 'reject'): AttachedMask {
  refuseEmpty(mask);
  const map = multiplyAffines(invertAffine(image.affine), mask.affine);
  const tolerance = policy === 'reject' ? GRID_TOLERANCE_VOXELS : SNAP_TOLERANCE_VOXELS;
  const axes = signedAxes(map, mask.shape, tolerance);
  if (axes?.every(({ axis }, own) => mask.shape[own] === image.shape[axis])) {
    const ideal = countedAlong(axes, image);
    const offset = compareGrids({ shape: mask.shape, affine: multiplyAffines(image.affine, ideal) }, mask);
    if (isWithin(offset, tolerance)) return reordered(mask, image, axes, offset);
  }
  if (policy !== 'resample') throw mismatch(compareGrids(image, mask), policy);
  return resampled(mask, image);
}

function isWithin({ maxCornerErrorVoxels }: GridComparison, tolerance: number): boolean {
  return tolerance === SNAP_TOLERANCE_VOXELS ? maxCornerErrorVoxels < tolerance : maxCornerErrorVoxels <= tolerance;
}

/** Which axis of the target each axis of the source runs along, and in which direction; null if along none. */
function signedAxes(map: Float64Array, shape: Triple, tolerance: number): SignedAxis[] | null {
  const axes: SignedAxis[] = [];
  for (let source = 0; source < 3; source++) {
    const step = axisOf(map, source);
    const axis = step.map(Math.abs).indexOf(Math.max(...step.map(Math.abs)));
    const sign = step[axis] > 0 ? 1 : -1;
    // The whole length of the axis, not one voxel, must stay within the tolerance.
    const reach = Math.max(1, shape[source] - 1);
    const isAlong = step.every((value, row) => Math.abs(value - (row === axis ? sign : 0)) * reach <= tolerance);
    if (!isAlong || axes.some((taken) => taken.axis === axis)) return null;
    axes.push({ axis, sign });
  }
  return axes;
}

/** From indices along these axes to those of the image, whole numbers only. */
function countedAlong(axes: readonly SignedAxis[], { shape }: GridGeometry): Float64Array {
  const map = new Float64Array(16);
  axes.forEach(({ axis, sign }, own) => {
    map[4 * axis + own] = sign;
    map[4 * axis + 3] = sign > 0 ? 0 : shape[axis] - 1;
  });
  map[15] = 1;
  return map;
}

function reordered(
  mask: Mask,
  image: GridGeometry,
  axes: readonly SignedAxis[],
  { maxCornerErrorMm, maxCornerErrorVoxels }: GridComparison,
): AttachedMask {
  const isSame = axes.every(({ axis, sign }, own) => axis === own && sign > 0);
  const isSnapped = maxCornerErrorVoxels > GRID_TOLERANCE_VOXELS;
  return {
    data: isSame ? mask.data : recounted(mask, image.shape, axes),
    label: mask.label,
    shape: image.shape,
    affine: image.affine,
    how: isSnapped ? 'snapped' : isSame ? 'same' : 'reordered',
    maxCornerErrorMm,
    volumeChangeMm3: 0,
  };
}

function recounted({ data, shape }: Mask, target: Triple, axes: readonly SignedAxis[]): Uint8Array {
  const strides = [1, target[0], target[0] * target[1]];
  const start = axes.reduce((sum, { axis, sign }) => sum + (sign > 0 ? 0 : target[axis] - 1) * strides[axis], 0);
  const steps = axes.map(({ axis, sign }) => sign * strides[axis]);
  const result = new Uint8Array(data.length);
  for (let k = 0, from = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      let to = start + j * steps[1] + k * steps[2];
      for (let i = 0; i < shape[0]; i++, from++, to += steps[0]) result[to] = data[from];
    }
  }
  return result;
}

function resampled(mask: Mask, image: GridGeometry): AttachedMask {
  const map = multiplyAffines(invertAffine(mask.affine), image.affine);
  const [nx, ny, nz] = image.shape;
  const [mx, my, mz] = mask.shape;
  const data = new Uint8Array(nx * ny * nz);
  for (let k = 0, target = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const [x, y, z] = toPatient(map, 0, j, k);
      for (let i = 0; i < nx; i++, target++) {
        const a = nearestIndex(x + i * map[0]);
        const b = nearestIndex(y + i * map[4]);
        const c = nearestIndex(z + i * map[8]);
        if (a >= 0 && b >= 0 && c >= 0 && a < mx && b < my && c < mz) data[target] = mask.data[a + mx * (b + my * c)];
      }
    }
  }
  const placed: Mask = { data, label: mask.label, shape: image.shape, affine: image.affine };
  refuseEmpty(placed);
  const volume = (one: Mask): number => one.data.reduce((sum, value) => sum + value, 0) * voxelVolumeMm3(one);
  return {
    ...placed,
    how: 'resampled',
    maxCornerErrorMm: compareGrids(image, mask).maxCornerErrorMm,
    volumeChangeMm3: volume(placed) - volume(mask),
  };
}

/** The nearest whole number, halves upwards; noise in the last digits does not decide a half. */
function nearestIndex(value: number): number {
  return Math.floor(Math.round(value * 1e6) / 1e6 + 0.5);
}

function mismatch({ isSameShape, maxCornerErrorMm }: GridComparison, policy: MaskPolicy): ImagingError {
  const apart = `their corners lie up to ${maxCornerErrorMm.toFixed(3)} mm apart`;
  return new ImagingError(
    'GEOMETRY_MISMATCH',
    isSameShape ? `mask and image have the same size, but ${apart}` : `mask and image differ in size, and ${apart}`,
    'mask and image',
    policy === 'reject'
      ? 'Use the mask drawn on this image, or choose to have it resampled.'
      : 'Use the mask drawn on this image, or choose resample: it gives each voxel the value of the nearest one.',
  );
}
