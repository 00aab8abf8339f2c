// Binary outcomes: one cohort at a time.
import { normalQuantile, quantile } from '@concord/numeric';
import {
  aucEstimates,
  aucSums,
  calibrate,
  calibrationFits,
  calibrationTests,
  categoricalNri,
  closestThresholds,
  comparePairedAuc,
  compareUnpairedAuc,
  continuousNri,
  discriminationSlope,
  explainedLikelihood,
  hanleyMcNeilVariance,
  hosmerLemeshow,
  idi,
  logitsOf,
  loessCalibration,
  mcNemar,
  meansByClass,
  modelBasedConcordance,
  netBenefits,
  overallError,
  partialAuc,
  precisionRecall,
  rocBetweenScores,
  rocPoints,
  splineCalibration,
  thresholdMetrics,
  updateModel,
  valProb,
  youdenThresholds,
} from '@concord/validation';

import { asList, byTwo, intervalOf, numbers, outcomesOf, readRows, sortedLabels } from './table.mjs';

const LEVEL = 0.95;

/** AUC and what stands beside it; `hasCurve` adds every point of the ROC curve. */
export function discrimination(scores, outcomes, hasCurve = false) {
  const sums = aucSums(scores, outcomes);
  const { events: nPos, nonEvents: nNeg } = sums;
  if (sums.auc === null) return { nPos, nNeg };
  const { wald, logit, standardError } = aucEstimates(sums, LEVEL);
  const points = rocPoints(scores, outcomes);
  const pr = precisionRecall(scores, outcomes);
  return {
    nPos,
    nNeg,
    auc: sums.auc,
    delongVar: sums.variance,
    delongSe: standardError,
    delongCi: intervalOf(wald),
    // A constant score has variance 0, where the logit interval is a point.
    logitDelongCi: intervalOf(logit),
    hanleyMcNeilSe: Math.sqrt(hanleyMcNeilVariance(sums)),
    mannWhitneyU: sums.concordantPairs,
    tiedPairs: sums.tiedPairs,
    averagePrecision: pr.averagePrecision,
    prAucDavisGoadrich: pr.davisGoadrich,
    prAucIntegral: pr.integral,
    prevalence: pr.prevalence,
    youden: {
      best: youdenThresholds(points).map((p) => ({ ...p, youden: p.sensitivity + p.specificity - 1 })),
    },
    closestTopLeft: closestThresholds(points),
    ...(hasCurve ? { rocCurve: rocBetweenScores(points) } : {}),
  };
}

function partialAucs(scores, outcomes) {
  const points = rocPoints(scores, outcomes);
  const spec = partialAuc(points, 'specificity', 0.9);
  const sens = partialAuc(points, 'sensitivity', 0.9);
  return {
    spec90to100: spec.area,
    spec90to100McClish: spec.standardized,
    sens90to100: sens.area,
    sens90to100McClish: sens.standardized,
  };
}

export function share(wilson, exact, x, n) {
  return { x, n, estimate: wilson.value, wilson: intervalOf(wilson), clopperPearson: intervalOf(exact) };
}

export function thresholdTable(scores, outcomes, threshold) {
  const t = thresholdMetrics(scores, outcomes, threshold, LEVEL);
  const [tp, fp, fn, tn] = [t.truePositives, t.falsePositives, t.falseNegatives, t.trueNegatives];
  const both = (name, x, n) => share(t[name], t.exact[name], x, n);
  return {
    threshold,
    tp,
    fp,
    fn,
    tn,
    sensitivity: both('sensitivity', tp, tp + fn),
    specificity: both('specificity', tn, tn + fp),
    ppv: both('ppv', tp, tp + fp),
    npv: both('npv', tn, tn + fn),
    accuracy: both('accuracy', tp + tn, tp + fp + fn + tn),
    balancedAccuracy: t.balancedAccuracy.value,
    youdenJ: t.youden.value,
    f1: t.f1.value,
    mcc: t.mcc.value,
    lrPositive: { estimate: t.lrPositive.value, ci: intervalOf(t.lrPositive) },
    lrNegative: { estimate: t.lrNegative.value, ci: intervalOf(t.lrNegative) },
    diagnosticOddsRatio: t.diagnosticOddsRatio.value,
  };
}

