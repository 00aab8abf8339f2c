import type { Triple } from '@concord/imaging';

type Point = readonly [number, number, number];

/** Area and volume enclosed by the iso-surface of a mask, in mm2 and mm3. */
export interface SurfaceMeasure {
  readonly area: number;
  readonly volume: number;
}

/**
 * Measures the marching-cubes surface of a mask at 0.5, whose vertices are midpoints of voxel-to-voxel edges.
 *
 * A cell of eight voxel centres has one of 256 configurations, so the mesh itself is never built: cells are counted by
 * configuration, and each adds its triangles' area and their flux of (0, 0, z), which is the volume by the divergence
 * theorem. On a face whose inside corners are diagonal the surface cuts off each inside corner, and a loop that is not flat
 * is filled by the fan of largest area: where no face is ambiguous this equals the usual lookup tables (PyRadiomics and
 * scikit-image to 1e-12 on IBSI's phantom and breast1), elsewhere it differs from them by 0.1 % or so.
 *
 * @param mask 0 or 1 on a grid with at least one voxel of padding on every side
 * @see Lorensen and Cline, SIGGRAPH 1987
 */
export function measureSurface(mask: Uint8Array, shape: Triple, spacingMm: Triple): SurfaceMeasure {
  const { count, depth } = countCells(mask, shape);
  let area = 0;
  let volume = 0;
  for (let code = 1; code < 255; code++) {
    if (count[code] === 0) continue;
    for (const triangle of CELL_TRIANGLES[code]) {
      const [a, b, c] = triangle.map((point) => point.map((x, axis) => x * spacingMm[axis]));
      const normal = normalOf([a, b, c]);
      area += (count[code] * Math.hypot(...normal)) / 2;
      volume += (normal[2] / 2) * ((count[code] * (a[2] + b[2] + c[2])) / 3 + depth[code] * spacingMm[2]);
    }
  }
  return { area, volume: Math.abs(volume) };
}

/** Cells of each configuration, and the sum of their slice indices. Bit x + 2 y + 4 z of a code is that corner. */
function countCells(mask: Uint8Array, [nx, ny, nz]: Triple): { count: Float64Array; depth: Float64Array } {
  const count = new Float64Array(256);
  const depth = new Float64Array(256);
  const rowCount = new Float64Array(256);
  const sliceSize = nx * ny;
  for (let k = 0; k + 1 < nz; k++) {
    rowCount.fill(0);
    for (let j = 0; j + 1 < ny; j++) {
      const row = nx * (j + ny * k);
      let code = 0;
      for (let i = row; i < row + nx; i++) {
        const column = mask[i] | (mask[i + nx] << 2) | (mask[i + sliceSize] << 4) | (mask[i + sliceSize + nx] << 6);
        code |= column << 1;
        if (i > row) rowCount[code]++;
        code = column;
      }
    }
    for (let c = 0; c < 256; c++) {
      count[c] += rowCount[c];
      depth[c] += k * rowCount[c];
    }
  }
  return { count, depth };
}

/** Corners of each face of a cell, anticlockwise seen from outside. */
const FACES: readonly (readonly number[])[] = [
  [0, 4, 6, 2],
  [1, 3, 7, 5],
  [0, 1, 5, 4],
  [2, 6, 7, 3],
  [0, 2, 3, 1],
  [4, 5, 7, 6],
];

/** Triangles of each configuration, in units of a cell. */
export const CELL_TRIANGLES: readonly (readonly (readonly [Point, Point, Point])[])[] = Array.from(
  { length: 256 },
  (_, code) => cellTriangles(code),
);

/** Joins the cuts through the six faces to closed loops, and each loop to a fan of triangles. */
function cellTriangles(code: number): [Point, Point, Point][] {
  const next = new Map<number, number>();
  for (const face of FACES) for (const [from, to] of faceCuts(code, face)) next.set(from, to);
  const triangles: [Point, Point, Point][] = [];
  while (next.size > 0) {
    const loop: Point[] = [];
    for (let edge = Math.min(...next.keys()); next.has(edge);) {
      loop.push(midpoint(edge));
      const following = next.get(edge)!; // has() above
      next.delete(edge);
      edge = following;
    }
    triangles.push(...widestFan(loop));
  }
  return triangles;
}

/** Of the fans that fill a loop, the one of largest area: on loops that are not flat the usual tables take that. */
function widestFan(loop: readonly Point[]): [Point, Point, Point][] {
  let widest: [Point, Point, Point][] = [];
  let most = 0;
  loop.forEach((apex, start) => {
    const rest = [...loop.slice(start + 1), ...loop.slice(0, start)];
    const fan = rest.slice(1).map((point, n): [Point, Point, Point] => [apex, rest[n], point]);
    const area = fan.reduce((sum, triangle) => sum + Math.hypot(...normalOf(triangle)) / 2, 0);
    if (area > most + 1e-9) [widest, most] = [fan, area];
  });
  return widest;
}

/** Normal of a triangle with twice its area as length. */
function normalOf([a, b, c]: readonly (readonly number[])[]): [number, number, number] {
  const u = b.map((x, axis) => x - a[axis]);
  const v = c.map((x, axis) => x - a[axis]);
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}

/** Cuts of a face as pairs of edges, each with its inside corners on the right; an edge is 8 * corner + corner. */
function faceCuts(code: number, face: readonly number[]): [number, number][] {
  const cuts: [number, number][] = [];
  for (let n = 0; n < 4; n++) {
    if (isInside(code, face[n]) || !isInside(code, face[(n + 1) % 4])) continue;
    let last = (n + 1) % 4; // the last inside corner of the run that starts here
    while (isInside(code, face[(last + 1) % 4])) last = (last + 1) % 4;
    cuts.push([edgeBetween(face[n], face[(n + 1) % 4]), edgeBetween(face[last], face[(last + 1) % 4])]);
  }
  return cuts;
}

function isInside(code: number, corner: number): boolean {
  return ((code >> corner) & 1) === 1;
}

function edgeBetween(a: number, b: number): number {
  return 8 * Math.min(a, b) + Math.max(a, b);
}

function midpoint(edge: number): Point {
  const [a, b] = [edge >> 3, edge & 7];
  return [((a & 1) + (b & 1)) / 2, (((a >> 1) & 1) + ((b >> 1) & 1)) / 2, (((a >> 2) & 1) + ((b >> 2) & 1)) / 2];
}
