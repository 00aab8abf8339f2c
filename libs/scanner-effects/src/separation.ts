import {
  choleskyFactor,
  choleskySolve,
  matrix,
  mean,
  type RandomSource,
  shuffleInPlace,
  standardDeviation,
} from '@concord/numeric';
import { type Groups, groupsOf } from './groups.js';
import { leaveOneOutAccuracy } from './linear-discriminant.js';
import { principalComponents } from './principal-components.js';
import { checkFeatures, completeFeatures, type ScannerEffectInput } from './scanner-effect.js';

/** How far apart batches lie when all features are taken together, in features scaled to SD 1. */
export interface Separation {
  readonly batches: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];
  readonly featureCount: number;
  /** Mean of (b − a) / max(a, b) over patients, a the mean distance to the own batch, b to the nearest other one. */
  readonly silhouette: number;
  readonly silhouetteByBatch: readonly number[];
  readonly permanova: {
    readonly pseudoF: number;
    readonly rSquared: number;
    /** (1 + permutations at least as large) / (1 + permutations); null without permutations. */
    readonly p: number | null;
    readonly permutations: number;
  };
  /** Between batch centres, in the metric of the covariance inside batches, on the components; by pair. */
  readonly mahalanobis: readonly number[];
  /** Frobenius norm of the difference of covariance matrices of all features; by pair, null for a batch of one. */
  readonly covarianceDistance: readonly (number | null)[];
  /** 2 E|X − Y| − E|X − X'| − E|Y − Y'|; by pair. */
  readonly energyDistance: readonly number[];
  /** Accuracy of telling the batch from the components, each patient left out in turn (the components saw all). */
  readonly discriminant: { readonly accuracy: number; readonly balancedAccuracy: number; readonly components: number };
}

export interface SeparationOptions {
  readonly permutations?: number;
  /** Needed for permutations. */
  readonly random?: RandomSource;
}

const COMPONENTS = 10;

/**
 * Measures the separation of batches: silhouette, PERMANOVA (Anderson 2001, Austral Ecology 26:32), Mahalanobis,
 * covariance and energy distances, and a discriminant on ten components. Complete features that vary only; null where
 * there are fewer than two, or not more patients than batches and components. Cost: patients² × (features + permutations).
 *
 * @throws {ScannerEffectInputError} as {@link measureScannerEffect}
 */
export function measureSeparation(
  { features, batch }: Pick<ScannerEffectInput, 'features' | 'batch'>,
  { permutations = 0, random }: SeparationOptions = {},
): Separation | null {
  const groups = groupsOf(batch);
  checkFeatures(features, batch.length);
  const usable = completeFeatures(features).map(({ values }) => values);
  const componentCount = Math.min(COMPONENTS, usable.length, batch.length - groups.labels.length - 1);
  if (usable.length < 2 || componentCount < 1) return null;
  const gram = scaledGram(usable);
  const { scores } = principalComponents(usable, componentCount);
  const silhouettes = silhouetteOf(gram, groups);
  const pairs = groups.labels.flatMap((_, i) => groups.labels.slice(i + 1).map((_b, j) => [i, i + 1 + j] as const));
  return {
    batches: groups.labels,
    pairs: pairs.map(([i, j]) => [groups.labels[i], groups.labels[j]] as const),
    featureCount: usable.length,
    silhouette: mean(silhouettes),
    silhouetteByBatch: groups.labels.map((_, i) => mean(silhouettes.filter((_v, row) => groups.index[row] === i))),
    permanova: permanova(gram, groups, random === undefined ? 0 : permutations, random),
    mahalanobis: mahalanobis(scores, groups, pairs),
    covarianceDistance: covarianceDistances(gram, groups, pairs),
    energyDistance: energyDistances(gram, groups, pairs),
    discriminant: {
      ...leaveOneOutAccuracy(scores, groups.index, groups.labels.length),
      components: componentCount,
    },
  };
}

