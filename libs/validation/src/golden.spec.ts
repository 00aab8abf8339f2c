import { readFileSync } from 'node:fs';
import { referenceData } from '@concord/testing';
import { aucEstimates, aucSums, hanleyMcNeilVariance } from './auc.js';
import type { Estimate } from './estimate.js';
import { metaAnalyse, type MetaAnalysis } from './meta-analysis.js';
import { validateBinary, type BinaryValidation, type CohortValidation } from './validate-binary.js';

// The expected files are typed by hand only as far as they are read; a leaf that is absent is a failure, not a pass.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call */
interface Case {
  kind: string;
  spec: any;
  expected: any;
  rows: Record<string, string>[];
}

const vendored = new URL('../golden/reference-cases/', import.meta.url).pathname;

function readCase(folder: string): Case {
  const { kind, spec, expected } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as Case;
  const lines = readFileSync(`${folder}/input.csv`, 'utf8').trim().replaceAll('"', '').split('\n');
  const head = lines[0].split(',');
  const rows = lines.slice(1).map((line) => Object.fromEntries(line.split(',').map((cell, i) => [head[i], cell])));
  return { kind, spec, expected, rows };
}

const EXACT = 1e-9;
const FIT = 1e-6;
const META = 1e-5;
const KNAPP = 2e-4;

function close(have: number | null, want: number | null, tolerance: number): void {
  if (want === null) return expect(have).toBeNull();
  expect(have).not.toBeNull();
  expect(typeof want).toBe('number');
  expect(Math.abs(have! - want) / Math.max(1, Math.abs(want))).toBeLessThanOrEqual(tolerance);
}

function closeInterval(have: Estimate, want: (number | null)[], tolerance: number): void {
  if (want[0] === null) return expect(have.interval).toBeNull();
  close(have.interval![0], want[0], tolerance);
  close(have.interval![1], want[1], tolerance);
}

const numbers = (rows: Case['rows'], column: string) =>
  Float64Array.from(rows, (row) => (row[column] === '' || row[column] === 'NA' ? NaN : Number(row[column])));

function checkAuc(cohort: CohortValidation, want: any): void {
  const { logit, wald, standardError } = cohort.auc;
  if (want.status === 'undefined') {
    expect(logit.status).toBe('not-estimable');
    expect(logit.reason).toMatch(/patient has the event/);
    return;
  }
  close(logit.value, want.auc, EXACT);
  close(standardError, want.delongSe, EXACT);
  closeInterval(wald, want.delongCi, EXACT);
  closeInterval(logit, want.logitDelongCi, EXACT);
  if (logit.interval === null) expect(logit.reason).not.toBeNull();
}

function checkThreshold({ atThreshold: have }: CohortValidation, want: any): void {
  expect([have.truePositives, have.falsePositives, have.falseNegatives, have.trueNegatives]).toEqual([
    want.tp,
    want.fp,
    want.fn,
    want.tn,
  ]);
  for (const name of ['sensitivity', 'specificity', 'ppv', 'npv', 'accuracy'] as const) {
    if (want[name] === undefined) continue;
    close(have[name].value, want[name].estimate, EXACT);
    closeInterval(have[name], want[name].wilson, EXACT);
  }
}

function checkCalibration({ calibration: have }: CohortValidation, want: any): void {
  close(have.observedExpected.value, want.oe.ratio, EXACT);
  closeInterval(have.observedExpected, want.oe.ci, EXACT);
  close(have.inTheLarge.value, want.citl.intercept, FIT);
  closeInterval(have.inTheLarge, want.citl.ci, FIT);
  close(have.slope.value, want.slope.slope, FIT);
  closeInterval(have.slope, want.slope.ci, FIT);
  close(have.interceptWithSlope.value, want.slope.interceptJoint, FIT);
  if (want.brier?.brier !== undefined) {
    close(have.brier.value, want.brier.brier, EXACT);
    close(have.scaledBrier.value, want.brier.scaled, EXACT);
  }
}

function checkCurve({ calibrationCurve: have }: CohortValidation, want: any): void {
  for (const name of ['ici', 'e50', 'e90', 'emax'] as const) close(have[name].value, want.rcs3[name], FIT);
  expect(have.groups.map((group) => group.n)).toEqual(want.deciles.n);
  expect(have.groups.map((group) => group.events)).toEqual(want.deciles.observed);
  have.groups.forEach((group, i) => close(group.meanRisk * group.n, want.deciles.expected[i], EXACT));
}

