import fc from 'fast-check';
import { createKernels, type Kernels } from '../index.js';

const kinds: Kernels[] = [createKernels({ kind: 'wasm' }), createKernels({ kind: 'typescript' })];
const numbers = (count: number) =>
  fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: count, maxLength: count });
const sizes = fc.record({
  inner: fc.constantFrom(1, 2, 5, 8, 33, 70),
  count: fc.integer({ min: 2, max: 12 }),
  outer: fc.integer({ min: 1, max: 3 }),
});

function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Array.from(actual).reduce((most, x, n) => Math.max(most, Math.abs(x - expected[n])), 0);
}

describe('mix', () => {
  const cases = sizes.chain((size) =>
    fc.record({
      size: fc.constant(size),
      values: numbers(size.inner * size.count * size.outer),
      starts: fc.array(fc.nat(size.count - 2), { minLength: 1, maxLength: 7 }),
      weights: numbers(14),
    }),
  );

  it('weighs neighbours along the axis, in the compiled kernel and in its twin', () => {
    fc.assert(
      fc.property(cases, ({ size: { inner, count, outer }, values, starts, weights }) => {
        const rows = starts.length * outer;
        const [compiled, twin] = kinds.map((kernels) =>
          kernels.arena.scope(() => {
            const [from, own] = [values, weights].map((list) => kernels.arena.copy(Float64Array.from(list)));
            const to = kernels.arena.f64(inner * rows);
            const places = kernels.arena.copy(Int32Array.from(starts));
            const call = (first: number, last: number): number =>
              kernels.now('resample', 'mix', from, to, inner, count, starts.length, places, own, 2, first, last);
            call(0, rows >> 1);
            call(rows >> 1, rows);
            return [...to];
          }),
        );
        const expected = Array.from({ length: inner * rows }, (_, n) => {
          const row = Math.floor(n / inner);
          const at = row % starts.length;
          const place = (n % inner) + inner * (starts[at] + count * Math.floor(row / starts.length));
          return weights[2 * at] * values[place] + weights[2 * at + 1] * values[place + inner];
        });
        expect(worstDifference(compiled, twin)).toBeLessThan(1e-6); // of a million
        expect(worstDifference(twin, expected)).toBeLessThan(1e-6);
      }),
    );
  });
});

describe('prefilter', () => {
  it('gives the coefficients whose spline passes through the values, in the compiled kernel and in its twin', () => {
    const cases = sizes.chain((size) =>
      fc.record({ size: fc.constant(size), values: numbers(size.inner * size.count * size.outer), cut: fc.nat(500) }),
    );
    fc.assert(
      fc.property(cases, ({ size: { inner, count, outer }, values, cut }) => {
        const lines = inner * outer;
        const middle = cut % (lines + 1);
        const [compiled, twin] = kinds.map((kernels) =>
          kernels.arena.scope(() => {
            const own = kernels.arena.copy(Float64Array.from(values));
            kernels.now('resample', 'prefilter', own, inner, count, count, 0, middle);
            kernels.now('resample', 'prefilter', own, inner, count, count, middle, lines);
            return [...own];
          }),
        );
        expect(worstDifference(compiled, twin)).toBeLessThan(1e-9);
        // Between the ends (one coefficient and four times the next, over six) the old values come back.
        for (let n = 0; n < twin.length; n++) {
          const along = Math.floor(n / inner) % count;
          if (along === 0 || along === count - 1) continue;
          expect((twin[n - inner] + 4 * twin[n] + twin[n + inner]) / 6).toBeCloseTo(values[n], 8);
        }
      }),
    );
  });
});

describe.each(kinds.map((kernels) => [kernels.kind, kernels] as const))('%s', (_, kernels) => {
  const { arena } = kernels;

  it('rounds halves to even, and what is a half but for noise', () => {
    const values = [0.5, 1.5, -0.5, -1.5, 2.4999999999999, 2.50001, -2.4, 7, 1e9 + 0.3, 0.4999];
    const rounded = arena.scope(() => {
      const own = arena.copy(Float64Array.from(values));
      kernels.now('resample', 'round', own, 0, values.length - 1);
      return [...own].map((x) => x + 0); // no -0
    });
    expect(rounded).toEqual([0, 2, 0, -2, 2, 3, -2, 7, 1e9, 0.4999]);
  });

  it('counts padding values and what is no finite number', () => {
    const counts = arena.scope(() => {
      const values = arena.copy(Float64Array.of(-3024, 1, NaN, -2000, Infinity, 0, -2000.5, -0));
      const padding = arena.copy(Float64Array.of(-3024, -2000, 0));
      const count = (paddingCount: number, first: number, last: number): number =>
        kernels.now('resample', 'countGaps', values, padding, paddingCount, first, last);
      return [count(2, 0, 8), count(0, 0, 8), count(2, 1, 4), count(3, 0, 8), count(3, 6, 7)];
    });
    expect(counts).toEqual([4, 2, 2, 6, 0]);
  });

  it('takes a share of half but for noise as inside', () => {
    const marks = arena.scope(() => {
      const mask = arena.u8(5);
      mask[4] = 9;
      kernels.now('resample', 'inside', arena.copy(Float64Array.of(0.4999999, 0.499999, 0.5, 1, 1)), mask, 0.5, 0, 4);
      return [...mask];
    });
    expect(marks).toEqual([1, 0, 1, 1, 9]);
  });
});
