import fc from 'fast-check';
import { convexHull } from './convex-hull.js';

const triples = (max: number, minLength: number) =>
  fc
    .array(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -max, max }))), { minLength, maxLength: 60 })
    .map((points) => Int32Array.from(points.flat()));

/** Six times the signed volume of a tetrahedron; exact for small whole numbers. */
function orient(v: Int32Array, [a, b, c]: readonly number[], points: Int32Array, p: number): number {
  const side = (data: Int32Array, n: number, axis: number) => data[3 * n + axis] - v[3 * a + axis];
  const [u, w, q] = [0, 1, 2].map((n) => [0, 1, 2].map((axis) => side(n === 2 ? points : v, [b, c, p][n], axis)));
  return (u[1] * w[2] - u[2] * w[1]) * q[0] + (u[2] * w[0] - u[0] * w[2]) * q[1] + (u[0] * w[1] - u[1] * w[0]) * q[2];
}

describe('convexHull', () => {
  // Small coordinates make many points coincide or lie in one plane; large ones do not.
  it.each([1, 2, 4, 4000])('has every point on or below each face, and closes (coordinates up to %i)', (max) => {
    fc.assert(
      fc.property(triples(max, 4), (points) => {
        const hull = convexHull(points);
        fc.pre(hull !== null);
        const { vertices, triangles } = hull;
        for (const triangle of triangles) {
          for (let p = 0; p < points.length / 3; p++)
            expect(orient(vertices, triangle, points, p)).toBeLessThanOrEqual(0);
        }
        const edges = triangles.flatMap(([a, b, c]) => [`${a},${b}`, `${b},${c}`, `${c},${a}`]);
        expect(new Set(edges).size).toBe(edges.length);
        const reversed = triangles.flatMap(([a, b, c]) => [`${b},${a}`, `${c},${b}`, `${a},${c}`]);
        expect(reversed.sort()).toEqual(edges.sort());
        expect(vertices.length / 3 - edges.length / 2 + triangles.length).toBe(2); // Euler
      }),
    );
  });

  it('gives a cube of 5^3 points its six squares', () => {
    const points = Int32Array.from(
      Array.from({ length: 125 }, (_, n) => [n % 5, Math.floor(n / 5) % 5, Math.floor(n / 25)]).flat(),
    );
    const { vertices, triangles } = convexHull(points)!;
    const volume =
      triangles.reduce((sum, triangle) => sum - orient(vertices, triangle, Int32Array.of(1, 1, 1), 0), 0) / 6;
    expect(volume).toBe(64);
  });

  it('is null for points in one plane, on one line, and in one place', () => {
    const inPlane = Array.from({ length: 30 }, (_, n) => [n % 6, Math.floor(n / 6), 7 - (n % 6)]).flat();
    expect(convexHull(Int32Array.from(inPlane))).toBeNull();
    expect(convexHull(Int32Array.of(1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12))).toBeNull();
    expect(convexHull(Int32Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3))).toBeNull();
  });
});