/** O:E, calibration in the large and slope, from the estimates and the fits behind them. */
export function weakCalibration(risks, outcomes) {
  const estimates = calibrate(risks, outcomes, LEVEL);
  const { logits } = logitsOf(risks);
  const events = outcomes.reduce((sum, y) => sum + y, 0);
  const fits = estimates.slope.value === null ? null : calibrationFits(logits, outcomes);
  if (fits === null) return null;
  const covariance = byTwo(fits.slope.covariance.data, 2);
  const slopeSe = Math.sqrt(covariance[1][1]);
  return {
    oe: {
      ratio: estimates.observedExpected.value,
      logSe: Math.sqrt((1 - events / outcomes.length) / events),
      ci: intervalOf(estimates.observedExpected),
    },
    citl: {
      intercept: estimates.inTheLarge.value,
      se: Math.sqrt(fits.intercept.covariance.data[0]),
      ci: intervalOf(estimates.inTheLarge),
    },
    slope: {
      slope: estimates.slope.value,
      se: slopeSe,
      ci: intervalOf(estimates.slope),
      interceptJoint: estimates.interceptWithSlope.value,
      interceptJointSe: Math.sqrt(covariance[0][0]),
      vcov: covariance,
      zSlopeEq1: (estimates.slope.value - 1) / slopeSe,
    },
  };
}

export function brierOf(risks, outcomes) {
  const e = overallError(risks, outcomes);
  return { ...e };
}

export function calibrationOf(risks, outcomes) {
  const { logits } = logitsOf(risks);
  const tests = calibrationTests(risks, outcomes);
  const n = risks.length;
  const mean = logits.reduce((sum, x) => sum + x, 0) / n;
  const byClass = meansByClass(logits, outcomes);
  const grid = Array.from({ length: 19 }, (_, i) => quantile(risks, (i + 1) / 20));
  const deciles = hosmerLemeshow(risks, outcomes);
  return {
    n,
    observed: outcomes.reduce((sum, y) => sum + y, 0),
    expected: risks.reduce((sum, p) => sum + p, 0),
    ...weakCalibration(risks, outcomes),
    lrt: {
      deviancePredicted: tests.deviancePredicted,
      devianceIntercept: tests.devianceIntercept,
      devianceSlope: tests.devianceSlope,
      unreliabilityChi2: tests.unreliability.chi2,
      unreliabilityDf: tests.unreliability.df,
      unreliabilityP: tests.unreliability.p,
      slopeGivenInterceptChi2: tests.slope.chi2,
      slopeGivenInterceptP: tests.slope.p,
      interceptOnlyChi2: tests.intercept.chi2,
      interceptOnlyP: tests.intercept.p,
    },
    brier: brierOf(risks, outcomes),
    cox_snell_nagelkerke: explainedLikelihood(risks, outcomes),
    discriminationSlope: discriminationSlope(risks, outcomes),
    linearPredictor: {
      mean,
      sd: Math.sqrt(logits.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1)),
      meanEvents: byClass.events,
      meanNonEvents: byClass.nonEvents,
    },
    rmsValProb: rmsShape(risks, outcomes),
    loess: loessShape(risks, outcomes, grid),
    rcs3: splineShape(splineCalibration(risks, outcomes, 3), grid),
    rcs5: splineShape(splineCalibration(risks, outcomes, 5), grid),
    deciles: {
      breaks: deciles.breaks,
      n: deciles.n,
      observed: deciles.observed,
      expected: deciles.expected,
      hosmerLemeshow: deciles.statistic,
      pDfG: deciles.p,
      pDfGminus2: deciles.pDevelopment,
    },
  };
}

function rmsShape(risks, outcomes) {
  const v = valProb(risks, outcomes);
  const slope = calibrate(risks, outcomes, LEVEL);
  return {
    Dxy: v.dxy,
    'C (ROC)': v.c,
    R2: v.r2,
    D: v.d,
    'D:Chi-sq': v.dChi2,
    'D:p': null,
    U: v.u,
    'U:Chi-sq': v.uChi2,
    'U:p': v.uP,
    Q: v.q,
    Brier: v.brier,
    Intercept: slope.interceptWithSlope.value,
    Slope: slope.slope.value,
    Emax: v.eMax,
    E90: v.e90,
    Eavg: v.eAverage,
    'S:z': v.spiegelhalterZ,
    'S:p': v.spiegelhalterP,
  };
}

