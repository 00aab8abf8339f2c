import { createKernels } from '@concord/kernels';
import fc from 'fast-check';
import { cutRegion } from '../region.js';
import { maskOf, volumeOf } from '../spec-support.js';
import { localIntensity, PEAK_RADIUS_MM } from './local.js';

const kinds = [createKernels({ kind: 'wasm' }), createKernels({ kind: 'typescript' })];

it('the ball of 1 cm3 has the radius that IBSI gives', () => {
  expect(PEAK_RADIUS_MM).toBeCloseTo(6.2035, 4);
});

const cases = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 7 }))).chain(([nx, ny, nz]) => {
  const size = nx * ny * nz;
  const voxel = fc.oneof({ weight: 40, arbitrary: fc.integer({ min: -99, max: 99 }) }, fc.constant(NaN));
  return fc.record({
    shape: fc.constant([nx, ny, nz] as const),
    spacing: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0.977, 2, 3.1, 7))),
    values: fc.array(voxel, { minLength: size, maxLength: size }),
    inside: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
  });
});

describe.each(kinds.map((kernels) => [kernels.kind, kernels] as const))('local intensity, %s', (_, kernels) => {
  it('is the mean over all voxels in the ball, clipped by the image', () => {
    fc.assert(
      fc.property(cases, ({ shape, spacing, values, inside }) => {
        const mask = inside.map((isIn, n) => (isIn && Number.isFinite(values[n]) ? 1 : 0));
        fc.pre(mask.includes(1));
        const volume = volumeOf([...shape], spacing as [number, number, number], values);
        const place = (n: number): number[] => [
          spacing[0] * (n % shape[0]),
          spacing[1] * (Math.floor(n / shape[0]) % shape[1]),
          spacing[2] * Math.floor(n / (shape[0] * shape[1])),
        ];
        const peak = (n: number): number => {
          const near = values.filter(
            (value, m) =>
              Number.isFinite(value) && Math.hypot(...place(n).map((c, a) => c - place(m)[a])) <= PEAK_RADIUS_MM,
          );
          return near.reduce((sum, value) => sum + value, 0) / near.length;
        };
        const voxels = [...mask.keys()].filter((n) => mask[n] === 1);
        const most = Math.max(...voxels.map((n) => values[n]));
        const { loc_peak_loc: local, loc_peak_glob: global } = localIntensity(
          cutRegion(volume, maskOf(volume, mask)),
          kernels,
        );
        expect(global).toBeCloseTo(Math.max(...voxels.map(peak)), 11);
        expect(local).toBeCloseTo(Math.max(...voxels.filter((n) => values[n] === most).map(peak)), 11);
      }),
      { numRuns: 40 },
    );
  });
});

it('has a reason when nothing is left of the region', () => {
  const volume = volumeOf([2, 2, 2], [1, 1, 1], new Float64Array(8));
  const region = cutRegion(volume, maskOf(volume, new Uint8Array(8).fill(1)));
  const emptied = { ...region, voxels: new Int32Array(0), intensities: new Float64Array(0) };
  expect(localIntensity(emptied, kinds[0])).toMatchObject({
    loc_peak_glob: { status: 'undefined', reason: 'no voxel is left after re-segmentation' },
  });
});
