import { randomNormal, seededRandom } from '@concord/numeric';
import { ellipsoidArea, enclosingEllipsoid } from './ellipsoid.js';

describe('the surface of an ellipsoid', () => {
  it('is that of a sphere', () => {
    expect(ellipsoidArea(3, 3, 3)).toBeCloseTo(4 * Math.PI * 9, 12);
  });

  it('is the series of IBSI’s manual, term by term', () => {
    const legendre = (n: number, x: number): number => {
      // P_n as a sum of powers (Rodrigues)
      let sum = 0;
      for (let k = 0; 2 * k <= n; k++) {
        sum += (-1) ** k * choose(n, k) * choose(2 * n - 2 * k, n) * x ** (n - 2 * k);
      }
      return sum / 2 ** n;
    };
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    const [a, b, c] = [7, 5, 4];
    const [alpha, beta] = [Math.sqrt(1 - (b / a) ** 2), Math.sqrt(1 - (c / a) ** 2)];
    let sum = 0;
    for (let n = 0; n <= 20; n++) {
      sum += ((alpha * beta) ** n / (1 - 4 * n * n)) * legendre(n, (alpha ** 2 + beta ** 2) / (2 * alpha * beta));
    }
    expect(ellipsoidArea(a, b, c) / (4 * Math.PI * a * b * sum)).toBeCloseTo(1, 10);
  });
});

describe('the smallest ellipsoid', () => {
  it('round the corners of a box has its edges times sqrt(3) / 2 for half-axes', () => {
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [4 * (n & 1), 7 * ((n >> 1) & 1), 9 * (n >> 2)]);
    const { value, isConverged } = enclosingEllipsoid(Float64Array.from(corners));
    expect(isConverged).toBe(true);
    [9, 7, 4].forEach((edge, n) => expect(value[n] / (edge * Math.sqrt(3 / 4))).toBeCloseTo(1, 6));
  });

  it('round points on an ellipsoid and inside it is that ellipsoid', () => {
    const random = seededRandom(3);
    const half = [50, 20, 11];
    const points: number[] = [];
    for (let n = 0; n < 400; n++) {
      const direction = [0, 1, 2].map(() => randomNormal(random));
      const length = Math.hypot(...direction) * (n % 4 === 0 ? 1.5 : 1);
      const [x, y, z] = direction.map((c, axis) => 100 + (c / length) * half[axis]);
      points.push(0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y, z);
    }
    const { value, isConverged, iterations } = enclosingEllipsoid(Float64Array.from(points));
    expect([isConverged, iterations < 5000]).toEqual([true, true]);
    // Points on the surface pin it down as far as the tolerance goes.
    half.forEach((axis, n) => expect(value[n] / axis).toBeCloseTo(1, 4));
  });
});
