import { applyCombat, type CombatOptions, type Covariate, fitCombat } from '@concord/harmonization';
import { midranks, type RandomSource, shuffleInPlace } from '@concord/numeric';
import { ScannerEffectInputError } from './errors.js';
import { groupsOf } from './groups.js';
import { discriminantPosterior, fitDiscriminant } from './linear-discriminant.js';
import { principalComponents, project } from './principal-components.js';
import { fitForest, forestPosterior } from './random-forest.js';
import { completeFeatures, type ScannerEffectInput } from './scanner-effect.js';

export interface ClassifierOptions {
  /** A linear discriminant on ten principal components, or a random forest on the features. */
  readonly method: 'discriminant' | 'forest';
  /** ComBat fitted on the training patients of each fold; null: the features as they are. */
  readonly harmonization: Partial<CombatOptions> | null;
  readonly random: RandomSource;
  /** 5 unless told, fewer where a batch has fewer patients. */
  readonly folds?: number;
  /** Batch labels shuffled before anything is fitted, that many times; 0 unless told. */
  readonly permutations?: number;
}

/** How well the batch is told from features of patients that neither classifier nor harmonisation has seen. */
export interface SiteClassification {
  readonly batches: readonly string[];
  /** Batches with one patient, left out. */
  readonly leftOut: readonly string[];
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  /** Mean over batches of the area under the curve, each against the rest. */
  readonly auc: number;
  /** Share of the largest batch: what guessing reaches. */
  readonly chance: number;
  readonly folds: number;
  /** (1 + shuffles with a balanced accuracy at least as large) / (1 + shuffles); null without shuffles. */
  readonly permutationP: number | null;
  readonly permutations: number;
}

const COMPONENTS = 10;

/**
 * Cross-validated prediction of the batch. Harmonisation is refitted in every fold: when it has seen the patients that are
 * predicted, accuracy falls far below chance and says nothing. Complete features that vary take part.
 *
 * @throws {ScannerEffectInputError} as `measureScannerEffect`, or if fewer than two batches have two patients, or two
 *   features are left
 */
export function classifySites(input: ScannerEffectInput, options: ClassifierOptions): SiteClassification {
  const all = groupsOf(input.batch);
  const leftOut = all.labels.filter((_, i) => all.counts[i] < 2);
  const rows = [...input.batch.keys()].filter((row) => !leftOut.includes(input.batch[row]!));
  const features = completeFeatures(takeFeatures(input.features, rows));
  if (features.length < 2 || rows.length < 4) {
    throw new ScannerEffectInputError(
      'fewer than two complete features vary, or too few patients have a batch with others',
      'classifySites',
      'Give more features or patients.',
    );
  }
  const data = {
    features,
    batch: rows.map((row) => input.batch[row]!),
    covariates: takeCovariates(input.covariates, rows),
  };
  const smallest = Math.min(...groupsOf(data.batch).counts);
  const folds = Math.max(2, Math.min(options.folds ?? 5, smallest));
  const found = crossValidate(data, folds, options);
  const permutations = options.permutations ?? 0;
  let atLeast = 0;
  for (let p = 0; p < permutations; p++) {
    const shuffled = { ...data, batch: shuffleInPlace(options.random, data.batch.slice()) };
    if (crossValidate(shuffled, folds, options).balancedAccuracy >= found.balancedAccuracy - 1e-12) atLeast++;
  }
  return {
    ...found,
    leftOut,
    folds,
    permutationP: permutations > 0 ? (1 + atLeast) / (1 + permutations) : null,
    permutations,
  };
}

interface Data {
  readonly features: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly batch: readonly string[];
  readonly covariates: readonly Covariate[];
}

