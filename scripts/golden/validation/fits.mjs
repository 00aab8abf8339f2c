// Fits: Cox, logistic, Firth; and sample sizes.
import { fitFirth } from '@concord/models';
import {
  baselineHazard,
  concordance,
  developmentSizeBinary,
  developmentSizeSurvival,
  devianceOf,
  fitCox,
  fitLogistic,
  proportionalHazardsTest,
  validationSize,
} from '@concord/validation';

import { profileAsInR } from './as-in-r.mjs';
import { named, numbers, outcomesOf, parseFormula, readRows } from './table.mjs';

const diagonal = ({ rows, data }) => Array.from({ length: rows }, (_, j) => Math.sqrt(data[j * rows + j]));

export function fitCoxCase({ folder, spec }) {
  const rows = readRows(folder);
  const { time, event, terms } = parseFormula(spec.formula);
  const data = { times: numbers(rows, time), events: outcomesOf(rows, event) };
  const columns = terms.map((term) => numbers(rows, term));
  const result = {};
  for (const ties of ['efron', 'breslow']) {
    const input = { ...data, columns, ties };
    const fit = fitCox(input);
    const linear = data.times.map((_, i) => columns.reduce((sum, column, j) => sum + fit.coefficients[j] * column[i], 0));
    const c = concordance(data, linear);
    result[ties] = {
      coef: named(terms, fit.coefficients),
      se: named(terms, diagonal(fit.covariance)),
      loglik: [fit.nullLogLikelihood, fit.logLikelihood],
      score: fit.scoreChi2,
      // R's summary prints the Wald statistic with two decimals.
      wald: Number(fit.waldChi2.toFixed(2)),
      lrt: 2 * (fit.logLikelihood - fit.nullLogLikelihood),
      concordance: [c.c, c.standardError],
    };
    if (ties !== 'efron') continue;
    result.baselineEfron = tenSteps(baselineHazard(input, fit.coefficients), data.times);
    const test = proportionalHazardsTest(input, fit);
    const all = [...test.columns, test.global];
    result.coxZph = { chisq: all.map(({ chi2 }) => chi2), p: all.map(({ p }) => p) };
  }
  return result;
}

/** Ten of all distinct times, equally far apart in their order. */
function tenSteps(baseline, followUp) {
  const times = Float64Array.from(new Set(followUp)).sort();
  return Array.from({ length: 10 }, (_, k) => {
    const time = times[Math.round((k * (times.length - 1)) / 9)];
    let at = baseline.times.length - 1;
    while (at >= 0 && baseline.times[at] > time) at--;
    return { time, hazard: at < 0 ? 0 : baseline.cumulativeHazard[at] };
  });
}

export function fitLogisticCase({ folder, spec }) {
  const rows = readRows(folder);
  const { outcome, terms } = parseFormula(spec.formula);
  const y = outcomesOf(rows, outcome);
  const columns = terms.map((term) => numbers(rows, term));
  const ones = new Float64Array(y.length).fill(1);
  const fit = fitLogistic([ones, ...columns], y);
  const none = fitLogistic([ones], y);
  const names = ['(Intercept)', ...terms];
  const linear = y.reduce((list, _, i) => {
    list.push([ones, ...columns].reduce((sum, column, j) => sum + fit.coefficients[j] * column[i], 0));
    return list;
  }, []);
  return {
    coef: named(names, fit.coefficients),
    se: named(names, diagonal(fit.covariance)),
    deviance: devianceOf(Float64Array.from(linear), y),
    nullDeviance: none.deviance,
    aic: fit.deviance + 2 * names.length,
    fitted5: linear.slice(0, 5).map((eta) => 1 / (1 + Math.exp(-eta))),
    profileCi: profileAsInR(columns, y, fit),
  };
}

export function fitFirthCase({ folder, spec }) {
  const rows = readRows(folder);
  const { outcome, terms } = parseFormula(spec.formula);
  const fit = fitFirth(
    terms.map((term) => numbers(rows, term)),
    outcomesOf(rows, outcome),
  );
  const names = ['(Intercept)', ...terms];
  return {
    coef: named(names, fit.coefficients),
    se: diagonal(fit.augmentedCovariance),
    ciProfile: fit.intervals,
    p: named(names, fit.p),
    loglik: [fit.logLikelihood, fit.nullLogLikelihood],
  };
}

export function sampleSize({ spec }) {
  return {
    development: spec.constants.development.map(developmentShape),
    externalValidation: spec.constants.externalValidation.map(validationShape),
  };
}

function developmentShape(args) {
  const size =
    args.type === 's'
      ? developmentSizeSurvival({
          parameters: args.parameters,
          coxSnell: args.csrsquared,
          rate: args.rate,
          timePoint: args.timepoint,
          meanFollowUp: args.meanfup,
        })
      : developmentSizeBinary({
          parameters: args.parameters,
          prevalence: args.prevalence,
          coxSnell: args.csrsquared,
          nagelkerke: args.nagrsquared,
          c: args.cstatistic,
        });
  const perPatient = size.events / size.n;
  const [byShrinkage, byOptimism, byRisk] = size.criteria.map(({ n }) => n);
  const row = (n, shrinkage) => ({
    Samp_size: n,
    Shrinkage: shrinkage,
    Parameter: args.parameters,
    CS_Rsq: size.coxSnell,
    Max_Rsq: size.maxCoxSnell,
    Nag_Rsq: size.coxSnell / size.maxCoxSnell,
    EPP: (n * perPatient) / args.parameters,
  });
  const optimal = size.coxSnell / (size.coxSnell + 0.05 * size.maxCoxSnell);
  return {
    sampleSize: size.n,
    events: size.events,
    EPP: size.eventsPerParameter,
    table: [
      row(byShrinkage, 0.9),
      row(byOptimism, optimal),
      // pmsampsize lists the size so far where the risk is precise enough with it.
      row(args.type === 's' ? Math.max(byShrinkage, byOptimism, byRisk) : byRisk, size.shrinkage),
      row(size.n, size.shrinkage),
    ],
  };
}

function validationShape(args) {
  const size = validationSize({
    prevalence: args.prevalence,
    c: args.cstatistic,
    linearPredictor: { mean: args.lpnormal[0], sd: args.lpnormal[1] },
    oeWidth: args.oeciwidth,
    slopeWidth: args.csciwidth,
    cWidth: args.cstatciwidth,
    netBenefit:
      args.threshold === undefined
        ? undefined
        : {
            threshold: args.threshold,
            sensitivity: args.sensitivity,
            specificity: args.specificity,
            width: args.nbciwidth,
          },
  });
  const rows = size.criteria.map((one) => ({
    Samp_size: one.n,
    Perf: one.expected,
    SE: one.standardError,
    'CI width': one.width,
  }));
  return { sampleSize: size.n, events: size.events, table: [...rows, rows.find((row) => row.Samp_size === size.n)] };
}
