import { type CentredDesign, centreDesign } from './centred-design.js';
import { codingOf, type DesignColumn, designColumns } from './coding.js';
import { batchIndexOf, checkColumns, type Covariate, type FeatureColumn, sortedLabels } from './columns.js';
import { type CombatModel, type CombatOptions, defaultCombatOptions } from './combat-model.js';
import { CombatInputError, CovariateAliasedError, OutcomeAsCovariateError, TooFewSubjectsError } from './errors.js';
import { assemble, emptyLocation, type Location, shrinkAll } from './estimates.js';
import { emptyFit, type FeatureFit, fitFeatureInPlace } from './feature-fit.js';

/** What {@link fitCombat} fits on: one value a patient in every column. */
export interface CombatInput {
  readonly features: readonly FeatureColumn[];
  readonly batch: readonly (string | null)[];
  /** Name of the batch column, kept in the model. */
  readonly batchColumn?: string;
  readonly covariates?: readonly Covariate[];
  readonly options?: Partial<CombatOptions>;
  /** Columns that are outcomes of the study: refused as covariates unless the next line allows them. */
  readonly outcomes?: readonly string[];
  readonly allowOutcomeCovariate?: boolean;
}

/**
 * Fits ComBat: location and scale of each batch, shrunken over features.
 *
 * Johnson, Li and Rabinovic 2007 (Biostatistics 8:118) as sva and neuroCombat compute it. `exact` EB goes on to the fixed
 * point; `legacy` stops where sva stops. A feature that is constant inside a batch of two or more is passed through, and a
 * batch of one patient makes every batch mean-only, as in sva. Missing values: each feature is fitted on the rows where it
 * is observed; the grand mean keeps the weights of all rows. Cost: rows × features × (covariates + 1).
 *
 * @throws {CombatInputError} if columns disagree, a batch or covariate is missing, or a feature is infinite
 * @throws {OutcomeAsCovariateError} if an outcome is a covariate and not allowed
 * @throws {CovariateAliasedError} if a covariate cannot be told from the batch or from others
 * @throws {TooFewSubjectsError} if there are not more patients than batches and design columns
 * @throws {TooFewFeaturesError} if EB is asked for and fewer than two features vary
 */
export function fitCombat(input: CombatInput): CombatModel {
  return modelOf(locateCombat(input));
}

/** Every feature fitted by itself, before empirical Bayes borrows strength over features; `names` are all of them. */
export interface LocatedFit {
  readonly options: CombatOptions;
  readonly batchColumn: string | null;
  readonly batches: readonly string[];
  readonly batchCounts: readonly number[];
  readonly covariates: CombatModel['covariates'];
  readonly designColumns: readonly string[];
  readonly outcomeCovariates: readonly string[];
  readonly isMeanOnly: boolean;
  readonly names: readonly string[];
  readonly fit: Location;
}

/** As {@link fitCombat}, but for the shrinkage. */
export function locateCombat(input: CombatInput): LocatedFit {
  const options = { ...defaultCombatOptions, ...input.options };
  const covariates = input.covariates ?? [];
  checkColumns(input.features, input.batch, covariates);
  const outcomeCovariates = checkOutcomes(input, covariates);
  const labels = input.batch as readonly string[];
  const batches = sortedLabels(labels);
  const reference = referenceIndex(options, batches);
  const batchIndex = batchIndexOf(batches, labels);
  const coding = codingOf(covariates);
  const columns = designColumns(coding, covariates);
  if (labels.length <= batches.length + columns.length) throw tooFewSubjects(labels, batches, columns);
  const design = centreDesign(batchIndex, batches.length, columns);
  const batchCounts = batches.map((_, i) => design.starts[i + 1] - design.starts[i]);
  const isMeanOnly = options.meanOnly || batchCounts.includes(1);
  const fit = fitLocations(input.features, {
    design,
    batchIndex,
    columns,
    batches,
    reference,
    isMeanOnly,
    lost: options.divisor === 'n' ? 0 : 1,
  });
  return {
    options,
    batchColumn: input.batchColumn ?? null,
    batches,
    batchCounts,
    covariates: coding,
    designColumns: columns.map(({ name }) => name),
    outcomeCovariates,
    isMeanOnly,
    names: input.features.map(({ name }) => name),
    fit,
  };
}

/** Shrinks what was fitted feature by feature, and makes it a model. @throws {TooFewFeaturesError} */
export function modelOf({ fit, names, ...facts }: LocatedFit): CombatModel {
  const { options, batches, batchCounts, isMeanOnly, outcomeCovariates } = facts;
  const reference = referenceIndex(options, batches);
  const shrunken = shrinkAll(fit, options, isMeanOnly, batches.length, reference);
  return {
    format: 'concord.combat/2',
    batchColumn: facts.batchColumn,
    batches,
    batchCounts,
    features: fit.kept.map((g) => names[g]),
    passedThrough: fit.passedThrough,
    covariates: facts.covariates,
    designColumns: facts.designColumns,
    outcomeCovariates,
    options,
    isMeanOnly,
    ...assemble(fit, shrunken, reference),
    transductive: false,
    warnings: warningsOf(batches, batchCounts, options, outcomeCovariates),
  };
}

/** Outcomes among the covariates. @throws {OutcomeAsCovariateError} if there is one and it is not allowed */
export function checkOutcomes(
  input: Pick<CombatInput, 'outcomes' | 'allowOutcomeCovariate'>,
  covariates: readonly { readonly name: string }[],
): string[] {
  const found = covariates.map(({ name }) => name).filter((name) => input.outcomes?.includes(name));
  if (found.length > 0 && !input.allowOutcomeCovariate) throw new OutcomeAsCovariateError(found[0]);
  return found;
}

