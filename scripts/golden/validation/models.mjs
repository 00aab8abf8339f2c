// Nomograms, and the optimism of a model's own development.
import { buildNomogram } from '@concord/models';
import { baselineHazard, bootstrapOptimism, fitCox, fitLogistic, hazardAt, inverseLogit } from '@concord/validation';

import { rulerAsInR } from './as-in-r.mjs';
import { named, numbers, outcomesOf, parseFormula, readRows } from './table.mjs';

function nomogramShape(names, coefficients, nomogram) {
  return {
    axes: Object.fromEntries(
      nomogram.axes.map(({ feature, values, points, contributions }) => [
        feature,
        { value: values, points, xbeta: contributions },
      ]),
    ),
    totalPoints: nomogram.totalPoints,
    pointsPerLpUnit: nomogram.pointsPerUnit,
    lpAxis: { lp: nomogram.linearPredictor.values, points: nomogram.linearPredictor.points },
  };
}

export function nomogramCox({ folder, spec }) {
  const rows = readRows(folder);
  const { time, event, terms } = parseFormula(spec.formula);
  const columns = terms.map((term) => numbers(rows, term));
  const input = { times: numbers(rows, time), events: outcomesOf(rows, event), columns, ties: 'efron' };
  // rms::cph stops once a step changes the likelihood by less than 1e-4 of it.
  const { coefficients } = fitCox(input, { likelihoodTolerance: 1e-4 });
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  const center = means.reduce((sum, mean, j) => sum + mean * coefficients[j], 0);
  const nomogram = buildNomogram(
    terms.map((feature, j) => ({ feature, coefficient: coefficients[j], values: columns[j] })),
    -center,
  );
  const baseline = baselineHazard(input, coefficients);
  const survival = (horizon) => (linear) => Math.exp(-hazardAt(baseline, horizon) * Math.exp(linear + center));
  return {
    coef: named(terms, coefficients),
    center,
    ...nomogramShape(terms, coefficients, nomogram),
    funAxes: Object.fromEntries(
      spec.horizons.map((horizon) => [`S(${horizon})`, rulerAsInR(nomogram, survival(horizon))]),
    ),
  };
}

export function nomogramLogistic({ folder, spec }) {
  const rows = readRows(folder);
  const { outcome, terms } = parseFormula(spec.formula);
  const columns = terms.map((term) => numbers(rows, term));
  const { coefficients } = fitLogistic([new Float64Array(rows.length).fill(1), ...columns], outcomesOf(rows, outcome));
  const nomogram = buildNomogram(
    terms.map((feature, j) => ({ feature, coefficient: coefficients[j + 1], values: columns[j] })),
    coefficients[0],
  );
  return {
    coef: named(['Intercept', ...terms], coefficients),
    center: null,
    ...nomogramShape(terms, coefficients, nomogram),
    funAxes: { risk: rulerAsInR(nomogram, inverseLogit) },
  };
}

export function bootstrapOptimismCase({ folder, spec }) {
  const rows = readRows(folder);
  const { outcome, terms } = parseFormula(spec.formula);
  const outcomes = outcomesOf(rows, outcome);
  const design = [new Float64Array(rows.length).fill(1), ...terms.map((term) => numbers(rows, term))];
  const resamples = readRows(folder, 'bootstrap_indices.csv').map((row) =>
    Uint32Array.from(Object.values(row), (cell) => Number(cell) - 1),
  );
  const result = bootstrapOptimism(outcomes, resamples, (drawn) => {
    const fit = fitLogistic(
      design.map((column) => Float64Array.from(drawn, (row) => column[row])),
      Uint8Array.from(drawn, (row) => outcomes[row]),
    );
    return (
      fit &&
      ((wanted) =>
        Float64Array.from(wanted, (row) =>
          inverseLogit(design.reduce((sum, column, j) => sum + fit.coefficients[j] * column[row], 0)),
        ))
    );
  });
  return {
    B: result.replicates,
    apparent: result.apparent,
    optimism: result.optimism,
    corrected: result.corrected,
    outOfBagMean: result.outOfBag,
    auc632: result.auc632,
  };
}
