import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Mask, Triple } from '../volume.js';
import { compareMasks } from './agreement.js';
import { combineMasks, consensusMask } from './combine.js';
import { distanceToRegionMm } from './distance.js';
import { connectedLesions, lesionMask } from './lesions.js';
import { ringOf } from './ring.js';

const scipy = JSON.parse(readFileSync(new URL('../../golden/regions/expected.json', import.meta.url), 'utf8')) as {
  shape: Triple;
  spacing: Triple;
  region: number[];
  organ: number[];
  outside: number[];
  rings: { from: number; to: number; ring: number[]; clipped: number[] }[];
  sparse: number[];
  lesions: number[][];
  readers: number[][];
  agreement: { pair: [number, number]; dice: number; hausdorff: number }[];
  majority: number[];
};
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const maskOf = (data: ArrayLike<number>, shape = scipy.shape, spacing = scipy.spacing, label = 'tumour'): Mask => ({
  shape,
  affine: Float64Array.of(spacing[0], 0, 0, -5, 0, 0, -spacing[2], 7, 0, spacing[1], 0, 3, 0, 0, 0, 1),
  data: Uint8Array.from(data),
  label,
});
const region = maskOf(scipy.region);
const empty = maskOf(scipy.region.map(() => 0));
const moved = maskOf(scipy.region);
moved.affine[3] += 0.1;
const sheared = maskOf(scipy.region);
sheared.affine[1] += 0.01;

describe('distanceToRegionMm', () => {
  it('equals the exact Euclidean distance transform of SciPy on an anisotropic grid', () => {
    const own = distanceToRegionMm(region);
    expect(own.length).toBe(scipy.outside.length);
    // SciPy's numbers were kept to 15 digits.
    own.forEach((value, index) => expect(Math.abs(value - scipy.outside[index])).toBeLessThan(2e-14 * 20));
  });

  it('equals the search over all pairs, for any region, size and spacing', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
    );
    const mm = fc.double({ min: 0.2, max: 6, noNaN: true });
    fc.assert(
      fc.property(
        sizes,
        fc.tuple(mm, mm, mm),
        fc.array(fc.nat(215), { minLength: 1, maxLength: 8 }),
        (shape, spacing, seeds) => {
          const data = new Uint8Array(shape[0] * shape[1] * shape[2]);
          for (const seed of seeds) data[seed % data.length] = 1;
          const at = (index: number): number[] => {
            const steps = [
              index % shape[0],
              Math.floor(index / shape[0]) % shape[1],
              Math.floor(index / shape[0] / shape[1]),
            ];
            return steps.map((step, axis) => step * spacing[axis]);
          };
          distanceToRegionMm(maskOf(data, shape, spacing)).forEach((value, index) => {
            const [x, y, z] = at(index);
            const all = [...data.keys()].filter((voxel) => data[voxel] === 1).map(at);
            expect(value).toBeCloseTo(Math.min(...all.map(([a, b, c]) => Math.hypot(a - x, b - y, c - z))), 10);
          });
        },
      ),
    );
  });

  it('refuses an empty region and a sheared grid', () => {
    expect(() => distanceToRegionMm(empty)).toThrow(refusal('EMPTY_MASK'));
    expect(() => distanceToRegionMm(sheared)).toThrow(refusal('TILT'));
  });
});

