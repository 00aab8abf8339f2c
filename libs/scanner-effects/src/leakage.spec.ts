import { join } from 'node:path';
import {
  applySeveral,
  type Covariate,
  fitSeveral,
  fitTransforms,
  harmonize,
  throughTransforms,
} from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import { readTable, readText, referenceData } from '@concord/testing';
import {
  andersonDarling,
  auditLeak,
  classifySites,
  compareScannerEffects,
  fitForest,
  forestPosterior,
  madeNegative,
  measureBiology,
  pairedAuc,
  validateOnce,
  verdictOf,
} from './index.js';

/** Noise with batch effects; the outcome's rate rises from 0.1 to 0.9 over five batches and no feature knows it. */
function noise(seed: number, featureCount: number, perBatch = 60) {
  const random = seededRandom(seed);
  const batch = Array.from({ length: 5 * perBatch }, (_, row) => `s${Math.floor(row / perBatch)}`);
  const outcome = batch.map((label, row) =>
    row % perBatch < Math.round(perBatch * (0.1 + 0.2 * Number(label[1]))) ? 1 : 0,
  );
  const features = Array.from({ length: featureCount }, (_, g) => {
    const shifts = [0, 1, 2, 3, 4].map(() => 0.7 * randomNormal(random));
    return {
      name: `f${g}`,
      values: Float64Array.from(batch, (label) => shifts[Number(label[1])] + randomNormal(random)),
    };
  });
  return { features, batch, outcome, random };
}

describe('the noise cohort', () => {
  const mean = (of: (seed: number) => number, runs: number) =>
    Array.from({ length: runs }, (_, seed) => of(seed)).reduce((sum, value) => sum + value / runs, 0);
  const run = (seed: number, pipeline: Parameters<typeof validateOnce>[1]) => {
    const data = noise(seed, 50);
    return validateOnce(data, pipeline, 5, data.random);
  };

  it('reports nothing where harmonisation is fitted inside folds', () => {
    // Of one seed the standard deviation is 0.06; over 300 seeds the mean is 0.4991, standard error 0.0035.
    expect(Math.abs(mean((seed) => run(seed, { harmonization: 'fold' }).auc, 20) - 0.5)).toBeLessThan(0.045);
  });

  it('is fooled by batches when nothing is harmonised, only where batches are mixed', () => {
    expect(mean((seed) => run(seed, { harmonization: 'none' }).pooledAuc, 5)).toBeGreaterThan(0.7);
    expect(Math.abs(mean((seed) => run(seed, { harmonization: 'none' }).auc, 20) - 0.5)).toBeLessThan(0.03);
  });

  it('refuses to preserve the outcome, and shows the leak where that is forced', () => {
    const data = noise(1, 200);
    const pipeline = { harmonization: 'transductive', preservesOutcome: true } as const;
    expect(() => auditLeak(data, pipeline, { random: seededRandom(1) })).toThrow('is an outcome of the study');
    const forced = auditLeak(data, { ...pipeline, allowOutcomeCovariate: true }, { random: seededRandom(1), runs: 5 });
    expect(forced.isLeaking).toBe(true);
    expect(forced.auc).toBeGreaterThan(0.58);
    expect(forced.sentence).toContain('and the outcome preserved reports an AUC of 0.6');
    const honest = auditLeak(data, { harmonization: 'fold' }, { random: seededRandom(1), runs: 5 });
    expect(honest.isLeaking).toBe(false);
    expect(honest.sentence).toContain('no leak is seen');
  });

  it('refuses an outcome that is not 0 or 1, or never mixed inside a batch', () => {
    const data = noise(2, 3);
    const fold = { harmonization: 'fold' } as const;
    const options = { random: seededRandom(1) };
    expect(() => auditLeak({ ...data, outcome: data.outcome.map((v) => v * 2) }, fold, options)).toThrow('not 0 or 1');
    const bySite = data.batch.map((label) => (label === 's0' ? 1 : 0));
    expect(() => auditLeak({ ...data, outcome: bySite }, fold, options)).toThrow(
      'no batch has patients with and without',
    );
  });
});