/** Inner products of patients over scaled features, patients × patients. */
function scaledGram(columns: readonly Float64Array[]): Float64Array {
  const n = columns[0].length;
  const gram = new Float64Array(n * n);
  for (const column of columns) {
    const centre = mean(column);
    const sd = standardDeviation(column);
    const x = column.map((value) => (value - centre) / sd);
    for (let i = 0; i < n; i++) {
      const factor = x[i];
      const start = i * n;
      for (let j = 0; j <= i; j++) gram[start + j] += factor * x[j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
  return gram;
}

function distance(gram: Float64Array, n: number, i: number, j: number): number {
  return i === j ? 0 : Math.sqrt(Math.max(0, gram[i * n + i] + gram[j * n + j] - 2 * gram[i * n + j]));
}

function silhouetteOf(gram: Float64Array, { index, counts }: Groups): Float64Array {
  const n = index.length;
  const sums = new Float64Array(counts.length);
  return Float64Array.from(index, (own, row) => {
    sums.fill(0);
    for (let other = 0; other < n; other++) sums[index[other]] += distance(gram, n, row, other);
    if (counts[own] < 2) return 0;
    const a = sums[own] / (counts[own] - 1);
    let b = Infinity;
    counts.forEach((count, i) => (b = i === own ? b : Math.min(b, sums[i] / count)));
    return a === b ? 0 : (b - a) / Math.max(a, b);
  });
}

function permanova(gram: Float64Array, groups: Groups, permutations: number, random?: RandomSource) {
  const n = groups.index.length;
  const k = groups.labels.length;
  let total = 0;
  for (let row = 0; row < n; row++) total += gram[row * n + row];
  // Features are centred, so what the batch means hold is the sum of squares between batches.
  const betweenOf = (index: Uint32Array): number => {
    const sums = new Float64Array(k);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) if (index[j] === index[i]) sum += gram[i * n + j];
      sums[index[i]] += sum;
    }
    return sums.reduce((sum, value, i) => sum + value / groups.counts[i], 0);
  };
  const between = betweenOf(groups.index);
  let atLeast = 0;
  const shuffled = groups.index.slice();
  for (let p = 0; p < permutations; p++) {
    shuffleInPlace(random!, shuffled);
    if (betweenOf(shuffled) >= between * (1 - 1e-12)) atLeast++;
  }
  return {
    pseudoF: between / (k - 1) / ((total - between) / (n - k)),
    rSquared: between / total,
    p: permutations > 0 ? (1 + atLeast) / (1 + permutations) : null,
    permutations,
  };
}

type Pairs = readonly (readonly [number, number])[];

function mahalanobis(scores: readonly Float64Array[], { index, counts }: Groups, pairs: Pairs): number[] {
  const d = scores.length;
  const means = counts.map((count, i) =>
    scores.map((column) => column.reduce((sum, value, row) => sum + (index[row] === i ? value : 0), 0) / count),
  );
  const pooled = matrix(d, d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      index.forEach((i, row) => (sum += (scores[a][row] - means[i][a]) * (scores[b][row] - means[i][b])));
      pooled.data[b * d + a] = pooled.data[a * d + b] = sum / (index.length - counts.length);
    }
  }
  const factor = choleskyFactor(pooled);
  return pairs.map(([i, j]) => {
    const difference = means[i].map((value, a) => value - means[j][a]);
    const solved = choleskySolve(factor, difference);
    return Math.sqrt(difference.reduce((sum, value, a) => sum + value * solved[a], 0));
  });
}

/** |A − B|² = tr AA + tr BB − 2 tr AB, each trace from inner products of patients centred in their batch. */
function covarianceDistances(gram: Float64Array, groups: Groups, pairs: Pairs): (number | null)[] {
  const { counts } = groups;
  const centred = centredGram(gram, groups);
  const n = groups.index.length;
  const k = counts.length;
  const traces = new Float64Array(k * k);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) traces[groups.index[i] * k + groups.index[j]] += centred[i * n + j] ** 2;
  }
  const trace = (a: number, b: number): number => traces[a * k + b] / ((counts[a] - 1) * (counts[b] - 1));
  return pairs.map(([a, b]) =>
    counts[a] < 2 || counts[b] < 2 ? null : Math.sqrt(Math.max(0, trace(a, a) + trace(b, b) - 2 * trace(a, b))),
  );
}

function centredGram(gram: Float64Array, { index, counts }: Groups): Float64Array {
  const n = index.length;
  const k = counts.length;
  // Mean of each row over each batch, then of each batch over each batch.
  const rowMeans = new Float64Array(n * k);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) rowMeans[i * k + index[j]] += gram[i * n + j] / counts[index[j]];
  const blockMeans = new Float64Array(k * k);
  for (let i = 0; i < n; i++)
    for (let b = 0; b < k; b++) blockMeans[index[i] * k + b] += rowMeans[i * k + b] / counts[index[i]];
  const centred = gram.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [a, b] = [index[i], index[j]];
      centred[i * n + j] += blockMeans[a * k + b] - rowMeans[i * k + b] - rowMeans[j * k + a];
    }
  }
  return centred;
}

function energyDistances(gram: Float64Array, { index, counts }: Groups, pairs: Pairs): number[] {
  const n = index.length;
  const k = counts.length;
  const means = new Float64Array(k * k);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      means[index[i] * k + index[j]] += distance(gram, n, i, j) / (counts[index[i]] * counts[index[j]]);
    }
  }
  return pairs.map(([a, b]) => 2 * means[a * k + b] - means[a * k + a] - means[b * k + b]);
}
