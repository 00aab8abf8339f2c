import { fileURLToPath } from 'node:url';
import type { Covariate } from '@concord/harmonization';
import { readTable, readText } from '@concord/testing';
import {
  andersonDarling,
  cohenD,
  discriminantPosterior,
  fitDiscriminant,
  hedgesG,
  kolmogorovSmirnov,
  measureRepeatability,
  measureSeparation,
  nestedOrders,
  varianceShares,
} from './index.js';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

type Reliability = Record<string, number | number[] | string | Record<string, number | number[]>>;

const featuresOf = (table: ReturnType<typeof readTable>) =>
  table.names.filter((name) => /^f\d+$/.test(name)).map((name) => ({ name, values: table.numbers(name) }));

describe('measureRepeatability against textbook formulas in R and NumPy', () => {
  it.each(['t01_retest', 't02_travel'])('agrees on %s within 1e-10', (name) => {
    const table = readTable(golden(`combat/${name}/input.csv.gz`));
    const expected = JSON.parse(readText(golden(`combat/${name}/reliability.json`))) as { features: Reliability[] };
    const found = measureRepeatability({
      features: featuresOf(table),
      subject: table.cells('subject_id'),
      occasion: table.cells('time'),
    });
    expect(found.features).toHaveLength(14);
    found.features.forEach((feature, g) => {
      if (!('icc11' in feature)) throw new Error(`${feature.feature} was not measured`);
      const want = expected.features[g];
      const pair = want['first_two_occasions'] as Record<string, number | number[]>;
      const { meanSquares: squares, firstTwo } = feature;
      const values: [number | null, unknown][] = [
        [squares.subjects, want['MSR']],
        [squares.occasions, want['MSC']],
        [squares.error, want['MSE']],
        [squares.within, want['MSW']],
        [feature.icc11.value, want['icc_1_1']],
        [feature.icc21.value, want['icc_2_1']],
        [feature.icc31.value, want['icc_3_1']],
        ...feature.icc11.interval.map((v, k): [number, unknown] => [v, (want['icc_1_1_ci'] as number[])[k]]),
        ...feature.icc21.interval.map((v, k): [number, unknown] => [v, (want['icc_2_1_ci'] as number[])[k]]),
        ...feature.icc31.interval.map((v, k): [number, unknown] => [v, (want['icc_3_1_ci'] as number[])[k]]),
        [feature.icc1k, want['icc_1_k']],
        [feature.icc2k, want['icc_2_k']],
        [feature.icc3k, want['icc_3_k']],
        [feature.withinSd, want['within_sd']],
        [feature.repeatabilityCoefficient, want['repeatability_coefficient']],
        [feature.withinCv, want['wcv_of_grand_mean']],
        [feature.friedmanP, want['friedman_p']],
        [firstTwo.ccc, pair['ccc_n']],
        [firstTwo.cccUnbiased, pair['ccc_n1']],
        [firstTwo.pearson, pair['pearson']],
        [firstTwo.spearman, pair['spearman']],
        [firstTwo.bias.value, pair['ba_bias']],
        [firstTwo.differenceSd, pair['ba_sd']],
        ...firstTwo.limits.map((v, k): [number, unknown] => [v, (pair['ba_loa'] as number[])[k]]),
        ...firstTwo.bias.interval.map((v, k): [number, unknown] => [v, (pair['ba_bias_ci'] as number[])[k]]),
        [firstTwo.limitSe, pair['ba_loa_se']],
        [firstTwo.pairedTP, pair['paired_t_p']],
        [firstTwo.wilcoxonP, pair['wilcoxon_p']],
      ];
      for (const [have, value] of values) expect(have).toBeCloseTo(value as number, 10);
    });
  });

  it('gives the concordance of two occasions as the overall one', () => {
    const table = readTable(golden('combat/t01_retest/input.csv.gz'));
    const found = measureRepeatability({
      features: featuresOf(table),
      subject: table.cells('subject_id'),
      occasion: table.cells('time'),
    });
    for (const feature of found.features) {
      if (!('icc11' in feature)) throw new Error('not measured');
      expect(feature.overallCcc).toBeCloseTo(feature.firstTwo.ccc, 12);
    }
  });

  it('leaves out subjects without every occasion, and says why a feature has none', () => {
    const values = Float64Array.of(1, 2, 2, 3, 3, 5, 4, 4, 9);
    const subject = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e'];
    const occasion = ['1', '2', '1', '2', '1', '2', '1', '2', '1'];
    const found = measureRepeatability({
      features: [
        { name: 'x', values },
        { name: 'flat', values: values.map(() => 7) },
        { name: 'gap', values: values.map((value, row) => (row === 2 ? NaN : value)) },
      ],
      subject,
      occasion,
    });
    expect([found.subjectCount, found.incompleteCount]).toEqual([4, 1]);
    expect(found.features.map((feature) => feature.reason)).toEqual([
      null,
      'it does not vary',
      'it has missing values',
    ]);
    expect(() => measureRepeatability({ features: [], subject: ['a', 'a'], occasion: ['1', '1'] })).toThrow('twice');
    expect(() => measureRepeatability({ features: [], subject: ['a', 'b'], occasion: ['1', '2'] })).toThrow(
      'At least three subjects',
    );
  });
});