describe('classifySites', () => {
  const data = noise(3, 30, 30);
  const options = { method: 'discriminant', random: seededRandom(4) } as const;

  it('tells batches apart before, and not after harmonisation inside folds', () => {
    const before = classifySites(data, { ...options, harmonization: null, permutations: 19 });
    expect(before.balancedAccuracy).toBeGreaterThan(0.6);
    expect(before.auc).toBeGreaterThan(0.85);
    expect(before.permutationP).toBe(0.05);
    const shrunken = classifySites(data, { ...options, harmonization: {} }).balancedAccuracy;
    expect(shrunken).toBeLessThan(0.35);
    // Far below 0.2 it would have seen the patients that it is tested on.
    expect(shrunken).toBeGreaterThan(0.12);
    // Empirical Bayes leaves some of each shift in place, enough to be found; without it nothing is left.
    const after = classifySites(data, { ...options, harmonization: { eb: 'none' }, permutations: 19 });
    expect(after.permutationP!).toBeGreaterThan(0.05);
    expect(after.chance).toBe(0.2);
  });

  it('does the same by a random forest', () => {
    const forest = { ...options, method: 'forest' } as const;
    expect(classifySites(data, { ...forest, harmonization: null }).balancedAccuracy).toBeGreaterThan(0.6);
    expect(classifySites(data, { ...forest, harmonization: {} }).balancedAccuracy).toBeLessThan(0.35);
  });

  it('falls far below chance when harmonisation has seen everyone: the trap that folds avoid', () => {
    const { features } = harmonize(data);
    const trapped = classifySites({ ...data, features }, { ...options, harmonization: null });
    expect(trapped.balancedAccuracy).toBeLessThan(0.12);
  });

  it('leaves out a batch of one patient, and says so', () => {
    const batch = data.batch.map((label, row) => (row === 0 ? 'alone' : label));
    const found = classifySites({ ...data, batch }, { ...options, harmonization: {} });
    expect(found.leftOut).toEqual(['alone']);
    expect(found.batches).toEqual(['s0', 's1', 's2', 's3', 's4']);
  });
});

describe('fitForest', () => {
  it('learns a rule that no line can draw', () => {
    const random = seededRandom(6);
    const x = Float64Array.from({ length: 400 }, () => random.next());
    const y = Float64Array.from({ length: 400 }, () => random.next());
    const classes = Uint32Array.from(x, (value, row) => Number(value > 0.5) ^ Number(y[row] > 0.5));
    const training = [...classes.keys()].slice(0, 300);
    const forest = fitForest([x, y], classes, 2, training, random, 50);
    const right = [...classes.keys()].slice(300).filter((row) => {
      const posterior = forestPosterior(forest, [x, y], row);
      expect(posterior[0] + posterior[1]).toBeCloseTo(1, 12);
      return Number(posterior[1] > 0.5) === classes[row];
    });
    expect(right.length).toBeGreaterThan(88);
  });
});

