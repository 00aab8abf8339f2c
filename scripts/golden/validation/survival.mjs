// Survival outcomes: a locked Cox model on one cohort, and edge cases.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { normalQuantile, normalSf } from '@concord/numeric';
import {
  aucAt,
  brierAt,
  censoringSurvival,
  concordance,
  concordanceEstimate,
  coxSlope,
  fitCox,
  flexibleSurvivalCalibration,
  hazardAt,
  kaplanMeier,
  logRank,
  markerOrder,
  medianFollowUp,
  medianSurvival,
  observedExpectedAt,
  pairwiseLogRank,
  poissonCalibration,
  restrictedMean,
  separation,
  survivalAt,
  survivalNetBenefit,
  survivalPoint,
  survivalRows,
  trendTest,
  weightedCohort,
} from '@concord/validation';

import { asList, intervalOf, isMissing, numbers, outcomesOf, readRows, sortedLabels } from './table.mjs';

const LEVEL = 0.95;
const Z = normalQuantile(0.975);

export const countShape = (c) => ({
  concordant: c.concordant,
  discordant: c.discordant,
  'tied.x': c.tiedScore,
  'tied.y': c.tiedTime,
  'tied.xy': c.tiedBoth,
});

export function concordanceShape(result) {
  const wald = concordanceEstimate(result, LEVEL, 'C', 'wald');
  const logit = concordanceEstimate(result, LEVEL, 'C', 'logit');
  return {
    c: result.c,
    se: result.standardError,
    ci: intervalOf(wald),
    logitCi: intervalOf(logit),
    count: countShape(result),
  };
}

export function kmShape(data, times) {
  const curve = kaplanMeier(data);
  const points = times.map((time) => survivalPoint(curve, time, LEVEL));
  const { median, interval } = medianSurvival(curve, LEVEL);
  return {
    times,
    nRisk: points.map(({ atRisk }) => atRisk),
    surv: points.map(({ survival }) => survival),
    greenwoodSe: points.map(({ standardError }) => standardError),
    ciLogLog: points.map(({ logLog }) => logLog ?? [null, null]),
    ciLog: points.map(({ log }) => log ?? [null, null]),
    cumHazardNA: points.map(({ cumulativeHazard }) => cumulativeHazard),
    median,
    medianCiLogLog: interval,
    n: data.times.length,
    events: curve.eventCount,
  };
}

export function survivalValidation({ folder, spec }) {
  const needed = [spec.time, spec.event, spec.lp];
  const rows = readRows(folder).filter((row) => needed.every((name) => !isMissing(row[name])));
  const data = { times: numbers(rows, spec.time), events: outcomesOf(rows, spec.event) };
  const linear = numbers(rows, spec.lp);
  const risks = asList(spec.risks).map((name) => numbers(rows, name));
  const horizons = asList(spec.horizons);
  const { decisionThresholds, decisionTime } = spec.constants;
  const decisionRisks = risks[horizons.indexOf(decisionTime)];
  const tau = horizons.at(-1);
  const s = separation(data, linear);
  const concordances = { harrell: concordanceShape(concordance(data, linear)) };
  for (const time of horizons) {
    concordances[`uno_tau${time}`] = concordanceShape(concordance(data, linear, { isWeighted: true, tau: time }));
    concordances[`harrell_tau${time}`] = concordanceShape(concordance(data, linear, { tau: time }));
  }
  const result = {
    n: rows.length,
    events: data.events.reduce((sum, event) => sum + event, 0),
    maxFollowUp: Math.max(...data.times),
    medianFollowUpReverseKM: medianFollowUp(data),
    concordance: concordances,
    royston: {
      D: s.d,
      'se(D)': s.dStandardError,
      'R.D': s.r2D,
      'R.KO': s.r2Ko,
      'R.N': s.r2N,
      'C.GH': s.gonenHeller,
    },
    timeDependent: timeDependent(data, linear, risks, horizons),
    integratedBrier: integrated(folder, data, linear, tau),
    km: kmShape(data, horizons),
    observedExpectedAtT: observedExpected(data, risks, horizons),
    calibrationSlope: slopeShape(data, linear),
    poissonCalibration: poissonShape(data, linear, numbers(rows, spec.cumulativeHazardAtOwnTime)),
    flexibleCalibration: risks.map((risk, i) => flexibleShape(data, risk, horizons[i])),
    riskGroups: groupsShape(data, rows.map((row) => row[spec.riskGroup]), horizons),
    rmst: rmstShape(data, rows.map((row) => row[spec.riskGroup]), tau),
    decisionCurve: { time: decisionTime, curve: decisionShape(data, decisionRisks, decisionTime, decisionThresholds) },
    caseMix: caseMix(folder, linear, spec),
  };
  if (tau === 4.99) result.atFiveYears = atFiveYears(folder, data, linear);
  return result;
}

