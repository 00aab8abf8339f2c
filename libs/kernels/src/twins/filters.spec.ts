import fc from 'fast-check';
import { createKernels, type Kernels } from '../index.js';

const compiled = createKernels({ kind: 'wasm' });
const twins = createKernels({ kind: 'typescript' });
const numbers = (count: number) =>
  fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: count, maxLength: count });

/** Runs the same work on both kinds; gives what each left in the array that it returns. */
function both(work: (kernels: Kernels) => Float64Array): [number[], number[]] {
  const run = (kernels: Kernels): number[] => kernels.arena.scope(() => [...work(kernels)]);
  return [run(compiled), run(twins)];
}

function expectEqual([actual, expected]: [ArrayLike<number>, ArrayLike<number>], scale = 1000): void {
  expect(actual.length).toBe(expected.length);
  const worst = Array.from(actual).reduce((most, x, n) => Math.max(most, Math.abs(x - expected[n])), 0);
  expect(worst).toBeLessThanOrEqual(1e-12 * scale);
}

describe('convolve', () => {
  const cases = fc
    .record({
      shape: fc.tuple(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })),
      taps: fc.integer({ min: 1, max: 4 }),
      gap: fc.integer({ min: 1, max: 2 }),
      axis: fc.constantFrom(0, 1, 2),
      isAdded: fc.constantFrom(0, 1),
    })
    .chain((sizes) => {
      const reach = (sizes.taps - 1) * sizes.gap;
      const source = sizes.shape.map((n, axis) => (axis === sizes.axis ? n + reach : n));
      const count = source[0] * source[1] * source[2];
      return fc.record({
        sizes: fc.constant({ ...sizes, source }),
        values: numbers(count),
        weights: numbers(sizes.taps),
        cut: fc.nat(100),
      });
    });

  it('is the weighted sum of what lies along the axis, in the compiled kernel and in its twin', () => {
    fc.assert(
      fc.property(cases, ({ sizes: { shape, source, taps, gap, axis, isAdded }, values, weights, cut }) => {
        const [w, h, d] = shape;
        const stride = gap * [1, source[0], source[0] * source[1]][axis];
        const rows = h * d;
        const middle = cut % (rows + 1);
        const results = both((kernels) => {
          const from = kernels.arena.copy(Float64Array.from(values));
          const own = kernels.arena.copy(Float64Array.from(weights));
          const to = kernels.arena.f64(w * h * d);
          to.fill(7);
          for (const [first, last] of [
            [0, middle],
            [middle, rows],
          ]) {
            kernels.now(
              'filters',
              'convolve',
              from,
              to,
              w,
              h,
              source[0],
              source[0] * source[1],
              w,
              w * h,
              stride,
              own,
              taps,
              isAdded,
              first,
              last,
            );
          }
          return to;
        });
        const expected = Array.from({ length: w * h * d }, (_, n) => {
          const place = [n % w, Math.floor(n / w) % h, Math.floor(n / (w * h))];
          let sum = isAdded * 7;
          weights.forEach((weight, t) => {
            const [i, j, k] = place.map((x, a) => (a === axis ? x + gap * t : x));
            sum += weight * values[i + source[0] * (j + source[1] * k)];
          });
          return sum;
        });
        expectEqual(results, 1e6);
        expectEqual([results[0], expected], 1e7);
      }),
    );
  });
});

describe('what is done voxel by voxel', () => {
  it('equals its twin, and what it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }).chain((n) => fc.tuple(numbers(n), numbers(n), fc.nat(n))),
        (drawn) => {
          const [a, b, first] = drawn;
          const run = (work: (kernels: Kernels, x: Float64Array, y: Float64Array) => Float64Array) =>
            both((kernels) =>
              work(kernels, kernels.arena.copy(Float64Array.from(a)), kernels.arena.copy(Float64Array.from(b))),
            );
          const last = a.length;
          const from = (n: number, changed: number, kept: number): number => (n >= first ? changed : kept);
          const check = (results: [number[], number[]], expected: number[]): void => {
            expectEqual(results, 1e6);
            expectEqual([results[0], expected], 1e6);
          };
          check(
            run((kernels, x, y) => (kernels.now('filters', 'addScaled', x, y, -0.5, first, last), y)),
            b.map((y, n) => from(n, y - a[n] / 2, y)),
          );
          check(
            run((kernels, x, y) => (kernels.now('filters', 'keepLargest', x, y, -1, first, last), y)),
            b.map((y, n) => from(n, Math.max(y, -a[n]), y)),
          );
          check(
            run((kernels, x, y) => (kernels.now('filters', 'absolute', x, y, first, last), y)),
            b.map((y, n) => from(n, Math.abs(a[n]), y)),
          );
          check(
            run((kernels, x, y) => {
              const to = kernels.arena.f64(last);
              kernels.now('filters', 'addModulus', x, y, to, 2, first, last);
              return to;
            }),
            b.map((y, n) => from(n, 2 * Math.hypot(a[n], y), 0)),
          );
          check(
            run((kernels, x, y) => {
              const [re, im] = [kernels.arena.f64(last), kernels.arena.f64(last)];
              kernels.now('filters', 'multiply', x, y, y, x, re, im, first, last);
              return Float64Array.of(...re, ...im);
            }),
            // (a + ib)(b + ia) = 0 + i (a a + b b)
            [...a.map(() => 0), ...a.map((x, n) => from(n, x * x + b[n] * b[n], 0))],
          );
        },
      ),
    );
  });
});
