import { normalCdf, randomInteger, randomNormal, seededRandom, shuffleInPlace } from '@concord/numeric';
import { aucSums, withinSiteAuc } from './auc.js';
import { decisionCurve } from './decision-curve.js';
import { ValidationInputError } from './errors.js';
import { fitLogistic } from './logistic-fit.js';
import { validateBinary, type BinaryValidationInput } from './validate-binary.js';

/** A cohort of several sites; scores on a grid of hundredths, so that ties occur. */
function cohort(seed: number, sizes: readonly number[]) {
  const random = seededRandom(seed);
  const sites = sizes.flatMap((size, s) => new Array<string>(size).fill(`site-${s}`));
  const outcomes = Uint8Array.from(sites, () => randomInteger(random, 2));
  const scores = Float64Array.from(
    outcomes,
    (y) => Math.round(100 / (1 + Math.exp(-(y - 0.5 + randomNormal(random))))) / 100,
  );
  return { scores, outcomes, sites };
}

/** By its definition, over all pairs: a second way, slow. */
function bruteAuc(scores: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < scores.length; i++) {
    for (let j = 0; j < scores.length; j++) {
      if (outcomes[i] !== 1 || outcomes[j] !== 0) continue;
      pairs++;
      sum += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  }
  return sum / pairs;
}

const threshold = 0.5;

describe('validateBinary', () => {
  it('counts pairs as their definition does, and gives a report that does not depend on the order of patients', () => {
    const given = cohort(1, [40, 25, 33]);
    const order = shuffleInPlace(seededRandom(2), [...given.sites.keys()]);
    const shuffled = {
      scores: Float64Array.from(order, (i) => given.scores[i]),
      outcomes: Uint8Array.from(order, (i) => given.outcomes[i]),
      sites: order.map((i) => given.sites[i]),
    };
    const report = validateBinary({ ...given, threshold });
    expect(report.pooled.auc.logit.value).toBeCloseTo(bruteAuc(given.scores, given.outcomes), 13);
    const again = validateBinary({ ...shuffled, threshold });
    expect(again.pooled.auc).toEqual(report.pooled.auc);
    expect(again.sites.map(({ atThreshold }) => atThreshold)).toEqual(
      report.sites.map(({ atThreshold }) => atThreshold),
    );
    expect(again.pooled.calibration.slope.value).toBeCloseTo(report.pooled.calibration.slope.value!, 10);
  });

  it('turns AUC into 1 - AUC when the classes are swapped, and never turns it round by itself', () => {
    const { scores, outcomes } = cohort(3, [60]);
    const swapped = outcomes.map((y) => 1 - y);
    const auc = (y: Uint8Array) => validateBinary({ scores, outcomes: y, threshold }).pooled.auc.logit.value!;
    expect(auc(swapped)).toBeCloseTo(1 - auc(outcomes), 14);
    expect(Math.min(auc(swapped), auc(outcomes))).toBeLessThan(0.5);
  });

  it('keeps the AUC under a monotone change of scale, and says that such scores are no probabilities', () => {
    const { scores, outcomes } = cohort(4, [60]);
    const logits = scores.map((p) => Math.log((p + 0.01) / (1.01 - p)));
    const report = validateBinary({ scores: logits, outcomes, threshold: 0 });
    expect(report.pooled.auc.logit.value).toBe(validateBinary({ scores, outcomes, threshold }).pooled.auc.logit.value);
    expect(report.isProbability).toBe(false);
    expect(report.pooled.calibration.slope.reason).toBe('the scores are not probabilities');
    expect(report.pooled.calibrationCurve.ici.reason).toBe('the scores are not probabilities');
    expect(report.pooled.decisionCurve).toEqual([]);
    expect(report.pooled.atThreshold.sensitivity.status).toBe('ok');
    const { events, nonEvents } = report.pooled.histogram;
    expect([...events, ...nonEvents].reduce((a, b) => a + b)).toBe(60);
  });

  it('leaves out incomplete patients and counts them', () => {
    const given = cohort(5, [50]);
    const scores = Float64Array.from([...given.scores, NaN, 0.3, NaN]);
    const outcomes = Float64Array.from([...given.outcomes, 1, NaN, NaN]);
    const report = validateBinary({ scores, outcomes, threshold });
    expect(report.dropped).toEqual({ missingScore: 2, missingOutcome: 1 });
    const { pooled } = validateBinary({ scores: given.scores, outcomes: given.outcomes, threshold });
    expect(report.pooled).toEqual(pooled);
  });

  it('keeps sites with one class in the pooled cohort, and out of what they cannot say, with the reason', () => {
    const { scores, outcomes, sites } = cohort(6, [40, 40, 40, 10, 12]);
    outcomes.fill(0, 120, 130);
    outcomes.fill(0, 130);
    outcomes[131] = 1;
    const report = validateBinary({ scores, outcomes, sites, threshold });
    expect(report.acrossSites.auc.k).toBe(3);
    expect(report.acrossSites.excluded.map(({ site }) => site)).toEqual(['site-3', 'site-4']);
    expect(report.acrossSites.excluded[0].reason).toBe('one class only: 0 events, 10 non-events');
    expect(report.sites[3].auc.logit).toMatchObject({ value: null, reason: 'no patient has the event' });
    expect(report.sites[3].atThreshold.specificity.status).toBe('ok');
    expect(report.sites[4].auc.logit.value).not.toBeNull();
    expect(report.sites[4].auc.logit.interval).toBeNull();
    expect(report.withinSiteAuc.method).toMatch(/Hanley and McNeil/);
    expect(report.pooled.n).toBe(142);
  });

  it('does not reward recognising the site: pure noise with site-wise prevalence has a within-site AUC of a half', () => {
    const random = seededRandom(7);
    const rates = [0.2, 0.4, 0.6, 0.8];
    const sites = rates.flatMap((_, s) => new Array<string>(400).fill(`site-${s}`));
    const outcomes = Uint8Array.from(sites, (_, i) => Number(random.next() < rates[Math.floor(i / 400)]));
    const scores = Float64Array.from(sites, (_, i) => rates[Math.floor(i / 400)] + 0.05 * random.next());
    const report = validateBinary({ scores, outcomes, sites, threshold });
    expect(report.pooled.auc.logit.value).toBeGreaterThan(0.7);
    const [low, high] = report.withinSiteAuc.interval!;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
    expect(high - low).toBeLessThan(0.1);
  });

  it.each([
    ['no patients', [], []],
    ['one patient', [0.5], [1]],
    ['two patients', [0.2, 0.8], [0, 1]],
    ['only missing values', [NaN, NaN], [1, 0]],
    ['risks of 0 and 1 only', [0, 1, 0, 1, 1, 0, 0, 1], [0, 1, 1, 0, 1, 0, 0, 1]],
    ['risks that are all 0', [0, 0, 0, 0], [0, 1, 0, 1]],
  ])('answers for %s without NaN or exception', (_, scores, outcomes) => {
    const report = validateBinary({ scores, outcomes, sites: scores.map(() => 'site-a'), threshold });
    const text = JSON.stringify(report, (_key, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? 'BAD' : value,
    );
    expect(text).not.toContain('BAD');
    expect(report.pooled.calibrationCurve.ici.reason).toBeTruthy();
  });

  it('has no threshold metrics for a model locked without a threshold', () => {
    const { scores, outcomes } = cohort(9, [30]);
    const report = validateBinary({ scores, outcomes, threshold: null });
    expect(report.pooled.atThreshold.ppv.reason).toBe('the model was locked without a threshold');
    expect(report.withinSiteAuc.reason).toBe('no sites were given');
  });

  it('takes the level of the intervals from the plan', () => {
    const { scores, outcomes } = cohort(10, [80]);
    const width = (level: number) => {
      const { interval } = validateBinary({ scores, outcomes, threshold, level }).pooled.auc.wald;
      return interval![1] - interval![0];
    };
    expect(width(0.9) / width(0.95)).toBeCloseTo(1.6448536269514722 / 1.959963984540054, 12);
  });

  it.each<[string, Partial<BinaryValidationInput>]>([
    ['other lengths', { outcomes: [1] }],
    ['an outcome of 2', { outcomes: [0, 2] }],
    ['an infinite score', { scores: [0.1, Infinity] }],
    ['a threshold that is no number', { threshold: NaN }],
    ['a decision threshold of 1', { decisionThresholds: [1] }],
    ['a level of 95', { level: 95 }],
    ['sites for other patients', { sites: ['site-a'] }],
  ])('refuses %s', (_, change) => {
    const input = { scores: [0.1, 0.2], outcomes: [0, 1], threshold, ...change };
    expect(() => validateBinary(input)).toThrow(ValidationInputError);
  });
});

describe('aucSums', () => {
  it('has a variance that matches the spread over resampled cohorts', () => {
    const random = seededRandom(11);
    const draw = () => {
      const outcomes = Uint8Array.from({ length: 100 }, (_, i) => Number(i < 40));
      return aucSums(
        Float64Array.from(outcomes, (y) => y + randomNormal(random)),
        outcomes,
      );
    };
    const drawn = Array.from({ length: 800 }, draw);
    const mean = drawn.reduce((sum, { auc }) => sum + auc!, 0) / 800;
    const spread = drawn.reduce((sum, { auc }) => sum + (auc! - mean) ** 2, 0) / 799;
    const claimed = drawn.reduce((sum, { variance }) => sum + variance!, 0) / 800;
    // The variance of 800 draws has a relative standard error of 5 %: four of them.
    expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.2);
  });
});