export function decisionShape(data, risks, time, thresholds) {
  return survivalNetBenefit(data, risks, time, thresholds).map((p) => ({
    threshold: p.threshold,
    positiveRate: p.positiveShare,
    riskInPositive: p.riskInPositive,
    netBenefit: p.netBenefit,
    netBenefitAll: p.treatAll,
  }));
}

function timeDependent(data, linear, risks, horizons) {
  const cohort = weightedCohort({ times: data.times, causes: data.events });
  const order = markerOrder(linear);
  const aucs = risks.map((risk, i) => aucAt(cohort, risk, markerOrder(risk), horizons[i]));
  const strict = horizons.map((time) => aucAt(cohort, linear, order, time, { isStrict: true }));
  const briers = risks.map((risk, i) => brierAt(cohort, risk, horizons[i]));
  const curve = kaplanMeier(data);
  const nulls = horizons.map((time) => {
    const constant = new Float64Array(linear.length).fill(1 - survivalAt(curve, time));
    return brierAt(cohort, constant, time).value;
  });
  return {
    times: horizons,
    aucTimeROC: strict.map(({ value }) => value),
    aucSe: strict.map(({ standardError }) => standardError),
    aucFromRisk: aucs.map(({ value }) => value),
    aucFromRiskSe: aucs.map(({ standardError }) => standardError),
    brier: briers.map(({ value }) => value),
    brierSe: briers.map(({ standardError }) => standardError),
    brierNull: nulls,
    ipa: briers.map(({ value }, i) => 1 - value / nulls[i]),
    gAtT: horizons.map((time) => censoringSurvival(cohort, time)),
  };
}

function baselineOf(folder) {
  const rows = readRows(folder, 'baseline.csv');
  return { times: numbers(rows, 'time'), cumulativeHazard: numbers(rows, 'hazard') };
}

const risksAt = (baseline, linear, time) =>
  linear.map((lp) => -Math.expm1(-hazardAt(baseline, time) * Math.exp(lp)));

function integrated(folder, data, linear, tau) {
  const baseline = baselineOf(folder);
  const cohort = weightedCohort({ times: data.times, causes: data.events });
  const values = Array.from({ length: 101 }, (_, i) => {
    const time = (i * tau) / 100;
    return i === 0 ? 0 : brierAt(cohort, risksAt(baseline, linear, time), time).value;
  });
  const area = values.slice(1).reduce((sum, value, i) => sum + (value + values[i]) / 2, 0);
  return { tau, ibs: area / 100, firstValues: values.slice(1, 6) };
}

function observedExpected(data, risks, horizons) {
  const all = risks.map((risk, i) => observedExpectedAt(data, risk, horizons[i], LEVEL));
  return {
    times: horizons,
    observed: all.map(({ observed }) => observed),
    expected: all.map(({ expected }) => expected),
    oe: all.map(({ ratio }) => ratio),
    ciLower: all.map(({ interval }) => interval?.[0] ?? null),
    ciUpper: all.map(({ interval }) => interval?.[1] ?? null),
  };
}

function slopeShape(data, linear) {
  const s = coxSlope(data, linear, LEVEL);
  return {
    slope: s.slope,
    se: s.standardError,
    ci: s.interval,
    testSlope1P: s.p,
    lrtSlope1Chi2: s.likelihoodRatio,
    coxZphP: s.proportionalHazardsP,
  };
}

function poissonShape(data, linear, hazards) {
  const p = poissonCalibration(data, linear, hazards);
  return {
    observed: p.observed,
    expected: p.expected,
    oe: p.ratio,
    logRatio: p.logRatio,
    se: p.standardError,
    slope: p.slope,
    slopeSe: p.slopeStandardError,
    dropped: p.dropped,
  };
}

function flexibleShape(data, risk, time) {
  const f = flexibleSurvivalCalibration(data, risk, time);
  const { knots, coefficients: coef, baselineHazard: baselineHazardAtT, ici, e50, e90, emax } = f;
  return { time, knots, coef, baselineHazardAtT, ici, e50, e90, emax };
}

