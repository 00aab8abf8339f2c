import fc from 'fast-check';
import { interpolateBox } from './interpolate.js';
import { axisGrid, axisTaps, touchedRange, type InterpolationMethod } from './resampling-grid.js';

/** Resamples a whole grid of spacing 1 to the spacings given. */
function resample(
  data: ArrayLike<number>,
  shape: [number, number, number],
  spacing: (number | null)[],
  method: InterpolationMethod,
) {
  const grids = shape.map((n, axis) => axisGrid(n, 1, spacing[axis]));
  const [x, y, z] = grids.map((grid) => axisTaps(grid, 0, grid.count - 1, method));
  return { box: interpolateBox(data, shape, [x, y, z], method, (value) => value), grids };
}

const field = (shape: [number, number, number], f: (i: number, j: number, k: number) => number) =>
  Float64Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, n) =>
    f(n % shape[0], Math.floor(n / shape[0]) % shape[1], Math.floor(n / (shape[0] * shape[1]))),
  );

describe('axisGrid', () => {
  it('keeps the centre and covers the extent, without a voxel more for rounding noise', () => {
    expect(axisGrid(204, 0.9765625, 2)).toMatchObject({ count: 100 }); // the CT phantom of IBSI, all three axes
    expect(axisGrid(201, 0.9765625, 2)).toMatchObject({ count: 99 });
    expect(axisGrid(60, 3, 2)).toMatchObject({ count: 90 });
    expect(axisGrid(10, 0.1, 1 / 3)).toMatchObject({ count: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0.2, max: 6, noNaN: true }), (n, target) => {
        const { count, origin, step } = axisGrid(n, 1, target);
        expect(origin + (step * (count - 1)) / 2).toBeCloseTo((n - 1) / 2, 9);
        expect(count * target).toBeGreaterThan(n - 1e-5);
      }),
    );
  });
});

describe('interpolateBox', () => {
  it('reproduces a linear field inside, and the edge value beyond', () => {
    const shape: [number, number, number] = [7, 5, 6];
    const { box, grids } = resample(
      field(shape, (i, j, k) => 3 + 2 * i - j + 0.5 * k),
      shape,
      [0.7, 1.3, 1.6],
      'linear',
    );
    const at = (axis: number, o: number) =>
      Math.min(Math.max(grids[axis].origin + o * grids[axis].step, 0), shape[axis] - 1);
    const [nx, ny] = grids.map((grid) => grid.count);
    box.forEach((value, n) => {
      const [i, j, k] = [at(0, n % nx), at(1, Math.floor(n / nx) % ny), at(2, Math.floor(n / (nx * ny)))];
      expect(value).toBeCloseTo(3 + 2 * i - j + 0.5 * k, 12);
    });
  });

  it.each<InterpolationMethod>(['nearest', 'linear', 'cubic'])(
    '%s returns the old values on the old grid',
    (method) => {
      const data = field([5, 4, 3], (i, j, k) => ((i * 7 + j * 5 + k * 3) % 11) - 4);
      const { box } = resample(data, [5, 4, 3], [1, 1, 1], method);
      box.forEach((value, n) => expect(value).toBeCloseTo(data[n], 12));
    },
  );

  it('passes a cubic polynomial through a cubic spline, far from the edges', () => {
    const shape: [number, number, number] = [61, 1, 1];
    const f = (x: number) => 0.002 * (x - 30) ** 3 - 0.1 * (x - 30) ** 2 + x;
    const { box, grids } = resample(field(shape, f), shape, [0.37, null, null], 'cubic');
    box.forEach((value, n) => {
      const x = grids[0].origin + n * grids[0].step;
      // The edge is no polynomial: its influence falls by 0.27 a voxel, to 1e-12 of 54 in 25 voxels.
      if (Math.abs(x - 30) < 5) expect(Math.abs(value - f(x))).toBeLessThan(1e-9);
    });
  });

  it('agrees with the interpolating spline of three values worked out by hand', () => {
    // Values 0, 1, 0 far inside zeros: coefficients are 6 z / (z^2 - 1) z^|n|, z = sqrt(3) - 2 (Unser 1999, eq. 17).
    const data = new Float64Array(101);
    data[50] = 1;
    const { box, grids } = resample(data, [101, 1, 1], [0.5, null, null], 'cubic');
    const z = Math.sqrt(3) - 2;
    const c = (n: number) => ((6 * z) / (z * z - 1)) * z ** Math.abs(n);
    const basis = (x: number) => {
      const a = Math.abs(x);
      return a < 1 ? 2 / 3 - a * a + a ** 3 / 2 : a < 2 ? (2 - a) ** 3 / 6 : 0;
    };
    for (let o = 90; o < 115; o++) {
      const x = grids[0].origin + o * grids[0].step - 50;
      let expected = 0;
      for (let n = -20; n <= 20; n++) expected += c(n) * basis(x - n);
      expect(box[o]).toBeCloseTo(expected, 11);
    }
  });

  it.each<InterpolationMethod>(['linear', 'cubic'])('%s gives a part as it gives the whole', (method) => {
    const shape: [number, number, number] = [70, 9, 8];
    const data = field(shape, (i, j, k) => Math.sin(i * 1.7 + j) * 100 + ((i * j * k) % 13));
    const { box, grids } = resample(data, shape, [0.8, 1.1, 1.7], method);
    const ranges = grids.map((grid, axis) => touchedRange(grid, axis === 0 ? 40 : 3, axis === 0 ? 44 : 5));
    const [x, y, z] = grids.map((grid, axis) => axisTaps(grid, ranges[axis][0], ranges[axis][1], method));
    const part = interpolateBox(data, shape, [x, y, z], method, (value) => value);
    part.forEach((value, n) => {
      const [i, j, k] = [n % x.count, Math.floor(n / x.count) % y.count, Math.floor(n / (x.count * y.count))];
      const whole = ranges[0][0] + i + grids[0].count * (ranges[1][0] + j + grids[1].count * (ranges[2][0] + k));
      expect(Math.abs(value - box[whole])).toBeLessThan(1e-10); // the prefilter's margin leaves 2e-14 of the range
    });
  });
});
