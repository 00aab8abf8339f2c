import { mean, randomNormal, seededRandom } from '@concord/numeric';
import {
  applyToNewSite,
  CombatInputError,
  type CombatModel,
  type CombatOptions,
  type FeatureColumn,
  fitCombat,
  TooFewFeaturesError,
} from './index.js';

const FEATURES = 40;

/** Patients with the given shift and SD per feature. */
function patients(seed: string, n: number, shift: (f: number) => number, sd: (f: number) => number): FeatureColumn[] {
  const source = seededRandom(seed);
  return Array.from({ length: FEATURES }, (_, f) => ({
    name: `f${f}`,
    values: Float64Array.from({ length: n }, () => shift(f) + sd(f) * randomNormal(source)),
  }));
}

function trained(options: Partial<CombatOptions> = {}): CombatModel {
  const a = patients(
    'a',
    120,
    () => 0,
    () => 1,
  );
  const b = patients(
    'b',
    90,
    (f) => 0.4 + (f % 5) / 10,
    () => 1.2,
  );
  const features = a.map(({ name, values }, f) => ({ name, values: Float64Array.of(...values, ...b[f].values) }));
  return fitCombat({ features, batch: [...Array(120).fill('A'), ...Array(90).fill('B')] as string[], options });
}

const shifts = (f: number): number => 0.86 + 0.3 * Math.sin(f);
const scales = (f: number): number => Math.exp(0.2 + 0.15 * Math.cos(f));

/** Root mean square of what is left of the shift after harmonising, over features; truth is the grand mean. */
function left(model: CombatModel, m: number): number {
  const runs = Array.from({ length: 6 }, (_, run) => {
    const { estimates } = applyToNewSite(model, { batch: 'C', features: patients(`c${run}`, m, shifts, scales) });
    const errors = Array.from(estimates.shift.values, (value, f) => {
      const sd = Math.sqrt(model.estimates.pooledVariance[f]);
      return value - (shifts(f) - model.estimates.grandMean[f]) / sd;
    });
    return mean(errors.map((e) => e * e));
  });
  return Math.sqrt(mean(runs));
}

describe('applyToNewSite', () => {
  const model = trained();

  it('leaves less of the shift the more patients the site has, and shrinkage beats none at five', () => {
    const residual = [5, 10, 20, 50, 100].map((m) => left(model, m));
    residual.slice(1).forEach((value, i) => expect(value).toBeLessThan(residual[i]));
    expect(residual[4]).toBeLessThan(0.2);
    expect(left(trained({ eb: 'none' }), 5)).toBeGreaterThan(residual[0]);
  });

  it('gives 95 % intervals that hold the truth about as often as they say', () => {
    let shiftHits = 0;
    let scaleHits = 0;
    let total = 0;
    for (let run = 0; run < 40; run++) {
      const { estimates } = applyToNewSite(model, { batch: 'C', features: patients(`i${run}`, 25, shifts, scales) });
      for (let f = 0; f < FEATURES; f++) {
        const sd = Math.sqrt(model.estimates.pooledVariance[f]);
        const shift = (shifts(f) - model.estimates.grandMean[f]) / sd;
        const scale = scales(f) / sd;
        if (estimates.shift.lower[f] < shift && shift < estimates.shift.upper[f]) shiftHits++;
        if (estimates.scale!.lower[f] < scale && scale < estimates.scale!.upper[f]) scaleHits++;
        total++;
      }
    }
    // Empirical Bayes neglects the uncertainty of the priors, so somewhat under 95 % is right; features are independent.
    for (const hits of [shiftHits, scaleHits]) {
      expect(hits / total).toBeGreaterThan(0.92);
      expect(hits / total).toBeLessThan(0.98);
    }
  });

  it('estimates no scale below five patients, nor below three whatever is asked, and says so', () => {
    for (const [count, minimumForScale, hasScale] of [
      [1, 1, false],
      [2, 1, false],
      [4, undefined, false],
      [4, 3, true],
      [5, undefined, true],
    ] as const) {
      const features = patients('few', count, shifts, scales);
      const result = applyToNewSite(model, { batch: 'C', features, minimumForScale });
      expect(result.estimates.scale !== null).toBe(hasScale);
      expect(result.warnings.some((warning) => warning.includes('only its location'))).toBe(!hasScale);
      expect(result.warnings.some((warning) => warning.includes('fewer than 20'))).toBe(true);
      for (const { values } of result.features) expect(values.every(Number.isFinite)).toBe(true);
      if (!hasScale) {
        const moved = features[0].values.map((value, row) => value - result.features[0].values[row]);
        moved.forEach((value) => expect(value).toBeCloseTo(moved[0], 12));
      }
    }
    const many = applyToNewSite(model, { batch: 'C', features: patients('many', 30, shifts, scales) });
    expect(many.warnings).toEqual([]);
  });

  it('without empirical Bayes matches mean and variance exactly, with t and chi-squared intervals', () => {
    const plain = trained({ eb: 'none' });
    const features = patients('plain', 12, shifts, scales);
    const { estimates, features: result } = applyToNewSite(plain, { batch: 'C', features });
    expect(mean(result[3].values)).toBeCloseTo(plain.estimates.grandMean[3], 12);
    // t(11) at 0.975 is 2.200985 and chi-squared(11) at 0.025 and 0.975 are 3.815748 and 21.92005 (R 4.2).
    const scale = estimates.scale!;
    const half = (2.200985 * scale.values[3]) / Math.sqrt(12);
    expect(estimates.shift.upper[3] - estimates.shift.values[3]).toBeCloseTo(half, 6);
    expect(scale.lower[3]).toBeCloseTo(scale.values[3] * Math.sqrt(11 / 21.92005), 6);
    expect(scale.upper[3]).toBeCloseTo(scale.values[3] * Math.sqrt(11 / 3.815748), 6);
  });

  it('keeps missing values and constant features as they are', () => {
    const features = patients('holes', 10, shifts, scales);
    features[0].values.fill(7);
    features[1].values.fill(NaN);
    features[2].values.fill(NaN, 1);
    const { features: result, estimates } = applyToNewSite(model, { batch: 'C', features });
    expect(result[0]).toEqual(features[0]);
    expect(result[1]).toEqual(features[1]);
    expect(result[2].values[0]).not.toBe(features[2].values[0]);
    expect(estimates.features).not.toContain('f0');
  });

  it('refuses a batch that the model knows, no patient, infinite values and a single feature', () => {
    const features = patients('no', 6, shifts, scales);
    expect(() => applyToNewSite(model, { batch: 'A', features })).toThrow(CombatInputError);
    const empty = features.map(({ name }) => ({ name, values: new Float64Array(0) }));
    expect(() => applyToNewSite(model, { batch: 'C', features: empty })).toThrow('no patient');
    const flat = features.map(({ name, values }, f) => ({ name, values: f === 0 ? values : new Float64Array(6) }));
    expect(() => applyToNewSite(model, { batch: 'C', features: flat })).toThrow(TooFewFeaturesError);
    features[0].values[0] = Infinity;
    expect(() => applyToNewSite(model, { batch: 'C', features })).toThrow('infinite');
  });

  it('says that a non-parametric model shrinks a new site parametrically', () => {
    const { warnings } = applyToNewSite(trained({ eb: 'nonparametric' }), {
      batch: 'C',
      features: patients('np', 30, shifts, scales),
    });
    expect(warnings).toEqual([expect.stringContaining('parametric')]);
  });
});
