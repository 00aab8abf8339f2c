import { randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import {
  applyCombat,
  combatFromSums,
  type Covariate,
  CovariateAliasedError,
  finishCombat,
  harmonize,
  poolSums,
  siteSums,
  withUsedLevels,
} from './index.js';

const LEVELS = ['a', 'b', 'c', 'd'];

function cohort(seed: number, used: readonly string[], missingShare: number) {
  const source = seededRandom(seed);
  const batch = [20, 26, 31].flatMap((size, i) => new Array<string>(size).fill(`s${i}`));
  const stage = batch.map((_, row) => used[row % used.length]);
  const age = Float64Array.from(batch, () => 60 + 9 * randomNormal(source));
  const features = ['f0', 'f1', 'f2'].map((name, g) => ({
    name,
    values: Float64Array.from(batch, (label, row) =>
      source.next() < missingShare
        ? NaN
        : Number(label.slice(1)) * g + LEVELS.indexOf(stage[row]) + 0.1 * age[row] + randomNormal(source),
    ),
  }));
  const covariates: Covariate[] = [
    { name: 'stage', kind: 'categorical', values: stage },
    { name: 'age', kind: 'continuous', values: age },
  ];
  return { features, batch, covariates };
}

/** The rows of a batch. */
function partOf({ features, batch, covariates }: ReturnType<typeof cohort>, label: string) {
  const at = [...batch.keys()].filter((row) => batch[row] === label);
  return {
    at,
    batch: at.map(() => label),
    features: features.map(({ name, values }) => ({ name, values: Float64Array.from(at, (row) => values[row]) })),
    covariates: covariates.map((own) => ({ ...own, values: at.map((row) => own.values[row]) })) as Covariate[],
  };
}

const codebook = {
  features: ['f0', 'f1', 'f2'],
  covariates: [
    { name: 'stage', kind: 'categorical' as const, levels: LEVELS },
    { name: 'age', kind: 'continuous' as const },
  ],
};

describe('withUsedLevels', () => {
  it('makes a codebook of more levels than there are patients of give what all rows together give', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.subarray(LEVELS, { minLength: 2 }),
        fc.constantFrom(0, 0.1),
        (seed, used, missingShare) => {
          const whole = cohort(seed, used, missingShare);
          const parts = ['s0', 's1', 's2'].map((label) => partOf(whole, label));
          const sums = withUsedLevels(parts.map((part) => siteSums(codebook, part)));
          expect(sums[0].codebook.covariates[0]).toMatchObject({ levels: used });
          const pooled = poolSums(sums);
          const expected = harmonize(whole).features;
          const model = combatFromSums(pooled, sums);
          for (const part of parts) {
            for (const own of [model, finishCombat(pooled, part)]) {
              applyCombat(own, part).features.forEach(({ values }, g) =>
                values.forEach((value, k) => {
                  const want = expected[g].values[part.at[k]];
                  expect(Number.isNaN(value)).toBe(Number.isNaN(want));
                  if (!Number.isNaN(value)) expect(value).toBeCloseTo(want, 9);
                }),
              );
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves one level to the fit, which says by name that it has no effect', () => {
    const parts = ['s0', 's1', 's2'].map((label) => partOf(cohort(1, ['b'], 0), label));
    expect(() => poolSums(withUsedLevels(parts.map((part) => siteSums(codebook, part))))).toThrow(
      CovariateAliasedError,
    );
    expect(withUsedLevels([])).toEqual([]);
  });
});
