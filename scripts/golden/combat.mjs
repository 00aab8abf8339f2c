// Family `combat`: writes a file of the same name for every expected one that Concord can compute, and says which it cannot.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { applyCombat, applyToNewSite, fitCombat, harmonize } from '@concord/harmonization';
import { measureScannerEffect } from '@concord/scanner-effects';
import { numberValues, tableFromCsv, tableToCsv, textValues } from '@concord/tables';

const NO_FEATURE = new Set(['subject_id', 'site', 'split', 'time', 'age0']);

function readCase(folder) {
  const info = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const categorical = [info.categorical ?? []].flat();
  const continuous = [info.continuous ?? []].flat();
  const path = info.input ? join(folder, info.input) : join(folder, 'input.csv.gz');
  const table = tableFromCsv(readFileSync(path));
  const roles = new Set([...NO_FEATURE, info.batch, ...categorical, ...continuous]);
  const names = table.columns.filter(({ kind, name }) => kind === 'number' && !roles.has(name)).map(({ name }) => name);
  return { info, table, categorical, continuous, names };
}

function columns({ table, info, categorical, continuous, names }, rows, without = []) {
  const numbers = (name) => {
    const values = numberValues(table, name);
    return Float64Array.from(rows, (row) => values[row]);
  };
  const texts = (name) => {
    const values = textValues(table, name);
    return rows.map((row) => values[row]);
  };
  const kept = (name) => !without.includes(name);
  return {
    features: names.map((name) => ({ name, values: numbers(name) })),
    batch: texts(info.batch),
    covariates: [
      ...categorical.filter(kept).map((name) => ({ name, kind: 'categorical', values: texts(name) })),
      ...continuous.filter(kept).map((name) => ({ name, kind: 'continuous', values: numbers(name) })),
    ],
  };
}

/** Options and covariates that a variant's name stands for. */
function inputOf(data, software, variant) {
  const rows = [...Array(data.table.rowCount).keys()];
  const without = variant.includes('nooutcome') ? ['outcome'] : [];
  const input = columns(data, rows, without);
  if (variant.includes('unadj')) input.covariates = [];
  const only = { par_full: ['conf_full'], par_part: ['conf_part'], par_collinear: ['age', 'age_dup'] }[variant];
  if (only) input.covariates = input.covariates.filter(({ name }) => only.includes(name));
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

function matrixCsv(data, rows, features) {
  const ids = data.table.columns.some(({ name }) => name === 'subject_id') ? textValues(data.table, 'subject_id') : null;
  return tableToCsv({
    rowCount: rows.length,
    columns: [
      { kind: 'number', name: 'row', values: Float64Array.from(rows.keys()) },
      ...(ids ? [{ kind: 'text', name: 'subject_id', values: rows.map((row) => ids[row]) }] : []),
      ...features.map(({ name, values }) => ({ kind: 'number', name, values })),
    ],
  });
}

function estimatesJson(model, input) {
  const e = model.estimates;
  const position = (name) => input.features.findIndex((feature) => feature.name === name);
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
    passed_through: model.passedThrough.map(({ feature }) => position(feature)),
    adjusted: model.features.map(position),
    mean_only: model.isMeanOnly,
  };
}

function diagnosticsJson(effect, features) {
  const of = (key, part) => effect.features.map((feature) => feature[key]?.[part] ?? null);
  return {
    sites: effect.batches,
    pairs: effect.pairs.map((pair) => pair.join('-')),
    per_feature: {
      anova_F: of('anova', 'statistic'),
      anova_p: of('anova', 'p'),
      eta2: effect.features.map(({ etaSquared }) => etaSquared),
      kruskal_H: of('kruskalWallis', 'statistic'),
      kruskal_p: of('kruskalWallis', 'p'),
      levene_median_F: of('brownForsythe', 'statistic'),
      levene_median_p: of('brownForsythe', 'p'),
      cohen_d: effect.features.map(({ cohenD }) => cohenD),
    },
    summary: {
      n_features: effect.summary.featureCount,
      bh05_anova: effect.summary.anova.count,
      bh05_kruskal: effect.summary.kruskalWallis.count,
      bh05_levene_median: effect.summary.brownForsythe.count,
      mean_eta2: effect.summary.meanEtaSquared,
      mean_abs_cohen_d: effect.summary.meanAbsCohenD,
      pca_explained: effect.pca?.explained ?? null,
      pca_eta2_site: effect.pca?.etaSquared ?? null,
    },
    features,
  };
}

/** Diagnostics are of all features, or of the first 300 where the file holds a part; ComBat is fitted on all. */
function diagnostics(data, state) {
  const input = inputOf(data, 'sva', 'par_adj');
  const features = state === 'after' ? harmonize(input).features : input.features;
  const some = features.slice(0, data.info.id === 'r01_keek2020' ? 300 : features.length);
  const effect = measureScannerEffect({ features: some, batch: input.batch });
  return diagnosticsJson(effect, some.map(({ name }) => name));
}

/** The parts of s12_apply: fit on `train`, apply to known batches, or estimate each new site alone. */
function applied(data, part) {
  const split = textValues(data.table, 'split');
  const rowsOf = (name) => [...split.keys()].filter((row) => split[row] === name);
  const model = fitCombat({ ...columns(data, rowsOf('train')), options: { stop: 'legacy' } });
  const rows = rowsOf(part);
  if (part !== 'new_site') return { model, rows, features: applyCombat(model, columns(data, rows)).features };
  const sites = textValues(data.table, data.info.batch);
  const features = data.names.map((name) => ({ name, values: new Float64Array(rows.length) }));
  for (const batch of new Set(rows.map((row) => sites[row]))) {
    const at = [...rows.keys()].filter((k) => sites[rows[k]] === batch);
    const result = applyToNewSite(model, { ...columns(data, at.map((k) => rows[k])), batch });
    result.features.forEach(({ values }, f) => at.forEach((k, i) => (features[f].values[k] = values[i])));
  }
  return { model, rows, features };
}

/** Text of one file, or null where Concord has nothing to compare yet. */
function contentOf(data, name) {
  const [software, variant, kind] = name.replace(/\.gz$/, '').split('.');
  if (software === 'diagnostics') return JSON.stringify(diagnostics(data, variant));
  if (software === 'comfam_lm' && ['train', 'test_known', 'new_site'].includes(variant) && kind === 'csv') {
    const { rows, features } = applied(data, variant);
    return matrixCsv(data, rows, features);
  }
  const isOurs = software === 'exact' || software === 'sva' || (software === 'neurocombat_r' && /^(par|noeb)/.test(variant));
  if (!isOurs || data.info.id === 's08_long') return null;
  const input = inputOf(data, software, variant);
  let result;
  try {
    result = harmonize(input);
  } catch (error) {
    return kind === 'error' && error.code ? JSON.stringify(error.toJSON()) : null;
  }
  if (kind === 'error') return null;
  if (kind === 'est') return JSON.stringify(estimatesJson(result.model, input));
  return matrixCsv(data, [...Array(data.table.rowCount).keys()], result.features);
}

export async function compute(folder, out) {
  const data = readCase(folder);
  mkdirSync(out, { recursive: true });
  const missing = [];
  for (const name of readdirSync(join(folder, 'expected')).sort()) {
    const content = data.info.batch ? contentOf(data, name) : null;
    if (content === null) missing.push(name);
    else writeFileSync(join(out, name), name.endsWith('.gz') ? gzipSync(content) : content);
  }
  if (missing.length > 0) process.stderr.write(`not computed: ${missing.join(', ')}\n`);
}
