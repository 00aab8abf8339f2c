import fc from 'fast-check';
import { aucSums, withinSiteAuc } from './auc.js';
import { calibrationFits, overallError } from './binary/calibration-statistics.js';
import { logitsOf } from './calibration.js';
import { netBenefits } from './decision-curve.js';
import { aucFromHistograms, scoreHistogram } from './pooling/histogram-auc.js';
import { curveFromTables, eventTable } from './pooling/event-tables.js';
import { coxSiteSums, fitFromSums, logisticSums } from './pooling/newton-sums.js';
import { concordance } from './survival/concordance.js';
import { fitCox } from './survival/cox-fit.js';
import { kaplanMeier, survivalAt } from './survival/kaplan-meier.js';
import { validateBinary } from './validate-binary.js';

// What must not change, and how what changes must change, over random cohorts.

const RUNS = { numRuns: 1000 };
/** Sums run in another order: the last bits. */
const SUMS = 1e-9;
const NEWTON = 1e-6;

interface Patient {
  readonly score: number;
  readonly event: number;
  readonly time: number;
  readonly site: string;
}

const patient: fc.Arbitrary<Patient> = fc.record({
  score: fc.oneof(fc.double({ min: 0.02, max: 0.98, noNaN: true }), fc.constantFrom(0.25, 0.5)),
  event: fc.constantFrom(0, 1),
  time: fc.oneof(fc.double({ min: 0.1, max: 9, noNaN: true }), fc.constantFrom(1, 2)),
  site: fc.constantFrom('a', 'b', 'c'),
});
const cohort = fc
  .array(patient, { minLength: 12, maxLength: 60 })
  .filter((list) => [0, 1].every((level) => list.filter(({ event }) => event === level).length > 2));

const scoresOf = (list: readonly Patient[]) => Float64Array.from(list, ({ score }) => score);
const outcomesOf = (list: readonly Patient[]) => Uint8Array.from(list, ({ event }) => event);
const survivalOf = (list: readonly Patient[]) => ({
  times: Float64Array.from(list, ({ time }) => time),
  events: outcomesOf(list),
});
const auc = (list: readonly Patient[]) => aucSums(scoresOf(list), outcomesOf(list)).auc ?? NaN;
const c = (list: readonly Patient[]) => concordance(survivalOf(list), scoresOf(list)).c;
const withinSite = (list: readonly Patient[]) =>
  withinSiteAuc(
    bySite(list).map((part) => aucSums(scoresOf(part), outcomesOf(part))),
    0.95,
  ).value;
const shuffle = (list: readonly Patient[], keys: fc.Stream<number>) =>
  list
    .map((one) => ({ one, key: keys.next().value as number }))
    .sort((x, y) => x.key - y.key)
    .map(({ one }) => one);
const bySite = (list: readonly Patient[]) => ['a', 'b', 'c'].map((name) => list.filter(({ site }) => site === name));

function near(have: number | null | undefined, want: number | null | undefined, tolerance: number): void {
  if (want === null || want === undefined) return expect(have).toBe(want);
  expect(Math.abs((have ?? NaN) - want)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want)));
}

