import { randomInteger, shuffleInPlace, type RandomSource } from '@concord/numeric';
import { ModelInputError } from '../errors.js';
import type { NamedColumn } from '../logistic-model.js';
import type { ClusterModel } from '../prediction.js';
import { consensusClusters } from './consensus.js';
import { cutTree, euclideanDistances, hierarchicalClusters } from './hierarchical.js';
import { kMeans } from './k-means.js';
import { fitStandardization, standardizedRows } from './standardize.js';

export interface ClusterSettings {
  readonly method: ClusterModel['method'];
  readonly count: number;
  readonly random: RandomSource;
  readonly seed?: number | string;
}

const STARTS = 20;
const RESAMPLES = 500;
const SHARE = 0.8;

/**
 * Clusters of development patients as a model: whoever comes later gets the nearest centre. The centres of Ward's and of
 * consensus clusters are the means of their patients. Clusters are ordered by the first patient in each.
 *
 * @throws {ModelInputError} for a number of clusters that the patients do not give
 */
export function fitClusters(features: readonly NamedColumn[], settings: ClusterSettings): ClusterModel {
  const { method, count, random } = settings;
  const standardization = fitStandardization(features);
  const rows = standardizedRows(standardization, features);
  const p = features.length;
  const n = rows.length / p;
  if (!Number.isInteger(count) || count < 2 || count > n / 2) {
    throw new ModelInputError(
      `${count} clusters cannot be made of ${n} patients`,
      'fitClusters(count)',
      'Choose from 2 to half the number of patients.',
    );
  }
  const labels = inOrder(assignmentOf(rows, p, n, method, count, random));
  const sizes = new Array<number>(count).fill(0);
  const centres = Array.from({ length: count }, () => new Array<number>(p).fill(0));
  for (const label of labels) sizes[label]++;
  labels.forEach((label, i) => {
    for (let j = 0; j < p; j++) centres[label][j] += rows[i * p + j] / sizes[label];
  });
  return {
    format: 'concord.clusters/1',
    method,
    features: standardization.features,
    standardization,
    centres,
    sizes,
    seed: settings.seed ?? null,
  };
}

function assignmentOf(
  rows: Float64Array,
  p: number,
  n: number,
  method: ClusterModel['method'],
  count: number,
  random: RandomSource,
): Int32Array {
  if (method === 'ward') return cutTree(hierarchicalClusters(euclideanDistances(rows, p), n, 'ward'), count);
  if (method === 'consensus') {
    const size = Math.ceil(SHARE * n);
    const samples = Array.from({ length: RESAMPLES }, () =>
      shuffleInPlace(
        random,
        Uint32Array.from({ length: n }, (_, i) => i),
      )
        .slice(0, size)
        .sort(),
    );
    return consensusClusters(rows, p, samples, [count])[0].assignment;
  }
  let best: { assignment: Int32Array; within: number } | null = null;
  for (let start = 0; start < STARTS; start++) {
    const { assignment, withinSquares } = kMeans(rows, p, spreadRows(rows, p, n, count, random));
    const within = withinSquares.reduce((sum, value) => sum + value, 0);
    if (best === null || within < best.within) best = { assignment, within };
  }
  return best?.assignment ?? new Int32Array(n);
}

/** Starting rows far from each other: each with a chance by its squared distance (Arthur and Vassilvitskii 2007). */
function spreadRows(rows: Float64Array, p: number, n: number, count: number, random: RandomSource): number[] {
  const chosen = [randomInteger(random, n)];
  const nearest = new Float64Array(n).fill(Infinity);
  while (chosen.length < count) {
    const last = chosen[chosen.length - 1] * p;
    for (let i = 0; i < n; i++) {
      let distance = 0;
      for (let j = 0; j < p; j++) distance += (rows[i * p + j] - rows[last + j]) ** 2;
      nearest[i] = Math.min(nearest[i], distance);
    }
    let at = random.next() * nearest.reduce((sum, value) => sum + value, 0);
    let row = nearest.findIndex((value) => (at -= value) < 0);
    if (row < 0) row = nearest.findLastIndex((value) => value > 0);
    if (row < 0) {
      throw new ModelInputError(
        `the patients have fewer than ${count} different values`,
        'fitClusters(features)',
        'Ask for fewer clusters.',
      );
    }
    chosen.push(row);
  }
  return chosen;
}

function inOrder(assignment: Int32Array): Int32Array {
  const order = new Map<number, number>();
  for (const label of assignment) if (!order.has(label)) order.set(label, order.size);
  return assignment.map((label) => order.get(label) ?? 0);
}
