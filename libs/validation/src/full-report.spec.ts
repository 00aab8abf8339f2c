import { readFileSync } from 'node:fs';
import { validateCompeting } from './competing/validate-competing.js';
import { validateBinary } from './validate-binary.js';

// Values of the reference cases, by R packages: golden/reference-cases/README.md says which.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */

function readCase(name: string) {
  const folder = new URL(`../golden/reference-cases/${name}/`, import.meta.url).pathname;
  const { expected } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as { expected: any };
  const [head, ...lines] = readFileSync(`${folder}/input.csv`, 'utf8').trim().replaceAll('"', '').split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => line.split(','));
  const text = (column: string) => rows.map((row) => row[names.indexOf(column)]);
  return { expected, text, numbers: (column: string) => Float64Array.from(text(column), Number) };
}

describe('the full binary report', () => {
  const { expected, text, numbers } = readCase('multicentre-hcc-mvi-s2026');
  const report = validateBinary({
    scores: numbers('pMvi'),
    outcomes: numbers('mvi'),
    sites: text('centre'),
    threshold: 0.3,
    decisionThresholds: [0.1, 0.3, 0.5],
    subgroups: ['vendor', 'sex', 'ageGroup'].map((name) => ({ name, labels: text(name) })),
    bootstrap: { seed: 'test', replicates: 200 },
  });

  it('holds the details of the cohort as R has them', () => {
    const { details } = report.pooled;
    const { auc, calibration } = expected.pooled;
    expect(details.averagePrecision.value).toBeCloseTo(auc.averagePrecision, 10);
    expect(details.discriminationSlope.value).toBeCloseTo(calibration.discriminationSlope, 10);
    expect(details.nagelkerke.value).toBeCloseTo(calibration.cox_snell_nagelkerke.nagelkerke, 8);
    // The statistic of a test stands in its method.
    expect(details.unreliability.method).toMatch(/chi² [\d.]+, 2 degrees of freedom$/);
  });

  it('pools every measure over sites as metafor does', () => {
    const { observedExpected, slope, inTheLarge, netBenefit } = report.acrossSites;
    const { logOE, slope: wantSlope, citl, netBenefit: wantBenefit } = expected.meta;
    expect(Math.log(observedExpected.mean.value!)).toBeCloseTo(logOE.remlAdhoc.estimate, 5);
    expect(slope.mean.value).toBeCloseTo(wantSlope.remlAdhoc.estimate, 5);
    expect(inTheLarge.mean.value).toBeCloseTo(citl.remlAdhoc.estimate, 5);
    expect(netBenefit.mean.value).toBeCloseTo(wantBenefit.remlAdhoc.estimate, 5);
    expect(slope.leaveOneOut.map(({ mean }) => mean.value)).toEqual(
      wantSlope.leaveOneOut.map(({ estimate }: { estimate: number }) => expect.closeTo(estimate, 4)),
    );
  });

  it('says how sites and subgroups differ', () => {
    const differences = report.acrossSites.differences!;
    const { lrtCentreIntercepts, lrtCentreSlopes, randomInterceptLogistic } = expected.heterogeneity;
    const chi2 = (method: string) => Number(/chi² ([\d.]+)/.exec(method)?.[1]);
    expect(chi2(differences.intercepts.method)).toBeCloseTo(lrtCentreIntercepts.chi2, 4);
    expect(chi2(differences.slopes.method)).toBeCloseTo(lrtCentreSlopes.chi2, 4);
    expect(differences.randomIntercept.slope.value).toBeCloseTo(randomInterceptLogistic.fixef[1], 3);
    expect(differences.membership.map(({ site }) => site)).toEqual(['C1', 'C2', 'C3', 'C4']);
    report.subgroups.forEach(({ name, groups, homogeneity, interactionHolm, interaction }) => {
      const want = expected.subgroups[name];
      expect(groups.map(({ label, auc }) => [label, auc.value])).toEqual(
        want.perLevel.map((one: any) => [one.level, expect.closeTo(one.auc.auc, 10)]),
      );
      expect(chi2(interaction.method)).toBeCloseTo(want.calibrationInteraction.slopeChi2, 4);
      expect(chi2(homogeneity.method)).toBeCloseTo(want.aucHomogeneityChi2.chi2, 4);
      expect(interactionHolm.value).toBeGreaterThanOrEqual(interaction.value!);
    });
  });

  it('resamples with a seed for each cohort, and says whether the cohort was large enough', () => {
    const { bootstrap, adequacy, calibrationCurve } = report.pooled;
    expect(bootstrap?.band).toHaveLength(calibrationCurve.smooth.length);
    expect(bootstrap!.ici![0]).toBeLessThan(calibrationCurve.ici.value!);
    expect(report.sites[0].bootstrap).not.toEqual(bootstrap);
    // 240 patients: no criterion of Riley is met, the slope asks for most.
    expect(adequacy.map(({ isMet }) => isMet)).toEqual([false, false, false]);
    const needed = Object.fromEntries(adequacy.map(({ measure, needed: { value } }) => [measure, value!]));
    expect(needed['calibration slope']).toBeGreaterThan(needed['O:E']);
  });
});

describe('validateCompeting', () => {
  const { expected, text, numbers } = readCase('cr-hcc-recurrence');
  const report = validateCompeting({
    times: numbers('time'),
    causes: numbers('status'),
    horizons: [12, 24, 36].map((time, i) => ({ time, risks: numbers(`risk_${i + 1}`) })),
    linear: numbers('lp'),
    riskGroups: text('group'),
    decisionThresholds: [0.2, 0.3],
  });

  it('gives what cmprsk, riskRegression and survival give', () => {
    const { horizons, fineGraySlope, causeSpecificSlope, gray } = report.pooled;
    const column = (of: (horizon: (typeof horizons)[number]) => number | null) => horizons.map(of);
    const near = (values: number[], digits = 8) => values.map((value): unknown => expect.closeTo(value, digits));
    expect(column(({ incidence }) => incidence.value)).toEqual(near(expected.ajCumulativeIncidence.cif));
    expect(column(({ auc }) => auc.value)).toEqual(near(expected.auc));
    expect(column(({ brier }) => brier.value)).toEqual(near(expected.brier));
    expect(column(({ ipa }) => ipa.value)).toEqual(
      near(expected.brier.map((brier: number, i: number) => 1 - brier / expected.brierNull[i])),
    );
    expect(column(({ observedExpected }) => observedExpected.value)).toEqual(near(expected.observedExpected, 7));
    expect(fineGraySlope.value).toBeCloseTo(expected.fineGraySlope.coef, 5);
    expect(causeSpecificSlope.value).toBeCloseTo(expected.causeSpecificSlope.coef, 6);
    expect(gray.value).toBeCloseTo(expected.grayTest.p, 9);
    expect(report.pooled.groups.map(({ n }) => n).reduce((a, b) => a + b)).toBe(expected.n);
  });
});
