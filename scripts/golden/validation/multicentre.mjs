// Several centres with a binary outcome, internal-external validation and the membership model.
import {
  aucEstimates,
  aucFromHistograms,
  aucHomogeneity,
  aucSums,
  calibrate,
  fitFromSums,
  groupInteraction,
  internalExternal,
  inverseLogit,
  logisticSums,
  logitsOf,
  membershipModel,
  overallError,
  proportion,
  exactProportion,
  randomInterceptLogistic,
  scoreHistogram,
  standardizedMeanDifference,
  withinSiteAuc,
} from '@concord/validation';

import { brierOf, calibrationOf, decisionShape, discrimination, share, thresholdTable, weakCalibration } from './binary.mjs';
import { metaShape } from './pooling.mjs';
import { asList, byTwo, intervalOf, named, numbers, outcomesOf, parseFormula, readRows, sortedLabels } from './table.mjs';

const LEVEL = 0.95;

export function binaryMulticentre({ folder, spec }) {
  const rows = readRows(folder);
  const { decisionThresholds, histogramBins } = spec.constants;
  const cohort = (part) => ({ risks: numbers(part, spec.probability), outcomes: outcomesOf(part, spec.outcome) });
  const all = cohort(rows);
  const names = sortedLabels(rows.map((row) => row[spec.centre]));
  const centres = names.map((name) => ({ name, ...cohort(rows.filter((row) => row[spec.centre] === name)) }));
  const sums = centres.map(({ risks, outcomes }) => aucSums(risks, outcomes));
  return {
    pooled: {
      auc: discrimination(all.risks, all.outcomes),
      calibration: calibrationOf(all.risks, all.outcomes),
      threshold: thresholdTable(all.risks, all.outcomes, spec.lockedThreshold),
      dca: { curve: decisionShape(all.risks, all.outcomes, decisionThresholds) },
    },
    perCentre: centres.map((centre) => centreShape(centre, spec.lockedThreshold)),
    meta: metas(centres, sums, spec.lockedThreshold),
    withinCentreAuc: {
      concordantPairs: sums.reduce((sum, { concordantPairs }) => sum + concordantPairs, 0),
      pairs: sums.reduce((sum, { pairs }) => sum + pairs, 0),
      auc: withinSiteAuc(sums, LEVEL).value,
    },
    federated: { histogramAuc: histograms(centres, histogramBins), recalibration: recalibration(centres) },
    heterogeneity: heterogeneity(all, rows.map((row) => row[spec.centre]), names),
    subgroups: Object.fromEntries(
      asList(spec.subgroups).map((variable) => [variable, subgroupShape(rows, variable, cohort, spec.lockedThreshold)]),
    ),
  };
}

function centreShape({ name, risks, outcomes }, threshold) {
  const cal = weakCalibration(risks, outcomes);
  return {
    centre: name,
    n: risks.length,
    events: outcomes.reduce((sum, y) => sum + y, 0),
    auc: discrimination(risks, outcomes),
    threshold: thresholdTable(risks, outcomes, threshold),
    cal: { ...cal, brier: brierOf(risks, outcomes) },
    nb: decisionShape(risks, outcomes, [threshold]),
  };
}

/** Meta-analyses over the centres that have the estimate with a standard error. */
function metas(centres, sums, threshold) {
  const usable = centres
    .map((centre, i) => ({ ...centre, sums: sums[i], cal: weakCalibration(centre.risks, centre.outcomes) }))
    .filter(({ sums: one, cal }) => one.variance > 0 && one.auc < 1 && cal !== null);
  const over = (value, error) => metaShape(usable.map(value), usable.map(error));
  const nb = ({ risks, outcomes }) => decisionShape(risks, outcomes, [threshold])[0];
  const logitAuc = over(
    ({ sums: { auc } }) => Math.log(auc / (1 - auc)),
    ({ sums: { auc, variance } }) => Math.sqrt(variance) / (auc * (1 - auc)),
  );
  return {
    aucBack: inverseLogit(logitAuc.remlKnha.estimate),
    aucBackCi: logitAuc.remlKnha.ci.map(inverseLogit),
    aucBackPi: logitAuc.remlKnha.pi.map(inverseLogit),
    logitAuc,
    slope: over(({ cal }) => cal.slope.slope, ({ cal }) => cal.slope.se),
    citl: over(({ cal }) => cal.citl.intercept, ({ cal }) => cal.citl.se),
    logOE: over(({ cal }) => Math.log(cal.oe.ratio), ({ cal }) => cal.oe.logSe),
    netBenefit: over((c) => nb(c).netBenefit, (c) => nb(c).se),
  };
}

function histograms(centres, binCounts) {
  return Object.fromEntries(
    binCounts.map((count) => {
      const edges = Array.from({ length: count + 1 }, (_, i) => i / count);
      const tables = centres.map(({ risks, outcomes }) => scoreHistogram(risks, outcomes, edges));
      const { lower, upper, middle } = aucFromHistograms(tables);
      const perCentre = named(
        centres.map(({ name }) => name),
        tables.map(({ events, nonEvents }) => ({ cases: events, controls: nonEvents })),
      );
      return [`bins${count}`, { aucLower: lower, aucUpper: upper, aucMid: middle, perCentre: count <= 20 ? perCentre : null }];
    }),
  );
}

