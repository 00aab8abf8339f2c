import { randomNormal, seededRandom, type RandomSource } from '@concord/numeric';
import { convexHull } from './convex-hull.js';
import { minimumBox } from './minimum-box.js';

type Rows = readonly (readonly number[])[];

function randomTurn(random: RandomSource): Rows {
  const q = [0, 1, 2, 3].map(() => randomNormal(random));
  const length = Math.hypot(...q);
  const [w, x, y, z] = q.map((c) => c / length);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

function turn(points: ArrayLike<number>, rows: Rows): Float64Array {
  const turned = new Float64Array(points.length);
  for (let n = 0; n < points.length; n += 3) {
    rows.forEach((row, axis) => {
      turned[n + axis] = row[0] * points[n] + row[1] * points[n + 1] + row[2] * points[n + 2];
    });
  }
  return turned;
}

function volumeAlongAxes(points: Float64Array): number {
  let volume = 1;
  for (let axis = 0; axis < 3; axis++) {
    const along = points.filter((_, n) => n % 3 === axis);
    volume *= along.reduce((a, b) => Math.max(a, b)) - along.reduce((a, b) => Math.min(a, b));
  }
  return volume;
}

describe('the smallest box', () => {
  it('round a turned cuboid is the cuboid', () => {
    const random = seededRandom(11);
    const corners = Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [n & 1, (n >> 1) & 1, n >> 2]));
    const { vertices, triangles } = convexHull(corners)!; // a cube spans space
    const edges = [7, 12, 31];
    for (let repeat = 0; repeat < 20; repeat++) {
      const cuboid = Float64Array.from(vertices, (x, n) => x * edges[n % 3]);
      const box = [...minimumBox(turn(cuboid, randomTurn(random)), triangles)].sort((a, b) => a - b);
      box.forEach((edge, n) => expect(edge).toBeCloseTo(edges[n], 9));
    }
  });

  it('round a turned regular tetrahedron is a cube, though none of its sides is flush with a face', () => {
    const random = seededRandom(2);
    const { vertices, triangles } = convexHull(Int32Array.of(1, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1))!; // spans space
    for (let repeat = 0; repeat < 20; repeat++) {
      const box = minimumBox(turn(vertices, randomTurn(random)), triangles);
      box.forEach((edge) => expect(edge).toBeCloseTo(2, 6));
    }
  });

  it('is no larger than the best of many random directions, and does not depend on how the region lies', () => {
    const random = seededRandom(5);
    for (let repeat = 0; repeat < 5; repeat++) {
      const cloud = Int32Array.from({ length: 240 }, (_, n) => Math.round((40 + 30 * (n % 3)) * randomNormal(random)));
      const { vertices, triangles } = convexHull(cloud)!; // random points span space
      const points = Float64Array.from(vertices);
      const volume = minimumBox(points, triangles).reduce((product, edge) => product * edge);
      const best = Array.from({ length: 2000 }, () => volumeAlongAxes(turn(points, randomTurn(random))));
      expect(volume).toBeLessThanOrEqual(Math.min(...best) * 1.001);
      const [a, b, c] = minimumBox(turn(points, randomTurn(random)), triangles);
      // Other starts along the axes may end in another valley.
      expect((a * b * c) / volume).toBeCloseTo(1, 1);
    }
  });
});
