import { invariant } from '@concord/errors';
import type { Triple } from '@concord/imaging';
import { convexHull, type ConvexHull } from './convex-hull.js';

/**
 * Convex hull of the mesh vertices of a mask, in half voxels (index * 2).
 *
 * Mesh vertices lie half a voxel beside inside voxels, so their hull is the hull of inside voxels widened by half a
 * voxel along each axis; and the corners of the widened hull are widened corners.
 *
 * @param mask 0 or 1, at least one voxel inside
 */
export function meshHull(mask: Uint8Array, shape: Triple): ConvexHull {
  const centres = sliceCorners(mask, shape);
  const corners = convexHull(centres)?.vertices ?? centres; // a mask in one plane has no hull before widening
  const widened = new Int32Array(6 * corners.length);
  for (let n = 0; n < corners.length; n += 3) {
    for (let step = 0; step < 6; step++) {
      const to = 6 * n + 3 * step;
      widened.set(corners.subarray(n, n + 3), to);
      widened[to + (step >> 1)] += step & 1 ? 1 : -1;
    }
  }
  const hull = convexHull(widened);
  invariant(hull, 'a widened region spans space');
  return hull;
}

/** The same in mm. */
export function meshHullInMm(
  mask: Uint8Array,
  shape: Triple,
  spacingMm: Triple,
): { vertices: Float64Array; triangles: ConvexHull['triangles'] } {
  const { vertices, triangles } = meshHull(mask, shape);
  return { vertices: Float64Array.from(vertices, (x, n) => (x / 2) * spacingMm[n % 3]), triangles };
}

/** Corners of the convex hull of each slice: a few dozen points instead of thousands, in half voxels. */
function sliceCorners(mask: Uint8Array, [nx, ny, nz]: Triple): Int32Array {
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
    for (const [i, j] of [...chain(left, -1), ...chain(right, 1)]) points.push(2 * i, 2 * j, 2 * k);
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
