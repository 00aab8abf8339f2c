import fc from 'fast-check';
import type { Discretisation } from '../settings.js';
import { intensityVolumeHistogram } from './ivh.js';

const ALL = { range: null, outlierSigma: null };
const NONE: Discretisation = { method: 'none' };

describe('the intensity-volume histogram', () => {
  it('is what a search through all levels gives', () => {
    const intensities = fc.array(fc.integer({ min: -20, max: 30 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(intensities, (values) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        fc.pre(low < high);
        const share = (i: number): number => values.filter((x) => x >= i).length / values.length;
        const levels = Array.from({ length: high - low + 1 }, (_, n) => low + n);
        const at = (x: number): number =>
          Math.max(...levels.filter((i) => (i - low) / (high - low) >= x).map((i) => share(i)));
        const level = (x: number): number => Math.min(...levels.filter((i) => share(i) <= x));
        const ivh = intensityVolumeHistogram(Float64Array.from(values), NONE, ALL);
        expect(ivh['ivh_v10']).toBe(at(0.1));
        expect(ivh['ivh_v90']).toBe(at(0.9));
        if (Number.isFinite(level(0.1))) expect(ivh['ivh_i10']).toBe(level(0.1));
        else expect(ivh['ivh_i10']).toMatchObject({ reason: 'more than 10 % of the voxels have the highest level' });
        // Below the curve lies, of each voxel, the share of the range below it, half a level for its own.
        const step = 1 / (high - low);
        const area = values.reduce((sum, x) => {
          const [left, right] = [x > low ? step / 2 : 0, x < high ? step / 2 : 0];
          return sum + (x - low) * step - left + (left + right) / (x > low ? 1 : 1);
        }, 0);
        expect(ivh['ivh_auc']).toBeCloseTo(area / values.length, 12);
      }),
    );
  });

  it('takes the range of re-segmentation for that of the levels', () => {
    const values = Float64Array.of(0, 10, 20, 30);
    const ivh = intensityVolumeHistogram(values, NONE, { range: [-100, 100], outlierSigma: null });
    expect(ivh).toMatchObject({ ivh_v10: 1, ivh_v90: 0, ivh_i10: 31, ivh_i90: 1 });
  });

  it('takes centres of bins for levels under a fixed bin size', () => {
    const values = Float64Array.of(0.2, 1.4, 2.6, 9.9);
    const bins: Discretisation = { method: 'FBS', width: 1, minimum: 0 };
    const ivh = intensityVolumeHistogram(values, bins, { range: [0, 10], outlierSigma: null });
    expect(ivh).toMatchObject({ ivh_i90: 1.5, ivh_v10: 0.75, ivh_v90: 0.25 });
    expect(intensityVolumeHistogram(values, bins, { range: [0, null], outlierSigma: null })).toEqual(ivh);
  });

  it('has reasons where there are no levels', () => {
    const reason = (values: number[], bins: Discretisation, tag = 'ivh_v10') =>
      intensityVolumeHistogram(Float64Array.from(values), bins, ALL)[tag];
    expect(reason([], NONE)).toMatchObject({ status: 'undefined', reason: 'no voxel is left after re-segmentation' });
    expect(reason([1.5, 2], NONE)).toMatchObject({ status: 'refused' });
    expect(reason([0, 5e6], NONE)).toMatchObject({ status: 'refused' });
    expect(reason([4, 4], NONE)).toMatchObject({ reason: 'there is one level only' });
    expect(reason([4, 4], NONE, 'ivh_auc')).toMatchObject({ reason: 'there is one level only' });
    expect(reason([4, 4], { method: 'FBN', count: 9 })).toMatchObject({ reason: 'all voxels have one intensity' });
    expect(reason([1, 2, 2], NONE, 'ivh_diff_i10_i90')).toMatchObject({
      reason: 'more than 10 % of the voxels have the highest level',
    });
  });
});
