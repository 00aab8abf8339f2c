import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  fitCoxModel,
  fitElasticNetCox,
  fitElasticNetLogistic,
  fitForest,
  fitStandardization,
  fitSurvivalForest,
  modelToOnnx,
  onnxInput,
  parseSignature,
  predictWith,
  type PredictionModel,
} from '@concord/models';
import { runOnnx } from './run-onnx.js';

/** Rows that every exported model is asked for; EXPORT_ROWS=10000 for the full number. */
const ROWS = Number(process.env.EXPORT_ROWS ?? 300);
const seededRandom = (seed: number) => {
  let state = seed;
  return { next: () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 };
};
const random = seededRandom(42);
const randomNormal = ({ next }: { next: () => number }) =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
// Features of radiomics: from 1e-3 to 1e8, correlated.
const scales = [1, 1e8, 1e-3, 250, 1, 30];
const table = (rows: number) => {
  const shared = Float64Array.from({ length: rows }, () => randomNormal(random));
  return scales.map((scale, j) => ({
    name: `f${j}`,
    values: shared.map((value) => scale * (5 + 0.5 * value + randomNormal(random))),
  }));
};
const development = table(120);
const later = table(ROWS);
const unit = (j: number, i: number) => development[j].values[i] / scales[j] - 5;
const signal = Float64Array.from({ length: 120 }, (_, i) => unit(0, i) - unit(1, i) + 0.5 * randomNormal(random));
const outcome = Uint8Array.from(signal, (value) => Number(value > 0));
const times = signal.map((value) => 0.1 + 20 * Math.exp(-0.5 * value) * -Math.log(1 - random.next()));
const events = Uint8Array.from(times, (_, i) => Number(i % 3 > 0));
const folds = Int32Array.from(times, (_, i) => i % 5);
const horizons = [6, 12, 24];
const standardization = fitStandardization(development);
const features = development.map(({ name }) => name);
const coefficients = [0.8, -1.1, 0.3, 0, 0.2, -0.05];

const models: [string, PredictionModel][] = [
  ['an elastic net', fitElasticNetLogistic({ features: development, outcome, alpha: 0.5, folds }).model],
  [
    'a logistic or Firth regression',
    {
      format: 'concord.logistic-fit/1',
      features,
      coefficients: coefficients.map((value, j) => value / scales[j]),
      intercept: -1.5,
    },
  ],
  ['a Cox regression', fitCoxModel(development.slice(2), { times, events })],
  ['a Cox elastic net', fitElasticNetCox({ features: development, times, events, alpha: 0.5, folds }).model],
  [
    'a support vector machine',
    {
      format: 'concord.svm/1',
      features,
      standardization,
      coefficients,
      intercept: 0.1,
      cost: 1,
      calibration: { slope: 1.7, intercept: -0.2 },
      development: { n: 120, events: 60 },
    },
  ],
  ['a forest', fitForest(development, outcome, { random: seededRandom(1), treeCount: 50 }).model],
  [
    'a survival forest',
    fitSurvivalForest(development, { times, events }, { random: seededRandom(1), treeCount: 50, horizons }).model,
  ],
  [
    'clusters',
    {
      format: 'concord.clusters/1',
      method: 'k-means',
      features,
      standardization,
      centres: [coefficients, coefficients.map((value) => -value), [0, 0, 0, 2, -2, 1]],
      sizes: [40, 40, 40],
      seed: null,
    },
  ],
  ...[
    'none',
    'logit',
    {
      survival: [
        { horizon: 12, value: 0.8 },
        { horizon: 24, value: 0.6 },
      ],
    },
  ].map((link): [string, PredictionModel] => [
    `a signature with the link ${JSON.stringify(link)}`,
    parseSignature({
      name: 'example',
      source: 'nobody 2026',
      link,
      intercept: 0.2,
      cutOff: 0.5,
      terms: [
        { feature: 'f0', coefficient: 0.3 },
        { feature: 'f1', coefficient: -0.02, transform: { mean: 5e8, sd: 1e8 } },
        { feature: 'f3', coefficient: 0.1, transform: { above: 1250 } },
        { feature: 'f4', coefficient: 0.04, transform: 'square' },
        { feature: 'positive', coefficient: 0.5, transform: 'log10' },
        { feature: 'positive', coefficient: -0.5, transform: 'log2' },
        { feature: 'positive', coefficient: 0.1, transform: 'log' },
        { feature: 'positive', coefficient: 0.1, transform: 'sqrt' },
      ],
    }),
  ]),
];

const workFolder = mkdtempSync(join(tmpdir(), 'concord-exports-'));
afterAll(() => rmSync(workFolder, { recursive: true }));

describe('modelToOnnx', () => {
  const columns = [...later, { name: 'positive', values: later[2].values.map((value) => 1e3 * Math.abs(value) + 0.1) }];

  it.each(models)('lets the runtime give the risks of %s', async (name, model) => {
    const { bytes, output, columns: names } = modelToOnnx(model, horizons);
    const { data, dims } = onnxInput(model, columns);
    const input = { name: 'features', data, dims };
    const found = await runOnnx({
      model: bytes,
      expectedDigest: digestOf(bytes),
      input,
      output,
      deadlineMs: 20_000,
      workFolder,
    });
    const expected = predictWith(model, columns, horizons);
    let apart = 0;
    names.forEach((column, k) => {
      const values = expected.find((candidate) => candidate.name === column)?.values ?? new Float64Array();
      expect(values).toHaveLength(ROWS);
      expect(new Set(values).size).toBeGreaterThan(1);
      values.forEach((value, i) => (apart = Math.max(apart, Math.abs(found[i * names.length + k] - value))));
    });
    if (process.env.EXPORT_ROWS)
      process.stdout.write(`${name}: ${ROWS} rows, at most ${apart.toExponential(1)} apart\n`);
    expect(apart).toBeLessThan(1e-6);
  });

  it('writes the same bytes for the same model, and refuses a Cox model without horizons', () => {
    const [, [, logistic], [, cox]] = models;
    expect(digestOf(modelToOnnx(logistic).bytes)).toBe(digestOf(modelToOnnx(structuredClone(logistic)).bytes));
    expect(() => modelToOnnx(cox)).toThrow(/no horizon/);
  });
});
