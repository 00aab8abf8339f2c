import { createKernels } from '@concord/kernels';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { spacingMm } from '../geometry.js';
import type { Triple } from '../volume.js';
import { resampleBox, type ResampleOptions } from './box.js';
import { resampledGrid, touchedBox, wholeBox, type GridAlignment } from './grid.js';
import { fillUnmeasuredInPlace } from './unmeasured.js';

interface Truth {
  readonly shape: Triple;
  readonly spacing: Triple;
  readonly image: number[];
  readonly cases: {
    readonly spacing: Triple;
    readonly alignment: GridAlignment;
    readonly method: 'linear' | 'cubic';
    readonly antiAliasing: number | null;
    readonly shape: Triple;
    readonly values: number[];
  }[];
}
const truth = JSON.parse(
  readFileSync(new URL('../../golden/resample/expected.json', import.meta.url), 'utf8'),
) as Truth;

const kernels = createKernels();
const affineOf = ([x, y, z]: Triple): Float64Array => Float64Array.of(x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1);
const gridOf = (shape: Triple, spacing: Triple, target: readonly (number | null)[], alignment?: GridAlignment) =>
  resampledGrid({ shape, affine: affineOf(spacing) }, [target[0], target[1], target[2]], alignment);
const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, n) => Math.max(most, Math.abs(value - b[n])), 0);

/** A row of voxels resampled to another spacing. */
function row(values: number[], target: number, options: ResampleOptions): number[] {
  const shape: Triple = [values.length, 1, 1];
  const grid = gridOf(shape, [1, 1, 1], [target, null, null]);
  const source = { data: Float64Array.from(values), shape };
  return kernels.arena.scope(() => [...resampleBox(source, grid, wholeBox(grid.shape), options, kernels)]);
}

describe.each(truth.cases)('$method to $spacing mm, $alignment, anti-aliasing $antiAliasing', (expected) => {
  it('gives the values of SciPy', () => {
    const grid = gridOf(truth.shape, truth.spacing, expected.spacing, expected.alignment);
    expect(grid.shape).toEqual(expected.shape);
    const source = { data: Float64Array.from(truth.image), shape: truth.shape };
    const values = kernels.arena.scope(() => [...resampleBox(source, grid, wholeBox(grid.shape), expected, kernels)]);
    expect(values).toHaveLength(expected.values.length);
    expect(worst(values, expected.values)).toBeLessThan(1e-6); // ten digits of values near 1,000
  });
});

describe('alignment', () => {
  it('changes the spacing where first and last voxels must fit', () => {
    // The example of IBSI 1: 4 voxels of 3 mm to 2 mm give 6 voxels, 1.8 mm apart.
    const fit = gridOf([4, 4, 1], [3, 3, 3], [2, 2, null], 'fit');
    expect(fit.shape).toEqual([6, 6, 1]);
    spacingMm(fit).forEach((s, axis) => expect(s).toBeCloseTo([1.8, 1.8, 3][axis], 12));
    expect(gridOf([4, 4, 1], [3, 3, 3], [12, 12, null], 'fit').axes[0]).toEqual({ size: 1, start: 1.5, step: 4 });
  });
});