const distances = JSON.parse(readText(golden('oracles/distances.json'))) as {
  mahalanobis: number[];
  covariance: number[];
  energy: number[];
  anderson_site: [number, number][];
  anderson_kernel_rounded: [number, number][];
};

describe('distances and distributions against NumPy and SciPy', () => {
  const small = readTable(golden('combat/s01_small3/input.csv.gz'));
  const nested = readTable(golden('combat/s13_nested/input.csv.gz'));

  it('finds the same distances between batches', () => {
    const found = measureSeparation({ features: featuresOf(small), batch: small.cells('site') })!;
    found.mahalanobis.forEach((value, k) => expect(value).toBeCloseTo(distances.mahalanobis[k], 9));
    found.covarianceDistance.forEach((value, k) => expect(value).toBeCloseTo(distances.covariance[k], 9));
    found.energyDistance.forEach((value, k) => expect(value).toBeCloseTo(distances.energy[k], 9));
  });

  it('finds the k-sample Anderson-Darling statistics, also with ties', () => {
    const split = (values: Float64Array, labels: readonly string[]) =>
      [...new Set(labels)].sort().map((label) => values.filter((_, row) => labels[row] === label));
    featuresOf(small).forEach(({ values }, g) => {
      const found = andersonDarling(split(values, small.cells('site')))!;
      expect(found.statistic).toBeCloseTo(distances.anderson_site[g][0], 9);
      expect(found.p).toBeCloseTo(distances.anderson_site[g][1], 9);
    });
    featuresOf(nested).forEach(({ values }, g) => {
      const found = andersonDarling(split(values.map(Math.round), nested.cells('kernel')))!;
      expect(found.statistic).toBeCloseTo(distances.anderson_kernel_rounded[g][0], 9);
      expect(found.p).toBeCloseTo(distances.anderson_kernel_rounded[g][1], 9);
    });
  });

  it('permutes batches for PERMANOVA: clear differences get the smallest p', async () => {
    const { seededRandom } = await import('@concord/numeric');
    const input = { features: featuresOf(small), batch: small.cells('site') };
    const found = measureSeparation(input, { permutations: 99, random: seededRandom(1) })!;
    expect(found.permanova.p).toBe(0.01);
    const mixed = small.cells('site').map((_, row) => `${row % 2}`);
    const none = measureSeparation({ ...input, batch: mixed }, { permutations: 99, random: seededRandom(1) })!;
    expect(none.permanova.p!).toBeGreaterThan(0.05);
  });

  it('knows samples that tie, are empty, or are alike', () => {
    expect(andersonDarling([Float64Array.of(1, 1), Float64Array.of(1, 1)])).toBeNull();
    expect(andersonDarling([Float64Array.of(1, 2, 3, 4), Float64Array.of()])).toBeNull();
    const alike = Float64Array.of(1, 2, 3, 4, 5);
    expect(kolmogorovSmirnov(alike, alike)).toEqual({ statistic: 0, p: 1 });
    expect(kolmogorovSmirnov(Float64Array.of(1, 2), Float64Array.of(3, 4)).statistic).toBe(1);
  });

  it("corrects Cohen's d for small samples as Hedges does", () => {
    const [a, b] = [Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 5, 7)];
    // df = 5: 1 − 3 / 19.
    expect(hedgesG(a, b)).toBeCloseTo((cohenD(a, b) * 16) / 19, 14);
  });
});

