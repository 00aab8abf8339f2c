import { expectedInPlace, positionsOf, type HarmonizedFeatures } from './apply-combat.js';
import { type DesignColumn, designColumns } from './coding.js';
import { checkColumns, type Covariate, type FeatureColumn } from './columns.js';
import type { CombatModel } from './combat-model.js';
import { type BatchEstimates, priorsOf } from './empirical-bayes.js';
import { CombatInputError, TooFewFeaturesError } from './errors.js';
import { describeBatch, type IntervalColumn } from './intervals.js';

/** Patients of one batch that the model has not seen. */
export interface NewSiteRows {
  /** Label of the new batch. */
  readonly batch: string;
  readonly features: readonly FeatureColumn[];
  readonly covariates?: readonly Covariate[];
  /** Fewest patients for a scale; 5 unless told, never below 3. Fewer get a location only. */
  readonly minimumForScale?: number;
}

/** How the new batch differs, in SD of the feature (`shift`) and as a ratio of SDs (`scale`, null: not estimated). */
export interface NewSiteEstimates {
  readonly batch: string;
  readonly count: number;
  readonly features: readonly string[];
  readonly shift: IntervalColumn;
  readonly scale: IntervalColumn | null;
  readonly method: string;
}

/**
 * Harmonises a site that was not in the fit, from its own (unlabelled) patients: the model's grand mean, covariate effects
 * and pooled variance stay; shift and scale are estimated from the site, shrunken over its features.
 *
 * Below 3 patients there is never a scale, below `minimumForScale` (5) the location alone is adjusted, below 20 the result
 * carries a warning: with 20 patients about a fifth of an SD of shift is left over. Intervals are those of the conditional
 * posteriors: gamma* ± 1.96 sqrt(tau² d / (n tau² + d)), and the inverse gamma of delta; for a location alone n and d are
 * set to 1, as in its estimate, so it is wide. A model without EB gets t and chi-squared intervals.
 *
 * @throws {ModelMismatchError} {@link UnknownLevelError} as {@link applyCombat}
 * @throws {CombatInputError} if the model knows the batch, or there is no patient
 * @throws {TooFewFeaturesError} if EB is asked for and fewer than two features vary
 */
export function applyToNewSite(
  model: CombatModel,
  site: NewSiteRows,
): HarmonizedFeatures & { estimates: NewSiteEstimates } {
  const count = checkSite(model, site);
  const position = positionsOf(model, site.features);
  const columns = designColumns(model.covariates, site.covariates ?? []);
  const isMeanOnly = model.isMeanOnly || count < Math.max(3, site.minimumForScale ?? 5);
  const used = [...site.features.keys()].filter((f) => position[f] >= 0 && !isConstant(site.features[f].values));
  const estimates = measure(model, site, used, position, columns, isMeanOnly);
  const eb = model.options.eb === 'none' && !isMeanOnly ? 'none' : 'eb';
  const priors = priorsOf(estimates.gammaHat, isMeanOnly ? null : estimates.deltaHat);
  if (eb === 'eb' && !(priors.tau2 >= 0)) {
    throw new TooFewFeaturesError(
      'empirical Bayes needs at least two features that vary',
      `batch ${site.batch}`,
      'Give more features, or use a model fitted without empirical Bayes.',
    );
  }
  const described = describeBatch(model.options.stop, estimates, priors, eb, isMeanOnly);
  const expected = new Float64Array(count);
  const features = site.features.map(({ name, values }) => ({ name, values: values.slice() }));
  used.forEach((f, u) => {
    expectedInPlace(model, position[f], columns, expected);
    const shift = described.shift.values[u] * Math.sqrt(model.estimates.pooledVariance[position[f]]);
    const scale = described.scale === null ? 1 : described.scale.values[u];
    if (Number.isNaN(shift) || Number.isNaN(scale)) return;
    const { values } = features[f];
    for (let row = 0; row < count; row++) values[row] = (values[row] - expected[row] - shift) / scale + expected[row];
  });
  return {
    features,
    estimates: { batch: site.batch, count, features: used.map((f) => site.features[f].name), ...described },
    warnings: warningsOf(site.batch, count, model, isMeanOnly),
  };
}

function checkSite(model: CombatModel, site: NewSiteRows): number {
  const count = site.features[0]?.values.length ?? 0;
  const labels = Array.from({ length: count }, () => site.batch);
  checkColumns(site.features, labels, site.covariates ?? []);
  if (count === 0 || model.batches.includes(site.batch)) {
    throw new CombatInputError(
      count === 0 ? 'the new site has no patient' : `the model knows batch ${site.batch} already`,
      `batch ${site.batch}`,
      count === 0 ? 'Give at least one patient.' : 'Apply the model to it as to any known batch.',
    );
  }
  for (const { name, values } of site.features) {
    if (values.some((value) => value === Infinity || value === -Infinity)) {
      throw new CombatInputError(
        `feature ${name} is infinite`,
        `feature ${name}`,
        'Correct the value or leave it empty.',
      );
    }
  }
  return count;
}

/** Two or more values, all equal: no scale can be read from them. */
function isConstant(values: Float64Array): boolean {
  const observed = values.filter((value) => !Number.isNaN(value));
  return observed.length > 1 && observed.every((value) => value === observed[0]);
}

function measure(
  model: CombatModel,
  site: NewSiteRows,
  used: readonly number[],
  position: Int32Array,
  columns: readonly DesignColumn[],
  isMeanOnly: boolean,
): BatchEstimates {
  const result = {
    gammaHat: new Float64Array(used.length),
    deltaHat: new Float64Array(used.length),
    counts: new Float64Array(used.length),
  };
  const expected = new Float64Array(site.features[0].values.length);
  used.forEach((f, u) => {
    const g = position[f];
    const sd = Math.sqrt(model.estimates.pooledVariance[g]);
    expectedInPlace(model, g, columns, expected);
    const z = site.features[f].values.map((value, row) => (value - expected[row]) / sd).filter((v) => !Number.isNaN(v));
    let sum = 0;
    for (const value of z) sum += value;
    const mean = sum / z.length;
    let squares = 0;
    for (const value of z) squares += (value - mean) * (value - mean);
    result.gammaHat[u] = mean;
    result.counts[u] = z.length;
    result.deltaHat[u] = isMeanOnly ? 1 : z.length < 2 ? NaN : squares / (z.length - 1);
  });
  return result;
}

function warningsOf(batch: string, count: number, model: CombatModel, isMeanOnly: boolean): string[] {
  const warnings: string[] = [];
  if (isMeanOnly) warnings.push(`Batch ${batch} has ${count} patients: only its location is adjusted.`);
  if (count < 20)
    warnings.push(`Batch ${batch} has fewer than 20 patients: its estimates are uncertain, see their intervals.`);
  if (model.options.eb === 'nonparametric') warnings.push('The new site is shrunken by parametric empirical Bayes.');
  return warnings;
}