function loessShape(risks, outcomes, grid) {
  const { ici, e50, e90, emax, eci, at } = loessCalibration(risks, outcomes);
  return { direct: { ici, e50, e90, emax, eci }, gridP: grid, gridDirect: grid.map(at) };
}

function splineShape(fit, grid) {
  const { ici, e50, e90, emax, eci } = fit;
  return {
    knots: fit.knots,
    coef: fit.coefficients,
    chi2Overall: fit.overall.chi2,
    chi2Nonlinear: fit.nonlinear.chi2,
    dfNonlinear: fit.nonlinear.df,
    gridP: grid,
    gridCal: grid.map(fit.at),
    ici,
    e50,
    e90,
    emax,
    eci,
  };
}

export function decisionShape(risks, outcomes, thresholds) {
  const z = normalQuantile(0.975);
  const prevalence = outcomes.reduce((sum, y) => sum + y, 0) / outcomes.length;
  return netBenefits(risks, outcomes, thresholds).map((p) => ({
    threshold: p.threshold,
    tpRate: p.truePositiveShare,
    fpRate: p.falsePositiveShare,
    netBenefit: p.netBenefit,
    se: p.standardError,
    lower: p.netBenefit - z * p.standardError,
    upper: p.netBenefit + z * p.standardError,
    netBenefitAll: p.treatAll,
    netBenefitNone: 0,
    standardized: prevalence > 0 ? p.netBenefit / prevalence : null,
    interventionsAvoidedPer100: (100 * (p.netBenefit - p.treatAll)) / (p.threshold / (1 - p.threshold)),
  }));
}

export function pairedShape(a, b, outcomes) {
  const c = comparePairedAuc(a, b, outcomes, LEVEL);
  return {
    aucA: c.aucA,
    aucB: c.aucB,
    diff: c.difference.value,
    covariance: c.covariance,
    seDiff: c.standardError,
    z: c.z,
    p: c.p,
    ci: intervalOf(c.difference),
  };
}

function mcNemarShape(a, b, thresholds, outcomes, level) {
  const rows = [...outcomes.keys()].filter((i) => outcomes[i] === level);
  const m = mcNemar(
    rows.map((i) => a[i] >= thresholds[0]),
    rows.map((i) => b[i] >= thresholds[1]),
  );
  return { n11: m.both, n10: m.onlyA, n01: m.onlyB, n00: m.neither, mcnemarExactP: m.exactP, mcnemarChi2: m.chi2 };
}

/** Pairs in the order of the markers; pROC put the stronger of two ranks first where the case has three markers. */
function pairsOf(markers) {
  if (markers.length < 3) return markers.length === 2 ? [markers] : [];
  const [first, second, third] = markers;
  return [
    [first, second],
    [first, third],
    [third, second],
  ];
}

export function binaryValidation({ folder, spec }) {
  const rows = readRows(folder);
  const outcomes = outcomesOf(rows, spec.outcome);
  const markers = asList(spec.markers);
  const scoresOf = (marker) => numbers(rows, marker);
  const probabilities = asList(spec.probabilities);
  const locked = spec.thresholds ?? {};
  const each = (names, shape) => Object.fromEntries(names.map((name) => [name, shape(scoresOf(name))]));
  const { subgroup, reclassification, decisionThresholds } = spec.constants ?? {};
  const result = {
    markers: each(markers, (scores) => ({
      missing: 0,
      ...discrimination(scores, outcomes, rows.length < 500),
      partialAuc: partialAucs(scores, outcomes),
    })),
    thresholds: Object.keys(locked).map((name) => thresholdTable(scoresOf(name), outcomes, locked[name])),
    calibration: each(probabilities, (risks) => calibrationOf(risks, outcomes)),
    decisionCurve: each(probabilities, (risks) => ({ curve: decisionShape(risks, outcomes, decisionThresholds) })),
    updating: each(probabilities, (risks) => updatingShape(risks, outcomes)),
    caseMix: each(probabilities, (risks) => ({ modelBasedConcordance: modelBasedConcordance(risks) })),
    pairedDeLong: pairsOf(markers).map(([a, b]) => ({
      ...pairedShape(scoresOf(a), scoresOf(b), outcomes),
      ...(a in locked && b in locked
        ? {
            sensitivityMcNemar: mcNemarShape(scoresOf(a), scoresOf(b), [locked[a], locked[b]], outcomes, 1),
            specificityMcNemar: mcNemarShape(scoresOf(a), scoresOf(b), [locked[a], locked[b]], outcomes, 0),
          }
        : {}),
    })),
  };
  if (reclassification) result.reclassification = reclassificationShape(rows, outcomes, reclassification);
  if (subgroup) result.subgroups = subgroupShape(rows, outcomes, subgroup);
  return result;
}

