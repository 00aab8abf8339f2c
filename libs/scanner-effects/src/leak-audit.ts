import { applyCombat, type Covariate, fitCombat, OutcomeAsCovariateError } from '@concord/harmonization';
import { mean, type RandomSource, shuffleInPlace, standardDeviation } from '@concord/numeric';
import { pairedAuc } from './biology.js';
import { ScannerEffectInputError } from './errors.js';
import { groupsOf } from './groups.js';
import type { ScannerEffectInput } from './scanner-effect.js';
import { stratifiedFolds, takeCovariates, takeFeatures } from './site-classifier.js';

/** How features are harmonised before a model is validated on them. */
export interface AuditedPipeline {
  /** `fold`: fitted on the training patients of each fold; `transductive`: on everyone, before the split. */
  readonly harmonization: 'none' | 'fold' | 'transductive';
  /** The outcome as a preserved covariate: refused unless the next line says that it is meant. */
  readonly preservesOutcome?: boolean;
  readonly allowOutcomeCovariate?: boolean;
}

export interface LeakAudit {
  readonly pipeline: AuditedPipeline;
  /** What the pipeline reports on an outcome that no feature knows; the truth is 0.50. */
  readonly auc: number;
  readonly standardError: number;
  /** The same over all test patients of a fold at once, where differences between batches pass for discrimination. */
  readonly pooledAuc: number;
  readonly runs: number;
  readonly isLeaking: boolean;
  readonly sentence: string;
}

export interface AuditInput extends ScannerEffectInput {
  /** 0 or 1 a patient. */
  readonly outcome: ArrayLike<number>;
  readonly outcomeName?: string;
}

/**
 * Runs a pipeline on an outcome without any truth in it: the outcome shuffled inside each batch, so that its rates by batch
 * stay. The model is the independence rule (Bickel and Levina 2004), fitted on training patients; areas are taken inside
 * fold and batch. A pipeline that lets the outcome into the features reports more than 0.50 on it.
 *
 * @param runs shuffles, each with folds of its own
 * @throws {OutcomeAsCovariateError} if the outcome is preserved without being allowed
 * @throws {ScannerEffectInputError} if the outcome is not 0 or 1 in every patient, or no batch has both
 */
export function auditLeak(
  input: AuditInput,
  pipeline: AuditedPipeline,
  { runs = 50, folds = 5, random }: { readonly runs?: number; readonly folds?: number; readonly random: RandomSource },
): LeakAudit {
  const { batch } = input;
  const index = groupsOf(batch).index;
  const outcomes = Array.from({ length: runs }, () => shuffledInside(checkOutcome(input), index, random));
  const results = outcomes.map((outcome) => validateOnce({ ...input, outcome }, pipeline, folds, random));
  const aucs = results.map(({ auc }) => auc);
  const auc = mean(aucs);
  const standardError = runs > 1 ? standardDeviation(aucs) / Math.sqrt(runs) : NaN;
  const isLeaking = auc - 0.5 > Math.max(0.01, 3 * standardError);
  return {
    pipeline,
    auc,
    standardError,
    pooledAuc: mean(results.map(({ pooledAuc }) => pooledAuc)),
    runs,
    isLeaking,
    sentence: sentenceOf(pipeline, auc, standardError, isLeaking),
  };
}

/**
 * One cross-validation of the audited pipeline on the outcome given: areas under the curve inside fold and batch, and inside
 * folds over all batches.
 *
 * @throws as {@link auditLeak}
 */
export function validateOnce(
  input: AuditInput,
  pipeline: AuditedPipeline,
  folds: number,
  random: RandomSource,
): { readonly auc: number; readonly pooledAuc: number } {
  const outcome = checkOutcome(input);
  if (pipeline.preservesOutcome && !pipeline.allowOutcomeCovariate) {
    throw new OutcomeAsCovariateError(input.outcomeName ?? 'the outcome');
  }
  const { index } = groupsOf(input.batch);
  const batchCount = Math.max(...index) + 1;
  const strata = Uint32Array.from(index, (i, row) => 2 * i + outcome[row]);
  const foldOf = stratifiedFolds(strata, 2 * batchCount, folds, random);
  const all = [...index.keys()];
  const features = pipeline.harmonization === 'transductive' ? harmonize(input, outcome, pipeline, all, all) : null;
  const scores = new Float64Array(index.length);
  for (let fold = 0; fold < folds; fold++) {
    const training = all.filter((row) => foldOf[row] !== fold);
    const held = all.filter((row) => foldOf[row] === fold);
    const [seen, unseen] = [training, held].map((rows) =>
      features === null ? harmonize(input, outcome, pipeline, training, rows) : rowsOf(features, rows),
    );
    const weights = independenceRule(
      seen,
      training.map((row) => outcome[row]),
    );
    held.forEach((row, i) => (scores[row] = weights.reduce((sum, weight, g) => sum + weight * unseen[g][i], 0)));
  }
  const partsBy = (key: (row: number) => number): number[][] => {
    const parts = new Map<number, number[]>();
    for (const row of all) parts.set(key(row), [...(parts.get(key(row)) ?? []), row]);
    return [...parts.values()].filter((rows) => new Set(rows.map((row) => outcome[row])).size === 2);
  };
  return {
    auc: pairedAuc(
      scores,
      outcome,
      partsBy((row) => foldOf[row] * batchCount + index[row]),
    ),
    pooledAuc: pairedAuc(
      scores,
      outcome,
      partsBy((row) => foldOf[row]),
    ),
  };
}