function groupsShape(data, labels, horizons) {
  const test = logRank(data, labels);
  const levels = sortedLabels(labels);
  const dummies = levels.slice(1).map((level) => Float64Array.from(labels, (label) => (label === level ? 1 : 0)));
  const fit = fitCox({ ...data, columns: dummies, ties: 'efron' });
  const errors = dummies.map((_, j) => Math.sqrt(fit.covariance.data[j * dummies.length + j]));
  const ratios = (shift) => errors.map((error, j) => Math.exp(fit.coefficients[j] + shift * error));
  const partOf = (level) => survivalRows(data, [...labels.keys()].filter((i) => labels[i] === level));
  return {
    levels,
    n: test.n,
    observed: test.observed,
    expected: test.expected,
    logRankChi2: test.chi2,
    df: test.df,
    p: test.p,
    coxHr: ratios(0),
    coxHrLower: ratios(-Z),
    coxHrUpper: ratios(Z),
    coxWaldP: errors.map((error, j) => 2 * normalSf(Math.abs(fit.coefficients[j]) / error)),
    trendChi2: trendTest(data, Float64Array.from(labels, Number)).chi2,
    km: Object.fromEntries(levels.map((level) => [level, kmShape(partOf(level), horizons)])),
    pairwise: levels.length > 2 ? pairwiseLogRank(data, labels).map(({ a, b, chi2, p }) => ({ a, b, chi2, p })) : null,
  };
}

function rmstShape(data, labels, tau) {
  const levels = sortedLabels(labels);
  if (levels.length !== 2) return null;
  const [a, b] = levels.map((level) =>
    restrictedMean(kaplanMeier(survivalRows(data, [...labels.keys()].filter((i) => labels[i] === level))), tau),
  );
  const arm = ({ mean, standardError: se }) => [mean, se, mean - Z * se, mean + Z * se];
  const difference = b.mean - a.mean;
  const error = Math.hypot(a.standardError, b.standardError);
  const logRatio = Math.log(b.mean / a.mean);
  const logError = Math.hypot(a.standardError / a.mean, b.standardError / b.mean);
  return {
    tau,
    arm0: arm(a),
    arm1: arm(b),
    arm0Variance: a.standardError ** 2,
    difference: [difference, difference - Z * error, difference + Z * error, 2 * normalSf(Math.abs(difference) / error)],
    ratio: [
      Math.exp(logRatio),
      Math.exp(logRatio - Z * logError),
      Math.exp(logRatio + Z * logError),
      2 * normalSf(Math.abs(logRatio) / logError),
    ],
  };
}

const moments = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
};

/** The spread of the linear predictor here and, where the case has the patients, in development. */
function caseMix(folder, linear, spec) {
  const here = moments(linear);
  const result = { sdLpValidation: here.sd, meanLpValidation: here.mean };
  let rows;
  try {
    rows = readRows(folder, 'development.csv');
  } catch {
    return result;
  }
  const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const columns = model.terms.map(({ name }) => numbers(rows, name));
  const lp = Float64Array.from(rows, (_, i) =>
    model.terms.reduce((sum, { coefficient }, j) => sum + coefficient * columns[j][i], 0),
  );
  const there = moments(lp);
  const c = concordance({ times: numbers(rows, spec.time), events: outcomesOf(rows, spec.event) }, lp);
  return {
    ...result,
    sdLpDevelopment: there.sd,
    meanLpDevelopment: there.mean,
    apparentC: { c: c.c, se: c.standardError },
  };
}

/** The published example evaluates calibration at 5 years exactly, from the baseline. */
function atFiveYears(folder, data, linear) {
  const risks = risksAt(baselineOf(folder), linear, 5);
  const oe = observedExpectedAt(data, risks, 5, LEVEL);
  const { ici, e50, e90, emax } = flexibleSurvivalCalibration(data, risks, 5);
  // As published: the log ratio with the error of a Poisson count.
  const events = data.events.reduce((sum, event, i) => sum + (data.times[i] <= 5 ? event : 0), 0);
  const half = Z / Math.sqrt(events);
  return { oe: oe.ratio, oeCi: [oe.ratio * Math.exp(-half), oe.ratio * Math.exp(half)], ici, e50, e90, emax };
}

export function survivalEdge({ folder, spec }) {
  const rows = readRows(folder);
  const subs = [...new Set(rows.map((row) => row[spec.groupColumn]))];
  return subs.map((sub) => {
    const part = rows.filter((row) => row[spec.groupColumn] === sub);
    const data = { times: numbers(part, spec.time), events: outcomesOf(part, spec.event) };
    const linear = numbers(part, spec.lp);
    const c = concordance(data, linear);
    const curve = kaplanMeier(data);
    const slope = coxSlope(data, linear, LEVEL);
    return {
      sub,
      n: part.length,
      events: curve.eventCount,
      median: medianSurvival(curve, LEVEL).median,
      concordance: { c: c.c, se: c.standardError, count: countShape(c) },
      km: {
        time: curve.times,
        nRisk: curve.atRisk,
        nEvent: curve.events,
        surv: curve.survival,
        stdErrCumHaz: [...curve.logVariance].map((v) => (Number.isFinite(v) ? Math.sqrt(v) : null)),
      },
      coxSlope: slope === null ? null : { coef: slope.slope, se: slope.standardError },
    };
  });
}

