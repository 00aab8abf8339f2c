import { ImagingError } from '../imaging-error.js';
import { compareGrids, GRID_TOLERANCE_VOXELS, refuseEmpty, shearDegrees, spacingMm } from '../geometry.js';
import type { GridGeometry, Mask, Triple } from '../volume.js';

const MAX_SHEAR_DEGREES = 0.1;

/** A part of a grid: its first voxel and its size. */
export interface Box {
  readonly start: Triple;
  readonly shape: Triple;
}

/** The smallest box that holds every voxel of the region. @throws {ImagingError} `EMPTY_MASK` */
export function boundingBox(mask: Mask): Box {
  refuseEmpty(mask);
  const {
    data,
    shape: [nx, ny, nz],
  } = mask;
  const low = [nx, ny, nz];
  const high = [-1, -1, -1];
  let first = -1;
  for (let k = 0, row = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++, row += nx) {
      if (first < row) first = data.indexOf(1, row);
      if (first < 0) return boxBetween(low, high);
      if (first >= row + nx) continue;
      const last = data.lastIndexOf(1, row + nx - 1);
      low[0] = Math.min(low[0], first - row);
      high[0] = Math.max(high[0], last - row);
      low[1] = Math.min(low[1], j);
      high[1] = Math.max(high[1], j);
      low[2] = Math.min(low[2], k);
      high[2] = k;
    }
  }
  return boxBetween(low, high);
}

/** The box with a margin in voxels of each axis, as far as the grid reaches. */
export function grownBox(box: Box, margin: Triple, { shape }: GridGeometry): Box {
  const low = box.start.map((start, axis) => Math.max(0, start - margin[axis]));
  const high = box.start.map((start, axis) => Math.min(shape[axis] - 1, start + box.shape[axis] - 1 + margin[axis]));
  return boxBetween(low, high);
}

/** The voxels of a box, x-fastest. */
export function cropped({ data, shape: [nx, ny] }: Mask, { start, shape }: Box): Uint8Array {
  const part = new Uint8Array(shape[0] * shape[1] * shape[2]);
  for (let k = 0, target = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++, target += shape[0]) {
      const source = start[0] + nx * (start[1] + j + ny * (start[2] + k));
      part.set(data.subarray(source, source + shape[0]), target);
    }
  }
  return part;
}

/** Writes the voxels of a box back into a grid. */
export function pasteInPlace(target: Uint8Array, [nx, ny]: Triple, part: Uint8Array, { start, shape }: Box): void {
  for (let k = 0, source = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++, source += shape[0]) {
      target.set(part.subarray(source, source + shape[0]), start[0] + nx * (start[1] + j + ny * (start[2] + k)));
    }
  }
}

/** @throws {ImagingError} `GEOMETRY_MISMATCH` if two masks do not lie on one grid, to 0.01 voxel */
export function requireSameGrid(a: GridGeometry, b: GridGeometry): void {
  const { isSameShape, maxCornerErrorMm, maxCornerErrorVoxels } = compareGrids(a, b);
  if (isSameShape && maxCornerErrorVoxels <= GRID_TOLERANCE_VOXELS) return;
  throw new ImagingError(
    'GEOMETRY_MISMATCH',
    isSameShape
      ? `the masks have the same size, but their corners lie up to ${maxCornerErrorMm.toFixed(3)} mm apart`
      : 'the masks differ in size',
    'two masks',
    'Bring both onto the grid of the image first (attachMask).',
  );
}

/** Spacing of a grid whose axes are at right angles. @throws {ImagingError} `TILT` if they are not, to 0.1 degrees */
export function uprightSpacingMm(grid: GridGeometry): Triple {
  const shear = shearDegrees(grid);
  if (shear <= MAX_SHEAR_DEGREES) return spacingMm(grid);
  throw new ImagingError(
    'TILT',
    `the grid is sheared by ${shear.toFixed(1)} degrees, and distances along its axes are no distances in space`,
    'the mask',
    'Have the series resampled to upright slices by the scanner or archive.',
  );
}

function boxBetween(low: readonly number[], high: readonly number[]): Box {
  return {
    start: [low[0], low[1], low[2]],
    shape: [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1],
  };
}
