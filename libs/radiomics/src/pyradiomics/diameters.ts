import type { Triple } from '@concord/imaging';

/** Largest distances in mm between vertices of the surface that share a plane: z (slice), y (column), x (row). */
export interface PlaneDiameters {
  readonly slice: number;
  readonly column: number;
  readonly row: number;
}

/** Outermost vertices of each line of a plane: planes run along one axis, lines along a second, extremes on the third. */
interface Extremes {
  readonly lines: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/**
 * Vertices are midpoints between voxels of which one is inside. Of each line only the outermost can lie farthest apart, and
 * of those only the corners of their convex hull.
 *
 * @param mask with one voxel of padding on every side
 */
export function planeDiameters(mask: Uint8Array, shape: Triple, spacingMm: Triple): PlaneDiameters {
  const half = shape.map((n) => 2 * n); // positions in half voxels
  const slices = extremes(half[2], half[1]);
  const columns = extremes(half[1], half[2]);
  const rows = extremes(half[0], half[2]);
  collectVertices(mask, shape, slices, columns, rows);
  const [sx, sy, sz] = spacingMm.map((spacing) => spacing / 2);
  return {
    slice: largestDistance(slices, sx, sy),
    column: largestDistance(columns, sx, sz),
    row: largestDistance(rows, sy, sz),
  };
}

function extremes(planes: number, lines: number): Extremes {
  return { lines, low: new Int32Array(planes * lines).fill(2 ** 30), high: new Int32Array(planes * lines).fill(-1) };
}

function widenInPlace({ lines, low, high }: Extremes, plane: number, line: number, value: number): void {
  const at = plane * lines + line;
  if (value < low[at]) low[at] = value;
  if (value > high[at]) high[at] = value;
}

function collectVertices(mask: Uint8Array, [nx, ny, nz]: Triple, slices: Extremes, columns: Extremes, rows: Extremes) {
  const slice = nx * ny;
  for (let k = 0; k + 1 < nz; k++) {
    for (let j = 0; j + 1 < ny; j++) {
      const first = nx * (j + ny * k);
      for (let i = 0, at = first; i + 1 < nx; i++, at++) {
        const inside = mask[at];
        for (let step = 0; step < 3; step++) {
          if (mask[at + (step === 0 ? 1 : step === 1 ? nx : slice)] === inside) continue;
          const [x, y, z] = [2 * i + (step === 0 ? 1 : 0), 2 * j + (step === 1 ? 1 : 0), 2 * k + (step === 2 ? 1 : 0)];
          widenInPlace(slices, z, y, x);
          widenInPlace(columns, y, z, x);
          widenInPlace(rows, x, z, y);
        }
      }
    }
  }
}

function largestDistance({ lines, low, high }: Extremes, across: number, along: number): number {
  let largest = 0;
  for (let start = 0; start < low.length; start += lines) {
    const left: number[][] = [];
    const right: number[][] = [];
    for (let line = 0; line < lines; line++) {
      if (high[start + line] < 0) continue;
      left.push([low[start + line], line]);
      right.push([high[start + line], line]);
    }
    const corners = [...hullSide(left, -1), ...hullSide(right, 1)];
    for (let a = 0; a < corners.length; a++) {
      for (let b = 0; b < a; b++) {
        const [dx, dy] = [across * (corners[a][0] - corners[b][0]), along * (corners[a][1] - corners[b][1])];
        largest = Math.max(largest, dx * dx + dy * dy);
      }
    }
  }
  return Math.sqrt(largest);
}

/** Corners of the convex hull of points sorted by their second coordinate, on the side of low (-1) or high (1) values. */
export function hullSide(points: readonly (readonly number[])[], side: 1 | -1): (readonly number[])[] {
  const corners: (readonly number[])[] = [];
  for (const point of points) {
    while (corners.length >= 2) {
      const [a, b] = corners.slice(-2);
      if (side * ((b[0] - a[0]) * (point[1] - a[1]) - (point[0] - a[0]) * (b[1] - a[1])) > 0) break; // b sticks out
      corners.pop();
    }
    corners.push(point);
  }
  return corners;
}
