import {
  codingOf,
  combatFromSums,
  harmonize,
  poolSums,
  siteSums,
  type Covariate,
  type FeatureColumn,
} from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';

import { compareScannerEffects, scannerEffectsFromSums } from './index.js';

interface Cohort {
  readonly features: FeatureColumn[];
  readonly batch: string[];
  readonly covariates: Covariate[];
}

function draw(seed: number, sizes: readonly number[], missingShare: number): Cohort {
  const random = seededRandom(seed);
  const batch = sizes.flatMap((size, i) => new Array<string>(size).fill(`s${i}`));
  const shift = (label: string): number => Number(label.slice(1));
  const age = batch.map((label) => 60 + 3 * shift(label) + 8 * randomNormal(random));
  const sex = batch.map(() => (random.next() < 0.5 ? 'f' : 'm'));
  const features = Array.from({ length: 8 }, (_, g) => ({
    name: `f${g}`,
    values: Float64Array.from(batch, (label, row) => {
      const value = 50 + (g % 3) * shift(label) + 0.05 * age[row] + (1 + shift(label) / 3) * randomNormal(random);
      return random.next() < missingShare ? NaN : value * 10 ** (g - 4);
    }),
  }));
  const covariates: Covariate[] = [
    { name: 'sex', kind: 'categorical', values: sex },
    { name: 'age', kind: 'continuous', values: age },
  ];
  return { features, batch, covariates };
}

function fromSums({ features, batch, covariates }: Cohort) {
  const codebook = { features: features.map(({ name }) => name), covariates: codingOf(covariates) };
  const sites = [...new Set(batch)].map((label) => {
    const at = [...batch.keys()].filter((row) => batch[row] === label);
    return siteSums(codebook, {
      features: features.map(({ name, values }) => ({ name, values: Float64Array.from(at, (row) => values[row]) })),
      batch: at.map((row) => batch[row]),
      covariates: covariates.map((own) => ({ ...own, values: at.map((row) => own.values[row]) })) as Covariate[],
    });
  });
  return scannerEffectsFromSums(sites, combatFromSums(poolSums(sites), sites));
}

describe('scannerEffectsFromSums', () => {
  it('gives the analysis of variance of the patients, before and after, with covariates and missing values', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 0.15), (seed, missingShare) => {
        const cohort = draw(seed, [25, 30, 18, 40], missingShare);
        const { features } = harmonize(cohort);
        const expected = compareScannerEffects(
          { before: cohort.features, after: features, batch: cohort.batch },
          'anova',
        );
        const found = fromSums(cohort);
        for (const when of ['before', 'after'] as const) {
          found[when].features.forEach(({ anova, etaSquared, reason }, g) => {
            const want = expected[when].features[g];
            expect(reason).toBeNull();
            // F of some hundreds: far above rounding, far below any error.
            expect(Math.abs((anova?.statistic ?? NaN) - (want.anova?.statistic ?? NaN))).toBeLessThan(1e-7);
            expect(etaSquared).toBeCloseTo(want.etaSquared ?? NaN, 10);
            expect(anova?.adjustedP).toBeCloseTo(want.anova?.adjustedP ?? NaN, 9);
          });
          expect(found[when].summary.anova).toEqual(expected[when].summary.anova);
        }
        expect(found.test).toBe(expected.test);
      }),
      { numRuns: 25 },
    );
  });

  it('tests no feature that a batch keeps to itself, and says so', () => {
    const cohort = draw(4, [20, 25, 30], 0);
    cohort.features[2].values.forEach((_, row) => {
      if (cohort.batch[row] === 's1') cohort.features[2].values[row] = 7;
    });
    const { before, after } = fromSums(cohort);
    for (const { features, summary } of [before, after]) {
      expect(features[2]).toMatchObject({ anova: null, reason: 'a batch in which it is constant keeps its sums' });
      expect(summary).toMatchObject({ featureCount: 8, testedCount: 7 });
    }
  });
});
