import type { Triple } from '@concord/imaging';

/** A step between two voxels along z, y and x: PyRadiomics' order of axes. */
export type Angle = readonly [number, number, number];

/**
 * One step of each pair of opposite directions whose Chebyshev length is among the distances, in PyRadiomics' order.
 *
 * @param size of the region's box along x, y and z; no step leaves it
 * @param flatAxis axis (0 is z, 1 y, 2 x) along which no step goes, or null
 */
export function anglesOf(size: Triple, distances: readonly number[], flatAxis: number | null): Angle[] {
  const wanted = new Set(distances);
  const farthest = Math.max(...distances);
  const reach = [size[2], size[1], size[0]].map((n, axis) => (axis === flatAxis ? 0 : Math.min(farthest, n - 1)));
  const angles: Angle[] = [];
  for (let dz = reach[0]; dz >= 0; dz--) {
    for (let dy = reach[1]; dy >= -reach[1]; dy--) {
      for (let dx = reach[2]; dx >= -reach[2]; dx--) {
        const isForward = dz > 0 || dy > 0 || (dy === 0 && dx > 0);
        if (isForward && wanted.has(Math.max(dz, Math.abs(dy), Math.abs(dx)))) angles.push([dz, dy, dx]);
      }
    }
  }
  return angles;
}

/** Position difference that a step makes on a grid, x-fastest. */
export function strideOf([dz, dy, dx]: Angle, [nx, ny]: Triple): number {
  return dx + nx * (dy + ny * dz);
}

/** Lengths of a step along z, y and x in mm. */
export function stepMm(angle: Angle, spacingMm: Triple): Angle {
  return [Math.abs(angle[0]) * spacingMm[2], Math.abs(angle[1]) * spacingMm[1], Math.abs(angle[2]) * spacingMm[0]];
}