describe('a box of the new grid', () => {
  const cases = fc.record({
    values: fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 360, maxLength: 360 }),
    target: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(null, 0.7, 1, 1.5, 2, 2.6))),
    low: fc.tuple(fc.nat(7), fc.nat(3), fc.nat(3)),
    reach: fc.nat(2),
    method: fc.constantFrom('nearest' as const, 'linear' as const, 'cubic' as const),
    antiAliasing: fc.constantFrom(null, 0.95),
    gap: fc.option(fc.integer({ min: -900, max: 900 })),
  });

  it('holds what the whole grid holds there, on one thread and on two', () => {
    const two = createKernels({ threads: 2 });
    fc.assert(
      fc.property(cases, ({ values, target, low, reach, method, antiAliasing, gap }) => {
        const shape: Triple = [10, 6, 6];
        const grid = gridOf(shape, [1, 1.2, 1.9], target);
        const source = { data: Float64Array.from(values), shape };
        const options = { method, antiAliasing, paddingValues: gap === null ? [] : [gap] };
        const [lowX, lowY, lowZ] = low;
        const box = touchedBox(grid, low, [lowX + reach, lowY + reach, lowZ + reach]);
        fc.pre(box !== null);
        const [whole, part, partOfTwo] = [
          kernels.arena.scope(() => resampleBox(source, grid, wholeBox(grid.shape), options, kernels).slice()),
          kernels.arena.scope(() => resampleBox(source, grid, box, options, kernels).slice()),
          two.arena.scope(() => resampleBox(source, grid, box, options, two).slice()),
        ];
        expect(partOfTwo).toEqual(part);
        const [w, h] = box.size;
        const expected = part.map((_, n) => {
          const [i, j, k] = [n % w, Math.floor(n / w) % h, Math.floor(n / (w * h))];
          return whole[box.low[0] + i + grid.shape[0] * (box.low[1] + j + grid.shape[1] * (box.low[2] + k))];
        });
        expect([...part].map(Number.isNaN)).toEqual([...expected].map(Number.isNaN));
        // A spline's margin leaves 2e-14 of the range; filled gaps are felt as far as the fill differs.
        const measured = part.map((value, n) => (Number.isNaN(value) ? 0 : value - expected[n]));
        if (gap === null || method !== 'cubic')
          expect(worst(measured, new Float64Array(part.length))).toBeLessThan(1e-9);
      }),
      { numRuns: 60 },
    );
    two.close();
  });
});

describe('what is no measurement', () => {
  const options = (method: ResampleOptions['method']): ResampleOptions => ({ method, paddingValues: [-3024] });

  it('never enters an interpolation', () => {
    // New voxels at 0, 0.5, 1 … 3: between 20 and a gap only the 20 counts, within the gap there is nothing.
    expect(row([-3024, 10, 20, -3024], 0.5, options('linear'))).toEqual([NaN, 10, 10, 12.5, 17.5, 20, 20, NaN]);
    expect(row([10, NaN, 20, Infinity], 1.5, { method: 'linear' })).toEqual([10, 20, NaN]);
    expect(row([-3024, 10, 20, -3024], 0.5, options('nearest'))).toEqual([NaN, NaN, 10, 10, 20, 20, NaN, NaN]);
  });

  it('leaves a constant image constant, by every method and with smoothing', () => {
    const values = Array.from({ length: 24 }, (_, n) => (n % 5 === 2 || n > 18 ? -3024 : 7));
    for (const method of ['nearest', 'linear', 'cubic'] as const) {
      for (const antiAliasing of [null, 0.98]) {
        const resampled = row(values, 1.7, { ...options(method), antiAliasing });
        const measured = resampled.filter((value) => !Number.isNaN(value));
        expect(measured.length).toBeGreaterThan(resampled.length / 2);
        measured.forEach((value) => expect(value).toBeCloseTo(7, 10));
        expect(Number.isNaN(resampled[resampled.length - 1])).toBe(true);
      }
    }
  });

  it('is marked on a grid that stays', () => {
    expect(row([1, -3024, 3], 1, options('linear'))).toEqual([1, NaN, 3]);
  });

  it('is filled by the nearest along x, then y, then z', () => {
    const values = Float64Array.of(NaN, 1, NaN, NaN, NaN, 2, NaN, NaN, NaN, NaN, NaN, NaN, 9, 9, 9, 9, 9, 9);
    fillUnmeasuredInPlace(values, [6, 1, 3]);
    expect([...values]).toEqual([1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 2, 2, 9, 9, 9, 9, 9, 9]);
    const nothing = Float64Array.of(NaN, NaN);
    fillUnmeasuredInPlace(nothing, [2, 1, 1]);
    expect([...nothing]).toEqual([0, 0]);
  });
});