function checkOutcome({ outcome, batch }: AuditInput): Uint8Array {
  const values = Array.from(outcome);
  const isMixed = groupsOf(batch).labels.some(
    (label) => new Set(values.filter((_, row) => batch[row] === label)).size === 2,
  );
  if (values.length !== batch.length || values.some((value) => value !== 0 && value !== 1) || !isMixed) {
    throw new ScannerEffectInputError(
      isMixed ? 'the outcome is not 0 or 1 in every patient' : 'no batch has patients with and without the outcome',
      'the outcome',
      isMixed ? 'Code it so, and leave out patients in whom it is missing.' : 'An audit needs a batch with both.',
    );
  }
  return Uint8Array.from(values);
}

function shuffledInside(outcome: Uint8Array, index: Uint32Array, random: RandomSource): Uint8Array {
  const result = outcome.slice();
  for (let i = 0; i <= Math.max(...index); i++) {
    const rows = [...index.keys()].filter((row) => index[row] === i);
    const values = shuffleInPlace(
      random,
      rows.map((row) => outcome[row]),
    );
    rows.forEach((row, k) => (result[row] = values[k]));
  }
  return result;
}

/** Columns of the wanted rows after the pipeline, fitted on the training rows. */
function harmonize(
  input: AuditInput,
  outcome: Uint8Array,
  pipeline: AuditedPipeline,
  training: readonly number[],
  wanted: readonly number[],
): Float64Array[] {
  if (pipeline.harmonization === 'none') return takeFeatures(input.features, wanted).map(({ values }) => values);
  const rate = mean(training.map((row) => outcome[row]));
  // Of patients outside the fit the outcome is not known: the training mean stands in for it.
  const isFitted = new Set(training);
  const take = (rows: readonly number[]) => {
    const values = rows.map((row) => (isFitted.has(row) ? outcome[row] : rate));
    const extra: Covariate[] = pipeline.preservesOutcome ? [{ name: 'the outcome', kind: 'continuous', values }] : [];
    return {
      features: takeFeatures(input.features, rows),
      batch: rows.map((row) => input.batch[row]),
      covariates: [...takeCovariates(input.covariates, rows), ...extra],
    };
  };
  return applyCombat(fitCombat(take(training)), take(wanted)).features.map(({ values }) => values);
}

function rowsOf(columns: readonly Float64Array[], rows: readonly number[]): Float64Array[] {
  return columns.map((values) => Float64Array.from(rows, (row) => values[row]));
}

/** Difference of class means over the pooled variance, feature by feature. */
function independenceRule(columns: readonly Float64Array[], outcome: readonly number[]): number[] {
  const n1 = outcome.reduce((sum, value) => sum + value, 0);
  const counts = [outcome.length - n1, n1];
  return columns.map((values) => {
    const means = [0, 0];
    outcome.forEach((c, i) => (means[c] += values[i] / counts[c]));
    const squares = outcome.reduce((sum, c, i) => sum + (values[i] - means[c]) ** 2, 0);
    const weight = (means[1] - means[0]) / (squares / (outcome.length - 2));
    return Number.isFinite(weight) ? weight : 0;
  });
}

function sentenceOf(pipeline: AuditedPipeline, auc: number, se: number, isLeaking: boolean): string {
  const how = {
    none: 'without harmonisation',
    fold: 'with harmonisation fitted inside each fold',
    transductive: 'with harmonisation fitted on everyone before the split',
  }[pipeline.harmonization];
  const what = `On an outcome that no feature knows, the pipeline ${how}${pipeline.preservesOutcome ? ' and the outcome preserved' : ''} reports an AUC of ${auc.toFixed(3)} (standard error ${se.toFixed(3)}; the truth is 0.500)`;
  return isLeaking
    ? `${what}: the outcome leaks into the features, and results are too good.`
    : `${what}: no leak is seen.`;
}
