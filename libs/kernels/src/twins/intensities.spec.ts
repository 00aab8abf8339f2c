import fc from 'fast-check';
import { createKernels } from '../index.js';

const lists = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 40 });

describe.each(['typescript', 'wasm'] as const)('%s', (kind) => {
  const kernels = createKernels({ kind });
  const { arena } = kernels;

  /** The four numbers that a kernel gives for a list. */
  function four(list: readonly number[], run: (values: Float64Array, out: Float64Array) => void): number[] {
    return arena.scope(() => {
      const out = arena.f64(4);
      run(arena.copy(Float64Array.from(list)), out);
      return [...out];
    });
  }

  function expectSums(actual: readonly number[], list: readonly number[], terms: readonly ((x: number) => number)[]) {
    terms.forEach((term, n) => {
      const [sum, size] = [0, 0].map((_, sign) =>
        list.reduce((total, x) => total + (sign === 0 ? term(x) : Math.abs(term(x))), 0),
      );
      expect(Math.abs(actual[n] - sum)).toBeLessThanOrEqual(1e-13 * size); // the order of a sum differs
    });
  }

  it('sums, and finds the least and greatest', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const result = four(list, (values, out) => kernels.now('intensities', 'summary', values, list.length, out));
        expectSums(result, list, [(x) => x, (x) => x * x]);
        expect(result.slice(2)).toEqual([Math.min(...list), Math.max(...list)]);
      }),
    );
  });

  it('sums powers and distances about a mean', () => {
    fc.assert(
      fc.property(lists, fc.double({ min: -100, max: 100, noNaN: true }), (list, mean) => {
        const run = (values: Float64Array, out: Float64Array) =>
          kernels.now('intensities', 'centralMoments', values, list.length, mean, out);
        const power = (exponent: number) => (x: number) => (x - mean) ** exponent;
        expectSums(four(list, run), list, [power(2), power(3), power(4), (x) => Math.abs(x - mean)]);
      }),
    );
  });

  it('sums distances, all and within bounds', () => {
    fc.assert(
      fc.property(lists, fc.nat(40), fc.nat(40), (list, a, b) => {
        const [lower, upper] = [list[a % list.length], list[b % list.length]];
        const run = (values: Float64Array, out: Float64Array) =>
          kernels.now('intensities', 'deviations', values, list.length, 3, lower, upper, out);
        const inside = (x: number, term: number): number => (x < lower || x > upper ? 0 : term);
        expectSums(four(list, run), list, [
          (x) => Math.abs(x - 3),
          (x) => inside(x, Math.abs(x - 3)),
          (x) => inside(x, x),
          (x) => inside(x, 1),
        ]);
      }),
    );
  });

  it('counts levels, with those below and above', () => {
    const numbers = fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom(-1e300, 1e300, 0, 25));
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (list, highest) => {
        arena.scope(() => {
          const [levels, counts] = [arena.u16(list.length), arena.u32(highest + 2)];
          const values = arena.copy(Float64Array.from(list));
          kernels.now('intensities', 'greyLevels', values, list.length, -10, 2, 5, highest, levels, counts);
          const expected = list.map((x) => {
            const level = Math.floor((2 * (x + 10)) / 5) + 1;
            if (level < 1) return 0;
            return level > highest ? highest + 1 : level;
          });
          expect([...levels]).toEqual(expected);
          expect([...counts]).toEqual(Array.from(counts, (_, g) => expected.filter((level) => level === g).length));
        });
      }),
    );
  });
});
