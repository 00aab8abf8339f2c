import { resampleMask, resampleVolume } from '@concord/imaging';
import fc from 'fast-check';
import { PRESETS, type ExtractionSettings, type Resampling } from './index.js';
import { prepareRegion } from './prepare.js';
import { boundingBox, cutRegion } from './region.js';
import { resegment } from './resegment.js';
import { kernels, maskOf, volumeOf } from './spec-support.js';

const native: ExtractionSettings = { ...PRESETS['ibsi1-C'], resampling: null };
const row = (...values: number[]) => volumeOf([values.length, 1, 1], [1, 1, 1], values);

function resampled(values: number[], inside: number[], spacing: number) {
  const resampling = {
    spacingMm: [spacing, null, null] as const,
    alignment: 'centre' as const,
    image: 'linear' as const,
    antiAliasing: null,
    mask: 'linear' as const,
    maskThreshold: 0.5,
  };
  const volume = row(...values);
  return prepareRegion(volume, maskOf(volume, inside), { ...native, resampling }, kernels).interpolated;
}

describe('prepareRegion', () => {
  it('takes a voxel whose share of the region is half but for the noise of the interpolation', () => {
    // At a spacing of 2 - 2e-9 the first new voxel lies at 0.500000001: its share is 0.499999999.
    expect(resampled([1, 2, 3, 4], [1, 0, 0, 0], 2 - 2e-9).voxels).toHaveLength(1);
    expect(resampled([1, 2, 3, 4, 5, 6], [1, 0, 0, 1, 1, 0], 1.9).voxels).toHaveLength(2);
  });

  it('refuses a region that the new spacing swallows', () => {
    const empty = { code: 'EMPTY_MASK', what: 'nothing is left of the region at the new spacing' };
    const call = () => resampled([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 0, 0], 5);
    expect(call).toThrow(expect.objectContaining(empty) as Error);
  });

  it('rounds halves between whole numbers to the even one', () => {
    expect(Array.from(resampled([0, 1, 1, 2, 2, 3, -1, -2], [1, 1, 1, 1, 1, 1, 1, 1], 2).intensities)).toEqual([
      0, 2, 2, -2,
    ]);
  });

  it('rounds an image that should hold whole numbers also without resampling', () => {
    const volume = row(0.4999, 1.5, 2.5, -0.2);
    const { interpolated, initial } = prepareRegion(volume, maskOf(volume, [1, 1, 1, 1]), native, kernels);
    expect(Array.from(interpolated.intensities, (x) => x + 0)).toEqual([0, 2, 2, 0]);
    expect(initial.intensities[0]).toBe(0.4999);
  });
});

describe('padding', () => {
  const values = [-3024, -3024, 10, 20, 30, 40];
  const settings = { ...native, rounding: 'none' as const };

  it('never enters the region, which loses such voxels with a warning', () => {
    const volume = row(...values);
    const every = maskOf(volume, new Uint8Array(6).fill(1));
    const kept = prepareRegion(volume, every, settings, kernels);
    expect([...kept.interpolated.intensities]).toEqual([10, 20, 30, 40]);
    expect(kept.warnings).toEqual(['voxels of the region that hold a padding value were left out']);
    const finer = { ...PRESETS['ibsi1-C'].resampling!, spacingMm: [0.5, null, null] as const };
    const { interpolated } = prepareRegion(volume, every, { ...settings, resampling: finer }, kernels);
    // The voxel a quarter before the 10 has the 10 alone for a neighbour; those before have none.
    expect([...interpolated.intensities]).toEqual([10, 10, 12.5, 17.5, 22.5, 27.5, 32.5, 37.5, 40]);
  });

  it('is what the settings say', () => {
    const volume = row(...values);
    const every = maskOf(volume, new Uint8Array(6).fill(1));
    const all = prepareRegion(volume, every, { ...settings, paddingValues: [] }, kernels);
    expect([all.interpolated.intensities[0], all.warnings]).toEqual([-3024, []]);
    const none = maskOf(volume, [1, 1, 0, 0, 0, 0]);
    expect(() => prepareRegion(volume, none, settings, kernels)).toThrow(
      expect.objectContaining({ code: 'UNMEASURED_REGION' }) as Error,
    );
  });
});

describe('prepareRegion around the region', () => {
  const spacings = fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0.7, 1, 1.5, 2, 2.6)));
  const images = fc.record({
    values: fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 360, maxLength: 360 }),
    inside: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 360, maxLength: 360 }),
    low: fc.nat(5),
    spacings,
    image: fc.constantFrom('linear' as const, 'cubic' as const),
  });

  it('gives what resampling of the whole image and cutting the region out gives', () => {
    fc.assert(
      fc.property(images, ({ values, inside, low, spacings: target, image }) => {
        const volume = volumeOf([10, 6, 6], [1, 1.2, 1.9], values);
        const mask = maskOf(
          volume,
          inside.map((value, n) => (n % 10 >= low ? value : 0)),
        );
        fc.pre(boundingBox(mask.data, mask.shape) !== null);
        const spacing: [number, number, number] = [target[0], target[1], target[2]];
        const whole = resampleMask(mask, spacing, {}, kernels);
        const expected = cutRegion(resampleVolume(volume, spacing, { method: image }, kernels), whole);
        const resampling: Resampling = { ...PRESETS['ibsi1-C'].resampling!, spacingMm: spacing, image };
        const { interpolated } = prepareRegion(volume, mask, { ...native, rounding: 'none', resampling }, kernels);
        expect(interpolated.shape).toEqual(expected.shape);
        expect(interpolated.mask).toEqual(expected.mask);
        interpolated.intensities.forEach((x, n) => expect(Math.abs(x - expected.intensities[n])).toBeLessThan(1e-8));
      }),
      { numRuns: 40 },
    );
  });
});

describe('resegment', () => {
  const volume = row(0, 0, 0, 0, 0, 0, 0, 0, 0, 10);
  const { initial } = prepareRegion(volume, maskOf(volume, new Uint8Array(10).fill(1)), native, kernels);
  const keeps = (range: [number | null, number | null] | null, outlierSigma: number | null) =>
    resegment(initial, { range, outlierSigma }).voxels.length;

  it('keeps both ends of the range', () => {
    expect([keeps([0, 10], null), keeps([0, 9.99], null), keeps([0.01, null], null), keeps([null, 0], null)]).toEqual([
      10, 9, 1, 9,
    ]);
  });

  it('divides by the number of voxels for the deviation: here it is 3, the outlier lies exactly 3 of it away', () => {
    expect([keeps(null, 3), keeps(null, 2.999)]).toEqual([10, 9]); // divided by N - 1, 2.999 would keep all
  });

  it('takes outliers from all voxels, not from those in the range', () => {
    expect(keeps([0, 5], 3)).toBe(9);
    expect(keeps([5, null], 2.999)).toBe(0);
  });
});
