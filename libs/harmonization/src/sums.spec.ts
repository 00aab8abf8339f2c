import { randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import {
  applyCombat,
  codingOf,
  combatFromSums,
  type Covariate,
  decodeSums,
  encodeSums,
  finishCombat,
  harmonize,
  parsePooledFit,
  poolSums,
  type ReleaseInput,
  releaseSums,
  sealModel,
  type SiteSums,
  siteSums,
  SUMS_RULES,
  sumsFindings,
  SumsFormatError,
  SumsRefusedError,
} from './index.js';

interface Cohort {
  readonly features: { name: string; values: Float64Array }[];
  readonly batch: string[];
  readonly site: number[];
  readonly fold: string[];
  readonly covariates: Covariate[];
}

/** Sites of one or two scanners each, with site effects, an age and a sex that differ by site, on features of any scale. */
function draw(seed: number, sizes: readonly number[], p: number, missingShare = 0): Cohort {
  const source = seededRandom(seed);
  const site = sizes.flatMap((size, i) => new Array<number>(size).fill(i));
  const batch = site.map((i, row) => `s${i}${i % 2 === 1 && row % 2 === 1 ? 'b' : 'a'}`);
  const age = Float64Array.from(site, (i) => 50 + 4 * i + 10 * randomNormal(source));
  const sex = site.map(() => (source.next() < 0.5 ? 'f' : 'm'));
  const features = Array.from({ length: p }, (_, g) => {
    const scale = 10 ** (-6 + 4 * (g % 4));
    const values = age.map(
      (years, row) =>
        scale *
        (100 +
          0.05 * years +
          (sex[row] === 'm' ? 1 : 0) +
          site[row] * (g % 3) +
          (1 + site[row] / 5) * randomNormal(source)),
    );
    return { name: `f${g}`, values: values.map((value) => (source.next() < missingShare ? NaN : value)) };
  });
  const fold = site.map((_, row) => `${row % 3}`);
  const covariates: Covariate[] = [
    { name: 'sex', kind: 'categorical', values: sex },
    { name: 'age', kind: 'continuous', values: age },
  ];
  return { features, batch, site, fold, covariates };
}

function takeRows(data: Cohort, at: readonly number[]) {
  return {
    features: data.features.map(({ name, values }) => ({ name, values: Float64Array.from(at, (row) => values[row]) })),
    batch: at.map((row) => data.batch[row]),
    fold: at.map((row) => data.fold[row]),
    covariates: data.covariates.map((covariate) => ({
      ...covariate,
      values: at.map((row) => covariate.values[row]),
    })) as Covariate[],
  };
}

const rowsWhere = (data: Cohort, keeps: (row: number) => boolean) => [...data.batch.keys()].filter(keeps);
const partiesOf = (data: Cohort) => [...new Set(data.site)].map((i) => rowsWhere(data, (row) => data.site[row] === i));
const codebookOf = ({ features, covariates }: Pick<Cohort, 'features' | 'covariates'>) => ({
  features: features.map(({ name }) => name),
  covariates: codingOf(covariates),
});

/** Largest difference from ComBat of the given rows together, in SD of the feature. */
function worst(data: Cohort, without: string | null, reference: string | null): number {
  const codebook = codebookOf(data);
  const messages = partiesOf(data).map((at) =>
    decodeSums(codebook, encodeSums(siteSums(codebook, takeRows(data, at)))),
  );
  const pooled = parsePooledFit(JSON.parse(JSON.stringify(sealModel(poolSums(messages, { without, reference })))));
  const isIn = (row: number): boolean => data.fold[row] !== without;
  const inside = rowsWhere(data, isIn);
  const expected = harmonize({ ...takeRows(data, inside), options: { reference } }).features;
  let largest = 0;
  for (const at of partiesOf(data)) {
    const own = at.filter(isIn);
    const rows = takeRows(data, own);
    // By the site from its patients, and by the hub from sums alone.
    const models = [finishCombat(pooled, rows), combatFromSums(pooled, messages)];
    const harmonized = models.flatMap((model) =>
      applyCombat(model, rows).features.map(({ values }, g) => ({ values, g })),
    );
    harmonized.forEach(({ values, g }) => {
      const all = expected[g].values.filter((value) => !Number.isNaN(value));
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
      const sd = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
      values.forEach((value, k) => {
        const want = expected[g].values[inside.indexOf(own[k])];
        expect(Number.isNaN(value)).toBe(Number.isNaN(want));
        if (!Number.isNaN(value)) largest = Math.max(largest, Math.abs(value - want) / sd);
      });
    });
  }
  return largest;
}

describe('ComBat from sums', () => {
  const sizesOf = fc.array(fc.integer({ min: 16, max: 40 }), { minLength: 3, maxLength: 5 });

  it('equals ComBat of all patients together, for all and for each training fold', () => {
    fc.assert(
      fc.property(fc.integer(), sizesOf, fc.constantFrom(null, '0', '2'), (seed, sizes, without) => {
        expect(worst(draw(seed, sizes, 5), without, null)).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('equals it with missing values, and with a reference batch', () => {
    fc.assert(
      fc.property(fc.integer(), sizesOf, fc.constantFrom(null, 's0a'), (seed, sizes, reference) => {
        expect(worst(draw(seed, sizes, 4, 0.15), null, reference)).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('does not depend on the order of the sites', () => {
    const data = draw(3, [20, 25, 30], 6);
    const codebook = codebookOf(data);
    const messages = partiesOf(data).map((at) => siteSums(codebook, takeRows(data, at)));
    const [a, b] = [poolSums(messages), poolSums([...messages].reverse())];
    a.grandMean.forEach((value, g) => expect(value / b.grandMean[g]).toBeCloseTo(1, 13));
  });

  it('passes through what is constant in a batch, and does not send the value', () => {
    const data = draw(4, [20, 25, 30], 4);
    data.features[1].values.forEach((_, row) => {
      if (data.batch[row] === 's0a') data.features[1].values[row] = 1234.5;
    });
    const codebook = codebookOf(data);
    const messages = partiesOf(data).map((at) => siteSums(codebook, takeRows(data, at)));
    expect(Array.from(messages[0].parts[0].batches[0].constant)).toEqual([0, 1, 0, 0]);
    expect(messages[0].parts[0].batches[0].sumY[1]).toBe(0);
    const pooled = poolSums(messages);
    expect(pooled.passedThrough).toEqual([{ feature: 'f1', reason: 'it is constant inside a batch' }]);
    const rows = takeRows(data, partiesOf(data)[1]);
    expect(applyCombat(finishCombat(pooled, rows), rows).features[1].values).toEqual(rows.features[1].values);
  });

  it('needs 40 KiB at most for 1,000 features and three covariate columns', () => {
    const data = draw(5, [30, 30, 30], 1000);
    const levels = data.batch.map((_, row) => `${row % 2}`);
    const covariates: Covariate[] = [...data.covariates, { name: 'arm', kind: 'categorical', values: levels }];
    const codebook = codebookOf({ ...data, covariates });
    const at = partiesOf(data)[0];
    const rows = { ...takeRows({ ...data, covariates }, at), fold: undefined };
    expect(codebook.covariates).toHaveLength(3);
    expect(encodeSums(siteSums(codebook, rows)).length).toBeLessThanOrEqual(40 * 1024);
  });

  it('refuses an aggregate of two sites, aliased covariates, a batch of two sites, and different codebooks', () => {
    const data = draw(6, [20, 25, 30], 3);
    const codebook = codebookOf(data);
    const messages = partiesOf(data).map((at) => siteSums(codebook, takeRows(data, at)));
    expect(() => poolSums(messages.slice(0, 2))).toThrow(SumsRefusedError);
    expect(poolSums(messages.slice(0, 2), { minimumSites: 2 }).siteCount).toBe(2);
    expect(() => poolSums([...messages, messages[0]])).toThrow('batch s0a comes from two sites');
    const other = { ...messages[0], codebook: { ...codebook, features: ['x', 'y', 'z'] } };
    expect(() => poolSums([messages[1], messages[2], other])).toThrow('different codebooks');
    const bySite = data.batch.map((label) => (label === 's0a' ? 1 : 0));
    const aliased: Covariate[] = [...data.covariates, { name: 'field', kind: 'continuous', values: bySite }];
    const book = codebookOf({ ...data, covariates: aliased });
    const all = partiesOf(data).map((at) => siteSums(book, takeRows({ ...data, covariates: aliased }, at)));
    expect(() => poolSums(all)).toThrow('covariate field does not vary inside any batch');
  });

  it('refuses bytes that are cut, longer, changed, or of another codebook', () => {
    const data = draw(7, [20, 25, 30], 3);
    const codebook = codebookOf(data);
    const bytes = encodeSums(siteSums(codebook, takeRows(data, partiesOf(data)[0])));
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => decodeSums(codebook, bytes.subarray(0, length))).toThrow(SumsFormatError);
    }
    expect(() => decodeSums(codebook, Uint8Array.from([...bytes, 0]))).toThrow('there is more than the sums');
    expect(() => decodeSums({ ...codebook, features: ['f0', 'f1', 'f9'] }, bytes)).toThrow('another codebook');
    const infinite = bytes.slice();
    new DataView(infinite.buffer).setFloat64(bytes.length - 17, Infinity, true);
    expect(() => decodeSums(codebook, infinite)).toThrow(SumsFormatError);
  });
});

describe('what may leave a site', () => {
  /** One batch with the given sexes; ages spread evenly. */
  function input(sexes: readonly string[], change: Partial<ReleaseInput> = {}): ReleaseInput {
    const n = sexes.length;
    const source = seededRandom(n);
    const covariates: Covariate[] = [
      { name: 'sex', kind: 'categorical', values: sexes },
      { name: 'age', kind: 'continuous', values: sexes.map((_, row) => 50 + row) },
    ];
    const features = [{ name: 'x', values: Float64Array.from(sexes, () => randomNormal(source)) }];
    const codebook = {
      features: ['x'],
      covariates: codingOf([{ name: 'sex', kind: 'categorical', values: ['f', 'm'] }, covariates[1]]),
    };
    return {
      codebook,
      rows: { features, batch: sexes.map(() => 'A'), covariates },
      patients: sexes.map((_, row) => `P${row}`),
      rule: SUMS_RULES.default,
      ledger: [],
      ...change,
    };
  }
  const people = (f: number, m: number): string[] => [
    ...new Array<string>(f).fill('f'),
    ...new Array<string>(m).fill('m'),
  ];
  const rules = (given: ReleaseInput): string[] => sumsFindings(given).map(({ rule }) => rule);

  it.each([
    ['5 and 5 patients of each sex', people(5, 5), []],
    ['4 of one sex', people(8, 4), ['cellCount']],
    ['none of one sex', people(9, 0), []],
    ['too few for the columns', people(6, 0), ['patientsPerColumn']],
    ['too few at all', people(4, 0), ['batchCount', 'patientsPerColumn', 'cellCount']],
  ])('%s', (_, sexes, expected) => {
    expect(rules(input(sexes))).toEqual(expected);
  });

  it('takes the stricter minimum of 11 as its own', () => {
    expect(rules(input(people(11, 11), { rule: SUMS_RULES.strict }))).toEqual([]);
    expect(rules(input(people(11, 10), { rule: SUMS_RULES.strict }))).toEqual(['cellCount']);
  });

  it('refuses the lone carrier of a covariate, naming rule, cell and remedy, before there is a message', () => {
    const given = input(people(11, 1));
    expect(() => releaseSums(given)).toThrow(SumsRefusedError);
    expect(sumsFindings(given)).toEqual([
      {
        rule: 'cellCount',
        cell: 'batch A, sex=m',
        what: 'fewer than 5 patients have sex m',
        fix: 'Merge levels of sex, leave sex out of the protocol, or leave these patients out.',
      },
    ]);
  });

  it('refuses a carrier who hides in a continuous covariate or in a feature', () => {
    const given = input(people(8, 8));
    const [sex] = given.rows.covariates!;
    const spike = given.patients.map((_, row) => (row === 3 ? 40 : 0));
    const near = given.patients.map((_, row) => (row === 3 ? 4000 : row % 3));
    for (const values of [spike, near]) {
      const covariates: Covariate[] = [sex, { name: 'age', kind: 'continuous', values }];
      expect(rules({ ...given, rows: { ...given.rows, covariates } })).toEqual(['loneValue']);
    }
    const features = [{ name: 'x', values: Float64Array.from(spike) }];
    expect(sumsFindings({ ...given, rows: { ...given.rows, features } })[0].cell).toBe('batch A, x');
  });

  it('refuses missing values in a few patients, allows them in enough', () => {
    const given = input(people(12, 12));
    const missing = (count: number) => {
      const values = given.rows.features[0].values.map((value, row) => (row % 12 < count / 2 ? NaN : value));
      return rules({ ...given, rows: { ...given.rows, features: [{ name: 'x', values }] } });
    };
    expect(missing(2)).toEqual(['missingCount']);
    expect(missing(8)).toEqual(['missingCount']); // four of each sex
    expect(missing(10)).toEqual([]);
  });

  it('holds folds to the same minimum', () => {
    const folded = (count: number) => {
      const given = input(people(15, 15));
      return rules({ ...given, rows: { ...given.rows, fold: given.patients.map((_, row) => `${row % count}`) } });
    };
    expect(folded(3)).toEqual([]);
    expect(new Set(folded(5))).toEqual(new Set(['cellCount']));
  });

  it('refuses a release that differs from an earlier one by a few patients', () => {
    const first = releaseSums(input(people(12, 12)));
    const again = (sexes: string[], shift: number) => {
      const given = input(sexes, { ledger: first.ledger });
      return rules({ ...given, patients: given.patients.map((_, row) => `P${row + shift}`) });
    };
    expect(again(people(12, 12), 0)).toEqual([]);
    expect(again(people(13, 12), 0)).toEqual(['difference']);
    expect(again(people(16, 12), 0)).toEqual(['difference']);
    expect(again(people(17, 12), 0)).toEqual([]);
    expect(again(people(12, 12), 2)).toEqual(['difference']); // two left, two came
    expect(again(people(12, 12), 3)).toEqual([]);
  });

  it('finds the difference of unions: one batch now, two before', () => {
    const given = input(people(20, 20));
    const batch = given.patients.map((_, row) => (row % 2 === 0 ? 'A' : 'B'));
    const before = releaseSums({ ...given, rows: { ...given.rows, batch } });
    expect(rules({ ...input(people(21, 20)), ledger: before.ledger })).toEqual(['difference']);
  });

  it('refuses an outcome as covariate', () => {
    expect(() => releaseSums({ ...input(people(8, 8)), outcomes: ['sex'] })).toThrow('sex is an outcome of the study');
  });

  it('never lets a message out that holds a cell of one to four', () => {
    let released = 0;
    const cells = (sums: SiteSums): number[] =>
      sums.parts.flatMap(({ batches }) =>
        batches.flatMap(({ count, sumX }) => [count, sumX[0], sumX[1], count - sumX[0] - sumX[1]].map(Math.round)),
      );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 8, maxLength: 120, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer(),
        (levels, batchCount, folds, seed) => {
          const source = seededRandom(seed);
          const stage: Covariate = { name: 'stage', kind: 'categorical', values: levels };
          const features = [{ name: 'x', values: Float64Array.from(levels, () => randomNormal(source)) }];
          const coding = codingOf([{ name: 'stage', kind: 'categorical', values: ['a', 'b', 'c'] }]);
          const rows = {
            features,
            batch: levels.map((_, row) => `${row % batchCount}`),
            covariates: [stage],
            fold: folds === 1 ? undefined : levels.map((_, row) => `${Math.floor(row / batchCount) % folds}`),
          };
          const codebook = { features: ['x'], covariates: coding };
          const patients = levels.map((_, row) => `${row}`);
          const given = { codebook, rows, patients, rule: SUMS_RULES.default, ledger: [] };
          if (sumsFindings(given).length > 0) {
            expect(() => releaseSums(given)).toThrow(SumsRefusedError);
            return;
          }
          released++;
          const sent = decodeSums(codebook, encodeSums(releaseSums(given).sums));
          // Level counts, those of the first level, and what a fold's absence tells: all minus without.
          const whole = cells({ ...sent, parts: sent.parts.slice(0, 1) });
          for (const part of sent.parts) {
            const own = cells({ ...sent, parts: [part] });
            own.forEach((count, k) => {
              expect(count === 0 || count >= 5).toBe(true);
              expect(whole[k] - count === 0 || whole[k] - count >= 5).toBe(true);
            });
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(released).toBeGreaterThan(50);
  });
});
