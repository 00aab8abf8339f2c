import type { CombatModel } from './combat-model.js';
import type { CovbatModel } from './covbat.js';
import { digestOf, type Fields, isRecord } from './digest.js';
import { CombatModelFormatError } from './errors.js';
import type { HarmonizationModel } from './harmonization.js';
import type { LongitudinalModel } from './longitudinal.js';
import type { PooledFit } from './pooled-fit.js';
import type { SeveralModel } from './several.js';

/** A model with the SHA-256 of everything else in it, so that a changed file is noticed. */
export type Sealed<M> = M & { readonly digest: string };

/** Gives a model its digest; what is written to a file. */
export function sealModel<M extends HarmonizationModel | PooledFit>(model: M): Sealed<M> {
  return { ...model, digest: digestOf(model) };
}

/**
 * A model of any method read from JSON, checked to be whole and unchanged.
 *
 * @throws {CombatModelFormatError} if the format or version is another, a table has the wrong shape or holds no finite
 *   number, or the digest does not fit
 */
export function parseHarmonizationModel(json: unknown): HarmonizationModel {
  return checkModel(unsealed(json));
}

/** As {@link parseHarmonizationModel}, for a plain ComBat model only. */
export function parseCombatModel(json: unknown): CombatModel {
  const model = parseHarmonizationModel(json);
  if (model.format !== 'concord.combat/2') fail(`the format ${model.format} is not concord.combat/2`);
  return model;
}

/** As {@link parseHarmonizationModel}, for the pooled fit that a hub sends to sites. */
export function parsePooledFit(json: unknown): PooledFit {
  const pooled = unsealed(json) as unknown as PooledFit;
  if (pooled.format !== 'concord.pooled/1') fail(`the format ${String(pooled.format)} is not concord.pooled/1`);
  if (!isRecord(pooled.codebook)) fail('the codebook is missing');
  checkList(pooled.codebook.features, 'codebook.features');
  checkList(pooled.codebook.covariates, 'codebook.covariates');
  const p = pooled.codebook.features.length;
  checkRow(pooled.grandMean, p, 'grandMean', false);
  checkRow(pooled.pooledVariance, p, 'pooledVariance', false);
  checkList(pooled.effects, 'effects');
  checkTable(pooled.effects, pooled.effects.length, p, 'effects', false);
  checkList(pooled.passedThrough, 'passedThrough');
  return pooled;
}

function fail(what: string): never {
  throw new CombatModelFormatError(what, 'the harmonization model', 'Use a model.json that concord harmonize wrote.');
}

function unsealed(json: unknown): Fields {
  if (!isRecord(json) || !('format' in json)) fail('this is not a harmonization model');
  const { digest, ...rest } = json;
  if (digest === undefined) fail('the digest is missing');
  if (digest !== digestOf(rest)) fail('the digest does not fit the content: the file was changed');
  return rest;
}

/** Checks every field that the code relies on, so that the casts below hold. */
function checkModel(fields: Fields): HarmonizationModel {
  switch (fields['format']) {
    case 'concord.combat/2':
      return checkCombat(fields as unknown as CombatModel);
    case 'concord.covbat/1':
      return checkCovbat(fields as unknown as CovbatModel);
    case 'concord.longitudinal/1':
      return checkLongitudinal(fields as unknown as LongitudinalModel);
    case 'concord.several/1':
      return checkSeveral(fields as unknown as SeveralModel);
    case 'concord.transformed/1': {
      checkList(fields['transforms'], 'transforms');
      if (!isRecord(fields['model'])) fail('the model inside is missing');
      const inner = checkModel(fields['model']);
      if (inner.format === 'concord.transformed/1') fail('a transformed model holds another one');
      return fields as unknown as HarmonizationModel;
    }
    default:
      return fail(`the format ${String(fields['format'])} is not known`);
  }
}

type Common = Pick<CombatModel, 'features' | 'passedThrough' | 'covariates' | 'designColumns' | 'options'> & {
  readonly estimates: object;
};

function checkCommon(model: Common): void {
  for (const key of ['features', 'passedThrough', 'covariates', 'designColumns'] as const) checkList(model[key], key);
  if (!isRecord(model.options) || !isRecord(model.estimates)) fail('options or estimates are missing');
}

function checkCombat<M extends Omit<CombatModel, 'format'>>(model: M): M {
  checkCommon(model);
  checkList(model.batches, 'batches');
  checkList(model.batchCounts, 'batchCounts');
  const k = model.batches.length;
  const p = model.features.length;
  const e = model.estimates;
  for (const key of ['gammaHat', 'deltaHat', 'gammaStar', 'deltaStar'] as const) checkTable(e[key], k, p, key, true);
  checkTable(e.coefficients, k + model.designColumns.length, p, 'coefficients', true);
  for (const key of ['pooledVariance', 'grandMean'] as const) checkRow(e[key], p, key, false);
  for (const key of ['gammaBar', 'tau2', 'aPrior', 'bPrior'] as const) checkRow(e[key], k, key, true);
  return model;
}

function checkCovbat(model: CovbatModel): CovbatModel {
  checkCombat(model);
  const { covariance } = model;
  if (!isRecord(covariance) || !isRecord(covariance.scores)) fail('the covariance is missing');
  const p = model.features.length;
  checkRow(covariance.centres, p, 'centres', false);
  checkRow(covariance.scales, p, 'scales', false);
  checkList(covariance.loadings, 'loadings');
  checkTable(covariance.loadings, covariance.scores.features?.length ?? -1, p, 'loadings', false);
  checkCombat(covariance.scores);
  return model;
}

function checkLongitudinal(model: LongitudinalModel): LongitudinalModel {
  checkCommon(model as unknown as Common);
  checkList(model.batches, 'batches');
  const k = model.batches.length;
  const p = model.features.length;
  const e = model.estimates;
  for (const key of ['gammaHat', 'deltaHat', 'gammaStar', 'deltaStar', 'batchEffects'] as const) {
    checkTable(e[key], k, p, key, false);
  }
  checkTable(e.coefficients, model.designColumns.length, p, 'coefficients', false);
  for (const key of ['grandMean', 'residualVariance', 'subjectVarianceRatio'] as const) checkRow(e[key], p, key, false);
  return model;
}

function checkSeveral(model: SeveralModel): SeveralModel {
  checkCommon(model as unknown as Common);
  checkList(model.variables, 'variables');
  checkList(model.cells, 'cells');
  const p = model.features.length;
  const { scale, shift, slopes } = model.estimates;
  checkTable(scale, model.cells.length, p, 'scale', false);
  checkTable(shift, model.cells.length, p, 'shift', false);
  checkList(slopes, 'slopes');
  if (slopes.length !== model.cells.length) fail('slopes have not one table a cell');
  slopes.forEach((table) => checkTable(table, model.designColumns.length, p, 'slopes', false));
  return model;
}

function checkList(value: unknown, name: string): void {
  if (!Array.isArray(value)) fail(`${name} is not a list`);
}

function checkTable(table: unknown, rows: number, columns: number, name: string, mayBeNull: boolean): void {
  if (!Array.isArray(table) || table.length !== rows) fail(`estimates.${name} has not ${rows} rows`);
  for (const row of table) checkRow(row, columns, name, mayBeNull);
}

function checkRow(row: unknown, length: number, name: string, mayBeNull: boolean): void {
  if (!Array.isArray(row) || row.length !== length) fail(`estimates.${name} has not ${length} columns`);
  for (const value of row as unknown[]) {
    if (!(Number.isFinite(value) || (mayBeNull && value === null)))
      fail(`estimates.${name} holds something that is no number`);
  }
}