function updatingShape(risks, outcomes) {
  const u = updateModel(risks, outcomes);
  return {
    brierOriginal: u.brierOriginal,
    brierInterceptOnly: u.interceptOnly.brier,
    brierLogistic: u.recalibration.brier,
    interceptOnly: { delta: u.interceptOnly.intercept },
    logisticRecalibration: { intercept: u.recalibration.intercept, slope: u.recalibration.slope },
    aic: { interceptOnly: u.interceptOnly.aic, logistic: u.recalibration.aic },
  };
}

function reclassificationShape(rows, outcomes, { from, to, cuts }) {
  const [old, now] = [numbers(rows, from), numbers(rows, to)];
  const shape = (r) => ({
    nri: r.nri,
    seNri: r.standardError,
    zNri: r.z,
    nriEvents: r.nriEvents,
    nriNonEvents: r.nriNonEvents,
  });
  const categorical = categoricalNri(old, now, outcomes, cuts);
  const gain = idi(old, now, outcomes);
  return {
    cuts,
    categorical: {
      ...shape(categorical),
      tableEvents: categorical.tableEvents,
      tableNonEvents: categorical.tableNonEvents,
    },
    continuous: shape(continuousNri(old, now, outcomes)),
    idi: {
      idi: gain.idi,
      se: gain.standardError,
      z: gain.z,
      improveSens: gain.sensitivityGain,
      improveSpec: gain.specificityGain,
    },
  };
}

function subgroupShape(rows, outcomes, { variable, marker }) {
  const levels = sortedLabels(rows.map((row) => row[variable]));
  const parts = levels.map((level) => {
    const here = rows.filter((row) => row[variable] === level);
    return { scores: numbers(here, marker), outcomes: outcomes.filter((_, i) => rows[i][variable] === level) };
  });
  const [a, b] = parts.map((part) => aucSums(part.scores, part.outcomes));
  const c = compareUnpairedAuc(a, b, LEVEL);
  return {
    perLevel: Object.fromEntries(levels.map((level, i) => [level, discrimination(parts[i].scores, parts[i].outcomes)])),
    unpaired: {
      auc1: a.auc,
      auc2: b.auc,
      diff: c.difference.value,
      se: c.standardError,
      zNormal: c.z,
      pNormal: c.p,
      pROC_D: c.z,
      pROC_df: c.df,
      pROC_p: c.pByT,
    },
  };
}

export function binaryEdge({ folder, spec }) {
  const rows = readRows(folder);
  const { thresholdBySub } = spec.constants;
  return Object.keys(thresholdBySub).map((sub) => {
    const all = rows.filter((row) => row[spec.groupColumn] === sub);
    const kept = all.filter((row) => Number.isFinite(numbers([row], spec.outcome)[0] + numbers([row], spec.score)[0]));
    const [scores, outcomes] = [numbers(kept, spec.score), outcomesOf(kept, spec.outcome)];
    return {
      sub,
      dropped: all.length - kept.length,
      auc: discrimination(scores, outcomes, true),
      threshold: thresholdTable(scores, outcomes, thresholdBySub[sub]),
      oe: calibrate(scores, outcomes, LEVEL).observedExpected.value,
      brier: overallError(scores, outcomes).brier,
      calibration: weakCalibration(scores, outcomes),
    };
  });
}

export function binaryLarge({ folder, spec }) {
  const rows = readRows(folder);
  const outcomes = outcomesOf(rows, spec.outcome);
  const [p, q] = [numbers(rows, spec.a), numbers(rows, spec.b)];
  return {
    p: discrimination(p, outcomes),
    q: discrimination(q, outcomes),
    paired: pairedShape(p, q, outcomes),
    calibration: calibrationOf(p, outcomes),
    dca: { curve: decisionShape(p, outcomes, spec.constants.decisionThresholds) },
  };
}

