// Harmonised matrices and estimates, one function a kind of expected file.
import {
  applyCombat,
  applyCovbat,
  applyLongitudinal,
  applyToNewSite,
  codingOf,
  finishCombat,
  fitCombat,
  fitCovbat,
  fitLongitudinal,
  harmonize,
  poolSums,
  siteSums,
} from '@concord/harmonization';
import { nestedOrders } from '@concord/scanner-effects';
import { inputOf, matrixCsv, texts } from './case.mjs';

const LEGACY = { stop: 'legacy' };

/** ComBat in every option: the variant's name says which. */
export function combat(data, software, variant, kind) {
  const input = combatInput(data, software, variant);
  let result;
  try {
    result = harmonize(input);
  } catch (error) {
    return kind === 'error' && error.code ? JSON.stringify(error.toJSON()) : null;
  }
  if (kind === 'error') return null;
  return kind === 'est'
    ? JSON.stringify(estimates(result.model, data.names))
    : matrixCsv(data, result.features);
}

export function combatInput(data, software, variant) {
  const only = { par_full: ['conf_full'], par_part: ['conf_part'], par_collinear: ['age', 'age_dup'] }[variant];
  const keeps = (name) =>
    !variant.includes('unadj') && !(variant.includes('nooutcome') && name === 'outcome') && (only?.includes(name) ?? true);
  const input = inputOf(data, { keeps });
  if (variant.includes('usable')) input.features = input.features.filter((f) => isUsable(f.values, input.batch));
  const options = {
    eb: variant.startsWith('nonpar') ? 'nonparametric' : variant.startsWith('noeb') ? 'none' : 'parametric',
    stop: software === 'exact' ? 'exact' : 'legacy',
    meanOnly: variant.includes('meanonly'),
    reference: variant.includes('_ref') ? [...new Set(input.batch)].sort()[1] : null,
  };
  return { ...input, options };
}

/** Two observed values or more in every batch. */
function isUsable(values, batch) {
  const counts = new Map(batch.map((label) => [label, 0]));
  values.forEach((value, row) => Number.isNaN(value) || counts.set(batch[row], counts.get(batch[row]) + 1));
  return [...counts.values()].every((count) => count >= 2);
}

function estimates(model, names) {
  const e = model.estimates;
  return {
    levels: model.batches,
    n_batch: model.batchCounts,
    features: model.features,
    B_hat: e.coefficients,
    grand_mean: e.grandMean,
    var_pooled: e.pooledVariance,
    gamma_hat: e.gammaHat,
    delta_hat: e.deltaHat,
    gamma_bar: e.gammaBar,
    t2: e.tau2,
    a_prior: e.aPrior,
    b_prior: e.bPrior,
    gamma_star: e.gammaStar,
    delta_star: e.deltaStar,
    iterations: model.iterations,
    passed_through: model.passedThrough.map(({ feature }) => names.indexOf(feature)),
    adjusted: model.features.map((name) => names.indexOf(name)),
    mean_only: model.isMeanOnly,
  };
}

/** ComBat-GAM: age by a natural spline with four columns, or a cubic one with six equally spaced inner knots. */
export function smooth(data, software) {
  const input = inputOf(data);
  const covariates = input.covariates.map((covariate) =>
    data.info.smooth.includes(covariate.name)
      ? { ...covariate, kind: 'smooth', ...(software === 'comfam_ns4' ? { basis: 'ns', df: 4 } : { basis: 'bs', df: 9 }) }
      : covariate,
  );
  return matrixCsv(data, harmonize({ ...input, covariates, options: LEGACY }).features);
}

export function covbat(data) {
  const input = { ...inputOf(data), options: LEGACY, varianceShare: 0.95 };
  return matrixCsv(data, applyCovbat(fitCovbat(input), input).features);
}

export function longitudinal(data, kind) {
  const names = data.info.formula.split('+').map((name) => name.trim());
  const base = inputOf({ ...data, continuous: names });
  const input = { ...base, subject: texts(data, data.info.idvar, data.rows) };
  const model = fitLongitudinal(input);
  if (kind === 'csv') return matrixCsv(data, applyLongitudinal(model, input).features);
  const { gammaHat, deltaHat, gammaStar, deltaStar } = model.estimates;
  return JSON.stringify({ gammahat: gammaHat, delta2hat: deltaHat, gammastarhat: gammaStar, delta2starhat: deltaStar });
}

/** One party a batch: each forms sums, the hub pools them, each finishes its own patients. */
export function fromSums(data) {
  const all = inputOf(data);
  const codebook = { features: data.names, covariates: codingOf(all.covariates) };
  const parties = [...new Set(all.batch)].sort().map((label) => data.rows.filter((row) => all.batch[row] === label));
  const sums = parties.map((rows) => siteSums(codebook, inputOf(data, { rows })));
  const pooled = poolSums(sums);
  const features = data.names.map((name) => ({ name, values: new Float64Array(data.rows.length) }));
  for (const rows of parties) {
    const own = inputOf(data, { rows });
    const result = applyCombat(finishCombat(pooled, own, LEGACY), own);
    result.features.forEach(({ values }, f) => rows.forEach((row, k) => (features[f].values[row] = values[k])));
  }
  return matrixCsv(data, features);
}

/** Fit on `train`; apply to its batches, or estimate each new site alone. */
export function applied(data, part) {
  const split = texts(data, 'split', data.rows);
  const rowsOf = (name) => data.rows.filter((row) => split[row] === name);
  const model = fitCombat({ ...inputOf(data, { rows: rowsOf('train') }), options: LEGACY });
  const rows = rowsOf(part);
  if (part !== 'new_site') return matrixCsv(data, applyCombat(model, inputOf(data, { rows })).features, rows);
  const features = data.names.map((name) => ({ name, values: new Float64Array(rows.length) }));
  const sites = texts(data, data.batches[0], rows);
  for (const batch of new Set(sites)) {
    const at = [...rows.keys()].filter((k) => sites[k] === batch);
    const result = applyToNewSite(model, { ...inputOf(data, { rows: at.map((k) => rows[k]) }), batch });
    result.features.forEach(({ values }, f) => at.forEach((k, i) => (features[f].values[k] = values[i])));
  }
  return matrixCsv(data, features, rows);
}

/** ComBat for one batch variable after the other, in the order that leaves fewest differences. */
export function nested(data) {
  return matrixCsv(data, nestedOrders({ ...inputOf(data), ...LEGACY }).features);
}
