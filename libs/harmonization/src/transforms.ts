import { mean, minimiseScalar, normalQuantile, rankWithTies, standardDeviation } from '@concord/numeric';
import type { FeatureColumn } from './columns.js';
import { CombatInputError } from './errors.js';

export type TransformKind = 'log' | 'yeo-johnson' | 'rank-normal';

/** A rising function of one feature, with what its inverse needs. */
export type FeatureTransform = {
  readonly feature: string;
  /** Results below it are raised to it: 0 where the fit saw no negative value, else null. */
  readonly floor: number | null;
} & (
  | { readonly kind: 'none' }
  | { readonly kind: 'log'; readonly offset: number }
  | { readonly kind: 'yeo-johnson'; readonly lambda: number; readonly scale: number }
  /** Straight lines through (knots, scores), going on outside them. */
  | { readonly kind: 'rank-normal'; readonly knots: readonly number[]; readonly scores: readonly number[] }
);

/** Patients behind each knot of a rank-normal map, at least: a knot is their mean, never one patient's value. */
const BLOCK = 5;

/**
 * Fits a transform for each feature, on the rows that the harmonisation is fitted on. A feature that does not vary keeps
 * `none`.
 *
 * - `log`: log(x + offset); the offset is 0, or where there are zeros a hundredth of the mean.
 * - `yeo-johnson`: Yeo and Johnson 2000 (Biometrika 87:954) of x / SD, lambda of largest likelihood in [0, 2], where the
 *   inverse exists everywhere.
 * - `rank-normal`: normal scores of ranks (Blom), as straight lines through means of five patients or more.
 *
 * @throws {CombatInputError} for `log` of a feature with negative values
 */
export function fitTransforms(kind: TransformKind, features: readonly FeatureColumn[]): FeatureTransform[] {
  return features.map(({ name, values }) => {
    const observed = values.filter((value) => !Number.isNaN(value));
    const smallest = observed.reduce((least, value) => Math.min(least, value), Infinity);
    const common = { feature: name, floor: smallest >= 0 ? 0 : null };
    if (observed.length < 2 || observed.every((value) => value === observed[0])) return { ...common, kind: 'none' };
    if (kind === 'rank-normal') return { ...common, ...rankNormal(observed) };
    if (kind === 'yeo-johnson') {
      const scale = standardDeviation(observed);
      return { ...common, kind, scale, lambda: bestLambda(observed.map((value) => value / scale)) };
    }
    if (smallest < 0) {
      throw new CombatInputError(
        `feature ${name} has negative values, which have no logarithm`,
        `feature ${name}`,
        'Use the transform yeo-johnson or rank, or leave the feature out.',
      );
    }
    return { ...common, kind, offset: smallest > 0 ? 0 : 0.01 * mean(observed) };
  });
}

/** Transformed values; missing ones stay missing. A value that a log cannot take becomes missing. */
export function transformValues(transform: FeatureTransform, values: Float64Array): Float64Array {
  switch (transform.kind) {
    case 'none':
      return values.slice();
    case 'log':
      return values.map((value) => (value + transform.offset > 0 ? Math.log(value + transform.offset) : NaN));
    case 'yeo-johnson':
      return values.map((value) => yeoJohnson(value / transform.scale, transform.lambda));
    case 'rank-normal':
      return values.map((value) => interpolate(transform.knots, transform.scores, value));
  }
}

/** The way back, with how many values had to be raised to the floor. */
export function invertValues(
  transform: FeatureTransform,
  values: Float64Array,
): { values: Float64Array; raised: number } {
  let raised = 0;
  const result = values.map((value) => {
    const back = invert(transform, value);
    if (transform.floor === null || !(back < transform.floor)) return back;
    raised++;
    return transform.floor;
  });
  return { values: result, raised };
}

function invert(transform: FeatureTransform, value: number): number {
  switch (transform.kind) {
    case 'none':
      return value;
    case 'log':
      return Math.exp(value) - transform.offset;
    case 'yeo-johnson':
      return transform.scale * invertYeoJohnson(value, transform.lambda);
    case 'rank-normal':
      return interpolate(transform.scores, transform.knots, value);
  }
}

/** (base^power − 1) / power, also where the power is 0 or near it. */
function boxCox(logBase: number, power: number): number {
  return power === 0 ? logBase : Math.expm1(power * logBase) / power;
}

export function yeoJohnson(x: number, lambda: number): number {
  return x >= 0 ? boxCox(Math.log1p(x), lambda) : -boxCox(Math.log1p(-x), 2 - lambda);
}

function invertYeoJohnson(z: number, lambda: number): number {
  const back = (y: number, power: number): number => Math.expm1(power === 0 ? y : Math.log1p(power * y) / power);
  return z >= 0 ? back(z, lambda) : -back(-z, 2 - lambda);
}

function bestLambda(x: Float64Array): number {
  let logs = 0;
  for (const value of x) logs += Math.sign(value) * Math.log1p(Math.abs(value));
  const loss = (lambda: number): number => {
    const sd = standardDeviation(x.map((value) => yeoJohnson(value, lambda)));
    return x.length * Math.log(sd) - (lambda - 1) * logs;
  };
  return minimiseScalar(loss, 0, 2, 1e-8).value;
}

function rankNormal(
  observed: Float64Array,
): { kind: 'none' } | Pick<FeatureTransform & { kind: 'rank-normal' }, 'kind' | 'knots' | 'scores'> {
  const n = observed.length;
  const sorted = observed.slice().sort();
  const { ranks } = rankWithTies(sorted);
  const score = (k: number): number => normalQuantile((ranks[k] - 0.375) / (n + 0.25));
  const knots: number[] = [];
  const scores: number[] = [];
  for (let from = 0; from < n;) {
    let to = Math.min(n, from + BLOCK);
    // Ties stay together, and what is left at the end is not a block of its own.
    while (to < n && (sorted[to] === sorted[to - 1] || n - to < BLOCK)) to++;
    let value = 0;
    let z = 0;
    for (let k = from; k < to; k++) {
      value += sorted[k] / (to - from);
      z += score(k) / (to - from);
    }
    knots.push(value);
    scores.push(z);
    from = to;
  }
  return knots.length < 2 || knots.some((knot, k) => k > 0 && !(knot > knots[k - 1]))
    ? { kind: 'none' }
    : { kind: 'rank-normal', knots, scores };
}

function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= at) low = middle;
    else high = middle;
  }
  return y[low] + ((at - x[low]) / (x[high] - x[low])) * (y[high] - y[low]);
}
