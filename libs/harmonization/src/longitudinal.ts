import { mean } from '@concord/numeric';
import { type HarmonizedFeatures, positionsOf } from './apply-combat.js';
import { centreDesign } from './centred-design.js';
import { codingOf, type CovariateCoding, type DesignColumn, designColumns, extrapolations } from './coding.js';
import { batchIndexOf, checkColumns, type Covariate, type FeatureColumn, sortedLabels } from './columns.js';
import type { PassedThrough } from './combat-model.js';
import { priorsOf, shrinkParametric, type StopRule } from './empirical-bayes.js';
import { CombatInputError, TooFewFeaturesError, TooFewSubjectsError } from './errors.js';
import { type CombatInput, checkOutcomes } from './fit-combat.js';
import {
  fitRandomIntercept,
  subjectIntercepts,
  subjectMeans,
  type VisitDesign,
  visitDesign,
} from './random-intercept.js';

/** Visits: one row each; a subject may have several, on different scanners. */
export interface LongitudinalRows {
  readonly features: readonly FeatureColumn[];
  readonly batch: readonly (string | null)[];
  /** Whom each visit belongs to. */
  readonly subject: readonly (string | null)[];
  /** Time since the first visit belongs here, too. */
  readonly covariates?: readonly Covariate[];
}

export interface LongitudinalInput
  extends LongitudinalRows, Pick<CombatInput, 'batchColumn' | 'outcomes' | 'allowOutcomeCovariate'> {
  readonly subjectColumn?: string;
  readonly options?: { readonly stop?: StopRule };
}

/** A fitted longitudinal ComBat, plain data without any subject's value. Tables are [batch][feature]. */
export interface LongitudinalModel {
  readonly format: 'concord.longitudinal/1';
  readonly batchColumn: string | null;
  readonly subjectColumn: string | null;
  readonly batches: readonly string[];
  /** Visits of each batch. */
  readonly batchCounts: readonly number[];
  readonly subjectCount: number;
  readonly features: readonly string[];
  readonly passedThrough: readonly PassedThrough[];
  readonly covariates: readonly CovariateCoding[];
  readonly designColumns: readonly string[];
  readonly outcomeCovariates: readonly string[];
  readonly options: { readonly stop: StopRule };
  readonly estimates: {
    /** Level at covariates zero over all visits, in the feature's unit. */
    readonly grandMean: readonly number[];
    /** Design column × feature. */
    readonly coefficients: readonly (readonly number[])[];
    /** Batch × feature, in the feature's unit; weighted by visits they sum to zero. */
    readonly batchEffects: readonly (readonly number[])[];
    readonly residualVariance: readonly number[];
    /** Variance between subjects over the residual variance. */
    readonly subjectVarianceRatio: readonly number[];
    readonly gammaHat: readonly (readonly number[])[];
    readonly deltaHat: readonly (readonly number[])[];
    readonly gammaStar: readonly (readonly number[])[];
    readonly deltaStar: readonly (readonly number[])[];
  };
  readonly isConverged: boolean;
  readonly transductive: boolean;
  readonly warnings: readonly string[];
}

/**
 * Fits longitudinal ComBat (Beer et al. 2020, NeuroImage 220:117129): a random intercept by subject, by REML, then
 * empirical Bayes on the standardised residuals of each batch. As `longCombat`, whose 30 updates are here iterated to
 * the fixed point.
 *
 * A feature with a missing value is passed through, as is one that is constant inside a batch.
 *
 * @throws {CombatInputError} if columns disagree, or no subject has two visits
 * @throws {TooFewSubjectsError} if a batch has one visit, or there are not more visits than coefficients
 * @throws {CovariateAliasedError} {@link OutcomeAsCovariateError} {@link TooFewFeaturesError} as in `fitCombat`
 */
export function fitLongitudinal(input: LongitudinalInput): LongitudinalModel {
  const covariates = input.covariates ?? [];
  checkColumns(input.features, input.batch, covariates);
  const outcomeCovariates = checkOutcomes(input, covariates);
  const subject = subjectIndex(input.subject, input.batch.length);
  const batches = sortedLabels(input.batch as readonly string[]);
  const batchIndex = batchIndexOf(batches, input.batch as readonly string[]);
  const coding = codingOf(covariates);
  const columns = designColumns(coding, covariates);
  const design = centreDesign(batchIndex, batches.length, columns);
  const batchCounts = batches.map((_, i) => design.starts[i + 1] - design.starts[i]);
  checkCounts(batchCounts, batches, columns.length, subject);
  const { kept, passedThrough } = usable(input.features, batches, batchIndex);
  const fits = fitAll(input, kept, { batchIndex, batchCounts, columns, subject });
  const stop = input.options?.stop ?? 'exact';
  const shrunken = shrink(fits, batchCounts, stop);
  return {
    format: 'concord.longitudinal/1',
    batchColumn: input.batchColumn ?? null,
    subjectColumn: input.subjectColumn ?? null,
    batches,
    batchCounts,
    subjectCount: new Set(subject).size,
    features: kept.map((g) => input.features[g].name),
    passedThrough,
    covariates: coding,
    designColumns: columns.map(({ name }) => name),
    outcomeCovariates,
    options: { stop },
    estimates: {
      grandMean: fits.map(({ grand }) => grand),
      coefficients: columns.map((_, j) => fits.map(({ effects }) => effects[j])),
      batchEffects: batches.map((_, i) => fits.map(({ batchEffects }) => batchEffects[i])),
      residualVariance: fits.map(({ variance }) => variance),
      subjectVarianceRatio: fits.map(({ ratio }) => ratio),
      ...shrunken.tables,
    },
    isConverged: shrunken.isConverged,
    transductive: false,
    warnings: batches
      .filter((_, i) => batchCounts[i] < 20)
      .map((label) => `Batch ${label} has fewer than 20 visits: its estimates are uncertain.`),
  };
}

