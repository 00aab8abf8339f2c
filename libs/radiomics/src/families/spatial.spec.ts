import fc from 'fast-check';
import { createKernels } from '@concord/kernels';
import type { Region } from '../region.js';
import { cutRegion } from '../region.js';
import { maskOf, volumeOf } from '../spec-support.js';
import { spatialAssociation } from './spatial.js';

const kinds = [createKernels({ kind: 'wasm', threads: 2 }), createKernels({ kind: 'typescript' })];

afterAll(() => kinds.forEach((kernels) => kernels.close()));

/** The definition: every pair of voxels. */
function slow({ voxels, intensities, shape: [nx, ny], spacingMm }: Region): [number, number] {
  const n = voxels.length;
  const mean = intensities.reduce((sum, x) => sum + x, 0) / n;
  const place = Array.from(voxels, (v) => [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))]);
  let [weights, products, differences] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const w = 1 / Math.hypot(...spacingMm.map((s, axis) => s * (place[i][axis] - place[j][axis])));
      weights += w;
      products += w * (intensities[i] - mean) * (intensities[j] - mean);
      differences += w * (intensities[i] - intensities[j]) ** 2;
    }
  }
  const squares = intensities.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return [(n / weights) * (products / squares), ((n - 1) / (2 * weights)) * (differences / squares)];
}

const regions = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 }))
  .chain(([nx, ny, nz]) => {
    const size = nx * ny * nz;
    return fc.record({
      shape: fc.constant([nx, ny, nz] as const),
      hu: fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: size, maxLength: size }),
      inside: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    });
  })
  .map(({ shape, hu, inside }) => {
    const volume = volumeOf([...shape], [0.977, 1.3, 3], hu);
    return { volume, mask: maskOf(volume, inside.map(Number)) };
  })
  .filter(({ mask }) => mask.data.includes(1));

describe.each(kinds.map((kernels) => [kernels.kind, kernels] as const))("Moran's I and Geary's C, %s", (_, kernels) => {
  it('are the sums over all pairs', () => {
    fc.assert(
      fc.property(regions, ({ volume, mask }) => {
        const region = cutRegion(volume, mask);
        fc.pre(new Set(region.intensities).size > 1);
        const { morph_moran_i: moran, morph_geary_c: geary } = spatialAssociation(region, kernels);
        const [slowMoran, slowGeary] = slow(region);
        expect(Math.abs(Number(moran) - slowMoran)).toBeLessThan(1e-12 * Math.max(1, Math.abs(slowMoran)));
        expect(Math.abs(Number(geary) - slowGeary)).toBeLessThan(1e-12 * Math.max(1, slowGeary));
      }),
      { numRuns: kernels.kind === 'wasm' ? 200 : 40 },
    );
  });
});

it('are the same when the frequencies are taken a stretch at a time', () => {
  // 6 * 40 * 80 numbers a frequency: 437 of them fit at once, of 601.
  const shape = [600, 40, 40] as const;
  const volume = volumeOf(
    [...shape],
    [1, 1, 1],
    Array.from({ length: 960_000 }, (_, n) => Math.imul(n, 2654435761) >>> 20),
  );
  const inside = new Uint8Array(960_000);
  for (const at of [0, 599, 24_000 * 13 + 300, 959_999, 500_123, 700_001]) inside[at] = 1;
  const region = cutRegion(volume, maskOf(volume, inside));
  const { morph_moran_i: moran, morph_geary_c: geary } = spatialAssociation(region, kinds[0]);
  const [slowMoran, slowGeary] = slow(region);
  expect(Math.abs(Number(moran) / slowMoran - 1)).toBeLessThan(1e-9); // few voxels in much air: sums of many small terms
  expect(Math.abs(Number(geary) / slowGeary - 1)).toBeLessThan(1e-9);
});

it('have reasons instead of values without pairs, and on a flat region', () => {
  const volume = volumeOf([3, 1, 1], [1, 1, 1], [5, 5, 7]);
  const reason = (inside: number[]) => spatialAssociation(cutRegion(volume, maskOf(volume, inside)), kinds[0]);
  expect(reason([1, 0, 0])).toMatchObject({ morph_moran_i: { reason: 'one voxel has no pairs' } });
  expect(reason([1, 1, 0])).toMatchObject({ morph_geary_c: { reason: 'all voxels have one intensity' } });
  const region = cutRegion(volume, maskOf(volume, [1, 1, 1]));
  const emptied = { ...region, voxels: new Int32Array(0), intensities: new Float64Array(0) };
  expect(spatialAssociation(emptied, kinds[0])).toMatchObject({
    morph_moran_i: { status: 'undefined', reason: 'no voxel is left after re-segmentation' },
  });
});
