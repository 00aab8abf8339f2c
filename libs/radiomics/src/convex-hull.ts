import { invariant } from '@concord/errors';

/** A convex polyhedron: triangles of vertex numbers, anticlockwise seen from outside. */
export interface ConvexHull {
  /** x, y, z of each vertex in turn, only those that the hull needs. */
  readonly vertices: Int32Array;
  readonly triangles: readonly (readonly [number, number, number])[];
}

interface Face {
  readonly corners: readonly [number, number, number];
  /** Face across the edge from corner n to corner n + 1. */
  readonly neighbours: [Face | null, Face | null, Face | null];
  /** Normal, outwards. */
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly offset: number;
  /** Points strictly above the face that no other face claimed. */
  outside: number[];
  isRemoved: boolean;
}

/**
 * Convex hull of points with whole coordinates below 2^15 in magnitude, by Quickhull in exact arithmetic: every plane
 * test fits into 53 bits, so that flat sides of a digital shape cost no tolerance. Faces in one plane with a new point
 * are replaced together with those below it, so no triangle is degenerate.
 *
 * @param points x, y, z in turn
 * @returns the hull, or null when all points lie in one plane
 * @see Barber, Dobkin and Huhdanpaa, ACM TOMS 22 (1996)
 */
export function convexHull(points: Int32Array): ConvexHull | null {
  const first = firstTetrahedron(points);
  if (first === null) return null;
  const faces = tetrahedronFaces(points, first);
  for (let point = 0; point < points.length / 3; point++) claim(points, point, faces);
  const pending = faces.filter((face) => face.outside.length > 0);
  for (let face = pending.pop(); face !== undefined; face = pending.pop()) {
    if (face.isRemoved) continue;
    const apex = farthest(points, face);
    const removed = facesBelow(points, face, apex);
    const cone = coneOver(points, removed, apex);
    for (const old of removed) for (const point of old.outside) claim(points, point, cone);
    for (const added of cone) {
      faces.push(added);
      if (added.outside.length > 0) pending.push(added);
    }
  }
  return compact(
    points,
    faces.filter((face) => !face.isRemoved),
  );
}

/** Positive above the face, zero in its plane; exact. */
function height(points: Int32Array, face: Face, point: number): number {
  const at = 3 * point;
  return face.nx * points[at] + face.ny * points[at + 1] + face.nz * points[at + 2] - face.offset;
}

function makeFace(points: Int32Array, a: number, b: number, c: number): Face {
  const [ax, ay, az] = [points[3 * a], points[3 * a + 1], points[3 * a + 2]];
  const [ux, uy, uz] = [points[3 * b] - ax, points[3 * b + 1] - ay, points[3 * b + 2] - az];
  const [vx, vy, vz] = [points[3 * c] - ax, points[3 * c + 1] - ay, points[3 * c + 2] - az];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const offset = nx * ax + ny * ay + nz * az;
  return { corners: [a, b, c], neighbours: [null, null, null], nx, ny, nz, offset, outside: [], isRemoved: false };
}

/** Four points that span space: two extremes, the farthest from their line, the farthest from that plane. */
function firstTetrahedron(points: Int32Array): [number, number, number, number] | null {
  const count = points.length / 3;
  const at = (n: number): number[] => [points[3 * n], points[3 * n + 1], points[3 * n + 2]];
  const best = (score: (n: number) => number): number => {
    let winner = 0;
    let most = -1;
    for (let n = 0; n < count; n++) {
      const s = score(n);
      if (s > most) [winner, most] = [n, s];
    }
    return most > 0 ? winner : -1;
  };
  const p = at(0);
  const b = best((n) => at(n).reduce((sum, x, axis) => sum + (x - p[axis]) ** 2, 0));
  const areaWith = (n: number): number => {
    const { nx, ny, nz } = makeFace(points, 0, b, n);
    return nx * nx + ny * ny + nz * nz;
  };
  const c = b < 0 ? -1 : best(areaWith);
  if (b < 0 || c < 0) return null;
  const plane = makeFace(points, 0, b, c);
  const d = best((n) => Math.abs(height(points, plane, n)));
  if (d < 0) return null;
  return height(points, plane, d) < 0 ? [0, b, c, d] : [0, c, b, d];
}

function tetrahedronFaces(points: Int32Array, [a, b, c, d]: readonly [number, number, number, number]): Face[] {
  const faces = [
    makeFace(points, a, b, c),
    makeFace(points, a, d, b),
    makeFace(points, b, d, c),
    makeFace(points, c, d, a),
  ];
  // Face n is missing one corner; its neighbour across an edge is the other face with both ends of that edge.
  faces.forEach((face, n) => {
    for (let edge = 0; edge < 3; edge++) {
      const ends = [face.corners[edge], face.corners[(edge + 1) % 3]];
      face.neighbours[edge] =
        faces.find((other, m) => m !== n && ends.every((end) => other.corners.includes(end))) ?? null;
    }
  });
  return faces;
}

/** Gives a point to the first face it is strictly above; without any it is inside. */
function claim(points: Int32Array, point: number, faces: readonly Face[]): void {
  for (const face of faces) {
    if (height(points, face, point) <= 0) continue;
    face.outside.push(point);
    return;
  }
}

function farthest(points: Int32Array, face: Face): number {
  let winner = face.outside[0];
  for (const point of face.outside) if (height(points, face, point) > height(points, face, winner)) winner = point;
  return winner;
}

/** Faces that the apex is above or in one plane with, reached from one that it is strictly above. */
function facesBelow(points: Int32Array, start: Face, apex: number): Face[] {
  start.isRemoved = true;
  const removed = [start];
  for (const face of removed) {
    for (const neighbour of face.neighbours) {
      if (neighbour === null || neighbour.isRemoved || height(points, neighbour, apex) < 0) continue;
      neighbour.isRemoved = true;
      removed.push(neighbour);
    }
  }
  return removed;
}

/** New faces from the apex to the rim of what was removed. */
function coneOver(points: Int32Array, removed: readonly Face[], apex: number): Face[] {
  const cone: Face[] = [];
  const startingAt = new Map<number, Face>(); // the rim is one closed line: each point starts one edge of it
  for (const face of removed) {
    face.neighbours.forEach((kept, n) => {
      if (kept === null || kept.isRemoved) return;
      const [from, to] = [face.corners[n], face.corners[(n + 1) % 3]];
      const added = makeFace(points, from, to, apex);
      added.neighbours[0] = kept;
      kept.neighbours[kept.corners.indexOf(to)] = added; // across its edge from `to` to `from`
      startingAt.set(from, added);
      cone.push(added);
    });
  }
  for (const face of cone) {
    const next = startingAt.get(face.corners[1]);
    invariant(next, 'the rim of a convex hull is closed');
    face.neighbours[1] = next;
    next.neighbours[2] = face;
  }
  return cone;
}

function compact(points: Int32Array, faces: readonly Face[]): ConvexHull {
  const number = new Map<number, number>();
  const vertices: number[] = [];
  const numberOf = (point: number): number => {
    const known = number.get(point);
    if (known !== undefined) return known;
    vertices.push(points[3 * point], points[3 * point + 1], points[3 * point + 2]);
    number.set(point, number.size);
    return number.size - 1;
  };
  const triangles = faces.map(({ corners: [a, b, c] }) => [numberOf(a), numberOf(b), numberOf(c)] as const);
  return { vertices: Int32Array.from(vertices), triangles };
}