describe('decisionCurve', () => {
  it('treats a patient whose risk is the threshold, as the locked rule does', () => {
    const [point] = decisionCurve(Float64Array.of(0.2, 0.1), Uint8Array.of(1, 0), [0.2], 0.95);
    expect(point.netBenefit.value).toBe(0.5);
    expect(point.treatAll.value).toBeCloseTo(0.5 - 0.25 * 0.5, 15);
  });
});

describe('withinSiteAuc', () => {
  it('covers the truth with its interval in about 95 % of cohorts', () => {
    const random = seededRandom(8);
    const truth = normalCdf(Math.SQRT1_2); // two normals one standard deviation apart
    const runs = 400;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const sites = [0, 5, 10].map((shift) => {
        const outcomes = Uint8Array.from({ length: 40 }, (_, i) => Number(i % 3 > 0));
        return aucSums(
          Float64Array.from(outcomes, (y) => y + shift + randomNormal(random)),
          outcomes,
        );
      });
      const [low, high] = withinSiteAuc(sites, 0.95).interval!;
      covered += Number(low <= truth && truth <= high);
    }
    // Binomial(400, 0.95) has a standard deviation of 1.1 %: four of them.
    expect(Math.abs(covered / runs - 0.95)).toBeLessThan(0.044);
  });
});

describe('fitLogistic', () => {
  it('has no answer for separated classes and for columns that depend on each other', () => {
    const ones = new Float64Array(6).fill(1);
    const x = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect(fitLogistic([ones, x], Uint8Array.of(0, 0, 0, 1, 1, 1))).toBeNull();
    expect(fitLogistic([ones, x], Uint8Array.of(0, 0, 1, 1, 1, 1))).toBeNull();
    expect(fitLogistic([ones, x, x.map((v) => 2 * v)], Uint8Array.of(0, 1, 0, 1, 0, 1))).toBeNull();
  });
});
