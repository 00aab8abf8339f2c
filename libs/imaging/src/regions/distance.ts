import { refuseEmpty } from '../geometry.js';
import type { Mask, Triple } from '../volume.js';
import { uprightSpacingMm } from './box.js';

/**
 * The distance in mm from the centre of every voxel to the centre of the nearest voxel of the region: exact, for any
 * spacing; 0 inside. Cost: linear in the voxels of the grid, 8 bytes each.
 *
 * @throws {ImagingError} `EMPTY_MASK`, `TILT` on a sheared grid
 * @see Felzenszwalb and Huttenlocher, Theory of Computing 8 (2012) 415-428, section 2.1
 */
export function distanceToRegionMm(mask: Mask): Float64Array {
  refuseEmpty(mask);
  const squares = squaredDistances(mask.data, 1, mask.shape, uprightSpacingMm(mask));
  for (let index = 0; index < squares.length; index++) squares[index] = Math.sqrt(squares[index]);
  return squares;
}

/**
 * Squared distances to the nearest voxel of the value `seed`, in the unit of the spacing; Infinity where there is none.
 *
 * @param data `nx * ny * nz` of 0 and 1, x-fastest
 */
export function squaredDistances(data: Uint8Array, seed: 0 | 1, shape: Triple, spacing: Triple): Float64Array {
  const squares = new Float64Array(data.length);
  alongRows(data, seed, shape, spacing[0], squares);
  const [nx, ny, nz] = shape;
  const envelope = new Envelope(Math.max(ny, nz));
  for (let k = 0; k < nz; k++) {
    for (let i = 0; i < nx; i++) envelope.spread(squares, i + nx * ny * k, nx, ny, spacing[1]);
  }
  for (let start = 0; start < nx * ny; start++) envelope.spread(squares, start, nx * ny, nz, spacing[2]);
  return squares;
}

/** Distances within each row alone: one pass from either end. */
function alongRows(data: Uint8Array, seed: number, [nx]: Triple, step: number, squares: Float64Array): void {
  for (let row = 0; row < data.length; row += nx) {
    let steps = Infinity;
    for (let index = row; index < row + nx; index++) {
      steps = data[index] === seed ? 0 : steps + 1;
      squares[index] = steps;
    }
    steps = Infinity;
    for (let index = row + nx - 1; index >= row; index--) {
      steps = data[index] === seed ? 0 : steps + 1;
      const nearest = Math.min(steps, squares[index]) * step;
      squares[index] = nearest * nearest;
    }
  }
}

/** The lower envelope of parabolas on a line: each voxel offers its own distance plus that of the way to it. */
class Envelope {
  private readonly heights: Float64Array;
  private readonly owners: Int32Array;
  /** `from[n]`: where on the line the parabola of `owners[n]` becomes the lowest. */
  private readonly from: Float64Array;

  constructor(longest: number) {
    this.heights = new Float64Array(longest);
    this.owners = new Int32Array(longest);
    this.from = new Float64Array(longest);
  }

  spread(squares: Float64Array, start: number, stride: number, count: number, step: number): void {
    const { heights, owners, from } = this;
    const unit = step * step;
    let last = -1;
    for (let own = 0, index = start; own < count; own++, index += stride) {
      const height = squares[index];
      heights[own] = height;
      if (height === Infinity) continue;
      let meeting = -Infinity;
      while (last >= 0) {
        const other = owners[last];
        meeting = ((height - heights[other]) / (unit * (own - other)) + own + other) / 2;
        if (meeting > from[last]) break;
        last--;
      }
      last++;
      owners[last] = own;
      from[last] = last === 0 ? -Infinity : meeting;
    }
    if (last < 0) return;
    for (let own = 0, index = start, piece = 0; own < count; own++, index += stride) {
      while (piece < last && from[piece + 1] < own) piece++;
      const steps = own - owners[piece];
      squares[index] = unit * steps * steps + heights[owners[piece]];
    }
  }
}