/**
 * Applies a longitudinal model to visits of known batches. The intercept of each subject is predicted from the visits
 * given: give all visits of a subject together.
 *
 * @throws {UnknownBatchError} {@link UnknownLevelError} {@link ModelMismatchError} as `applyCombat`
 */
export function applyLongitudinal(model: LongitudinalModel, rows: LongitudinalRows): HarmonizedFeatures {
  const covariates = rows.covariates ?? [];
  checkColumns(rows.features, rows.batch, covariates);
  const position = positionsOf(model, rows.features);
  const columns = designColumns(model.covariates, covariates);
  const batchIndex = batchIndexOf(model.batches, rows.batch as readonly string[]);
  const subject = subjectIndex(rows.subject, rows.batch.length);
  const { estimates } = model;
  const features = rows.features.map(({ name, values }, f) => {
    const g = position[f];
    if (g < 0) return { name, values: values.slice() };
    const observed = Uint32Array.from([...values.keys()].filter((row) => !Number.isNaN(values[row])));
    const expected = expectation(estimates.grandMean[g], estimates.coefficients, g, columns, values.length);
    const visits = visitDesign(subject, observed, []);
    const residual = Float64Array.from(
      observed,
      (row) => values[row] - expected[row] - estimates.batchEffects[batchIndex[row]][g],
    );
    const intercepts = interceptsOf(visits, residual, estimates.subjectVarianceRatio[g]);
    const sd = Math.sqrt(estimates.residualVariance[g]);
    const result = values.slice();
    observed.forEach((row, k) => {
      const i = batchIndex[row];
      const base = expected[row] + intercepts[visits.subject[k]];
      const z = (values[row] - base) / sd;
      result[row] = (sd * (z - estimates.gammaStar[i][g])) / Math.sqrt(estimates.deltaStar[i][g]) + base;
    });
    return { name, values: result };
  });
  return { features, warnings: extrapolations(model.covariates, covariates) };
}

function subjectIndex(subject: readonly (string | null)[], rowCount: number): Uint32Array {
  const missing = subject.filter((label) => label === null || label === '').length;
  if (subject.length !== rowCount || missing > 0) {
    throw new CombatInputError(
      missing > 0 ? `${missing} visits have no subject` : `there are ${subject.length} subjects for ${rowCount} visits`,
      'the subject column',
      'Name the subject of every visit.',
    );
  }
  const numbers = new Map<string, number>();
  return Uint32Array.from(subject as readonly string[], (label) => {
    const known = numbers.get(label) ?? numbers.size;
    numbers.set(label, known);
    return known;
  });
}

function checkCounts(counts: readonly number[], batches: readonly string[], q: number, subject: Uint32Array): void {
  const alone = batches.filter((_, i) => counts[i] < 2);
  if (alone.length > 0 || subject.length <= counts.length + q) {
    throw new TooFewSubjectsError(
      alone.length > 0
        ? `batch ${alone.join(', ')} has one visit`
        : `${subject.length} visits cannot carry ${counts.length} batches and ${q} covariate columns`,
      'the table',
      'Add visits, leave the batch out, or leave covariates out.',
    );
  }
  if (new Set(subject).size === subject.length) {
    throw new CombatInputError(
      'no subject has two visits, so subjects cannot be told from errors',
      'the subject column',
      'Use ComBat without subjects, or check the subject labels.',
    );
  }
}

function usable(features: readonly FeatureColumn[], batches: readonly string[], batchIndex: Uint32Array) {
  const kept: number[] = [];
  const passedThrough: PassedThrough[] = [];
  features.forEach(({ name, values }, g) => {
    if (values.some((value) => value === Infinity || value === -Infinity)) {
      throw new CombatInputError(
        `feature ${name} is infinite`,
        `feature ${name}`,
        'Correct the value or leave it empty.',
      );
    }
    const constant = batches.findIndex((_, i) => {
      const own = values.filter((_value, row) => batchIndex[row] === i);
      return own.every((value) => value === own[0]);
    });
    if (values.some(Number.isNaN)) passedThrough.push({ feature: name, reason: 'it has missing values' });
    else if (constant >= 0) {
      passedThrough.push({ feature: name, reason: `it is constant inside batch ${batches[constant]}` });
    } else kept.push(g);
  });
  if (kept.length < 2) {
    throw new TooFewFeaturesError(
      'empirical Bayes needs at least two complete features that vary',
      'the feature columns',
      'Add features.',
    );
  }
  return { kept, passedThrough };
}

