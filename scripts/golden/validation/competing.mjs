// Competing risks, and decision curves at a horizon.
import {
  aucAt,
  brierAt,
  cumulativeIncidence,
  fineGrayRows,
  fitCox,
  fitFineGray,
  fitFineGrayRows,
  grayTest,
  competingNetBenefit,
  incidencePoint,
  kaplanMeier,
  markerOrder,
  survivalAt,
  weightedCohort,
} from '@concord/validation';

import { decisionShape } from './survival.mjs';
import { named, numbers, outcomesOf, readRows } from './table.mjs';

export function competingRisks({ folder, spec }) {
  const rows = readRows(folder);
  const data = { times: numbers(rows, 'time'), causes: outcomesOf(rows, 'status') };
  const linear = numbers(rows, 'lp');
  const risks = spec.horizons.map((_, i) => numbers(rows, `risk_${i + 1}`));
  const curve = cumulativeIncidence(data);
  const points = spec.horizons.map((time) => incidencePoint(curve, time));
  const ofCause1 = { times: data.times, events: data.causes.map((cause) => (cause === 1 ? 1 : 0)) };
  const naive = kaplanMeier(ofCause1);
  const cohort = weightedCohort(data);
  const order = markerOrder(linear);
  const expected = risks.map((risk) => risk.reduce((sum, value) => sum + value, 0) / risk.length);
  const aucs = risks.map((risk, i) => aucAt(cohort, risk, markerOrder(risk), spec.horizons[i]));
  const strict = (controls) =>
    spec.horizons.map((time) => aucAt(cohort, linear, order, time, { controls, isStrict: true })?.value ?? null);
  const fg = fitFineGray(data, [linear]);
  const cs = fitCox({ ...ofCause1, columns: [linear], ties: 'efron' });
  const gray = grayTest(data, rows.map(({ group }) => group));
  return {
    n: rows.length,
    events: Object.fromEntries([0, 1, 2].map((cause) => [cause, data.causes.filter((c) => c === cause).length])),
    naiveOneMinusKM: spec.horizons.map((time) => 1 - survivalAt(naive, time)),
    ajCumulativeIncidence: {
      times: spec.horizons,
      cif: points.map(({ incidence }) => incidence),
      se: points.map(({ standardError }) => standardError),
      cifCompeting: points.map(({ competing }) => competing),
    },
    observedExpected: points.map(({ incidence }, i) => incidence / expected[i]),
    expected,
    auc: aucs.map(({ value }) => value),
    aucSe: aucs.map(({ standardError }) => standardError),
    aucTimeROCControlsEventFree: strict('event-free'),
    aucTimeROCControlsAllOthers: strict('all'),
    brier: risks.map((risk, i) => brierAt(cohort, risk, spec.horizons[i]).value),
    brierNull: points.map(({ time, incidence }) =>
      brierAt(cohort, new Float64Array(rows.length).fill(incidence), time).value,
    ),
    fineGraySlope: { coef: fg.coefficients[0], se: Math.sqrt(fg.covariance.data[0]) },
    causeSpecificSlope: { coef: cs.coefficients[0], se: Math.sqrt(cs.covariance.data[0]) },
    grayTest: { stat: gray.chi2, p: gray.p, df: gray.df },
    developmentFit: development(folder),
  };
}

function development(folder) {
  const rows = readRows(folder, 'development.csv');
  const names = Object.keys(rows[0]).filter((name) => name !== 'time' && name !== 'status');
  const data = { times: numbers(rows, 'time'), causes: outcomesOf(rows, 'status') };
  const { fit, robust } = fitFineGrayRows(fineGrayRows(data, names.map((name) => numbers(rows, name)), 'efron'));
  return {
    fineGrayCoef: named(names, fit.coefficients),
    robustSe: named(
      names,
      names.map((_, j) => Math.sqrt(robust.data[j * names.length + j])),
    ),
  };
}

export function decisionCurveSurvival({ folder, spec }) {
  const rows = readRows(folder);
  const risks = numbers(rows, spec.risk);
  const times = numbers(rows, spec.time);
  const { decisionThresholds } = spec.constants;
  const competing = { times, causes: outcomesOf(rows, spec.competing.split(':')[0]) };
  return {
    kaplanMeier: {
      time: spec.horizon,
      curve: decisionShape({ times, events: outcomesOf(rows, spec.event) }, risks, spec.horizon, decisionThresholds),
    },
    competingRisks: competingNetBenefit(competing, risks, spec.horizon, decisionThresholds).map((p) => ({
      threshold: p.threshold,
      netBenefit: p.netBenefit,
      netBenefitAll: p.treatAll,
    })),
  };
}
