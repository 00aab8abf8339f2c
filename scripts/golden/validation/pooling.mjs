// Meta-analysis and imputation.
import {
  EXACT_SEARCH,
  inverseLogit,
  leaveOneOut,
  METAFOR_SEARCH,
  poolImputations,
  predictionInterval,
  randomEffects,
  tau2Interval,
} from '@concord/validation';

import { numbers, readRows, sortedLabels } from './table.mjs';

const VARIANTS = {
  remlKnha: ['REML', 'hartungKnapp'],
  remlAdhoc: ['REML', 'hartungKnappAdHoc'],
  remlZ: ['REML', 'z'],
  dlZ: ['DL', 'z'],
  pmKnha: ['PM', 'hartungKnapp'],
  fixed: ['FE', 'z'],
};

export function metaShape(values, errors) {
  const result = { k: values.length };
  for (const [name, [estimator, test]] of Object.entries(VARIANTS)) {
    const m = randomEffects(values, errors, estimator, test, 0.95, estimator === 'PM' ? METAFOR_SEARCH : EXACT_SEARCH);
    result[name] = {
      estimate: m.estimate,
      se: m.standardError,
      ci: m.interval,
      p: m.p,
      tau2: m.tau2,
      seTau2: m.tau2StandardError,
      I2: m.i2,
      H2: m.h2,
      Q: m.q,
      Qp: m.qP,
      pi: m.prediction,
    };
  }
  const plain = randomEffects(values, errors, 'REML', 'hartungKnapp');
  result.piHTS = { df: values.length - 2, pi: predictionInterval(plain) };
  result.tau2QProfileCi = tau2Interval(values, errors, 0.95, METAFOR_SEARCH);
  result.leaveOneOut = leaveOneOut(values, errors, 0.95, METAFOR_SEARCH).map(({ omitted, analysis }) => ({
    omitted: omitted + 1,
    estimate: analysis.estimate,
    lower: analysis.interval[0],
    upper: analysis.interval[1],
    tau2: analysis.tau2,
  }));
  return result;
}

const studies = (rows) => [[...numbers(rows, 'yi')], [...numbers(rows, 'sei')]];

export function metaAnalysis({ folder }) {
  const [values, errors] = studies(readRows(folder));
  const result = metaShape(values, errors);
  const { estimate, ci } = result.remlKnha;
  result.metamiscValmeta = {
    estimate: inverseLogit(estimate),
    ci: ci.map(inverseLogit),
    pi: result.piHTS.pi.map(inverseLogit),
  };
  return result;
}

export function metaEdge({ folder, spec }) {
  const rows = readRows(folder);
  const subs = sortedLabels(rows.map((row) => row[spec.groupColumn]));
  return Object.fromEntries(
    subs.map((sub) => [sub, metaShape(...studies(rows.filter((row) => row[spec.groupColumn] === sub)))]),
  );
}

export function rubin({ folder, spec }) {
  const rows = readRows(folder);
  const [estimates, errors] = [[...numbers(rows, 'est')], [...numbers(rows, 'se')]];
  const df = spec.n - spec.k;
  const shape = (r) => ({
    qbar: r.estimate,
    ubar: r.within,
    b: r.between,
    t: r.total,
    df: r.df,
    fmi: r.fractionMissing,
    riv: r.relativeIncrease,
    ci: r.interval,
  });
  const onLogit = poolImputations(
    estimates.map((c) => Math.log(c / (1 - c))),
    errors.map((se, i) => se / (estimates[i] * (1 - estimates[i]))),
    df,
  );
  return {
    rawScale: shape(poolImputations(estimates, errors, df)),
    logitScale: {
      ...shape(onLogit),
      backTransformed: inverseLogit(onLogit.estimate),
      backCi: onLogit.interval.map(inverseLogit),
    },
  };
}