function checkDecision({ decisionCurve: have }: CohortValidation, want: any): void {
  expect(have).toHaveLength(want.length);
  have.forEach((point, i) => {
    close(point.netBenefit.value, want[i].netBenefit, EXACT);
    closeInterval(point.netBenefit, [want[i].lower, want[i].upper], EXACT);
    close(point.treatAll.value, want[i].netBenefitAll, EXACT);
    close(point.standardized.value, want[i].standardized, EXACT);
    close(point.avoidedPer100.value, want[i].interventionsAvoidedPer100, EXACT);
  });
}

/** Expected from the lowest threshold to the highest, a point between neighbouring scores; ours from the highest down. */
function checkRoc({ roc }: CohortValidation, want: any[]): void {
  expect(roc).toHaveLength(want.length);
  [...roc].reverse().forEach((point, i) => {
    close(point.sensitivity, want[i].sensitivity, EXACT);
    close(point.specificity, want[i].specificity, EXACT);
  });
}

function checkMeta(have: MetaAnalysis, want: any): void {
  close(have.mean.value, want.remlAdhoc.estimate, META);
  closeInterval(have.mean, want.remlAdhoc.ci, KNAPP);
  closeInterval(have.meanPlain, want.remlKnha.ci, KNAPP);
  if (have.k < 2) return expect(have.tau2.status).toBe('not-estimable');
  close(have.tau2.value, want.remlKnha.tau2, META);
  close(have.i2.value, want.remlKnha.I2, META);
  close(have.heterogeneity!.q, want.remlKnha.Q, META);
  close(have.heterogeneity!.p, want.remlKnha.Qp, META);
  if (have.k < 3) return expect(have.prediction.reason).toMatch(/three sites/);
  closeInterval(have.prediction, want.piHTS.pi, KNAPP);
  // metafor's root finder stops at eps^0.25; the exactness of ours is tested in meta-analysis.spec.ts.
  closeInterval(have.tau2, want.tau2QProfileCi, 5e-5);
}

