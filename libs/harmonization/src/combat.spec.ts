import { leastSquares, matrixOfColumns, mean, randomNormal, seededRandom, variance } from '@concord/numeric';
import fc from 'fast-check';
import {
  applyCombat,
  type CombatInput,
  CombatInputError,
  type CombatModel,
  CombatModelFormatError,
  type CombatOptions,
  type Covariate,
  CovariateAliasedError,
  type FeatureColumn,
  fitCombat,
  harmonize,
  ModelMismatchError,
  OutcomeAsCovariateError,
  parseCombatModel,
  sealModel,
  TooFewFeaturesError,
  TooFewSubjectsError,
  UnknownBatchError,
  UnknownLevelError,
} from './index.js';

/** A cohort with shifts and scales by batch and an effect of age; unequal sizes. */
function cohort(seed: number | string, sizes: number[], featureCount = 6) {
  const source = seededRandom(seed);
  const batch = sizes.flatMap((size, i) => Array.from({ length: size }, () => String.fromCharCode(65 + i)));
  const age = Float64Array.from(batch, () => 60 + 9 * randomNormal(source));
  const sex = batch.map(() => (source.next() < 0.5 ? 'f' : 'm'));
  const features = Array.from({ length: featureCount }, (_, f) => {
    const shift = sizes.map(() => randomNormal(source));
    const scale = sizes.map(() => Math.exp(randomNormal(source) / 4));
    const values = Float64Array.from(batch, (label, row) => {
      const i = label.charCodeAt(0) - 65;
      return 10 ** f * (5 + 0.05 * age[row] + shift[i] + scale[i] * randomNormal(source));
    });
    return { name: `f${f}`, values };
  });
  const covariates: Covariate[] = [
    { name: 'age', kind: 'continuous', values: age },
    { name: 'sex', kind: 'categorical', values: sex },
  ];
  return { features, batch, covariates };
}

const sizesOf = fc.array(fc.integer({ min: 4, max: 15 }), { minLength: 2, maxLength: 5 });
const seedOf = fc.integer({ min: 0, max: 1e6 });
const optionsOf = fc.record<Partial<CombatOptions>>({
  eb: fc.constantFrom('parametric', 'nonparametric', 'none'),
  stop: fc.constantFrom('exact', 'legacy'),
  meanOnly: fc.boolean(),
  reference: fc.constantFrom(null, 'A', 'B'),
});

function take(input: CombatInput, rows: number[]) {
  const pick = (values: ArrayLike<unknown>) => rows.map((row) => values[row]);
  return {
    features: input.features.map(({ name, values }) => ({ name, values: Float64Array.from(pick(values) as number[]) })),
    batch: pick(input.batch) as string[],
    covariates: (input.covariates ?? []).map(
      (covariate) => ({ ...covariate, values: pick(covariate.values) }) as Covariate,
    ),
  };
}

/** Largest difference of two sets of columns, in units of the first's SD. */
function distance(a: readonly FeatureColumn[], b: readonly FeatureColumn[]): number {
  return Math.max(
    ...a.map(({ values }, f) => {
      const sd = values.length > 1 ? Math.sqrt(variance(values)) : Math.abs(values[0]);
      return Math.max(...values.map((value, row) => Math.abs(value - b[f].values[row]))) / sd;
    }),
  );
}

