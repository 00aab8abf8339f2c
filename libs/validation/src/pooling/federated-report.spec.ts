import { randomInteger, randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import { aucEstimates, aucSums, inverseLogit, withinSiteAuc } from '../auc.js';
import { overallError } from '../binary/calibration-statistics.js';
import { calibrate, logitsOf } from '../calibration.js';
import { netBenefits } from '../decision-curve.js';
import { thresholdMetrics } from '../threshold-metrics.js';
import { federatedReport, type FederatedReport, type LabelledEstimate } from './federated-report.js';
import { calibrationSums, edgesFrom, scoreSums, type SumsPlan } from './score-sums.js';

/** `CONCORD_TEST_FEDERATED=1000` runs them all. */
const numRuns = Number(process.env['CONCORD_TEST_FEDERATED'] ?? 25);

/** What the model gave its development patients. */
const development = (() => {
  const random = seededRandom('development');
  return Float64Array.from({ length: 1000 }, () => inverseLogit(-0.5 + 1.2 * randomNormal(random)));
})();

const plan = (leastCell: number, bins = 50): SumsPlan => ({
  edges: edgesFrom(development, bins),
  threshold: 0.3,
  decisionThresholds: [0.1, 0.2, 0.3, 0.4, 0.5],
  leastCell,
});

interface Site {
  readonly site: string;
  readonly risks: Float64Array;
  readonly outcomes: Uint8Array;
}

function cohort(seed: number, sizes: readonly number[]): Site[] {
  const random = seededRandom(`federated ${seed}`);
  return sizes.map((size, s) => {
    const shift = 0.5 * randomNormal(random);
    const logits = Float64Array.from({ length: size }, () => -0.5 + shift + 1.1 * randomNormal(random));
    const outcomes = Uint8Array.from(logits, (eta) => Number(random.next() < inverseLogit(0.2 + 0.8 * eta)));
    // Few different risks now and then, so that ties and full bins occur.
    const isCoarse = randomInteger(random, 3) === 0;
    const risks = logits.map((eta) => (isCoarse ? Math.round(20 * inverseLogit(eta)) / 20 : inverseLogit(eta)));
    return { site: `site-${s}`, risks, outcomes };
  });
}

function combined(sites: readonly Site[], plan: SumsPlan): FederatedReport {
  const first = sites.map(({ site, risks, outcomes }) => ({ site, sums: scoreSums(risks, outcomes, plan) }));
  const open = sites.filter((_, i) => !('withheld' in first[i].sums));
  return federatedReport(plan, first, (step) =>
    open.map(({ risks, outcomes }) => calibrationSums(risks, outcomes, step)),
  );
}

/** The same numbers over the rows, each by the function that the report over rows uses. */
function overRows(sites: readonly Site[]) {
  const scores = Float64Array.from(sites.flatMap(({ risks }) => [...risks]));
  const outcomes = Uint8Array.from(sites.flatMap((site) => [...site.outcomes]));
  const { logits } = logitsOf(scores);
  const mean = logits.reduce((sum, x) => sum + x, 0) / logits.length;
  const spread = logits.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (logits.length - 1);
  return {
    auc: aucEstimates(aucSums(scores, outcomes), 0.95).logit,
    within: withinSiteAuc(
      sites.map((site) => aucSums(site.risks, site.outcomes)),
      0.95,
    ),
    calibration: calibrate(scores, outcomes, 0.95),
    atThreshold: thresholdMetrics(scores, outcomes, 0.3, 0.95),
    benefits: netBenefits(scores, outcomes, plan(1).decisionThresholds),
    logLoss: overallError(scores, outcomes)!.logLoss,
    mean,
    sd: Math.sqrt(spread),
  };
}

/** Each number of the sums beside the one over the rows, and how near it must be when it is exact. */
function pairsOf(sums: FederatedReport, rows: ReturnType<typeof overRows>) {
  const { calibration, atThreshold } = rows;
  const near = (have: LabelledEstimate, want: number | null, tolerance: number) => ({ have, want: want!, tolerance });
  return [
    near(sums.auc, rows.auc.value, 1e-9),
    near(sums.withinSiteAuc, rows.within.value, 1e-9),
    near(sums.observedExpected, calibration.observedExpected.value, 1e-9),
    near(sums.brier, calibration.brier.value, 1e-9),
    near(sums.scaledBrier, calibration.scaledBrier.value, 1e-9),
    near(sums.logLoss, rows.logLoss, 1e-9),
    near(sums.meanLinear, rows.mean, 1e-9),
    near(sums.sdLinear, rows.sd, 1e-9),
    near(sums.inTheLarge, calibration.inTheLarge.value, 1e-6),
    near(sums.slope, calibration.slope.value, 1e-6),
    near(sums.sensitivity, atThreshold.sensitivity.value, 1e-9),
    near(sums.specificity, atThreshold.specificity.value, 1e-9),
    near(sums.ppv, atThreshold.ppv.value, 1e-9),
    near(sums.npv, atThreshold.npv.value, 1e-9),
    ...sums.decisionCurve.map(({ netBenefit }, k) => near(netBenefit, rows.benefits[k].netBenefit, 1e-9)),
  ];
}

const sizes = fc.array(fc.integer({ min: 120, max: 400 }), { minLength: 2, maxLength: 5 });

describe('the report from sums', () => {
  it('equals the report over the rows with the rules off, the AUC within a narrow interval', () => {
    fc.assert(
      fc.property(fc.nat(), sizes, (seed, list) => {
        const sites = cohort(seed, list);
        const report = combined(sites, plan(1));
        expect(report.roundTrips).toBeLessThanOrEqual(8);
        for (const { have, want, tolerance } of pairsOf(report, overRows(sites))) {
          if (have.label === 'exact') expect(Math.abs(have.value! - want)).toBeLessThanOrEqual(tolerance);
          else expect(have.bounds![0] <= want + 1e-12 && want - 1e-12 <= have.bounds![1]).toBe(true);
        }
        // Threshold counts are whole: the thresholds are among the edges.
        expect(report.sensitivity.label).toBe('exact');
        const n = list.reduce((sum, size) => sum + size);
        const [low, high] = report.auc.bounds ?? [0, 0];
        // Equal risks fill a bin, whose pairs no histogram can order: the promise is for risks that differ.
        const areDifferent = sites.every(({ risks }) => new Set(risks).size === risks.length);
        if (n >= 500 && areDifferent) expect(high - low).toBeLessThanOrEqual(0.03);
      }),
      { numRuns },
    );
  });

  it('holds the value over the rows in its interval with the rules on, and no cell of 1 to 4 leaves', () => {
    fc.assert(
      fc.property(fc.nat(), sizes, (seed, list) => {
        const sites = cohort(seed, list);
        const first = sites.map(({ risks, outcomes }) => scoreSums(risks, outcomes, plan(5)));
        for (const sums of first) {
          if ('withheld' in sums) continue;
          const cells = [...sums.histogram.events, ...sums.histogram.nonEvents];
          expect(cells.filter((count) => count > 0 && count < 5)).toEqual([]);
        }
        const report = combined(sites, plan(5));
        expect(report.withinSiteAuc.label).toBe('exact');
        for (const { have, want, tolerance } of pairsOf(report, overRows(sites))) {
          const [low, high] = have.bounds ?? [have.value! - tolerance, have.value! + tolerance];
          expect(low - 1e-12 <= want && want <= high + 1e-12).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it('withholds a site with 1 to 4 patients of a class, and says so', () => {
    const sites = [
      ...cohort(3, [200, 150]),
      { site: 'small', risks: Float64Array.of(0.2, 0.8), outcomes: Uint8Array.of(0, 1) },
    ];
    const report = combined(sites, plan(5));
    expect(report.withheld).toEqual([{ site: 'small', reason: 'fewer than 5 patients of a class' }]);
    expect(report.n).toBe(350);
  });

  it('gives reasons, not numbers, where no site has anybody or all have one class', () => {
    const none = combined([], plan(5));
    expect([none.auc, none.brier, none.slope, none.sensitivity].every(({ value }) => value === null)).toBe(true);
    const one = combined(
      [{ site: 'a', risks: Float64Array.from({ length: 30 }, (_, k) => (k + 1) / 40), outcomes: new Uint8Array(30) }],
      plan(5),
    );
    expect([one.auc.value, one.slope.value, one.observedExpected.value]).toEqual([null, null, null]);
    expect(JSON.stringify(one)).not.toMatch(/NaN|Infinity/);
  });
});
