import { readFileSync } from 'node:fs';
import { seededRandom } from '@concord/numeric';
import { readTable } from '@concord/testing';
import { aucSums, concordance, kaplanMeier, logRank } from '@concord/validation';
import { fitStandardization, standardizedRows } from './clusters/standardize.js';
import { ModelInputError } from './errors.js';
import { calibrateScores, fitLinearSvm } from './linear-svm.js';
import { predictWith } from './prediction.js';
import { selectMrmr } from './selection.js';
import { fitForest } from './trees/random-forest.js';
import { fitSurvivalForest, logRankChi2 } from './trees/survival-forest.js';
import type { Tree } from './trees/tree.js';

// Patients and values of golden/scikit-learn: development on the first 200, the rest come later.
interface Expected {
  readonly versions: Record<string, string>;
  readonly train: number;
  readonly svm: readonly { cost: number; coefficients: number[]; intercept: number }[];
  readonly svmWide: { rows: number; cost: number; coefficients: number[]; intercept: number };
  readonly forestAuc: readonly number[];
  readonly survivalForestC: readonly number[];
  readonly survivalForestRisk24: readonly number[];
  readonly mrmrQuotient: readonly string[];
}
const golden = new URL('../golden/scikit-learn/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', golden), 'utf8')) as Expected;
const table = readTable(new URL('data.csv', golden).pathname);
const cohortOf = (from: number, to?: number) => ({
  features: table.names
    .filter((name) => name.startsWith('f'))
    .map((name) => ({ name, values: table.numbers(name).slice(from, to) })),
  y: Uint8Array.from(table.numbers('y').slice(from, to)),
  times: table.numbers('time').slice(from, to),
  events: Uint8Array.from(table.numbers('event').slice(from, to)),
});

const { train } = expected;
const development = cohortOf(0, train);
const later = cohortOf(train);
const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];

describe('fitForest', () => {
  const grow = (seed: number, treeCount = 500) =>
    fitForest(development.features, development.y, { random: seededRandom(seed), seed, tried: 4, treeCount });

  it('discriminates as scikit-learn does on the same patients', () => {
    const [low, high] = range(expected.forestAuc);
    const { model, outOfBag } = grow(1);
    const auc = aucSums(predictWith(model, later.features)[0].values, later.y).auc ?? 0;
    // Ten seeds of scikit-learn give 0.700 to 0.713; a forest of ours may lie as far beyond as they lie apart.
    expect(auc).toBeGreaterThan(low - (high - low));
    expect(auc).toBeLessThan(high + (high - low));
    expect(Math.abs((aucSums(outOfBag, development.y).auc ?? 0) - auc)).toBeLessThan(0.1);
  });

  it('grows the same forest from the same seed, and another one from another', () => {
    expect(JSON.stringify(grow(2, 40))).toBe(JSON.stringify(grow(2, 40)));
    expect(JSON.stringify(grow(2, 40))).not.toBe(JSON.stringify(grow(3, 40)));
  });

  it('gives what walking every tree by hand gives', () => {
    const { model } = grow(4, 40);
    const walk = (tree: Tree, row: number, node = 0): number => {
      if (tree.feature[node] < 0) return tree.values[tree.leaf[node]];
      const value = later.features[tree.feature[node]].values[row];
      return walk(tree, row, value > tree.threshold[node] ? tree.right[node] : tree.left[node]);
    };
    const risks = predictWith(model, later.features)[0].values;
    risks.forEach((risk, row) => expect(risk).toBeCloseTo(average(model.trees.map((tree) => walk(tree, row))), 12));
  });

  it('refuses one class, missing values and settings that make no forest', () => {
    const random = seededRandom(1);
    const one = new Uint8Array(train);
    expect(() => fitForest(development.features, one, { random })).toThrow(/0 of 200 patients/);
    const holes = [{ name: 'a', values: new Float64Array(train).fill(NaN) }];
    expect(() => fitForest(holes, development.y, { random })).toThrow(ModelInputError);
    expect(() => fitForest(development.features, development.y, { random, leafSize: 0 })).toThrow(/leafSize is 0/);
  });
});