describe('varianceShares against lme4', () => {
  const mixed = JSON.parse(readText(golden('oracles/mixed.json'))) as Record<
    'nested' | 'travel',
    Record<string, number>[]
  >;

  // lme4 stops its optimiser early; the likelihood is flat to about 1e-5 in the shares.
  it('splits three crossed batch variables, beside a covariate', () => {
    const table = readTable(golden('combat/s13_nested/input.csv.gz'));
    const names = ['manufacturer', 'kernel', 'slice'];
    const factors = names.map((name) => ({ name, labels: table.cells(name) }));
    const found = varianceShares(featuresOf(table), factors, [table.numbers('age')]);
    found.forEach((shares, g) => {
      expect(shares.isConverged).toBe(true);
      names.forEach((name, f) => expect(Math.abs(shares.factors[f] - mixed.nested[g][name])).toBeLessThan(2e-5));
      expect(Math.abs(shares.residual! - mixed.nested[g]['Residual'])).toBeLessThan(2e-5);
    });
  });

  it('tells subjects from scanners', () => {
    const table = readTable(golden('combat/t02_travel/input.csv.gz'));
    const factors = ['subject_id', 'time'].map((name) => ({ name, labels: table.cells(name) }));
    varianceShares(featuresOf(table), factors).forEach((shares, g) => {
      expect(Math.abs(shares.factors[0] - mixed.travel[g]['subject_id'])).toBeLessThan(2e-5);
      expect(Math.abs(shares.factors[1] - mixed.travel[g]['time'])).toBeLessThan(2e-5);
    });
  });

  it('says why a feature has no shares, and fits the rest without missing values', () => {
    const table = readTable(golden('combat/t02_travel/input.csv.gz'));
    const factors = [{ name: 'subject_id', labels: table.cells('subject_id') }];
    const [first] = featuresOf(table);
    const gaps = first.values.map((value, row) => (row < 3 ? NaN : value));
    const [flat, few, most] = varianceShares(
      [
        { name: 'flat', values: first.values.map(() => 1) },
        { name: 'few', values: first.values.map((value, row) => (row < 3 ? value : NaN)) },
        { name: 'most', values: gaps },
      ],
      factors,
    );
    expect([flat.reason, few.reason, most.reason]).toEqual(['it does not vary', 'too few patients have it', null]);
    const [rest] = varianceShares(
      [{ name: 'most', values: gaps.slice(3) }],
      [{ name: 'subject_id', labels: table.cells('subject_id').slice(3) }],
    );
    expect(most.factors[0]).toBeCloseTo(rest.factors[0], 8);
  });
});

describe('nestedOrders against a replay in NumPy', () => {
  it('counts the same tests in every order, and gives the matrix of the best', () => {
    const table = readTable(golden('combat/s13_nested/input.csv.gz'));
    const counts = JSON.parse(readText(golden('combat/s13_nested/opnested.order.json'))) as {
      significant_ad_tests_by_order: Record<string, Record<string, number>>;
    };
    const covariates: Covariate[] = [
      { name: 'sex', kind: 'categorical', values: table.cells('sex') },
      { name: 'age', kind: 'continuous', values: table.numbers('age') },
    ];
    const batches = ['manufacturer', 'kernel', 'slice'].map((name) => ({ name, labels: table.cells(name) }));
    const found = nestedOrders({ features: featuresOf(table), batches, covariates, stop: 'legacy' });
    expect(found.orders).toHaveLength(6);
    for (const { order, significant } of found.orders) {
      const want = counts.significant_ad_tests_by_order[order.join('>')];
      expect(significant).toEqual(batches.map(({ name }) => want[name]));
    }
    expect(found.best.order).toEqual(['manufacturer', 'kernel', 'slice']);
    const replay = readTable(golden('combat/s13_nested/nested_replay.order.csv.gz'));
    for (const { name, values } of found.features) {
      replay.numbers(name).forEach((value, row) => expect(values[row]).toBeCloseTo(value, 9));
    }
  });
});

describe('fitDiscriminant', () => {
  it('gives the posterior of two normal classes as the formula does', () => {
    // Means 0 and 2, variance inside 1 (divisor n − 2 = 4 over squares 4): log odds 2 x − 2.
    const x = Float64Array.of(-1, 0, 1, 1, 2, 3);
    const model = fitDiscriminant([x], Uint32Array.of(0, 0, 0, 1, 1, 1), 2, [0, 1, 2, 3, 4, 5]);
    [-1, 0, 1, 2].forEach((value) => {
      const [, second] = discriminantPosterior(model, [Float64Array.of(value)], 0);
      expect(second).toBeCloseTo(1 / (1 + Math.exp(2 - 2 * value)), 12);
    });
  });
});