describe('what is kept', () => {
  const random = seededRandom(7);
  const batch = Array.from({ length: 120 }, (_, row) => ['A', 'B', 'C'][row % 3]);
  const age = Float64Array.from(batch, () => 60 + 10 * randomNormal(random));
  const outcome = batch.map(() => (random.next() < 0.4 ? 1 : 0));
  const covariates: Covariate[] = [{ name: 'age', kind: 'continuous', values: age }];
  const features = Array.from({ length: 20 }, (_, g) => ({
    name: `f${g}`,
    values: Float64Array.from(
      batch,
      (label, row) =>
        20 + (g < 10 ? 0.1 * (age[row] - 60) : 0) + outcome[row] + (label === 'B' ? 3 : 0) + randomNormal(random),
    ),
  }));

  it('keeps slopes and discrimination through ComBat, and sees it when they are lost', () => {
    const after = harmonize({ features, batch, covariates }).features;
    const kept = measureBiology({ before: features, after, batch, covariates, outcome });
    expect(kept.covariates).toHaveLength(1);
    expect(kept.covariates[0].foundBefore).toBeGreaterThanOrEqual(10);
    expect(kept.covariates[0].medianRatio!).toBeGreaterThan(0.9);
    expect(kept.covariates[0].medianRatio!).toBeLessThan(1.1);
    expect(kept.covariates[0].rankCorrelation).toBeGreaterThan(0.95);
    expect(kept.outcome!.before).toBeGreaterThan(0.65);
    expect(Math.abs(kept.outcome!.after - kept.outcome!.before)).toBeLessThan(0.02);
    const turned = features.map(({ name, values }) => ({ name, values: values.map((value) => -value) }));
    const lost = measureBiology({ before: features, after: turned, batch, covariates });
    expect(lost.covariates[0].signChanges).toBe(lost.covariates[0].foundBefore);
    expect(lost.outcome).toBeNull();
  });

  it('gives a pair-weighted area under the curve', () => {
    // Part one: 2 of 2 pairs, part two: 1 of 2 (a tie counts half: 0.5 + 0.5).
    const auc = pairedAuc(
      [1, 2, 3, 5, 5, 5],
      [0, 0, 1, 1, 1, 0],
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    );
    expect(auc).toBeCloseTo((2 + 1) / 4, 14);
  });

  it('speaks of the effect, of the change and of what to do', () => {
    const after = harmonize({ features, batch, covariates }).features;
    const comparison = compareScannerEffects({ before: features, after, batch, covariates });
    const verdict = verdictOf(comparison);
    expect(verdict.advice).toBe('use');
    expect(verdict.sentences[0]).toContain('There is a strong scanner effect: of 20 features, 20 differ in mean');
    expect(verdict.sentences[1]).toBe('Harmonization leaves 0 of 20 features that differ in mean.');
    expect(verdict.sentences[2]).toBe('Harmonization can be used; fit it on development patients only.');
    const identifiability = { aliased: [1], findings: ['arm does not vary inside any batch: it cannot be preserved.'] };
    const refused = verdictOf({ ...comparison, identifiability });
    expect(refused.advice).toBe('do not use');
    expect(refused.sentences[2]).toBe(
      'ComBat should not be used here: arm does not vary inside any batch: it cannot be preserved.',
    );
    const small = batch.map((label, row) => (label === 'C' && row > 20 ? 'B' : label));
    const care = compareScannerEffects({ before: features, after, batch: small });
    expect(verdictOf(care).sentences[2]).toContain('C has fewer than 20 patients');
  });

  it('lists features that became negative', () => {
    const negative = features.map(({ name, values }, g) => ({ name, values: g === 3 ? values.map(() => -1) : values }));
    expect(madeNegative(features, negative)).toEqual(['f3']);
    expect(madeNegative(negative, negative)).toEqual([]);
  });
});

const captk = referenceData('combat', 'r02_nsclc_captk');
(captk === null ? describe.skip : describe)(
  captk === null
    ? 'r02_nsclc_captk: the collection of reference cases is not beside the checkout'
    : 'three batch variables on real CT radiomics',
  () => {
    it('leaves 15 of 306 tests at most, no more after 200 cycles than after 10, and nothing negative', () => {
      const table = readTable(join(captk!, 'input.csv.gz'));
      const info = JSON.parse(readText(join(captk!, 'case.json'))) as Record<'batches' | 'categorical', string[]>;
      const covariates: Covariate[] = [
        ...info.categorical.map((name) => ({ name, kind: 'categorical' as const, values: table.cells(name) })),
        { name: 'days', kind: 'continuous', values: table.numbers('days') },
      ];
      const roles = new Set(['subject_id', 'days', ...info.batches, ...info.categorical]);
      const features = table.names
        .filter((name) => !roles.has(name))
        .map((name) => ({ name, values: table.numbers(name) }));
      const batches = info.batches.map((name) => ({ name, labels: table.cells(name) }));
      const tests = (columns: typeof features): number =>
        batches.flatMap(({ labels }) =>
          columns.filter(({ values }) => {
            const groups = [...new Set(labels)].map((label) => values.filter((_, row) => labels[row] === label));
            return (andersonDarling(groups)?.p ?? 1) < 0.05;
          }),
        ).length;
      expect([features.length, tests(features)]).toEqual([102, 107]);
      const transforms = fitTransforms('rank-normal', features);
      const after = (maxCycles: number) =>
        throughTransforms(transforms, features, (columns) => {
          const input = { features: columns, batches, covariates };
          return applySeveral(fitSeveral({ ...input, maxCycles }), input);
        }).features;
      const [ten, all] = [after(10), after(200)];
      expect(tests(all)).toBeLessThanOrEqual(15);
      expect(tests(all)).toBeLessThanOrEqual(tests(ten));
      expect(madeNegative(features, all)).toEqual([]);
      const kept = measureBiology({ before: features, after: all, batch: batches[0].labels, covariates });
      for (const { rankCorrelation } of kept.covariates) expect(rankCorrelation).toBeGreaterThan(0.75);
    });
  },
);