describe('ringOf', () => {
  it.each(scipy.rings)(
    'from $from to $to mm equals SciPy, with and without an organ',
    ({ from, to, ring, clipped }) => {
      const free = ringOf(region, { fromMm: from, toMm: to });
      expect([...free.mask.data]).toEqual(ring);
      expect(free.clippedVoxelCount).toBe(0);
      const bound = ringOf(region, { fromMm: from, toMm: to, within: maskOf(scipy.organ) });
      expect([...bound.mask.data]).toEqual(clipped);
      const count = (data: readonly number[]): number => data.reduce((a, b) => a + b);
      expect(bound.clippedVoxelCount).toBe(count(ring) - count(clipped));
    },
  );

  const single = (i: number): Mask =>
    maskOf(
      Array.from({ length: 11 }, (_, n) => Number(n === i)),
      [11, 1, 1],
      [1.1, 1, 1],
    );

  it('takes a voxel exactly at the limit, and shares none with the next ring', () => {
    const near = ringOf(single(5), { fromMm: 0, toMm: 3.3 });
    expect([...near.mask.data]).toEqual([0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0]);
    expect(near.mask.label).toBe('tumour ring 0..3.3 mm');
    expect([...ringOf(single(5), { fromMm: 3.3, toMm: 4.4 }).mask.data]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it('says when the image cuts it off', () => {
    expect(ringOf(single(3), { fromMm: 0, toMm: 3.5 }).isCutByImage).toBe(true); // 1 x 1 voxels across
    const tall = maskOf(
      Array.from({ length: 343 }, (_, n) => Number(n === 171)),
      [7, 7, 7],
      [1, 1, 1],
    );
    expect(ringOf(tall, { fromMm: 0, toMm: 3 }).isCutByImage).toBe(false);
    expect(ringOf(tall, { fromMm: 0, toMm: 4 }).isCutByImage).toBe(true);
  });

  it('knows no inside edge at the border of the image', () => {
    const full = maskOf(scipy.region.map(() => 1));
    expect(() => ringOf(full, { fromMm: -3, toMm: 0 })).toThrow(refusal('EMPTY_MASK'));
  });

  it('refuses distances without order, an organ on another grid, empty regions and sheared grids', () => {
    for (const [fromMm, toMm] of [
      [2, 2],
      [5, 1],
      [NaN, 2],
      [0, Infinity],
      [-2000, 0],
    ]) {
      expect(() => ringOf(region, { fromMm, toMm })).toThrow(refusal('BAD_SETTING'));
    }
    expect(() => ringOf(region, { fromMm: 0, toMm: 2, within: moved })).toThrow(refusal('GEOMETRY_MISMATCH'));
    expect(() => ringOf(empty, { fromMm: 0, toMm: 2 })).toThrow(refusal('EMPTY_MASK'));
    expect(() => ringOf(sheared, { fromMm: 0, toMm: 2 })).toThrow(refusal('TILT'));
    expect(() => ringOf(region, { fromMm: 0, toMm: 0.1 })).toThrow(refusal('EMPTY_MASK'));
  });
});

describe('connectedLesions', () => {
  const sparse = maskOf(scipy.sparse);

  it('finds the parts that SciPy finds with 26 neighbours, the largest first', () => {
    const lesions = connectedLesions(sparse);
    expect(lesions.map(({ voxels }) => [...voxels])).toEqual(scipy.lesions);
    expect(lesions[0].volumeMm3).toBeCloseTo(scipy.lesions[0].length * 0.7 * 1.1 * 2.5, 10);
    expect(lesions.slice(0, 2).map(({ label }) => label)).toEqual(['lesion-1', 'lesion-2']);
  });

  it('gives back the region when its parts are put together', () => {
    const parts = connectedLesions(sparse).map((lesion) => lesionMask(sparse, lesion));
    expect(parts.reduce((all, part) => combineMasks(all, part, 'union')).data).toEqual(sparse.data);
  });

  it('leaves out parts below the least volume, and refuses if none is left', () => {
    const atLeast = 2 * 0.7 * 1.1 * 2.5 - 1e-9;
    const kept = scipy.lesions.filter((voxels) => voxels.length >= 2);
    expect(connectedLesions(sparse, { minVolumeMm3: atLeast })).toHaveLength(kept.length);
    expect(() => connectedLesions(sparse, { minVolumeMm3: 1e6 })).toThrow(refusal('EMPTY_MASK'));
    expect(() => connectedLesions(empty)).toThrow(refusal('EMPTY_MASK'));
    expect(() => connectedLesions(sparse, { minVolumeMm3: NaN })).toThrow(refusal('BAD_SETTING'));
  });

  it('refuses a region of over 1,000 parts', () => {
    const dots = Array.from({ length: 41 ** 3 }, (_, n) =>
      Number(n % 2 === 0 && Math.floor(n / 41) % 2 === 0 && Math.floor(n / 1681) % 2 === 0),
    );
    expect(() => connectedLesions(maskOf(dots, [41, 41, 41]))).toThrow(refusal('BAD_SETTING'));
  });
});

describe('several outlines', () => {
  const readers = scipy.readers.map((data, n) => maskOf(data, scipy.shape, scipy.spacing, `reader ${n}`));

  it.each(scipy.agreement)('of readers $pair agree as SciPy says', ({ pair: [a, b], dice, hausdorff }) => {
    const own = compareMasks(readers[a], readers[b]);
    expect(own.dice).toBeCloseTo(dice, 14);
    expect(own.hausdorffMm).toBeCloseTo(hausdorff, 12);
    expect(compareMasks(readers[b], readers[a]).hausdorffMm).toBe(own.hausdorffMm);
    const count = (one: Mask): number => one.data.reduce((sum, value) => sum + value, 0);
    expect(own.volumeDifferenceMm3).toBeCloseTo((count(readers[b]) - count(readers[a])) * 0.7 * 1.1 * 2.5, 9);
  });

  it('have as consensus what more than half drew', () => {
    expect([...consensusMask(readers).data]).toEqual(scipy.majority);
    const both = combineMasks(readers[0], readers[1], 'intersection');
    expect(consensusMask(readers.slice(0, 2)).data).toEqual(both.data);
    expect(consensusMask(readers.slice(0, 2), { atLeast: 1 }).data).toEqual(
      combineMasks(readers[0], readers[1], 'union').data,
    );
  });

  it('are combined voxel by voxel', () => {
    const [a, b] = [maskOf([1, 1, 0, 0], [4, 1, 1]), maskOf([1, 0, 1, 0], [4, 1, 1])];
    expect([...combineMasks(a, b, 'union').data]).toEqual([1, 1, 1, 0]);
    expect([...combineMasks(a, b, 'intersection').data]).toEqual([1, 0, 0, 0]);
    expect([...combineMasks(a, b, 'difference').data]).toEqual([0, 1, 0, 0]);
    expect([...combineMasks(a, b, 'exclusive').data]).toEqual([0, 1, 1, 0]);
  });

  it('are refused on different grids, empty, or with an impossible number of readers', () => {
    for (const call of [
      () => compareMasks(region, moved),
      () => combineMasks(region, moved, 'union'),
      () => consensusMask([region, moved]),
      () => compareMasks(region, maskOf([1], [1, 1, 1])),
    ]) {
      expect(call).toThrow(refusal('GEOMETRY_MISMATCH'));
    }
    expect(() => compareMasks(region, empty)).toThrow(refusal('EMPTY_MASK'));
    expect(() => combineMasks(region, region, 'difference')).toThrow(refusal('EMPTY_MASK'));
    expect(() => consensusMask([])).toThrow(refusal('EMPTY_MASK'));
    expect(() => consensusMask([region], { atLeast: 2 })).toThrow(refusal('BAD_SETTING'));
  });
});
