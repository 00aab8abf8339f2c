import { parseSettings, type Normalisation } from './index.js';
import { normalise } from './normalise.js';
import { extractFeatures, maskOf, volumeOf } from './spec-support.js';

/** Background near 10, tissue near 200, and two voxels that the scanner did not measure. */
const VALUES = [8, 10, 12, 9, 11, -2000, 190, 200, 210, 220, NaN, 180];
const volume = volumeOf([12, 1, 1], [1, 1, 1], VALUES);
const mask = maskOf(volume, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0]);

function settingsOf(normalisation: Record<string, unknown>) {
  return parseSettings({
    format: 'concord.extraction/2',
    discretisations: [{ method: 'FBN', count: 8 }],
    families: ['statistics'],
    normalisation,
  });
}

function normalised(settings: Record<string, unknown>): number[] {
  const parsed = settingsOf(settings).normalisation as Normalisation; // given above
  return [...normalise(volume, mask, parsed, [-2000]).data];
}

/** Mean and population deviation, term by term. */
function moments(values: number[]): [number, number] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)];
}

describe('normalise', () => {
  const finite = VALUES.filter((x) => Number.isFinite(x) && x !== -2000);

  it.each<[string, Record<string, unknown>, number[]]>([
    ['the image', {}, finite],
    ['the region', { over: 'region' }, [200, 210, 220]],
    ['tissue, by the split that Otsu finds', { over: 'tissue' }, [190, 200, 210, 220, 180]],
    ['tissue above a threshold', { over: 'tissue', tissueAbove: 195 }, [200, 210, 220]],
  ])('gives z-scores by %s, without what was not measured', (_, over, measured) => {
    const [mean, deviation] = moments(measured);
    const values = normalised({ method: 'z-score', scale: 100, ...over });
    expect(values[7]).toBeCloseTo((100 * (200 - mean)) / deviation, 9);
    expect(values[0]).toBeCloseTo((100 * (8 - mean)) / deviation, 9);
    expect([values[5], values[10]]).toEqual([NaN, NaN]);
  });

  it('puts percentiles on the ends of the target, and what lies beyond on its ends if asked', () => {
    const whole = normalised({ method: 'percentiles' });
    expect([whole[0], whole[9]].map((x) => x.toFixed(12))).toEqual(['0.000000000000', '1.000000000000']);
    // 25 and 75 % of 8 9 10 11 12 180 190 200 210 220 lie at 10.25 and 197.5 (position p (n - 1)).
    const inner = { method: 'percentiles', percentiles: [25, 75], target: [0, 10] };
    expect(normalised(inner)[7]).toBeCloseTo((10 * (200 - 10.25)) / (197.5 - 10.25), 10);
    expect(normalised({ ...inner, saturation: [0, 10] }).slice(0, 2)).toEqual([0, 0]);
    expect(normalised({ ...inner, saturation: [null, 10] })[0]).toBeLessThan(0);
    expect(normalised({ ...inner, saturation: [0, 10] })[9]).toBe(10);
  });

  it('comes before everything else in an extraction', () => {
    const { values } = extractFeatures(volume, mask, settingsOf({ method: 'z-score', over: 'region' }));
    expect(values['stat_mean'].value).toBeCloseTo(0, 12);
    expect(values['stat_var'].value).toBeCloseTo(1, 12);
  });

  it('refuses what has no spread', () => {
    const flat = volumeOf([3, 1, 1], [1, 1, 1], [5, 5, 5]);
    const every = maskOf(flat, [1, 1, 1]);
    for (const settings of [
      { method: 'z-score' },
      { method: 'percentiles' },
      { method: 'z-score', over: 'tissue' },
      { method: 'percentiles', over: 'tissue', tissueAbove: 9 },
    ]) {
      expect(() => extractFeatures(flat, every, settingsOf(settings))).toThrow(
        expect.objectContaining({ code: 'FLAT_IMAGE' }) as Error,
      );
    }
  });
});
