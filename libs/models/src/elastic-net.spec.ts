import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { randomNormal, seededRandom } from '@concord/numeric';
import { referenceData } from '@concord/testing';
import { elasticNetPath, fitElasticNetLogistic } from './elastic-net.js';
import { ModelInputError } from './errors.js';
import { linearPredictor, predictLogistic, type NamedColumn } from './logistic-model.js';

interface Expected {
  spec: { alpha: number };
  expected: {
    lambdaMax: number;
    nLambda: number;
    df: number[];
    coefAt: { lambda: number; coef: Record<string, number> }[];
    cvDeviance: {
      lambdaMin: number;
      lambda1se: number;
      cvm: number[];
      cvsd: number[];
      coefMin: Record<string, number>;
    };
  };
}

interface Case {
  features: NamedColumn[];
  outcome: Uint8Array;
  folds: Int32Array;
  alpha: number;
  expected: Expected['expected'];
}

function readCase(input: string, expectedPath: string | URL): Case {
  const lines = input.trim().replaceAll('"', '').split('\n');
  const rows = lines.map((line) => line.split(','));
  const head = rows.shift()!;
  const column = (name: string) => Float64Array.from(rows, (row) => Number(row[head.indexOf(name)]));
  const { spec, expected } = JSON.parse(readFileSync(expectedPath, 'utf8')) as Expected;
  return {
    features: head.filter((name) => name !== 'y' && name !== 'fold').map((name) => ({ name, values: column(name) })),
    outcome: Uint8Array.from(column('y')),
    folds: Int32Array.from(column('fold'), (fold) => fold - 1),
    alpha: spec.alpha,
    expected,
  };
}

function vendored(): Case {
  const folder = new URL('../golden/glmnet/glmnet-binomial-p120/', import.meta.url);
  const input = gunzipSync(readFileSync(new URL('input.csv.gz', folder))).toString();
  return readCase(input, new URL('expected.json', folder));
}

function besideCheckout(id: string): Case | null {
  const folder = referenceData('validation', id);
  return folder === null ? null : readCase(readFileSync(`${folder}/input.csv`, 'utf8'), `${folder}/expected.json`);
}

/** Relative with floor 1, as in the README of the cases. */
function worst(have: ArrayLike<number>, want: ArrayLike<number>): number {
  return Math.max(...Array.from(want, (value, i) => Math.abs(have[i] - value) / Math.max(1, Math.abs(value))));
}

const coefficients = (features: NamedColumn[], intercept: number, values: ArrayLike<number>) =>
  Object.fromEntries([['(Intercept)', intercept], ...features.map(({ name }, j) => [name, values[j]])]) as Record<
    string,
    number
  >;

const compareCoefficients = (have: Record<string, number>, want: Record<string, number>) =>
  worst(
    Object.values(have),
    Object.keys(have).map((name) => want[name] ?? 0),
  );

function describeCase(name: string, load: () => Case): void {
  describe(name, () => {
    const { features, outcome, folds, alpha, expected } = load();
    const fit = fitElasticNetLogistic({ features, outcome, folds, alpha, tolerance: 1e-14, patience: Infinity });
    const curve = fit.model.crossValidation;

    it('has the penalties of glmnet and ends its path where glmnet does', () => {
      expect(curve).toHaveLength(expected.nLambda);
      expect(Math.abs(curve[0].lambda - expected.lambdaMax)).toBeLessThan(1e-12);
      expect(fit.model.lambda).toBeCloseTo(expected.cvDeviance.lambdaMin, 12);
    });

    it('has the coefficients of glmnet at the given penalties', () => {
      const path = elasticNetPath(
        features,
        outcome,
        alpha,
        expected.coefAt.map((at) => at.lambda),
      );
      path.forEach((solution, i) => {
        const have = coefficients(features, solution.intercept, solution.coefficients);
        expect(compareCoefficients(have, expected.coefAt[i].coef)).toBeLessThan(1e-5);
      });
      const chosen = coefficients(features, fit.model.intercept, fit.model.coefficients);
      expect(compareCoefficients(chosen, expected.cvDeviance.coefMin)).toBeLessThan(1e-5);
    });

    it('has the cross-validated deviance of glmnet by the given folds', () => {
      // Only while less than 98 % of the deviance is explained: beyond, glmnet's bound on weights shows in the fifth digit.
      const count = Math.min(60, curve.length);
      expect(
        worst(
          curve.slice(0, count).map((point) => point.deviance),
          expected.cvDeviance.cvm.slice(0, count),
        ),
      ).toBeLessThan(1e-5);
      expect(
        worst(
          curve.slice(0, count).map((point) => point.standardError),
          expected.cvDeviance.cvsd.slice(0, count),
        ),
      ).toBeLessThan(1e-5);
    });

    it('takes the sparser model within one standard error when asked', () => {
      const sparse = fitElasticNetLogistic({ features, outcome, folds, alpha, tolerance: 1e-14, lambdaRule: '1se' });
      expect(sparse.model.lambda).toBeCloseTo(expected.cvDeviance.lambda1se, 12);
      expect(sparse.model.selectedCount).toBeLessThan(fit.model.selectedCount);
    });

    it('ends its search early at the same minimum by default', () => {
      const early = fitElasticNetLogistic({ features, outcome, folds, alpha });
      expect(early.model.crossValidation.length).toBeLessThan(curve.length);
      expect(early.model.lambda).toBe(fit.model.lambda);
      const have = coefficients(features, early.model.intercept, early.model.coefficients);
      expect(compareCoefficients(have, expected.cvDeviance.coefMin)).toBeLessThan(1e-5);
    });

    it('meets the Karush-Kuhn-Tucker conditions to 1e-6 at the chosen penalty', () => {
      expect(kktResidual(features, outcome, alpha, fit.model)).toBeLessThan(1e-6);
    });
  });
}

