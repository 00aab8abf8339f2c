// Elastic nets: paths at the case's penalties, and cross-validation with its folds.
import { coxElasticNetPath, elasticNetPath, fitElasticNetCox, fitElasticNetLogistic } from '@concord/models';
import { aucSums, concordance, devianceOf, fitLogistic } from '@concord/validation';

import { numbers, outcomesOf, readRows } from './table.mjs';

/** Numbers of the path whose coefficients the cases list. */
const LISTED = [5, 10, 20, 30, 40];

function dataOf(folder, spec) {
  const rows = readRows(folder);
  const features = Object.keys(rows[0])
    .filter((name) => /^f\d+$/.test(name))
    .map((name) => ({ name, values: numbers(rows, name) }));
  const folds = Int32Array.from(numbers(rows, spec.foldColumn), (fold) => fold - 1);
  return { rows, features, folds };
}

const nonZero = (features, coefficients) =>
  Object.fromEntries(features.map(({ name }, j) => [name, coefficients[j]]).filter(([, value]) => value !== 0));

/** First penalty within one standard error of the least deviance. */
function oneError(points) {
  const best = points.reduce((least, point) => (point.deviance < least.deviance ? point : least));
  return points.findIndex((point) => point.deviance <= best.deviance + best.standardError);
}

/** The measure's best penalty over the curve: mean over folds, weighted by their size, of the measure inside a fold. */
function discrimination(lambdas, heldOutPath, folds, measure) {
  const count = Math.max(...folds) + 1;
  const means = heldOutPath.map((linear) => {
    let [sum, weight] = [0, 0];
    for (let fold = 0; fold < count; fold++) {
      const rows = [...folds.keys()].filter((row) => folds[row] === fold);
      sum += rows.length * measure(rows, Float64Array.from(rows, (row) => linear[row]));
      weight += rows.length;
    }
    return sum / weight;
  });
  const most = Math.max(...means);
  return { lambdaMin: lambdas[means.findIndex((mean) => mean === most)], cvmMax: most };
}

export function glmnetBinomial({ folder, spec }) {
  const { rows, features, folds } = dataOf(folder, spec);
  const outcome = outcomesOf(rows, 'y');
  const settings = { features, outcome, alpha: spec.alpha, folds, patience: Infinity, tolerance: 1e-14 };
  const fit = fitElasticNetLogistic(settings);
  const points = fit.model.crossValidation;
  const lambdas = points.map(({ lambda }) => lambda);
  const path = elasticNetPath(features, outcome, spec.alpha, lambdas);
  const none = fitLogistic([new Float64Array(outcome.length).fill(1)], outcome).deviance;
  const explained = path.map(({ intercept, coefficients }) => {
    const linear = new Float64Array(outcome.length).fill(intercept);
    features.forEach(({ values }, j) => values.forEach((value, i) => (linear[i] += coefficients[j] * value)));
    return 1 - devianceOf(linear, outcome) / none;
  });
  const coefficientsOf = ({ intercept, coefficients }) => ({ '(Intercept)': intercept, ...nonZero(features, coefficients) });
  return {
    lambdaMax: lambdas[0],
    lambdaFirst10: lambdas.slice(0, 10),
    nLambda: lambdas.length,
    df: path.map(({ coefficients }) => coefficients.filter((value) => value !== 0).length),
    devRatio: explained,
    coefAt: LISTED.map((number) => ({
      lambda: lambdas[number - 1],
      coef: { '(Intercept)': path[number - 1].intercept, ...nonZero(features, path[number - 1].coefficients) },
    })),
    cvDeviance: {
      lambdaMin: fit.model.lambda,
      lambda1se: lambdas[oneError(points)],
      cvm: points.map(({ deviance }) => deviance),
      cvsd: points.map(({ standardError }) => standardError),
      coefMin: coefficientsOf(fit.model),
      coef1se: coefficientsOf(path[oneError(points)]),
    },
    cvDiscrimination: discrimination(lambdas, fit.heldOutPath, folds, (held, linear) =>
      aucSums(linear, Uint8Array.from(held, (row) => outcome[row])).auc,
    ),
  };
}

export function glmnetCox({ folder, spec }) {
  const { rows, features, folds } = dataOf(folder, spec);
  const data = { times: numbers(rows, 'time'), events: outcomesOf(rows, 'status') };
  const settings = { features, ...data, alpha: spec.alpha, folds, patience: Infinity, tolerance: 1e-14 };
  const fit = fitElasticNetCox(settings);
  const points = fit.model.penalty.crossValidation;
  const lambdas = points.map(({ lambda }) => lambda);
  const path = coxElasticNetPath(features, data, spec.alpha, lambdas);
  return {
    lambdaMax: lambdas[0],
    lambdaFirst10: lambdas.slice(0, 10),
    nLambda: lambdas.length,
    df: path.map(({ coefficients }) => coefficients.filter((value) => value !== 0).length),
    devRatio: path.map(({ explained }) => explained),
    coefAt: LISTED.map((number) => ({
      lambda: lambdas[number - 1],
      coef: nonZero(features, path[number - 1].coefficients),
    })),
    cvDeviance: {
      lambdaMin: fit.model.penalty.lambda,
      lambda1se: lambdas[oneError(points)],
      cvm: points.map(({ deviance }) => deviance),
      cvsd: points.map(({ standardError }) => standardError),
      coefMin: nonZero(features, fit.model.coefficients),
      coef1se: nonZero(features, path[oneError(points)].coefficients),
    },
    cvDiscrimination: discrimination(lambdas, fit.heldOutPath, folds, (held, linear) =>
      concordance(
        { times: Float64Array.from(held, (row) => data.times[row]), events: Uint8Array.from(held, (row) => data.events[row]) },
        linear,
      ).c,
    ),
  };
}
