// Several centres with a survival outcome: rows at hand, and sums only.
import {
  concordance,
  coxSiteSums,
  coxSlope,
  curveFromTables,
  eventTable,
  fitCox,
  fitFromSums,
  logRankFromTables,
  logRank,
  mergeTables,
  survivalPoint,
} from '@concord/validation';
import { median } from '@concord/numeric';

import { metaShape } from './pooling.mjs';
import { concordanceShape, countShape, kmShape } from './survival.mjs';
import { numbers, outcomesOf, readRows, sortedLabels } from './table.mjs';

const LEVEL = 0.95;

function cohortOf(folder, spec) {
  const rows = readRows(folder);
  const part = (some) => ({
    data: { times: numbers(some, spec.time), events: outcomesOf(some, spec.event) },
    linear: numbers(some, spec.lp),
  });
  const labels = rows.map((row) => row[spec.centre]);
  const names = sortedLabels(labels);
  const centres = names.map((name) => ({ name, ...part(rows.filter((row) => row[spec.centre] === name)) }));
  return { ...part(rows), labels, centres };
}

function concordances({ data, linear, labels, centres }) {
  const within = concordance(data, linear, { strata: labels });
  return {
    harrell: concordanceShape(concordance(data, linear)),
    stratifiedWithinCentre: {
      c: within.c,
      se: within.standardError,
      count: countShape(within),
      perCentre: centres.map(({ name, ...part }) => ({
        centre: name,
        ...countShape(concordance(part.data, part.linear)),
      })),
    },
  };
}

export function survivalMulticentre({ folder, spec }) {
  const all = cohortOf(folder, spec);
  const perCentre = all.centres.map(({ name, data, linear }) => {
    const c = concordance(data, linear);
    const events = data.events.reduce((sum, event) => sum + event, 0);
    // The case gives a centre's slope from three events on.
    const slope = events < 3 ? null : coxSlope(data, linear, LEVEL);
    return {
      centre: Number.isFinite(Number(name)) ? Number(name) : name,
      n: linear.length,
      events,
      c: c.c,
      se: c.standardError,
      count: countShape(c),
      slope: slope?.slope ?? null,
      slopeSe: slope?.standardError ?? null,
    };
  });
  const included = perCentre.filter(({ events, c }) => events >= 5 && c > 0 && c < 1);
  const strata = Int32Array.from(all.labels, (label) => all.centres.findIndex(({ name }) => name === label));
  const fit = fitCox({ ...all.data, columns: [all.linear], strata, ties: 'efron' });
  const test = logRank(all.data, all.labels);
  return {
    perCentre,
    includedInMeta: included.map(({ centre }) => centre),
    pooledConcordance: concordances(all),
    metaLogitC: metaShape(
      included.map(({ c }) => Math.log(c / (1 - c))),
      included.map(({ c, se }) => se / (c * (1 - c))),
    ),
    metaSlope: metaShape(
      included.map(({ slope }) => slope),
      included.map(({ slopeSe }) => slopeSe),
    ),
    stratifiedCoxSlope: { slope: fit.coefficients[0], se: Math.sqrt(fit.covariance.data[0]) },
    km: kmShape(all.data, spec.constants.kmTimes),
    logRankByCentre: { chi2: test.chi2, df: test.df },
  };
}

export function federatedSurvival({ folder, spec }) {
  const all = cohortOf(folder, spec);
  const cut = median(all.linear);
  const tables = all.centres.map(({ data }) => eventTable(data));
  const byGroup = all.centres.map(({ data, linear }) =>
    [false, true].map((isHigh) => {
      const rows = [...linear.keys()].filter((i) => linear[i] > cut === isHigh);
      return eventTable({
        times: Float64Array.from(rows, (i) => data.times[i]),
        events: Uint8Array.from(rows, (i) => data.events[i]),
      });
    }),
  );
  const merged = [0, 1].map((group) => mergeTables(byGroup.map((site) => site[group])));
  const curve = curveFromTables(tables);
  const points = spec.horizons.map((time) => survivalPoint(curve, time, LEVEL));
  const ask = (beta) => all.centres.map(({ data, linear }) => coxSiteSums(data, [linear], beta));
  const atZero = ask([0]);
  const stratified = fitFromSums(ask, Float64Array.of(0));
  const pooled = fitCox({ ...all.data, columns: [all.linear], ties: 'breslow' });
  return {
    km: {
      times: spec.horizons,
      surv: points.map(({ survival }) => survival),
      se: points.map(({ standardError }) => standardError),
    },
    logRank: logRankFromTables(['low', 'high'], [merged]).chi2,
    logRankStratified: logRankFromTables(['low', 'high'], byGroup).chi2,
    groupCut: cut,
    perCentre: all.centres.map(({ name, data, linear }, i) => ({
      centre: name,
      n: atZero[i].n,
      events: data.events.reduce((sum, event) => sum + event, 0),
      scoreAt0: atZero[i].gradient[0],
      infoAt0: atZero[i].information[0],
      logLikAt0: atZero[i].logLikelihood,
      count: countShape(concordance(data, linear)),
    })),
    stratifiedCoxBreslow: {
      coef: stratified.coefficients[0],
      se: Math.sqrt(stratified.covariance.data[0]),
    },
    pooledCoxBreslow: { coef: pooled.coefficients[0], se: Math.sqrt(pooled.covariance.data[0]) },
    concordance: concordances(all),
    kmFromCoarsenedTables: spec.constants.coarsenWidths.flatMap((width) => {
      const coarse = curveFromTables(all.centres.map(({ data }) => eventTable(data, width)));
      return spec.horizons.map((time) => ({
        binWidth: width,
        time,
        surv: survivalPoint(coarse, time, LEVEL).survival,
      }));
    }),
  };
}
