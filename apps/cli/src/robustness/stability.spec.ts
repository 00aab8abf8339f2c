import { featureCatalogue, PRESETS, type ExtractionSettings } from '@concord/radiomics';
import { readFileSync } from 'node:fs';
import { stabilityOf, stableSettings } from './stability.js';
import type { Version } from './versions.js';

interface Golden {
  readonly features: readonly {
    readonly values: readonly (readonly number[])[];
    readonly icc: number;
    readonly lower: number;
    readonly upper: number;
  }[];
}

// golden/robustness/icc.R: psych 2.2.9 in R 4.2.2
const golden = JSON.parse(readFileSync(new URL('../../golden/robustness/icc.json', import.meta.url), 'utf8')) as Golden;
const settings: ExtractionSettings = PRESETS['ct-hcc'];
const names = featureCatalogue(settings).map(({ name }) => name);

/** The versions that the golden values are of; what the others features are is told by `rest`. */
function versions(rest: (region: number, replicate: number) => number | null): Version[] {
  return golden.features[0].values.flatMap((row, region) =>
    [0, ...row].map((_, replicate) => {
      const value = (n: number): number | null => {
        if (replicate === 0) return 1e6 * n; // the region as it is must not count
        return golden.features[n]?.values[region][replicate - 1] ?? rest(region, replicate);
      };
      const values = Object.fromEntries(
        names.map((name, n) => [name, { value: value(n), status: 'ok', reason: null }]),
      );
      return { caseName: `case ${region}`, roi: 'tumour', replicate, vector: { values } } as unknown as Version;
    }),
  );
}

describe('stability', () => {
  it('is ICC(1,1) with its interval, as psych gives it', () => {
    const features = stabilityOf(
      versions((region) => region),
      settings,
      0.75,
    );
    golden.features.forEach(({ icc, lower, upper }, n) => {
      expect(features[n].icc).toBeCloseTo(icc, 10);
      expect(features[n].lower).toBeCloseTo(lower, 8);
      expect(features[n].upper).toBeCloseTo(upper, 8);
      expect(features[n].isStable).toBe(lower >= 0.75);
    });
    expect(features.slice(0, 4).map(({ isStable }) => isStable)).toEqual([true, false, false, false]);
    expect(features[4]).toEqual({ feature: names[4], icc: 1, lower: 1, upper: 1, isStable: true, reason: null });
  });

  it('has no meaning for what is missing somewhere, or the same everywhere', () => {
    const missing = stabilityOf(
      versions((region, replicate) => (region + replicate === 3 ? null : region)),
      settings,
      0.75,
    );
    expect(missing[5]).toMatchObject({ icc: null, isStable: false, reason: 'it has missing values' });
    const constant = stabilityOf(
      versions(() => 4),
      settings,
      0.75,
    );
    expect(constant[5]).toMatchObject({ icc: null, isStable: false, reason: 'it does not vary' });
  });

  it('leaves of the settings the families that hold a stable feature', () => {
    const features = stabilityOf(
      versions(() => 4),
      settings,
      0.75,
    ); // the first alone is stable
    const { family } = featureCatalogue(settings)[0];
    expect(stableSettings(settings, features)?.images.map(({ families }) => families)).toEqual([[family]]);
    const none = features.map((feature) => ({ ...feature, isStable: false }));
    expect(stableSettings(settings, none)).toBeNull();
  });
});
