import { randomNormal, seededRandom } from '@concord/numeric';
import { aucSums, fitLogistic } from '@concord/validation';
import { ModelConvergenceError, ModelInputError } from './errors.js';
import { crossFit, fitModel, foldsFor, MODEL_KINDS, type FitData, type FitSettings } from './fit-model.js';
import { fitFirth } from './firth.js';
import { predictWith, type LogisticFitModel } from './prediction.js';
import { oneWayIcc, selectReliable } from './selection.js';

const N = 90;
const random = seededRandom(7);
const normal = () => randomNormal(random);
const features = Array.from({ length: 6 }, (_, j) => ({
  name: `f${j}`,
  values: Float64Array.from({ length: N }, () => (j === 1 ? 1e8 : 1) * (3 + normal())),
}));
const signal = features[0].values.map((value, i) => value - features[1].values[i] / 1e8 + normal());
const outcome = Uint8Array.from(signal, (value) => Number(value > 0));
const survival = {
  times: signal.map((value) => 0.5 + 10 * Math.exp(-value) * -Math.log(1 - random.next())),
  events: Uint8Array.from(signal, (_, i) => Number(i % 4 > 0)),
};
const settings = { seed: 1, horizons: [6, 12], treeCount: 30, clusterCount: 3 };
const binary: FitData = { features, outcome };

describe('fitModel', () => {
  const dataFor = (kind: FitSettings['kind']): FitData => (kind === 'cox' ? { features, survival } : binary);

  it.each(MODEL_KINDS)('fits %s, the same model from the same seed, on plain JSON', (kind) => {
    const fit = () => fitModel(dataFor(kind), { ...settings, kind }, seededRandom(1));
    const { model } = fit();
    expect(JSON.stringify(fit().model)).toBe(JSON.stringify(model));
    const again = JSON.parse(JSON.stringify(model)) as typeof model;
    const values = predictWith(again, features, settings.horizons).map((column) => [...column.values]);
    expect(values).toEqual(predictWith(model, features, settings.horizons).map((column) => [...column.values]));
    expect(values.flat().every(Number.isFinite)).toBe(true);
    expect(new Set(values[0]).size).toBeGreaterThan(1);
  });

  it.each(['elastic-net', 'forest'] as const)('fits %s to follow-up, too', (kind) => {
    const { model } = fitModel({ features, survival }, { ...settings, kind }, seededRandom(1));
    const [lp, at6, at12] = predictWith(model, features, settings.horizons);
    expect(lp.name).toBe('lp');
    at6.values.forEach((risk, i) => expect(risk).toBeLessThanOrEqual(at12.values[i]));
  });

  it('gives the coefficients of a fit on raw features, though one is of the order 1e8', () => {
    const scaled = features.map(({ values }, j) => (j === 1 ? values.map((value) => value / 1e8) : values));
    const ones = new Float64Array(N).fill(1);
    const ways = [
      ['logistic', fitLogistic([ones, ...scaled], outcome)],
      ['firth', fitFirth(scaled, outcome)],
    ] as const;
    for (const [kind, expected] of ways) {
      const model = fitModel(binary, { ...settings, kind }, seededRandom(1)).model as LogisticFitModel;
      expect(Math.abs(model.intercept - (expected?.coefficients[0] ?? NaN))).toBeLessThan(1e-6);
      model.coefficients.forEach((value, j) =>
        expect(Math.abs(value * (j === 1 ? 1e8 : 1) - (expected?.coefficients[j + 1] ?? NaN))).toBeLessThan(1e-6),
      );
    }
  });

  it('chooses by relevance, and by agreement of repeated measurements', () => {
    const byRelevance = fitModel(binary, { ...settings, kind: 'logistic', mrmr: 2 }, seededRandom(1));
    expect([...byRelevance.selected].sort()).toEqual(['f0', 'f1']);
    const subjects = features[0].values.length;
    const twice = features.slice(0, 3).map(({ name, values }, j) => ({
      name,
      values: Float64Array.from([...values, ...values.map((value) => (j === 2 ? 3 + normal() : value))]),
    }));
    const names = Array.from({ length: 2 * subjects }, (_, i) => `p${i % subjects}`);
    const measurements = { features: twice, subjects: names };
    const kept = fitModel(binary, { ...settings, kind: 'logistic', reliable: { measurements, leastIcc: 0.8 } }, random);
    expect(kept.selected).toEqual(['f0', 'f1']);
    expect(() => selectReliable(measurements, 0.8, new Set(['p1']))).toThrow(/1 patients were measured/);
  });

  it('refuses what a kind cannot use, and says what to do where classes are apart', () => {
    const fit = (data: FitData, kind: FitSettings['kind']) => () => fitModel(data, { seed: 1, kind }, random);
    expect(fit({ features, survival }, 'svm')).toThrow(ModelInputError);
    expect(fit(binary, 'cox')).toThrow(/needs follow-up/);
    const apart = { features: [{ name: 'x', values: signal }], outcome };
    expect(fit(apart, 'logistic')).toThrow(ModelConvergenceError);
    expect(predictWith(fit(apart, 'firth')().model, apart.features)[0].values.every(Number.isFinite)).toBe(true);
  });
});

describe('crossFit', () => {
  const noise = Array.from({ length: 200 }, (_, j) => ({
    name: `n${j}`,
    values: Float64Array.from({ length: N }, () => normal()),
  }));

  it('finds nothing in noise, since features are chosen inside the folds', () => {
    const aucs = Array.from({ length: 12 }, (_, seed) => {
      const source = seededRandom(seed);
      const shuffled = Uint8Array.from({ length: N }, () => Number(source.next() < 0.5));
      const data = { features: noise, outcome: shuffled };
      const folds = foldsFor(data, 5, source);
      const { scores } = crossFit(data, { ...settings, kind: 'firth', mrmr: 3 }, folds, source);
      return aucSums(scores, shuffled).auc ?? NaN;
    });
    const mean = aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
    // An AUC of 90 patients by chance has a standard error of 0.06; chosen on all rows it would be about 0.75.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.06);
  });

  it('finds what is there', () => {
    const folds = foldsFor(binary, 5, seededRandom(1));
    const { scores, selected } = crossFit(binary, { ...settings, kind: 'svm', mrmr: 2 }, folds, seededRandom(1));
    expect(aucSums(scores, outcome).auc).toBeGreaterThan(0.75);
    expect(selected).toHaveLength(5);
  });
});

describe('oneWayIcc', () => {
  it('gives the value of Shrout and Fleiss for their six targets and four judges', () => {
    const ratings = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7];
    const groups = Array.from({ length: 6 }, (_, target) => [0, 1, 2, 3].map((judge) => target * 4 + judge));
    // Psychol Bull 86 (1979), table 4: ICC(1,1) = .17.
    expect(oneWayIcc(Float64Array.from(ratings), groups)).toBeCloseTo(0.17, 2);
  });
});
