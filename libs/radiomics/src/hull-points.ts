import type { Triple } from '@concord/imaging';

/**
 * Points whose convex hull is that of the mesh vertices of a mask, in half voxels (index * 2).
 *
 * Mesh vertices lie half a voxel beside inside voxels, so their hull is the hull of inside voxels widened by half a
 * voxel along each axis. Of a slice only the corners of its own convex hull matter: a few dozen points instead of
 * thousands.
 *
 * @param mask 0 or 1, at least one voxel inside
 * @returns x, y, z in turn
 */
export function hullPoints(mask: Uint8Array, [nx, ny, nz]: Triple): Int32Array {
  const points: number[] = [];
  for (let k = 0; k < nz; k++) {
    const left: number[][] = [];
    const right: number[][] = [];
    for (let j = 0; j < ny; j++) {
      const row = nx * (j + ny * k);
      const end = row + nx;
      let first = row;
      while (first < end && mask[first] === 0) first++;
      if (first === end) continue;
      let last = end - 1;
      while (mask[last] === 0) last--;
      left.push([first - row, j]);
      right.push([last - row, j]);
    }
    for (const [i, j] of [...chain(left, -1), ...chain(right, 1)]) addWidenedInPlace(points, 2 * i, 2 * j, 2 * k);
  }
  return Int32Array.from(points);
}

/** Corners of the convex hull on one side of points sorted by y: left (-1) or right (1). */
function chain(points: readonly number[][], side: 1 | -1): number[][] {
  const corners: number[][] = [];
  for (const [x, y] of points) {
    while (corners.length >= 2) {
      const [[ax, ay], [bx, by]] = corners.slice(-2);
      if (side * ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) > 0) break; // b sticks out
      corners.pop();
    }
    corners.push([x, y]);
  }
  return corners;
}

function addWidenedInPlace(points: number[], x: number, y: number, z: number): void {
  points.push(x - 1, y, z, x + 1, y, z, x, y - 1, z, x, y + 1, z, x, y, z - 1, x, y, z + 1);
}
