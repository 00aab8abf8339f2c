import { randomNormal, seededRandom } from '@concord/numeric';
import {
  codingOf,
  correctionSizes,
  type Covariate,
  cramersV,
  featureFlags,
  fitCombat,
  identifiability,
  priorFit,
  siteSums,
} from './index.js';

const n = 90;
const source = seededRandom(5);
const batch = Array.from({ length: n }, (_, row) => ['A', 'B', 'C'][row % 3]);
const age = Float64Array.from(batch, (label) => (label === 'C' ? 65 : 50) + 8 * randomNormal(source));
const sex = batch.map(() => (source.next() < 0.5 ? 'f' : 'm'));
const features = Array.from({ length: 40 }, (_, g) => ({
  name: `f${g}`,
  values: Float64Array.from(
    batch,
    (label) => randomNormal(source) + (label === 'B' ? randomNormal(seededRandom(g)) : 0),
  ),
}));
const covariates: Covariate[] = [
  { name: 'sex', kind: 'categorical', values: sex },
  { name: 'age', kind: 'continuous', values: age },
];

function look(all: Covariate[]) {
  const coding = codingOf(all);
  const sums = siteSums({ features: ['f0'], covariates: coding }, { features, batch, covariates: all });
  return identifiability(sums.parts[0].batches, coding);
}

describe('identifiability', () => {
  it('gives full rank, and what lies between batches as a regression on them does', () => {
    const found = look(covariates);
    expect([found.rank, found.aliased, found.patientCount]).toEqual([2, [], 90]);
    const means = ['A', 'B', 'C'].map((label) => age.filter((_, row) => batch[row] === label));
    const grand = age.reduce((sum, value) => sum + value, 0) / n;
    const between = means.reduce(
      (sum, own) => sum + own.length * (own.reduce((s, v) => s + v, 0) / own.length - grand) ** 2,
      0,
    );
    const total = age.reduce((sum, value) => sum + (value - grand) ** 2, 0);
    const { batchRSquared, vif } = found.columns[1];
    expect(batchRSquared).toBeCloseTo(between / total, 12);
    // Beside batches and sex: at least what batches alone inflate.
    expect(vif!).toBeGreaterThanOrEqual(1 / (1 - batchRSquared) - 1e-12);
    expect(vif!).toBeLessThan(1.2 / (1 - batchRSquared));
    expect(found.condition!).toBeGreaterThanOrEqual(1);
    expect(Math.abs(found.continuous[0].standardisedDifference)).toBeGreaterThan(1);
    expect(found.findings.join(' ')).toContain('age differs by');
  });

  it('names what is aliased with the batch, and what follows from others', () => {
    const field = batch.map((label) => (label === 'A' ? '3T' : '1.5T'));
    const found = look([
      { name: 'field', kind: 'categorical', values: field },
      ...covariates,
      { name: 'months', kind: 'continuous', values: age.map((years) => 12 * years + 3) },
    ]);
    expect(found.aliased).toEqual([
      { column: 'field=3T', dependsOn: [] },
      { column: 'months', dependsOn: ['age'] },
    ]);
    expect([found.rank, found.condition]).toEqual([2, null]);
    expect(found.categorical[0].cramersV).toBeCloseTo(1, 12);
    expect(found.findings[0]).toBe('field=3T does not vary inside any batch: it cannot be preserved.');
  });

  it("computes Cramér's V as R's chisq.test does", () => {
    // chisq.test(rbind(c(10, 20), c(30, 5), c(8, 8)), correct = FALSE): X-squared = 19.06655844, p 7.240181e-05.
    const found = cramersV('x', [
      [10, 20],
      [30, 5],
      [8, 8],
    ]);
    expect(found.chiSquared).toBeCloseTo(19.06655844, 8);
    expect(found.cramersV).toBeCloseTo(Math.sqrt(19.06655844 / 81), 9);
    expect(found.p).toBeCloseTo(7.240181e-5, 10);
    expect(found.completeShare).toBe(1);
  });
});

describe('featureFlags', () => {
  it('tells kinds of features apart', () => {
    const column = (of: (row: number) => number) => Float64Array.from(batch, (_, row) => of(row));
    const flags = featureFlags(
      [
        { name: 'normal', values: features[0].values },
        { name: 'flat', values: column(() => 3) },
        { name: 'flat in A', values: column((row) => (batch[row] === 'A' ? 1 : row)) },
        { name: 'two', values: column((row) => row % 2) },
        { name: 'zeros', values: column((row) => Math.max(0, row - 60)) },
        { name: 'skewed', values: column((row) => Math.exp(row / 10)) },
      ],
      batch,
    );
    const names = (of: (flag: (typeof flags)[number]) => boolean) => flags.filter(of).map(({ feature }) => feature);
    expect(names((f) => f.isConstant)).toEqual(['flat']);
    expect(names((f) => f.isConstantInBatch)).toEqual(['flat', 'flat in A']);
    expect(names((f) => f.isTwoValued)).toEqual(['two']);
    expect(names((f) => f.isZeroInflated)).toEqual(['zeros']);
    expect(names((f) => f.isSkewed)).toEqual(['skewed']);
    expect(names((f) => f.hasOutlier)).toEqual([]);
  });
});

describe('correctionSizes and priorFit', () => {
  const model = fitCombat({ features, batch, covariates });

  it('puts an interval around each estimate of the model', () => {
    correctionSizes(model).forEach((own, i) => {
      own!.shift.values.forEach((value, g) => {
        expect(value).toBeCloseTo(model.estimates.gammaStar[i][g]!, 10);
        expect(own!.shift.lower[g]).toBeLessThan(value);
        expect(own!.shift.upper[g]).toBeGreaterThan(value);
      });
      own!.scale!.values.forEach((value, g) => {
        expect(value ** 2).toBeCloseTo(model.estimates.deltaStar[i][g]!, 10);
        expect(own!.scale!.lower[g]).toBeLessThan(value);
        expect(own!.scale!.upper[g]).toBeGreaterThan(value);
      });
    });
    const reference = fitCombat({ features, batch, options: { reference: 'A' } });
    expect(correctionSizes(reference).map((own) => own === null)).toEqual([true, false, false]);
  });

  it('draws normal estimates along the line, and finds others far from it', () => {
    for (const { gamma, delta } of priorFit(model)) {
      expect(gamma.observed).toHaveLength(40);
      expect(gamma.distance).toBeLessThan(0.13);
      expect(delta!.expected.every((value, k) => k === 0 || value > delta!.expected[k - 1])).toBe(true);
    }
    // Half of the features moved by four SD: two clouds, no normal prior.
    const split = features.map(({ name, values }, g) => ({
      name,
      values: values.map((value, row) => (batch[row] === 'B' && g % 2 === 0 ? value + 4 : value)),
    }));
    expect(priorFit(fitCombat({ features: split, batch }))[1].gamma.distance).toBeGreaterThan(0.14);
  });
});