function crossValidate(data: Data, folds: number, options: ClassifierOptions) {
  const groups = groupsOf(data.batch);
  const k = groups.labels.length;
  const foldOf = stratifiedFolds(groups.index, k, folds, options.random);
  const posteriors: number[][] = data.batch.map(() => []);
  for (let fold = 0; fold < folds; fold++) {
    const training = [...data.batch.keys()].filter((row) => foldOf[row] !== fold);
    const held = [...data.batch.keys()].filter((row) => foldOf[row] === fold);
    const predict = learn(data, groups.index, k, training, options);
    predict(held).forEach((posterior, i) => (posteriors[held[i]] = posterior));
  }
  const right = new Array<number>(k).fill(0);
  posteriors.forEach((posterior, row) => {
    if (posterior.indexOf(Math.max(...posterior)) === groups.index[row]) right[groups.index[row]]++;
  });
  const n = data.batch.length;
  return {
    batches: groups.labels,
    accuracy: right.reduce((sum, value) => sum + value, 0) / n,
    balancedAccuracy: right.reduce((sum, value, i) => sum + value / groups.counts[i], 0) / k,
    auc: groups.labels.reduce((sum, _, i) => sum + areaUnderCurve(posteriors, groups.index, i), 0) / k,
    chance: Math.max(...groups.counts) / n,
  };
}

/** Every batch spread evenly over the folds. */
export function stratifiedFolds(
  index: Uint32Array,
  groupCount: number,
  folds: number,
  random: RandomSource,
): Uint32Array {
  const result = new Uint32Array(index.length);
  let next = 0;
  for (let i = 0; i < groupCount; i++) {
    const rows = shuffleInPlace(
      random,
      [...index.keys()].filter((row) => index[row] === i),
    );
    for (const row of rows) result[row] = next++ % folds;
  }
  return result;
}

/** Fits harmonisation and classifier on the training rows; gives the posterior of other rows. */
function learn(
  data: Data,
  classes: Uint32Array,
  k: number,
  training: readonly number[],
  options: ClassifierOptions,
): (rows: readonly number[]) => number[][] {
  const seen = harmonized(data, training, training, options.harmonization);
  const own = Uint32Array.from(training, (row) => classes[row]);
  const positions = [...training.keys()];
  if (options.method === 'forest') {
    const forest = fitForest(seen, own, k, positions, options.random);
    return (rows) => {
      const columns = harmonized(data, training, rows, options.harmonization);
      return rows.map((_, i) => forestPosterior(forest, columns, i));
    };
  }
  const usable = [...seen.keys()].filter((g) => seen[g].some((value) => value !== seen[g][0]));
  const count = Math.max(1, Math.min(COMPONENTS, usable.length, training.length - k - 1));
  const components = principalComponents(
    usable.map((g) => seen[g]),
    count,
  );
  const discriminant = fitDiscriminant(components.scores, own, k, positions);
  return (rows) => {
    const columns = harmonized(data, training, rows, options.harmonization);
    const scores = project(
      components,
      usable.map((g) => columns[g]),
    );
    return rows.map((_, i) => discriminantPosterior(discriminant, scores, i));
  };
}

function harmonized(
  data: Data,
  training: readonly number[],
  rows: readonly number[],
  options: Partial<CombatOptions> | null,
): Float64Array[] {
  if (options === null) return takeFeatures(data.features, rows).map(({ values }) => values);
  const take = (at: readonly number[]) => ({
    features: takeFeatures(data.features, at),
    batch: at.map((row) => data.batch[row]),
    covariates: takeCovariates(data.covariates, at),
  });
  const model = fitCombat({ ...take(training), options });
  return applyCombat(model, take(rows)).features.map(({ values }) => values);
}

/** The given rows of features. */
export function takeFeatures(features: ScannerEffectInput['features'], rows: readonly number[]) {
  return features.map(({ name, values }) => ({ name, values: Float64Array.from(rows, (row) => values[row]) }));
}

/** The given rows of covariates. */
export function takeCovariates(covariates: readonly Covariate[] = [], rows: readonly number[]): Covariate[] {
  // Kind and values stay together.
  return covariates.map((covariate) => ({
    ...covariate,
    values: rows.map((row) => covariate.values[row]),
  })) as Covariate[];
}

function areaUnderCurve(posteriors: readonly number[][], classes: Uint32Array, own: number): number {
  const ranks = midranks(posteriors.map((posterior) => posterior[own]));
  let sum = 0;
  let count = 0;
  classes.forEach((c, row) => {
    if (c !== own) return;
    sum += ranks[row];
    count++;
  });
  return (sum - (count * (count + 1)) / 2) / (count * (classes.length - count));
}