describe('fitSurvivalForest', () => {
  const data = { times: development.times, events: development.events };
  const settings = { horizons: [12, 24, 36], tried: 4, treeCount: 300 };
  const { model, outOfBag } = fitSurvivalForest(development.features, data, {
    ...settings,
    random: seededRandom(1),
    seed: 1,
  });
  const [mortality, , risk24] = predictWith(model, later.features);

  it('discriminates as scikit-survival does on the same patients', () => {
    const c = concordance({ times: later.times, events: later.events }, mortality.values).c ?? 0;
    const [low, high] = range(expected.survivalForestC);
    // Theirs looks at every threshold and ours at ten, so single trees differ; ten seeds of theirs give 0.670 to 0.677.
    expect(c).toBeGreaterThan(low - 0.015);
    expect(c).toBeLessThan(high + 0.015);
    expect(outOfBag.every(Number.isFinite)).toBe(true);
  });

  it('gives the risks at 24 months that scikit-survival gives, but for the luck of the draw', () => {
    const theirs = expected.survivalForestRisk24;
    const apart = Array.from(risk24.values, (risk, i) => Math.abs(risk - theirs[i]));
    // Mean over ten of their forests; a single one of ours differs from it by 0.03 on average.
    expect(average(apart)).toBeLessThan(0.05);
    expect(Math.abs(average(risk24.values) - average(theirs))).toBeLessThan(0.02);
  });

  it('orders risks by horizon, inside 0 and 1, and agrees with Kaplan-Meier where there is one leaf', () => {
    const columns = predictWith(model, later.features).slice(1);
    later.times.forEach((_, i) => {
      const risks = columns.map(({ values }) => values[i]);
      expect(risks[0]).toBeGreaterThanOrEqual(0);
      expect(risks[2]).toBeLessThanOrEqual(1);
      expect([...risks].sort((a, b) => a - b)).toEqual(risks);
    });
    const stump = fitSurvivalForest([{ name: 'x', values: new Float64Array(train) }], data, {
      ...settings,
      random: seededRandom(2),
    });
    const mean = predictWith(stump.model, [{ name: 'x', values: Float64Array.of(0) }])[2].values[0];
    const curve = kaplanMeier(data);
    const at = curve.times.findLastIndex((time) => time <= 24);
    // Over 200 bootstrap samples the mean is the estimate up to a standard error of about 0.002.
    expect(Math.abs(mean - (1 - curve.survival[at]))).toBeLessThan(0.01);
  });

  it('cuts by the log-rank statistic of the validation library', () => {
    const byTime = Int32Array.from(data.times.keys()).sort((a, b) => data.times[a] - data.times[b]);
    const group = (row: number) => development.features[0].values[row] <= 0.2;
    const theirs = logRank(
      data,
      [...data.times.keys()].map((row) => (group(row) ? 'low' : 'high')),
    );
    expect(logRankChi2(byTime, data, group)).toBeCloseTo(theirs?.chi2 ?? NaN, 9);
  });

  it('refuses no event and horizons that do not ascend', () => {
    const random = seededRandom(1);
    const none = { times: data.times, events: new Uint8Array(train) };
    expect(() => fitSurvivalForest(development.features, none, { ...settings, random })).toThrow(/0 events/);
    expect(() => fitSurvivalForest(development.features, data, { random, horizons: [24, 12] })).toThrow(
      ModelInputError,
    );
  });
});

describe('fitLinearSvm', () => {
  const standardization = fitStandardization(development.features);
  const rows = standardizedRows(standardization, development.features);
  const p = development.features.length;
  const columns = development.features.map((_, j) => rows.filter((_value, k) => k % p === j));

  it.each(expected.svm)('finds the plane of liblinear at a cost of $cost', ({ cost, coefficients, intercept }) => {
    const found = fitLinearSvm(columns, development.y, cost);
    // Theirs stops where the objective is flat to rounding, some 1e-8 beside the least; ours is where the gradient is 0.
    coefficients.forEach((value, j) => expect(Math.abs(found.coefficients[j] - value)).toBeLessThan(1e-7));
    expect(Math.abs(found.intercept - intercept)).toBeLessThan(1e-7);
    const gradient = [...found.coefficients];
    development.y.forEach((event, i) => {
      const sign = event === 1 ? 1 : -1;
      const score = columns.reduce((sum, column, j) => sum + found.coefficients[j] * column[i], found.intercept);
      const slack = Math.max(0, 1 - sign * score);
      columns.forEach((column, j) => (gradient[j] -= 2 * cost * slack * sign * column[i]));
    });
    gradient.forEach((slope) => expect(Math.abs(slope)).toBeLessThan(1e-11 * (1 + cost) * train));
  });

  it('finds it with more features than patients, too', () => {
    const { rows: n, cost, coefficients, intercept } = expected.svmWide;
    const found = fitLinearSvm(
      columns.map((column) => column.slice(0, n)),
      development.y.slice(0, n),
      cost,
    );
    coefficients.forEach((value, j) => expect(Math.abs(found.coefficients[j] - value)).toBeLessThan(1e-7));
    expect(Math.abs(found.intercept - intercept)).toBeLessThan(1e-7);
  });

  it('calibrates scores so that risks sum to Platt’s targets, also where the classes are apart', () => {
    const scores = Float64Array.of(-2, -1, -0.5, 0.5, 1, 2);
    for (const outcome of [Uint8Array.of(0, 0, 1, 0, 1, 1), Uint8Array.of(0, 0, 0, 1, 1, 1)]) {
      const { slope, intercept } = calibrateScores(scores, outcome);
      expect(slope).toBeGreaterThan(0);
      const risks = scores.map((score) => 1 / (1 + Math.exp(-(slope * score + intercept))));
      expect(risks.reduce((a, b) => a + b)).toBeCloseTo(3 * (4 / 5) + 3 * (1 / 5), 9);
    }
  });

  it('refuses one class and a cost that is none', () => {
    expect(() => fitLinearSvm(columns, new Uint8Array(train), 1)).toThrow(ModelInputError);
    expect(() => fitLinearSvm(columns, development.y, 0)).toThrow(/cost of 0/);
  });
});

describe('selectMrmr', () => {
  it('chooses in the order of the Python package mrmr_selection', () => {
    expect(selectMrmr(development.features, development.y, 12)).toEqual(expected.mrmrQuotient);
    expect(selectMrmr(development.features, development.y, 3)).toEqual(expected.mrmrQuotient.slice(0, 3));
  });

  it('leaves out features that do not vary, and refuses missing values', () => {
    const constant = { name: 'constant', values: new Float64Array(train) };
    expect(selectMrmr([constant, ...development.features], development.y, 99)).not.toContain('constant');
    const holes = { name: 'holes', values: new Float64Array(train).fill(NaN) };
    expect(() => selectMrmr([holes], development.y, 1)).toThrow(/holes has missing/);
  });
});

it('has the golden data that the README describes', () => {
  const readme = readFileSync(new URL('README.md', golden), 'utf8');
  expect(readme).toContain(`scikit-learn ${expected.versions['scikit-learn']}`);
  expect(table.rowCount).toBe(500);
});