/** By its definition, on standardised columns, from the raw coefficients: shares no code with the fit. */
function kktResidual(
  features: NamedColumn[],
  outcome: Uint8Array,
  alpha: number,
  model: { lambda: number; coefficients: readonly number[] } & Parameters<typeof predictLogistic>[0],
): number {
  const risk = predictLogistic(model, features);
  const n = outcome.length;
  return Math.max(
    ...features.map(({ values }, j) => {
      const mean = values.reduce((a, b) => a + b, 0) / n;
      const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
      const slope = values.reduce((a, b, i) => a + ((b - mean) / sd) * (outcome[i] - risk[i]), 0) / n;
      const beta = model.coefficients[j] * sd;
      const pull = slope - model.lambda * (1 - alpha) * beta;
      const l1 = model.lambda * alpha;
      return beta === 0 ? Math.max(0, Math.abs(pull) - l1) : Math.abs(pull - Math.sign(beta) * l1);
    }),
  );
}

describeCase('fitElasticNetLogistic on glmnet-binomial-p120', vendored);
for (const id of ['glmnet-binomial-lasso', 'glmnet-binomial-enet']) {
  if (besideCheckout(id)) describeCase(`fitElasticNetLogistic on ${id}`, () => besideCheckout(id)!);
  else
    describe.skip(`${id}: reference data are not beside this checkout (GPL data, not vendored)`, () =>
      it('skipped', () => undefined));
}

describe('fitElasticNetLogistic', () => {
  const random = seededRandom(11);
  const rows = 90;
  const features = Array.from({ length: 150 }, (_, j) => ({
    name: `f${j}`,
    values: Float64Array.from({ length: rows }, () => 1e3 * (j + 1) + randomNormal(random)),
  }));
  const outcome = Uint8Array.from({ length: rows }, (_, i) =>
    Number(features[0].values[i] - 1e3 + randomNormal(random) > 0),
  );

  it('gives the same model for the same seed, and holds no patient in it', () => {
    const fit = () =>
      fitElasticNetLogistic({
        features,
        outcome,
        alpha: 0.5,
        folds: 5,
        random: seededRandom('a'),
        seed: 'a',
        patience: 10,
      });
    const first = fit();
    expect(JSON.stringify(fit().model)).toBe(JSON.stringify(first.model));
    expect(first.model.seed).toBe('a');
    expect(first.model.selectedCount).toBeGreaterThan(0);
    expect(Object.values(first.model).some((value) => Array.isArray(value) && value.length === rows)).toBe(false);
  });

  it('predicts a held-out patient without them: changing their outcome leaves their score alone', () => {
    const folds = Int32Array.from(outcome, (_, i) => i % 5);
    const lambdas = [0.1];
    const before = fitElasticNetLogistic({ features, outcome, alpha: 0.5, folds, lambdas });
    const flipped = Uint8Array.from(outcome, (value, i) => (i % 5 === 0 ? 1 - value : value));
    const after = fitElasticNetLogistic({ features, outcome: flipped, alpha: 0.5, folds, lambdas });
    for (let i = 0; i < rows; i += 5) expect(after.outOfFoldScores[i]).toBe(before.outOfFoldScores[i]);
    expect(after.outOfFoldScores[1]).not.toBe(before.outOfFoldScores[1]);
  });

  it('gives a constant feature no coefficient', () => {
    const constant = { name: 'constant', values: new Float64Array(rows).fill(0.1) };
    const { model } = fitElasticNetLogistic({
      features: [constant, features[0]],
      outcome,
      alpha: 0,
      folds: 5,
      random: seededRandom(1),
    });
    expect(model.coefficients[0]).toBe(0);
    expect(model.coefficients[1]).toBeGreaterThan(0);
  });

  it.each([
    ['a missing value', { features: [{ name: 'a', values: new Float64Array(rows).fill(NaN) }] }],
    ['one class', { outcome: new Uint8Array(rows) }],
    ['two features of one name', { features: [features[0], features[0]] }],
    ['rising penalties', { lambdas: [0.1, 0.2] }],
    ['a fold that holds all events', { folds: Int32Array.from(outcome) }],
    ['folds without a random source', { folds: 5 }],
  ])('refuses %s', (_, change) => {
    const input = { features, outcome, alpha: 0.5, folds: Int32Array.from(outcome, (_value, i) => i % 5), ...change };
    expect(() => fitElasticNetLogistic(input)).toThrow(ModelInputError);
  });

  it('refuses to predict with a feature absent or missing for a patient', () => {
    const model = fitElasticNetLogistic({
      features,
      outcome,
      alpha: 0.5,
      folds: 5,
      random: seededRandom(2),
      patience: 10,
    }).model;
    const used = features.filter((_, j) => model.coefficients[j] !== 0);
    expect(linearPredictor(model, used)).toHaveLength(rows);
    expect(() => predictLogistic(model, used.slice(1))).toThrow(/is absent/);
    const holed = used.map((feature, j) => (j > 0 ? feature : { ...feature, values: feature.values.with(3, NaN) }));
    expect(() => predictLogistic(model, holed)).toThrow(/missing for 1 of 90 patients/);
  });
});
