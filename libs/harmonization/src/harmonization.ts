import { applyCombat, type HarmonizedFeatures } from './apply-combat.js';
import type { Covariate, FeatureColumn } from './columns.js';
import type { CombatModel, CombatOptions } from './combat-model.js';
import { applyCovbat, type CovbatModel, fitCovbat } from './covbat.js';
import { CombatInputError } from './errors.js';
import { type CombatInput, fitCombat } from './fit-combat.js';
import { applyToNewSite, type NewSiteEstimates, type NewSiteRows } from './new-site.js';
import { applyLongitudinal, fitLongitudinal, type LongitudinalModel } from './longitudinal.js';
import { applySeveral, type BatchVariable, fitSeveral, type SeveralModel } from './several.js';
import {
  type FeatureTransform,
  fitTransforms,
  invertValues,
  transformValues,
  type TransformKind,
} from './transforms.js';

/** A model of one method, on features as they are. */
export type MethodModel = CombatModel | CovbatModel | LongitudinalModel | SeveralModel;

/** A model of any method, on transformed features. */
export interface TransformedModel {
  readonly format: 'concord.transformed/1';
  readonly transform: TransformKind;
  /** One a feature that the inner model adjusts or passes through. */
  readonly transforms: readonly FeatureTransform[];
  readonly model: MethodModel;
}

export type HarmonizationModel = MethodModel | TransformedModel;

/** Rows for any method: `batches` has one variable, or several for the method of that name. */
export interface HarmonizationRows {
  readonly features: readonly FeatureColumn[];
  readonly batches: readonly BatchVariable[];
  /** For the longitudinal method: whom each visit belongs to. */
  readonly subject?: { readonly name: string; readonly labels: readonly (string | null)[] };
  readonly covariates?: readonly Covariate[];
}

export interface HarmonizationInput extends HarmonizationRows, Pick<CombatInput, 'outcomes' | 'allowOutcomeCovariate'> {
  /** GAM is `combat` with smooth covariates. */
  readonly method: 'combat' | 'covbat' | 'longitudinal' | 'several';
  readonly transform?: TransformKind | 'none';
  readonly options?: Partial<CombatOptions>;
  /** For `covbat`. */
  readonly varianceShare?: number;
}

/**
 * Fits any method of the family, on transformed features where that is asked for.
 *
 * @throws as `fitCombat`, `fitCovbat`, `fitLongitudinal`, `fitSeveral`, `fitTransforms`
 */
export function fitHarmonization(input: HarmonizationInput): HarmonizationModel {
  const { transform = 'none' } = input;
  if (transform === 'none') return fitMethod(input);
  const transforms = fitTransforms(transform, input.features);
  const model = fitMethod({ ...input, features: transformed(transforms, input.features) });
  return { format: 'concord.transformed/1', transform, transforms, model };
}

/**
 * Applies a model of any method.
 *
 * @throws as `applyCombat`, `applyCovbat`, `applyLongitudinal`, `applySeveral`
 */
export function applyHarmonization(model: HarmonizationModel, rows: HarmonizationRows): HarmonizedFeatures {
  if (model.format !== 'concord.transformed/1') return applyMethod(model, rows);
  return throughTransforms(model.transforms, rows.features, (features) =>
    applyMethod(model.model, { ...rows, features }),
  );
}

/**
 * Harmonises a site that was not in the fit, as `applyToNewSite`, through the model's transform.
 *
 * @throws {CombatInputError} for CovBat, longitudinal models and several batch variables, which have no such rule
 * @throws as `applyToNewSite`
 */
export function harmonizeNewSite(
  model: HarmonizationModel,
  site: NewSiteRows,
): HarmonizedFeatures & { readonly estimates: NewSiteEstimates } {
  const inner = model.format === 'concord.transformed/1' ? model.model : model;
  if (inner.format !== 'concord.combat/2') {
    throw new CombatInputError(
      'a new site can be harmonised by a plain ComBat only',
      `the model (${inner.format})`,
      'Fit ComBat, or fit again with the site in it.',
    );
  }
  if (model.format !== 'concord.transformed/1') return applyToNewSite(inner, site);
  return throughTransforms(model.transforms, site.features, (features) => applyToNewSite(inner, { ...site, features }));
}