describe('a report over random cohorts', () => {
  it('does not depend on the order of patients, nor of sites', () => {
    fc.assert(
      fc.property(cohort, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = shuffle(list, keys);
        const report = (some: readonly Patient[]) =>
          validateBinary({
            scores: scoresOf(some),
            outcomes: outcomesOf(some),
            sites: some.map(({ site }) => site),
            threshold: 0.4,
            decisionThresholds: [0.2, 0.5],
          });
        const [a, b] = [report(list), report(shuffled)];
        near(a.pooled.auc.logit.value, b.pooled.auc.logit.value, 0);
        near(a.pooled.calibration.slope.value, b.pooled.calibration.slope.value, NEWTON);
        near(a.withinSiteAuc.value, b.withinSiteAuc.value, SUMS);
        near(a.acrossSites.auc.mean.value, b.acrossSites.auc.mean.value, SUMS);
        expect(a.pooled.atThreshold.truePositives).toBe(b.pooled.atThreshold.truePositives);
      }),
      { numRuns: 100 },
    );
  });

  it('has AUC, C, within-site AUC and calibration that do not depend on the order of patients', () => {
    fc.assert(
      fc.property(cohort, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = shuffle(list, keys);
        near(auc(list), auc(shuffled), 0);
        near(c(list), c(shuffled), SUMS);
        near(withinSite(list), withinSite(shuffled), SUMS);
        const slope = (some: readonly Patient[]) =>
          calibrationFits(logitsOf(scoresOf(some)).logits, outcomesOf(some))?.slope.coefficients[1];
        near(slope(list), slope(shuffled), NEWTON);
      }),
      RUNS,
    );
  });

  it('keeps AUC and C under a monotone transform, turns the AUC round with the labels', () => {
    fc.assert(
      fc.property(cohort, (list) => {
        // By rank: a smooth curve would round neighbouring doubles into ties.
        const levels = [...new Set(scoresOf(list))].sort((x, y) => x - y);
        const curved = list.map((one) => ({ ...one, score: levels.indexOf(one.score) ** 3 }));
        near(auc(curved), auc(list), 0);
        near(c(curved), c(list), 0);
        const turned = list.map((one) => ({ ...one, event: 1 - one.event }));
        near(auc(turned), 1 - auc(list), SUMS);
      }),
      RUNS,
    );
  });

  it('keeps every share when all patients come twice, and halves the variance of the AUC', () => {
    fc.assert(
      fc.property(cohort, (list) => {
        const twice = [...list, ...list];
        near(auc(twice), auc(list), SUMS);
        const brier = (some: readonly Patient[]) => overallError(scoresOf(some), outcomesOf(some))?.brier;
        near(brier(twice), brier(list), SUMS);
        const benefit = (some: readonly Patient[]) => netBenefits(scoresOf(some), outcomesOf(some), [0.3])[0];
        near(benefit(twice).netBenefit, benefit(list).netBenefit, SUMS);
        near(benefit(twice).standardError, benefit(list).standardError / Math.SQRT2, SUMS);
        const at = (some: readonly Patient[]) => survivalAt(kaplanMeier(survivalOf(some)), 3);
        near(at(twice), at(list), SUMS);
      }),
      RUNS,
    );
  });

  it('is the same from the sums of sites as from all rows', () => {
    fc.assert(
      fc.property(cohort, (list) => {
        const sites = bySite(list).filter((part) => part.length > 0);
        const edges = [...new Set(scoresOf(list))].sort((x, y) => x - y);
        const bounds = aucFromHistograms(
          sites.map((part) => scoreHistogram(scoresOf(part), outcomesOf(part), [...edges, 2])),
        );
        near(bounds?.middle, auc(list), SUMS);
        const coarse = aucFromHistograms(
          sites.map((part) => scoreHistogram(scoresOf(part), outcomesOf(part), [0, 0.3, 0.6, 1])),
        );
        expect(coarse?.lower ?? 1).toBeLessThanOrEqual(auc(list) + SUMS);
        expect(coarse?.upper ?? 0).toBeGreaterThanOrEqual(auc(list) - SUMS);
        const pooled = kaplanMeier(survivalOf(list));
        const merged = curveFromTables(sites.map((part) => eventTable(survivalOf(part))));
        for (const time of [0.5, 1, 2, 5, 9]) near(survivalAt(merged, time), survivalAt(pooled, time), SUMS);
        near(withinSite(list), withinByPairs(list), SUMS);
      }),
      RUNS,
    );
  });

  it('has the pooled calibration and the stratified Cox slope from Newton steps over sums', () => {
    const compared = { logistic: 0, cox: 0 };
    fc.assert(
      fc.property(cohort, (list) => {
        const sites = bySite(list).filter((part) => part.length > 0);
        const pooled = calibrationFits(logitsOf(scoresOf(list)).logits, outcomesOf(list));
        const fit = fitFromSums(
          (beta) =>
            sites.map((part) => {
              const { logits } = logitsOf(scoresOf(part));
              return logisticSums([new Float64Array(part.length).fill(1), logits], outcomesOf(part), beta);
            }),
          Float64Array.of(0, 1),
        );
        if (pooled !== null && fit !== null) {
          compared.logistic++;
          near(fit.coefficients[1], pooled.slope.coefficients[1], NEWTON);
        }
        const strata = Int32Array.from(list, ({ site }) => ['a', 'b', 'c'].indexOf(site));
        const cox = fitCox({ ...survivalOf(list), columns: [scoresOf(list)], strata, ties: 'breslow' });
        const sums = fitFromSums(
          (beta) => sites.map((part) => coxSiteSums(survivalOf(part), [scoresOf(part)], beta)),
          Float64Array.of(0),
        );
        if (cox !== null && sums !== null) {
          compared.cox++;
          near(sums.coefficients[0], cox.coefficients[0], NEWTON);
        }
      }),
      RUNS,
    );
    // A cohort that neither can fit proves nothing; most can be fitted.
    expect(Math.min(compared.logistic, compared.cox)).toBeGreaterThan(500);
  });
});

/** The slow second way: every pair of one site. */
function withinByPairs(list: readonly Patient[]): number | null {
  let [won, pairs] = [0, 0];
  for (const a of list) {
    for (const b of list) {
      if (a.site !== b.site || a.event !== 1 || b.event !== 0) continue;
      pairs++;
      won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
    }
  }
  return pairs > 0 ? won / pairs : null;
}