function recalibration(centres) {
  const designs = centres.map(({ name, risks, outcomes }) => {
    const { logits } = logitsOf(risks);
    return { name, columns: [new Float64Array(logits.length).fill(1), logits], outcomes };
  });
  const ask = (beta) => designs.map(({ columns, outcomes }) => logisticSums(columns, outcomes, beta));
  const start = Float64Array.of(0, 1);
  const fit = fitFromSums(ask, start);
  return {
    startBeta: start,
    perCentreAtStart: ask(start).map((sums, i) => ({
      centre: designs[i].name,
      gradient: sums.gradient,
      hessian: byTwo(sums.information, 2),
      logLik: sums.logLikelihood,
    })),
    solution: fit.coefficients,
    vcov: byTwo(fit.covariance.data, 2),
  };
}

function heterogeneity({ risks, outcomes }, labels, names) {
  const { logits } = logitsOf(risks);
  const ones = new Float64Array(logits.length).fill(1);
  const mixed = randomInterceptLogistic([ones, logits], outcomes, Int32Array.from(labels, (name) => names.indexOf(name)));
  const tests = groupInteraction(logits, outcomes, labels);
  return {
    randomInterceptLogistic: { fixef: mixed.coefficients, sdIntercept: mixed.siteSd },
    lrtCentreIntercepts: { chi2: tests?.intercepts.chi2 ?? null, df: tests?.intercepts.df ?? null },
    lrtCentreSlopes: { chi2: tests?.slopes.chi2 ?? null, df: tests?.slopes.df ?? null },
  };
}

function subgroupShape(rows, variable, cohort, threshold) {
  const levels = sortedLabels(rows.map((row) => row[variable]));
  const parts = levels.map((level) => cohort(rows.filter((row) => row[variable] === level)));
  const sums = parts.map(({ risks, outcomes }) => aucSums(risks, outcomes));
  const all = cohort(rows);
  const homogeneity = aucHomogeneity(sums);
  const tests = groupInteraction(logitsOf(all.risks).logits, all.outcomes, rows.map((row) => row[variable]));
  return {
    perLevel: parts.map(({ risks, outcomes }, i) => {
      const table = thresholdTable(risks, outcomes, threshold);
      const { logit, standardError } = aucEstimates(sums[i], LEVEL);
      const negatives = table.fp + table.tn;
      return {
        level: levels[i],
        n: risks.length,
        events: sums[i].events,
        oe: calibrate(risks, outcomes, LEVEL).observedExpected.value,
        brier: overallError(risks, outcomes).brier,
        netBenefit: decisionShape(risks, outcomes, [threshold])[0].netBenefit,
        auc: { auc: sums[i].auc, delongSe: standardError, logitDelongCi: intervalOf(logit) },
        tpr: table.sensitivity,
        fpr: share(
          proportion(table.fp, negatives, LEVEL, 'no non-event'),
          exactProportion(table.fp, negatives, LEVEL, 'no non-event'),
          table.fp,
          negatives,
        ),
        ppv: table.ppv,
      };
    }),
    aucHomogeneityChi2: { chi2: homogeneity.chi2, df: homogeneity.df },
    calibrationInteraction: { interceptChi2: tests.intercepts.chi2, slopeChi2: tests.slopes.chi2, df: tests.slopes.df },
  };
}

export function internalExternalCase({ folder, spec }) {
  const rows = readRows(folder);
  const { outcome, terms } = parseFormula(spec.formula);
  const folds = internalExternal(
    terms.map((term) => numbers(rows, term)),
    outcomesOf(rows, outcome),
    rows.map((row) => row[spec.centre]),
  );
  // The case lists its centres as they first appear.
  const order = [...new Set(rows.map((row) => row[spec.centre]))];
  folds.sort((a, b) => order.indexOf(a.site) - order.indexOf(b.site));
  const shapes = folds.map((fold) => {
    const cal = weakCalibration(fold.risks, fold.outcomes);
    return {
      n: fold.n,
      events: fold.events,
      coef: named(['(Intercept)', ...terms], fold.coefficients),
      auc: fold.auc.auc,
      delongSe: Math.sqrt(fold.auc.variance),
      citl: cal.citl.intercept,
      citlSe: cal.citl.se,
      slope: cal.slope.slope,
      slopeSe: cal.slope.se,
      oe: cal.oe.ratio,
      brier: overallError(fold.risks, fold.outcomes).brier,
      membershipAuc: fold.membershipAuc,
      sdLp: fold.sdLinear,
      meanLp: fold.meanLinear,
    };
  });
  const over = (value, error) => metaShape(shapes.map(value), shapes.map(error));
  return {
    folds: shapes,
    metaLogitAuc: over(
      ({ auc }) => Math.log(auc / (1 - auc)),
      ({ auc, delongSe }) => delongSe / (auc * (1 - auc)),
    ),
    metaSlope: over((s) => s.slope, (s) => s.slopeSe),
    metaCitl: over((s) => s.citl, (s) => s.citlSe),
  };
}

export function membershipCase({ folder, spec }) {
  const rows = readRows(folder);
  const isValidation = Uint8Array.from(rows, ({ set }) => (set === 'val' ? 1 : 0));
  const columns = spec.variables.map((name) => numbers(rows, name));
  const model = membershipModel(columns, isValidation);
  return {
    coef: named(['(Intercept)', ...spec.variables], model.coefficients),
    auc: discrimination(model.probabilities, isValidation),
    standardizedMeanDifferences: named(
      spec.variables,
      columns.map((column) => standardizedMeanDifference(column, isValidation)),
    ),
  };
}