/**
 * Transforms features, harmonises them by the function given, and goes back. A value that the function does not change
 * comes back bit by bit.
 */
export function throughTransforms<T extends HarmonizedFeatures>(
  transforms: readonly FeatureTransform[],
  features: readonly FeatureColumn[],
  harmonize: (features: FeatureColumn[]) => T,
): T {
  const before = transformed(transforms, features);
  const result = harmonize(before);
  const byName = new Map(transforms.map((transform) => [transform.feature, transform]));
  const warnings = [...result.warnings];
  const back = result.features.map(({ name, values }, f) => {
    const transform = byName.get(name);
    const original = features[f].values;
    if (transform === undefined) return { name, values: original.slice() };
    const { values: inverted, raised } = invertValues(transform, values);
    if (raised > 0) warnings.push(`${name}: ${raised} values were raised to ${transform.floor}.`);
    const start = before[f].values;
    const lost = start.filter((value, row) => Number.isNaN(value) && !Number.isNaN(original[row])).length;
    if (lost > 0) warnings.push(`${name}: ${lost} values have no ${transform.kind} transform and became missing.`);
    return { name, values: inverted.map((value, row) => (values[row] === start[row] ? original[row] : value)) };
  });
  return { ...result, features: back, warnings };
}

function transformed(transforms: readonly FeatureTransform[], features: readonly FeatureColumn[]): FeatureColumn[] {
  const byName = new Map(transforms.map((transform) => [transform.feature, transform]));
  return features.map(({ name, values }) => {
    const transform = byName.get(name);
    return { name, values: transform === undefined ? values : transformValues(transform, values) };
  });
}

function fitMethod(input: HarmonizationInput): MethodModel {
  const { method, batches, subject, options } = input;
  if (method === 'several') return fitSeveral({ ...input, options: withoutReference(options) });
  const { name: batchColumn, labels: batch } = theOnly(batches);
  if (method === 'longitudinal') {
    if (subject === undefined) throw noSubject();
    return fitLongitudinal({
      ...input,
      batch,
      batchColumn,
      subject: subject.labels,
      subjectColumn: subject.name,
      options,
    });
  }
  return method === 'covbat'
    ? fitCovbat({ ...input, batch, batchColumn })
    : fitCombat({ ...input, batch, batchColumn });
}

function applyMethod(model: MethodModel, rows: HarmonizationRows): HarmonizedFeatures {
  switch (model.format) {
    case 'concord.several/1':
      return applySeveral(model, rows);
    case 'concord.longitudinal/1': {
      if (rows.subject === undefined) throw noSubject();
      return applyLongitudinal(model, { ...rows, batch: theOnly(rows.batches).labels, subject: rows.subject.labels });
    }
    case 'concord.covbat/1':
      return applyCovbat(model, { ...rows, batch: theOnly(rows.batches).labels });
    case 'concord.combat/2':
      return applyCombat(model, { ...rows, batch: theOnly(rows.batches).labels });
  }
}

function theOnly(batches: readonly BatchVariable[]): BatchVariable {
  if (batches.length === 1) return batches[0];
  throw new CombatInputError(
    `this method takes one batch variable, not ${batches.length}`,
    'the batch variables',
    'Name one, or use the method for several batch variables.',
  );
}

function withoutReference(options: Partial<CombatOptions> = {}): Partial<CombatOptions> {
  if (options.reference == null) return options;
  throw new CombatInputError(
    'a reference batch is not possible with several batch variables',
    'option reference',
    'Leave it out, or harmonise one variable.',
  );
}

function noSubject(): CombatInputError {
  return new CombatInputError('the subjects are not given', 'the subject column', 'Name the column of subjects.');
}