const checks: Record<string, (one: Case) => void> = {
  'binary-validation'({ spec, expected, rows }) {
    it.each(Object.keys(expected.markers as object))('reproduces all that is expected of %s', (marker) => {
      const { pooled } = validateBinary({
        scores: numbers(rows, marker),
        outcomes: numbers(rows, spec.outcome),
        threshold: spec.thresholds[marker] ?? null,
        decisionThresholds: spec.constants.decisionThresholds,
      });
      checkAuc(pooled, expected.markers[marker]);
      const { rocCurve } = expected.markers[marker];
      if (rocCurve) checkRoc(pooled, rocCurve);
      if (marker in spec.thresholds)
        checkThreshold(
          pooled,
          expected.thresholds.find((one: any) => one.marker === marker),
        );
      if (![spec.probabilities].flat().includes(marker)) return;
      checkCalibration(pooled, expected.calibration[marker]);
      checkCurve(pooled, expected.calibration[marker]);
      checkDecision(pooled, expected.decisionCurve[marker].curve);
    });
  },
  'binary-edge'({ spec, expected, rows }) {
    it.each(expected as { sub: string; [key: string]: any }[])('answers $sub', (want) => {
      const { sub } = want;
      const part = rows.filter((row) => row[spec.groupColumn] === sub);
      const report = validateBinary({
        scores: numbers(part, spec.score),
        outcomes: numbers(part, spec.outcome),
        threshold: spec.constants.thresholdBySub[sub],
      });
      expect(report.dropped.missingScore + report.dropped.missingOutcome).toBe(want.dropped);
      checkAuc(report.pooled, want.auc);
      checkThreshold(report.pooled, want.threshold);
      close(report.pooled.calibration.observedExpected.value, want.oe, EXACT);
      close(report.pooled.calibration.brier.value, want.brier, EXACT);
      if (want.calibration) checkCalibration(report.pooled, want.calibration);
      else if (!sub.startsWith('singleEvent')) expect(report.pooled.calibration.slope.reason).not.toBeNull();
      expectEveryNumberSound(report);
    });
    it('has the standard error of Hanley and McNeil', () => {
      for (const want of expected.filter((one: any) => one.auc.hanleyMcNeilSe !== undefined)) {
        const part = rows.filter(
          (row) => row[spec.groupColumn] === want.sub && ![row[spec.score], row[spec.outcome]].includes('NA'),
        );
        const complete = part.filter((row) => row[spec.score] !== '' && row[spec.outcome] !== '');
        const sums = aucSums(numbers(complete, spec.score), Uint8Array.from(numbers(complete, spec.outcome)));
        close(Math.sqrt(hanleyMcNeilVariance(sums)!), want.auc.hanleyMcNeilSe, EXACT);
        close(sums.concordantPairs, want.auc.mannWhitneyU, EXACT);
      }
    });
  },
  'binary-multicentre'({ spec, expected, rows }) {
    const report = () =>
      validateBinary({
        scores: numbers(rows, spec.probability),
        outcomes: numbers(rows, spec.outcome),
        sites: rows.map((row) => row[spec.centre]),
        threshold: spec.lockedThreshold,
        decisionThresholds: spec.constants.decisionThresholds,
      });
    it('reproduces the pooled cohort', () => {
      const { pooled } = report();
      checkAuc(pooled, expected.pooled.auc);
      checkThreshold(pooled, expected.pooled.threshold);
      checkCalibration(pooled, expected.pooled.calibration);
      checkCurve(pooled, expected.pooled.calibration);
      checkDecision(pooled, expected.pooled.dca.curve);
    });
    it('reproduces every centre', () => {
      const { sites } = report();
      expect(sites.map(({ site, n, events }) => [site, n, events])).toEqual(
        expected.perCentre.map((c: any) => [c.centre, c.n, c.events]),
      );
      sites.forEach((site, i) => {
        checkAuc(site, expected.perCentre[i].auc);
        checkThreshold(site, expected.perCentre[i].threshold);
        checkCalibration(site, expected.perCentre[i].cal);
      });
    });
    it('reproduces the AUC within centres and the meta-analysis', () => {
      const { withinSiteAuc, acrossSites, sites } = report();
      close(withinSiteAuc.value, expected.withinCentreAuc.auc, EXACT);
      expect(withinSiteAuc.interval![0]).toBeLessThan(withinSiteAuc.value!);
      close(acrossSites.auc.mean.value, expected.meta.aucBack, META);
      closeInterval(acrossSites.auc.meanPlain, expected.meta.aucBackCi, KNAPP);
      const ofSlopes = sites.map(({ calibration: { slope } }) => ({
        value: slope.value!,
        se: (slope.interval![1] - slope.interval![0]) / 2 / 1.959963984540054,
      }));
      checkMeta(
        metaAnalyse(
          ofSlopes.map((s) => s.value),
          ofSlopes.map((s) => s.se),
        ),
        expected.meta.slope,
      );
      const logits = sites.map(({ auc }) => ({ value: auc.logit.value!, se: auc.standardError! }));
      const pooled = metaAnalyse(
        logits.map(({ value: a }) => Math.log(a / (1 - a))),
        logits.map(({ value: a, se }) => se / (a * (1 - a))),
      );
      checkMeta(pooled, expected.meta.logitAuc);
    });
  },
  'binary-large'({ spec, expected, rows }) {
    it('reproduces the AUC of the large cohort', () => {
      const name: string = spec.a;
      const sums = aucSums(numbers(rows, name), Uint8Array.from(numbers(rows, spec.outcome)));
      close(sums.auc, expected[name].auc, EXACT);
      close(aucEstimates(sums, 0.95).standardError, expected[name].delongSe, EXACT);
    });
  },
  'meta-edge'({ spec, expected, rows }) {
    it.each(Object.keys(expected as object))('pools %s', (sub) => {
      const part = rows.filter((row) => row[spec.groupColumn] === sub);
      checkMeta(metaAnalyse([...numbers(part, 'yi')], [...numbers(part, 'sei')]), expected[sub]);
    });
  },
  'meta-analysis'({ spec, expected, rows }) {
    it('pools the studies', () => {
      checkMeta(metaAnalyse([...numbers(rows, spec.yi)], [...numbers(rows, spec.sei)]), expected);
    });
  },
};

/** No NaN and no infinity anywhere; an estimate without a value has a reason. */
function expectEveryNumberSound(report: BinaryValidation): void {
  const visit = (value: unknown): void => {
    if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    if (typeof value !== 'object' || value === null) return;
    if ('status' in value) {
      const one = value as Estimate;
      expect(one.status === 'ok').toBe(one.value !== null);
      if (one.value === null || one.interval === null) expect(one.reason).toBeTruthy();
    }
    Object.values(value).forEach(visit);
  };
  visit(report);
}

const outside = [
  'bin-asah',
  'bin-pima-external',
  'bin-large10k',
  'multicentre-hcc-mvi',
  'multicentre-hcc-mvi-s2027',
  'meta-euroscore-logitc',
  'meta-euroscore-logoe',
];
const inside = ['bin-dcurves', 'bin-edge', 'bin-edge-s2', 'meta-edge', 'meta-edge-s2', 'multicentre-hcc-mvi-s2026'];

for (const id of [...inside, ...outside]) {
  const folder = inside.includes(id) ? vendored + id : referenceData('validation', id);
  if (folder === null) {
    describe.skip(`${id}: reference data are not beside this checkout`, () => it('skipped', () => undefined));
    continue;
  }
  describe(id, () => {
    const one = readCase(folder);
    checks[one.kind](one);
  });
}