describe('fitCombat and applyCombat', () => {
  it('return finite numbers and do not depend on the order of patients', () => {
    fc.assert(
      fc.property(seedOf, sizesOf, optionsOf, (seed, sizes, options) => {
        const input = { ...cohort(seed, sizes), options };
        const { model, features } = harmonize(input);
        expect(model.transductive).toBe(true);
        for (const { values } of features) expect(values.every(Number.isFinite)).toBe(true);
        const order = [...input.batch.keys()].sort((i, j) => ((i * 7919) % 101) - ((j * 7919) % 101));
        const shuffled = harmonize({ ...take(input, order), options });
        expect(distance(take({ ...input, features }, order).features, shuffled.features)).toBeLessThan(1e-9);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('give one patient what they give the cohort, bit by bit, through a saved model', () => {
    fc.assert(
      fc.property(seedOf, sizesOf, optionsOf, (seed, sizes, options) => {
        const input = { ...cohort(seed, sizes), options };
        const model = parseCombatModel(JSON.parse(JSON.stringify(sealModel(fitCombat(input)))));
        const all = applyCombat(model, input).features;
        const row = seed % input.batch.length;
        const one = applyCombat(model, take(input, [row])).features;
        one.forEach(({ values }, f) => expect(values[0]).toBe(all[f].values[row]));
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it('leave one batch alone, and the rows of a reference batch, bit by bit', () => {
    const single = harmonize({ ...cohort(3, [12]), options: {} });
    expect(single.features).toEqual(cohort(3, [12]).features);
    expect(single.warnings[0]).toContain('one batch');
    const input = cohort(4, [8, 11, 9]);
    const { features } = harmonize({ ...input, options: { reference: 'B' } });
    const rows = [...input.batch.keys()].filter((row) => input.batch[row] === 'B');
    expect(take({ ...input, features }, rows).features).toEqual(take(input, rows).features);
    expect(distance(input.features, features)).toBeGreaterThan(0.1);
  });

  it('bring every batch to one mean and variance without empirical Bayes and covariates', () => {
    const { features, batch } = cohort(5, [20, 9, 14]);
    const result = harmonize({ features, batch, options: { eb: 'none' } }).features;
    for (const { values } of result) {
      const groups = ['A', 'B', 'C'].map((label) => values.filter((_, row) => batch[row] === label));
      for (const group of groups) {
        expect(mean(group) / mean(groups[0])).toBeCloseTo(1, 12);
        expect(variance(group) / variance(groups[0])).toBeCloseTo(1, 10);
      }
    }
  });

  it('commute with a change of unit', () => {
    const input = cohort(6, [20, 9, 14]);
    const scaled = input.features.map(({ name, values }) => ({ name, values: values.map((v) => 1e3 * v - 77) }));
    const a = harmonize(input).features.map(({ name, values }) => ({ name, values: values.map((v) => 1e3 * v - 77) }));
    expect(distance(a, harmonize({ ...input, features: scaled }).features)).toBeLessThan(1e-10);
  });

  it('take the coefficients of least squares on batch indicators and covariates', () => {
    const input = cohort(7, [20, 9, 14]);
    const model = fitCombat(input);
    const [age, sex] = input.covariates;
    const design = matrixOfColumns([
      ...['A', 'B', 'C'].map((label) => input.batch.map((b) => Number(b === label))),
      (sex.values as string[]).map((value) => Number(value === 'm')),
      age.values as Float64Array,
    ]);
    expect(model.designColumns).toEqual(['sex=m', 'age']);
    input.features.forEach(({ values }, g) => {
      const { coefficients, residualSumOfSquares } = leastSquares(design, values);
      coefficients.forEach((value, j) => expect(model.estimates.coefficients[j][g]! / value).toBeCloseTo(1, 9));
      expect(model.estimates.pooledVariance[g] / (residualSumOfSquares / 43)).toBeCloseTo(1, 10);
    });
  });
});

describe('missing values', () => {
  const holes = (columns: FeatureColumn[], name: string, isHole: (row: number) => boolean) =>
    columns.map((f) => (f.name === name ? { name, values: f.values.map((v, row) => (isHole(row) ? NaN : v)) } : f));

  it('stay missing, and the feature is fitted on its observed rows', () => {
    const input = cohort(8, [20, 9, 14]);
    const features = holes(input.features, 'f2', (row) => row % 7 === 3);
    const { model, features: result } = harmonize({ ...input, features, options: { eb: 'none' } });
    const rows = [...input.batch.keys()].filter((row) => row % 7 !== 3);
    const alone = fitCombat({ ...take(input, rows), options: { eb: 'none' } });
    expect(model.estimates.pooledVariance[2] / alone.estimates.pooledVariance[2]).toBeCloseTo(1, 12);
    expect(model.estimates.coefficients[4][2]! / alone.estimates.coefficients[4][2]!).toBeCloseTo(1, 9);
    result[2].values.forEach((value, row) => expect(Number.isNaN(value)).toBe(row % 7 === 3));
    expect(result[1].values.every(Number.isFinite)).toBe(true);
  });

  it('of a whole batch leave the feature alone there; a single value gets a location only', () => {
    const input = cohort(9, [20, 9, 14]);
    const absent = holes(input.features, 'f1', (row) => input.batch[row] === 'B');
    const features = holes(absent, 'f3', (row) => input.batch[row] === 'B' && row !== 21);
    for (const stop of ['exact', 'legacy'] as const) {
      const { model, features: result, warnings } = harmonize({ ...input, features, options: { stop } });
      expect(model.estimates.gammaHat[1][1]).toBeNull();
      expect(model.estimates.deltaStar[1][3]).toBe(1);
      expect(result[3].values[21]).not.toBe(features[3].values[21]);
      const late = applyCombat(model, take(input, [25]));
      expect(late.features[1].values[0]).toBe(input.features[1].values[25]);
      expect(late.warnings).toEqual([expect.stringContaining('f1: 1 values stay')]);
      expect(warnings.some((warning) => warning.startsWith('f1'))).toBe(false);
    }
    const none = harmonize({ ...input, features, options: { eb: 'none' } });
    expect(none.model.estimates.deltaStar[1][3]).toBe(1);
    const nonparametric = harmonize({ ...input, features, options: { eb: 'nonparametric' } });
    expect(nonparametric.model.estimates.deltaStar[1][3]).toBe(1);
    expect(nonparametric.model.estimates.gammaStar[1][1]).toBeNull();
  });

  it('that make covariates collinear, or empty the reference batch, pass the feature through with the reason', () => {
    const input = cohort(10, [20, 9, 14]);
    const sexes = input.covariates[1].values as string[];
    const oneSex = fitCombat({ ...input, features: holes(input.features, 'f0', (row) => sexes[row] === 'f') });
    expect(oneSex.passedThrough).toEqual([{ feature: 'f0', reason: expect.stringContaining('covariates') as string }]);
    const features = holes(input.features, 'f0', (row) => input.batch[row] === 'B');
    const noReference = fitCombat({ ...input, features, options: { reference: 'B' } });
    expect(noReference.passedThrough[0].reason).toContain('reference');
  });
});

describe('what cannot be done', () => {
  const input = cohort(11, [9, 8, 7]);
  const age = input.covariates[0];
  const site = input.batch.map((label) => (label === 'A' ? 1 : 0));

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ['an outcome as covariate', () => fitCombat({ ...input, outcomes: ['age'] }), OutcomeAsCovariateError, 'age'],
    [
      'a covariate that is the batch',
      () => fitCombat({ ...input, covariates: [{ name: 'scanner', kind: 'continuous', values: site }] }),
      CovariateAliasedError,
      'scanner',
    ],
    [
      'a constant covariate',
      () =>
        fitCombat({ ...input, covariates: [{ name: 'kvp', kind: 'continuous', values: input.batch.map(() => 120) }] }),
      CovariateAliasedError,
      'kvp',
    ],
    [
      'a covariate of one level',
      () =>
        fitCombat({
          ...input,
          covariates: [{ name: 'kind', kind: 'categorical', values: input.batch.map(() => 'x') }],
        }),
      CombatInputError,
      'one level',
    ],
    [
      'a missing covariate',
      () => fitCombat({ ...input, covariates: [{ ...age, values: input.batch.map(() => NaN) }] }),
      CombatInputError,
      'missing',
    ],
    [
      'a missing level',
      () =>
        fitCombat({
          ...input,
          covariates: [{ name: 'sex', kind: 'categorical', values: input.batch.map(() => null) }],
        }),
      CombatInputError,
      'missing',
    ],
    [
      'a missing batch',
      () => fitCombat({ ...input, batch: input.batch.map(() => null) }),
      CombatInputError,
      '24 of 24',
    ],
    ['columns of other lengths', () => fitCombat({ ...input, batch: ['A'] }), CombatInputError, 'rows'],
    [
      'a name given twice',
      () => fitCombat({ ...input, features: [...input.features, input.features[0]] }),
      CombatInputError,
      'twice',
    ],
    [
      'an infinite feature',
      () => fitCombat({ ...input, features: [{ name: 'x', values: new Float64Array(24).fill(Infinity) }] }),
      CombatInputError,
      'infinite',
    ],
    ['an unknown reference', () => fitCombat({ ...input, options: { reference: 'Z' } }), CombatInputError, 'Z'],
    [
      'one feature with EB',
      () => fitCombat({ ...input, features: input.features.slice(0, 1) }),
      TooFewFeaturesError,
      'two',
    ],
    [
      'fewer patients than coefficients',
      () => fitCombat(take(input, [0, 1, 9, 10])),
      TooFewSubjectsError,
      '4 patients',
    ],
    [
      'an unknown batch',
      () => applyCombat(fitCombat(input), { ...input, batch: input.batch.map(() => 'Q') }),
      UnknownBatchError,
      'Q',
    ],
    [
      'an unknown level',
      () =>
        applyCombat(fitCombat(input), {
          ...input,
          covariates: [age, { name: 'sex', kind: 'categorical', values: input.batch.map(() => 'x') }],
        }),
      UnknownLevelError,
      'x',
    ],
    [
      'a missing covariate column',
      () => applyCombat(fitCombat(input), { ...input, covariates: [age] }),
      ModelMismatchError,
      'sex',
    ],
    [
      'a missing feature',
      () => applyCombat(fitCombat(input), { ...input, features: input.features.slice(1) }),
      ModelMismatchError,
      'f0',
    ],
    [
      'a feature too many',
      () => applyCombat(fitCombat({ ...input, features: input.features.slice(1) }), input),
      ModelMismatchError,
      'f0',
    ],
  ])('%s is refused by name', (_, call, type, words) => {
    expect(call).toThrow(type);
    expect(call).toThrow(words);
  });

  it('marks the model when an outcome is allowed as covariate', () => {
    const model = fitCombat({ ...input, outcomes: ['age'], allowOutcomeCovariate: true });
    expect(model.outcomeCovariates).toEqual(['age']);
    expect(model.warnings.at(-1)).toContain('biased');
  });

  it('passes constant and fully explained features through, and works without EB on one feature', () => {
    const constant = { name: 'zero', values: new Float64Array(24) };
    const explained = { name: 'age2', values: Float64Array.from(age.values as Float64Array, (v) => 2 * v + 1) };
    const features = [constant, explained, input.features[0]];
    const { model, features: result } = harmonize({ ...input, features, options: { eb: 'none' } });
    expect(model.passedThrough.map(({ feature }) => feature)).toEqual(['zero', 'age2']);
    expect(result.slice(0, 2)).toEqual(features.slice(0, 2));
    expect(model.features).toEqual(['f0']);
  });

  it('goes on to a fixed point where priors are degenerate: all variances or all shifts equal', () => {
    // Two copies of one feature: no variance over features, so that everything shrinks to the common value.
    const copies = ['x', 'y'].map((name) => ({ name, values: input.features[0].values }));
    const { model, features } = harmonize({ ...input, features: copies });
    expect(model.isConverged).toBe(true);
    expect(model.estimates.aPrior).toEqual([null, null, null]);
    for (const { values } of features) expect(values.every(Number.isFinite)).toBe(true);
    model.estimates.deltaStar.forEach((row, i) => expect(row[0]).toBeCloseTo(model.estimates.deltaHat[i][0]!, 12));
  });

  it('refuses files that are not a model', () => {
    const model = fitCombat(input);
    const text = JSON.stringify(sealModel(model));
    expect(parseCombatModel(JSON.parse(text))).toEqual(model);
    expect(() => parseCombatModel(model)).toThrow('the digest is missing');
    const changed = text.replace('"deltaStar":[[1', '"deltaStar":[[2').replace('"deltaStar":[[0', '"deltaStar":[[3');
    expect(() => parseCombatModel(JSON.parse(changed))).toThrow('the file was changed');
    const { estimates } = model;
    for (const broken of [
      {},
      { ...model, format: 'concord.combat/1' },
      { ...model, batches: 'A' },
      { ...model, options: null },
      { ...model, estimates: { ...estimates, gammaStar: estimates.gammaStar.slice(1) } },
      { ...model, estimates: { ...estimates, tau2: ['x', 1, 1] } },
      { ...model, estimates: { ...estimates, grandMean: estimates.grandMean.map(() => null) } },
    ]) {
      // Sealed anew, so that the shape is what is refused.
      expect(() => parseCombatModel(sealModel(broken as unknown as CombatModel))).toThrow(CombatModelFormatError);
    }
    expect(() => parseCombatModel(null)).toThrow(CombatModelFormatError);
  });
});