interface Context {
  readonly batchIndex: Uint32Array;
  readonly batchCounts: readonly number[];
  readonly columns: readonly DesignColumn[];
  readonly subject: Uint32Array;
}

interface FeatureEstimates {
  readonly grand: number;
  readonly effects: Float64Array;
  readonly batchEffects: Float64Array;
  readonly variance: number;
  readonly ratio: number;
  readonly gammaHat: Float64Array;
  readonly deltaHat: Float64Array;
  /** Means of the standardised values by batch. */
  readonly centres: Float64Array;
}

function fitAll(input: LongitudinalInput, kept: readonly number[], context: Context): FeatureEstimates[] {
  const { batchIndex, batchCounts, columns, subject } = context;
  const indicators = batchCounts.map((_, i) => Float64Array.from(batchIndex, (at) => (at === i ? 1 : 0)));
  // Covariates about their means: large means would cost digits.
  const centres = columns.map(({ values }) => mean(values));
  const centred = columns.map(({ values }, j) => values.map((value) => value - centres[j]));
  const rows = Uint32Array.from(subject.keys());
  const design = visitDesign(subject, rows, [...indicators, ...centred]);
  return kept.map((g) => fitOne(input.features[g].values, design, centres, context));
}

function fitOne(
  values: Float64Array,
  design: VisitDesign,
  covariateMeans: readonly number[],
  { batchIndex, batchCounts, columns }: Context,
): FeatureEstimates {
  const k = batchCounts.length;
  const level = mean(values);
  const y = values.map((value) => value - level);
  const { beta, variance, ratio } = fitRandomIntercept(design, y);
  const effects = beta.slice(k);
  const overall = batchCounts.reduce((sum, n, i) => sum + (n / y.length) * beta[i], 0);
  const batchEffects = beta.slice(0, k).map((value) => value - overall);
  let grand = level + overall;
  covariateMeans.forEach((centre, j) => (grand -= effects[j] * centre));
  const expected = expectation(
    grand,
    Array.from(effects, (value) => [value]),
    0,
    columns,
    y.length,
  );
  const residual = values.map((value, row) => value - expected[row] - batchEffects[batchIndex[row]]);
  const intercepts = interceptsOf(design, residual, ratio);
  const sd = Math.sqrt(variance);
  const centres = new Float64Array(k);
  const squares = new Float64Array(k);
  const z = residual.map((r, row) => (r - intercepts[design.subject[row]] + batchEffects[batchIndex[row]]) / sd);
  z.forEach((value, row) => (centres[batchIndex[row]] += value / batchCounts[batchIndex[row]]));
  z.forEach((value, row) => (squares[batchIndex[row]] += (value - centres[batchIndex[row]]) ** 2));
  const deltaHat = squares.map((sum, i) => sum / (batchCounts[i] - 1));
  const gammaHat = batchEffects.map((effect) => effect / sd);
  return { grand, effects, batchEffects, variance, ratio, gammaHat, deltaHat, centres };
}

function expectation(
  grand: number,
  coefficients: readonly (readonly number[])[],
  g: number,
  columns: readonly DesignColumn[],
  count: number,
): Float64Array {
  const expected = new Float64Array(count).fill(grand);
  columns.forEach(({ values }, j) => {
    for (let row = 0; row < count; row++) expected[row] += coefficients[j][g] * values[row];
  });
  return expected;
}

function interceptsOf(design: VisitDesign, residual: Float64Array, ratio: number): Float64Array {
  return subjectIntercepts(design.visits, subjectMeans(residual, design.subject, design.visits), ratio);
}

function shrink(fits: readonly FeatureEstimates[], batchCounts: readonly number[], stop: StopRule) {
  const table = (key: 'gammaHat' | 'deltaHat' | 'centres', i: number): Float64Array =>
    Float64Array.from(fits, (fit) => fit[key][i]);
  const stars = batchCounts.map((count, i) => {
    const gammaHat = table('gammaHat', i);
    const deltaHat = table('deltaHat', i);
    const counts = new Float64Array(fits.length).fill(count);
    const estimates = { gammaHat, deltaHat, counts, centres: table('centres', i) };
    return shrinkParametric(estimates, priorsOf(gammaHat, deltaHat), stop);
  });
  return {
    isConverged: stars.every(({ isConverged }) => isConverged),
    tables: {
      gammaHat: batchCounts.map((_, i) => Array.from(table('gammaHat', i))),
      deltaHat: batchCounts.map((_, i) => Array.from(table('deltaHat', i))),
      gammaStar: stars.map(({ gammaStar }) => Array.from(gammaStar)),
      deltaStar: stars.map(({ deltaStar }) => Array.from(deltaStar)),
    },
  };
}
