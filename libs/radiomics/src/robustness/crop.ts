import type { Mask, Triple } from '@concord/imaging';
import { EmptyRegionError } from '../errors.js';
import { boundingBox } from '../region.js';

/** A box of a grid that may reach beyond it. */
export interface Crop {
  readonly low: Triple;
  readonly size: Triple;
}

/** The box of the region with a margin in voxels. @throws {EmptyRegionError} */
export function cropAround({ data, shape, label }: Mask, margin: Triple): Crop {
  const box = boundingBox(data, shape);
  if (box === null) {
    throw new EmptyRegionError('the region has no voxel', `region ${label}`, 'Check the mask and its label.');
  }
  const { low, high } = box;
  const at = (axis: number): number => low[axis] - margin[axis];
  const count = (axis: number): number => high[axis] - low[axis] + 1 + 2 * margin[axis];
  return { low: [at(0), at(1), at(2)], size: [count(0), count(1), count(2)] };
}

/** The part of a box that lies on the grid. */
export function onGrid({ low, size }: Crop, shape: Triple): Crop {
  const first = (axis: number): number => Math.max(0, low[axis]);
  const count = (axis: number): number => Math.min(shape[axis], low[axis] + size[axis]) - first(axis);
  return { low: [first(0), first(1), first(2)], size: [count(0), count(1), count(2)] };
}

/** Calls back with the index in the box and in the grid of every voxel of the box that lies on the grid. */
export function forEachVoxel(
  { low, size: [w, h, d] }: Crop,
  [nx, ny, nz]: Triple,
  visit: (inBox: number, inGrid: number) => void,
): void {
  for (let k = Math.max(0, -low[2]); k < d && low[2] + k < nz; k++) {
    for (let j = Math.max(0, -low[1]); j < h && low[1] + j < ny; j++) {
      const row = w * (j + h * k);
      const gridRow = nx * (low[1] + j + ny * (low[2] + k)) + low[0];
      for (let i = Math.max(0, -low[0]); i < w && low[0] + i < nx; i++) visit(row + i, gridRow + i);
    }
  }
}
