import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText } from '@concord/testing';
import {
  applyCombat,
  applyCovbat,
  applyHarmonization,
  applyLongitudinal,
  applySeveral,
  codingOf,
  CombatModelFormatError,
  type Covariate,
  type CovbatModel,
  finishCombat,
  fitCovbat,
  fitHarmonization,
  fitLongitudinal,
  fitSeveral,
  fitTransforms,
  harmonizeNewSite,
  harmonize,
  type LongitudinalModel,
  parseHarmonizationModel,
  poolSums,
  sealModel,
  type SeveralModel,
  siteSums,
} from './index.js';
import { type Case, covariatesOf, partOf, readCase, worst } from './golden-case.fixture.js';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/combat/${name}`, import.meta.url));
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const batchOf = (data: Case) => data.table.cells('site');

describe('ComBat-GAM against ComBatFamily with R splines', () => {
  const data = readCase(golden('s09_gam'));
  const smooth = (basis: 'ns' | 'bs'): Covariate[] =>
    covariatesOf(data).map((covariate) =>
      covariate.name === 'age'
        ? { name: 'age', kind: 'smooth', basis, df: basis === 'ns' ? 4 : 9, values: data.table.numbers('age') }
        : covariate,
    );

  it.each([
    ['comfam_ns4.par_adj', 'ns'],
    ['comfam_bs.par_adj', 'bs'],
  ] as const)('%s agrees within 1e-8 SD', (variant, basis) => {
    const input = { features: data.features, batch: batchOf(data), covariates: smooth(basis) };
    const { features } = harmonize({ ...input, options: { stop: 'legacy' } });
    expect(worst(data, variant, features)).toBeLessThan(1e-8);
  });

  it('goes on as a straight line outside the ages of the fit, and says so', () => {
    const input = { features: data.features, batch: batchOf(data), covariates: smooth('ns') };
    const { model } = harmonize(input);
    const at = (age: number) =>
      applyCombat(model, {
        features: data.features.map(({ name }) => ({ name, values: Float64Array.of(0) })),
        batch: ['A'],
        covariates: [
          { name: 'sex', kind: 'categorical', values: ['0'] },
          { name: 'age', kind: 'smooth', basis: 'ns', values: [age] },
        ],
      });
    const [a, b, c] = [90, 100, 110].map((age) => at(age).features[0].values[0]);
    expect(c - b).toBeCloseTo(b - a, 10);
    expect(at(90).warnings.join()).toContain('age: 1 values lie outside the range of the fit');
    expect(at(50).warnings).toEqual([]);
  });
});

describe('CovBat against R', () => {
  const data = readCase(golden('s10_covbat'));
  const input = { features: data.features, batch: batchOf(data), covariates: covariatesOf(data) };
  const model = fitCovbat({ ...input, options: { stop: 'legacy' } });

  it.each(['covbat_r.pv95', 'covfam.pv95'])('%s agrees within 1e-8 SD', (variant) => {
    expect(model.covariance.loadings).toHaveLength(24);
    expect(worst(data, variant, applyCovbat(throughJson<CovbatModel>(model), input).features)).toBeLessThan(1e-8);
  });

  it('gives one patient alone what it gives him among the others', () => {
    const all = applyCovbat(model, input).features;
    const alone = applyCovbat(model, partOf(data, [17])).features;
    alone.forEach(({ values }, f) => expect(values[0]).toBeCloseTo(all[f].values[17], 12));
  });

  it('finds the same components from patients as from features', () => {
    // More features than patients takes the other way round the decomposition.
    const rows = [...batchOf(data).keys()].filter((row) => row % 7 === 0);
    const wide = { ...partOf(data, rows), covariates: [] };
    const narrow = fitCovbat({ ...wide, features: wide.features.slice(0, 20), varianceShare: 0.8 });
    const model = fitCovbat({ ...wide, varianceShare: 0.8 });
    expect(rows.length).toBeLessThan(30);
    for (const { covariance } of [model, narrow]) {
      for (const a of covariance.loadings) {
        for (const b of covariance.loadings) {
          const dot = a.reduce((sum, value, g) => sum + value * b[g], 0);
          expect(dot).toBeCloseTo(a === b ? 1 : 0, 10);
        }
      }
    }
  });
});

describe('longitudinal ComBat against longCombat and lme4', () => {
  const data = readCase(golden('s08_long'));
  const input = {
    features: data.features,
    batch: batchOf(data),
    subject: data.table.cells('subject_id'),
    covariates: ['age0', 'time'].map((name): Covariate => ({
      name,
      kind: 'continuous',
      values: data.table.numbers(name),
    })),
  };
  const model = fitLongitudinal(input);

  it('gives the matrix of longCombat within 1e-6 SD', () => {
    // lme4 stops its optimiser early: 2e-8 is seen.
    const { features } = applyLongitudinal(throughJson<LongitudinalModel>(model), input);
    expect(worst(data, 'longcombat.REML', features)).toBeLessThan(1e-6);
  });

  it('finds the REML fits of lme4', () => {
    const lme4 = JSON.parse(readText(join(golden('s08_long'), 'expected', 'lme4.reml.json'))) as {
      sigma: number[];
      sd_subject: number[];
      fixef: number[][];
    };
    const { residualVariance, subjectVarianceRatio, coefficients } = model.estimates;
    lme4.sigma.forEach((sigma, g) => {
      expect(Math.sqrt(residualVariance[g])).toBeCloseTo(sigma, 6);
      expect(Math.sqrt(residualVariance[g] * subjectVarianceRatio[g])).toBeCloseTo(lme4.sd_subject[g], 5);
      expect(coefficients[0][g]).toBeCloseTo(lme4.fixef[g][1], 7);
      expect(coefficients[1][g]).toBeCloseTo(lme4.fixef[g][2], 7);
    });
  });

  it('refuses visits without repetition, and a subject without a label', () => {
    const single = input.subject.map((_, row) => `visit ${row}`);
    expect(() => fitLongitudinal({ ...input, subject: single })).toThrow('no subject has two visits');
    expect(() => fitLongitudinal({ ...input, subject: input.subject.map((s, row) => (row === 3 ? '' : s)) })).toThrow(
      '1 visits have no subject',
    );
  });
});

describe('ComBat from sums against Distributed-ComBat', () => {
  it.each([
    ['s11_distributed', 1e-9],
    ['s11_distributed_mid', 1e-9],
    ['s11_distributed_scale', 1e-8],
  ])('%s: sites that share sums only get the pooled result', (name, tolerance) => {
    const data = readCase(golden(name));
    const batch = batchOf(data);
    const codebook = { features: data.features.map((f) => f.name), covariates: codingOf(covariatesOf(data)) };
    const parties = [...new Set(batch)].map((label) => [...batch.keys()].filter((row) => batch[row] === label));
    const pooled = throughJson(poolSums(parties.map((rows) => siteSums(codebook, partOf(data, rows)))));
    const features = data.features.map((f) => ({ name: f.name, values: new Float64Array(batch.length) }));
    for (const rows of parties) {
      const own = partOf(data, rows);
      const done = applyCombat(finishCombat(pooled, own, { stop: 'legacy' }), own);
      done.features.forEach(({ values }, f) => rows.forEach((row, k) => (features[f].values[row] = values[k])));
    }
    expect(worst(data, 'dcombat_r.par_adj', features)).toBeLessThan(tolerance);
  });
});

describe('several batch variables', () => {
  const data = readCase(golden('s01_small3'));
  const reader = batchOf(data).map((_, row) => (row % 3 === 0 ? 'x' : 'y'));
  const batches = [
    { name: 'site', labels: batchOf(data) },
    { name: 'reader', labels: reader },
  ];
  const input = { features: data.features, batches, covariates: covariatesOf(data) };

  it('converges, and its lines equal the cycles of ComBat that made them', () => {
    const model = fitSeveral({ ...input, options: { eb: 'none' } });
    expect(model.isConverged).toBe(true);
    let features = data.features;
    for (let cycle = 0; cycle < model.cycles; cycle++) {
      for (const { labels } of batches) {
        const options = { eb: 'none', divisor: 'n' } as const;
        features = harmonize({ features, batch: labels, covariates: input.covariates, options }).features;
      }
    }
    const lines = applySeveral(throughJson<SeveralModel>(model), input).features;
    lines.forEach(({ name, values }, f) => {
      const sd = data.spreads.get(name)!;
      values.forEach((value, row) => expect(Math.abs(value - features[f].values[row]) / sd).toBeLessThan(1e-12));
    });
    // What is left of either variable: no feature's batch differs in mean or variance any more.
    for (const { labels } of batches) {
      const again = harmonize({
        features: lines,
        batch: labels,
        covariates: input.covariates,
        options: { eb: 'none', divisor: 'n' },
      });
      again.model.estimates.gammaStar.flat().forEach((value) => expect(Math.abs(value!)).toBeLessThan(1e-3));
    }
  });

  it('refuses a variable that follows from another, naming it', () => {
    const twin = { name: 'reader', labels: batchOf(data).map((label) => (label === 'A' ? 'x' : 'y')) };
    expect(() => fitSeveral({ ...input, batches: [batches[0], twin] })).toThrow(
      'covariate reader=y does not vary inside any batch',
    );
  });

  it('refuses a level that it has not seen', () => {
    const model = fitSeveral({ ...input, options: { eb: 'none' } });
    const row = partOf(data, [0]);
    expect(() => applySeveral(model, { ...row, batches: [batches[0], { name: 'reader', labels: ['z'] }] })).toThrow(
      'the batch labels',
    );
    const labels = [
      { name: 'site', labels: row.batch },
      { name: 'reader', labels: ['z'] },
    ];
    expect(() => applySeveral(model, { ...row, batches: labels })).toThrow('the model has not seen batch z');
  });
});

describe('transforms around ComBat', () => {
  const data = readCase(golden('s01_small3'));
  const positive = data.features.map(({ name, values }) => ({ name, values: values.map((v) => Math.exp(v / 2)) }));
  const input = {
    features: positive,
    batches: [{ name: 'site', labels: batchOf(data) }],
    covariates: covariatesOf(data),
  };

  it('keeps positive features positive where plain ComBat does not', () => {
    const negative = (transform: 'none' | 'log' | 'yeo-johnson' | 'rank-normal'): number => {
      const model = fitHarmonization({ ...input, method: 'combat', transform });
      const { features } = applyHarmonization(throughJson(model), input);
      expect(features.every(({ values }) => values.every(Number.isFinite))).toBe(true);
      return features.reduce((sum, { values }) => sum + values.filter((value) => value < 0).length, 0);
    };
    expect(negative('none')).toBeGreaterThan(0);
    expect([negative('log'), negative('yeo-johnson'), negative('rank-normal')]).toEqual([0, 0, 0]);
  });

  it('log: equals ComBat of the logarithms', () => {
    const model = fitHarmonization({ ...input, method: 'combat', transform: 'log' });
    const logs = data.features.map(({ name, values }) => ({ name, values: values.map((v) => v / 2) }));
    const plain = harmonize({ features: logs, batch: batchOf(data), covariates: input.covariates });
    applyHarmonization(model, input).features.forEach(({ values }, f) =>
      values.forEach((value, row) => expect(Math.log(value)).toBeCloseTo(plain.features[f].values[row], 10)),
    );
  });

  it('leaves the reference batch as it is, bit by bit, through any transform', () => {
    for (const transform of ['log', 'yeo-johnson', 'rank-normal'] as const) {
      const model = fitHarmonization({ ...input, method: 'combat', transform, options: { reference: 'B' } });
      applyHarmonization(model, input).features.forEach(({ values }, f) =>
        batchOf(data).forEach((label, row) => {
          if (label === 'B') expect(values[row]).toBe(positive[f].values[row]);
        }),
      );
    }
  });

  it('takes a new site through the transform, and refuses it where the method has no rule for one', () => {
    const isNew = (label: string): boolean => label === 'C';
    const rowsOf = (keeps: (label: string) => boolean) =>
      [...batchOf(data).keys()].filter((row) => keeps(batchOf(data)[row]));
    const take = (at: number[]) => ({
      ...partOf(data, at),
      features: positive.map(({ name, values }) => ({ name, values: Float64Array.from(at, (row) => values[row]) })),
    });
    const known = take(rowsOf((label) => !isNew(label)));
    const batches = [{ name: 'site', labels: known.batch }];
    const model = fitHarmonization({ ...known, batches, method: 'combat', transform: 'log' });
    const site = take(rowsOf(isNew));
    const done = harmonizeNewSite(model, { ...site, batch: 'C' });
    expect(done.estimates.count).toBe(13);
    expect(done.features.every(({ values }) => values.every((value) => value > 0))).toBe(true);
    const spread = (values: Float64Array) => values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;
    const moved = done.features.map(({ values }, f) => Math.abs(spread(values) - spread(site.features[f].values)));
    expect(Math.max(...moved)).toBeGreaterThan(0.1);
    const covbat = fitHarmonization({ ...known, batches, method: 'covbat' });
    expect(() => harmonizeNewSite(covbat, { ...site, batch: 'C' })).toThrow('by a plain ComBat only');
  });

  it('reads every kind of model back, and notices a changed byte', () => {
    const batches = [
      { name: 'site', labels: batchOf(data) },
      { name: 'reader', labels: batchOf(data).map((_, row) => (row % 3 === 0 ? 'x' : 'y')) },
    ];
    const subject = { name: 'patient', labels: batchOf(data).map((_, row) => `P${row >> 1}`) };
    const one = { ...input, subject };
    const models = [
      fitHarmonization({ ...one, method: 'combat' }),
      fitHarmonization({ ...one, method: 'covbat' }),
      fitHarmonization({ ...one, method: 'longitudinal' }),
      fitHarmonization({ ...one, method: 'several', batches }),
      fitHarmonization({ ...one, method: 'combat', transform: 'yeo-johnson' }),
    ];
    for (const model of models) {
      const text = JSON.stringify(sealModel(model));
      expect(parseHarmonizationModel(JSON.parse(text))).toEqual(throughJson(model));
      for (let k = 0; k < 40; k++) {
        const at = Math.floor((text.length * (k + 0.5)) / 40);
        const changed = text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
        expect(() => {
          let json: unknown;
          try {
            json = JSON.parse(changed);
          } catch {
            throw new CombatModelFormatError('no JSON', 'the file', 'Use another.');
          }
          parseHarmonizationModel(json);
        }).toThrow(CombatModelFormatError);
      }
    }
  });

  it('finds the lambda of SciPy where it lies between 0 and 2', () => {
    const found = fitTransforms('yeo-johnson', positive);
    const scipy = JSON.parse(readText(golden('../oracles/yeo-johnson.json'))) as { lambda: number[] };
    let compared = 0;
    found.forEach((transform, g) => {
      if (transform.kind !== 'yeo-johnson') throw new Error('another kind');
      if (scipy.lambda[g] < 0 || scipy.lambda[g] > 2) return;
      compared++;
      expect(transform.lambda).toBeCloseTo(scipy.lambda[g], 4);
    });
    expect(compared).toBe(4);
  });
});