function referenceIndex(options: CombatOptions, batches: readonly string[]): number {
  if (options.reference === null) return -1;
  const index = batches.indexOf(options.reference);
  if (index < 0) {
    throw new CombatInputError(
      `the reference ${options.reference} is not a batch; there are ${batches.join(', ')}`,
      'option reference',
      'Name one of the batches.',
    );
  }
  return index;
}

function tooFewSubjects(
  labels: readonly string[],
  batches: readonly string[],
  columns: readonly DesignColumn[],
): Error {
  return new TooFewSubjectsError(
    `${labels.length} patients cannot carry ${batches.length} batches and ${columns.length} covariate columns`,
    'the table',
    'Add patients, merge batches that are alike, or leave covariates out.',
  );
}

function warningsOf(
  batches: readonly string[],
  counts: readonly number[],
  options: CombatOptions,
  outcomes: readonly string[],
): string[] {
  const warnings: string[] = [];
  const alone = batches.filter((_, i) => counts[i] === 1);
  const small = batches.filter((_, i) => counts[i] > 1 && counts[i] < 20);
  if (batches.length === 1) warnings.push('There is one batch only: the features stay as they are.');
  if (alone.length > 0 && !options.meanOnly) {
    warnings.push(`Batch ${alone.join(', ')} has one patient, so only locations are adjusted, in every batch.`);
  }
  if (small.length > 0) {
    warnings.push(`Batch ${small.join(', ')} has fewer than 20 patients: its estimates are uncertain.`);
  }
  if (outcomes.length > 0) {
    warnings.push(`The outcome ${outcomes.join(', ')} was preserved: performance measured on the result is biased.`);
  }
  return warnings;
}

interface FitContext {
  readonly design: CentredDesign;
  readonly batchIndex: Uint32Array;
  readonly columns: readonly DesignColumn[];
  readonly batches: readonly string[];
  readonly reference: number;
  readonly isMeanOnly: boolean;
  /** Degrees of freedom that the divisor of deltaHat loses. */
  readonly lost: 0 | 1;
}

function fitLocations(features: readonly FeatureColumn[], context: FitContext): Location {
  const p = features.length;
  const result = emptyLocation(context.batches.length, context.columns.length, p);
  const buffer = new Float64Array(context.design.rows.length);
  const fit = emptyFit(context.design);
  for (let g = 0; g < p; g++) {
    const reason = fitOneInPlace(features[g], g, context, buffer, fit, result);
    if (reason === null) result.kept.push(g);
    else result.passedThrough.push({ feature: features[g].name, reason });
  }
  return result;
}

/** Fits feature g into the tables, or says why it is passed through. */
function fitOneInPlace(
  feature: FeatureColumn,
  g: number,
  context: FitContext,
  buffer: Float64Array,
  fit: FeatureFit,
  result: Location,
): string | null {
  const { batches, reference, isMeanOnly } = context;
  let { design } = context;
  if (!fitFeatureInPlace(design, feature.values, buffer, fit)) {
    const own = designOfObserved(feature, context);
    if (own === null) return 'its covariates cannot be told apart where it is observed';
    design = own;
    fitFeatureInPlace(design, feature.values, buffer, fit);
  }
  const observed = design.rows.length;
  const countOf = (i: number): number => design.starts[i + 1] - design.starts[i];
  if (fit.constantBatch >= 0) return `it is constant inside batch ${batches[fit.constantBatch]}`;
  if (reference >= 0 && countOf(reference) < 2) return 'the reference batch has fewer than two values of it';
  if (!(fit.shareLeft > 1e-24)) return 'batches and covariates explain it completely';
  let grand = 0;
  let weight = 0;
  let squares = 0;
  for (let i = 0; i < batches.length; i++) {
    if (countOf(i) > 0) {
      const batchSize = context.design.starts[i + 1] - context.design.starts[i];
      grand += batchSize * fit.levels[i];
      weight += batchSize;
      squares += fit.residuals[i];
    }
  }
  const origin = reference >= 0 ? fit.levels[reference] : grand / weight;
  const variance = reference >= 0 ? fit.residuals[reference] / countOf(reference) : squares / observed;
  if (!(variance > 0)) return 'the reference batch leaves no variance of it';
  const sd = Math.sqrt(variance);
  result.grandMean[g] = origin;
  result.pooledVariance[g] = variance;
  for (let i = 0; i < batches.length; i++) {
    const n = countOf(i);
    result.counts[i][g] = n;
    result.levels[i][g] = fit.levels[i];
    result.gammaHat[i][g] = (fit.levels[i] - origin) / sd;
    result.deltaHat[i][g] =
      n === 0 ? NaN : isMeanOnly ? 1 : n < 2 ? NaN : fit.residuals[i] / (n - context.lost) / variance;
  }
  for (let j = 0; j < fit.effects.length; j++) result.effects[j][g] = fit.effects[j];
  return null;
}

/** The design of the rows in which a feature is observed, null where that is not of full rank. */
function designOfObserved({ name, values }: FeatureColumn, context: FitContext): CentredDesign | null {
  if (values.includes(Infinity) || values.includes(-Infinity)) {
    throw new CombatInputError(
      `feature ${name} is infinite`,
      `feature ${name}`,
      'Correct the value or leave it empty.',
    );
  }
  const isObserved = (row: number): boolean => !Number.isNaN(values[row]);
  try {
    const design = centreDesign(context.batchIndex, context.batches.length, context.columns, isObserved);
    const present = context.batches.filter((_, i) => design.starts[i + 1] > design.starts[i]).length;
    return design.rows.length > present + context.columns.length ? design : null;
  } catch (error) {
    if (error instanceof CovariateAliasedError) return null;
    throw error;
  }
}
