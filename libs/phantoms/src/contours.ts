/** A closed polygon in voxel coordinates of one slice: i0, j0, i1, j1, … */
export type Polygon = readonly number[];

/** Crossing points keep this distance from voxel centres, so that rounding never moves one to the other side. */
const MARGIN = 0.02;

/**
 * Outlines the region where a function sampled at voxel centres is positive (marching squares).
 *
 * A voxel centre lies inside the polygons (even-odd rule) exactly if its value is positive, since every edge of the
 * grid that joins the two sides is crossed once.
 *
 * @param values x-fastest, `width * height`; samples outside count as negative
 * @returns closed polygons, without the first point repeated; corners lie on the lines between voxel centres
 */
export function outline(values: Float32Array, width: number, height: number): Polygon[] {
  const next = new Map<number, number>();
  for (let j = -1; j < height; j++) {
    for (let i = -1; i < width; i++) linkCell(values, width, height, i, j, next);
  }
  const polygons: Polygon[] = [];
  while (next.size > 0) {
    const [first] = next.keys();
    const polygon: number[] = [];
    for (let edge: number | undefined = first; edge !== undefined;) {
      polygon.push(...crossing(values, width, height, edge));
      const following = next.get(edge);
      next.delete(edge);
      edge = following === undefined || !next.has(following) ? undefined : following;
    }
    polygons.push(polygon);
  }
  return polygons;
}

// Edges are numbered on the grid padded by one: edge 2 n goes from padded sample n to the right, 2 n + 1 down.
function edgeNumber(width: number, i: number, j: number, isDown: boolean): number {
  return 2 * (i + 1 + (width + 2) * (j + 1)) + (isDown ? 1 : 0);
}

/** Links the crossings of one cell so that the inside lies to the right of the way; saddles are cut apart. */
function linkCell(
  values: Float32Array,
  width: number,
  height: number,
  i: number,
  j: number,
  next: Map<number, number>,
): void {
  const a = sample(values, width, height, i, j) > 0;
  const b = sample(values, width, height, i + 1, j) > 0;
  const c = sample(values, width, height, i + 1, j + 1) > 0;
  const d = sample(values, width, height, i, j + 1) > 0;
  if (a === b && b === c && c === d) return;
  const corners = [a, b, c, d];
  const edges = [
    edgeNumber(width, i, j, false),
    edgeNumber(width, i + 1, j, true),
    edgeNumber(width, i, j + 1, false),
    edgeNumber(width, i, j, true),
  ];
  // Walking round the cell, each run of inside corners is entered by one edge and left by another.
  for (let corner = 0; corner < 4; corner++) {
    if (!corners[corner] || corners[(corner + 3) % 4]) continue;
    let last = corner;
    while (corners[(last + 1) % 4]) last = (last + 1) % 4;
    next.set(edges[(corner + 3) % 4], edges[last]);
  }
}

function crossing(values: Float32Array, width: number, height: number, edge: number): [number, number] {
  const node = edge >> 1;
  const i = (node % (width + 2)) - 1;
  const j = Math.floor(node / (width + 2)) - 1;
  const isDown = edge % 2 === 1;
  const a = sample(values, width, height, i, j);
  const b = sample(values, width, height, i + (isDown ? 0 : 1), j + (isDown ? 1 : 0));
  const share = Math.min(1 - MARGIN, Math.max(MARGIN, a / (a - b)));
  return isDown ? [i, j + share] : [i + share, j];
}

function sample(values: Float32Array, width: number, height: number, i: number, j: number): number {
  return i >= 0 && j >= 0 && i < width && j < height ? values[i + width * j] : -1;
}
