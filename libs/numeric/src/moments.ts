import { requireInput } from './errors.js';

type Values = ArrayLike<number>;

function checked(result: number, where: string): number {
  requireInput(Number.isFinite(result), 'the values hold NaN, an infinity, or overflow', where);
  return result;
}

/** Arithmetic mean, in two passes (the second takes the rounding of the first away). Refuses empty input and NaN. */
export function mean(values: Values): number {
  const n = values.length;
  requireInput(n > 0, 'there is no value', 'mean(values)');
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const first = sum / n;
  let rest = 0;
  for (let i = 0; i < n; i++) rest += values[i] - first;
  return checked(first + rest / n, 'mean(values)');
}

/** Sum of squared deviations from the mean (two-pass with correction, Chan, Golub and LeVeque 1983). */
export function sumOfSquaredDeviations(values: Values): number {
  const centre = mean(values);
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < values.length; i++) {
    const d = values[i] - centre;
    squares += d * d;
    rest += d;
  }
  return checked(squares - (rest * rest) / values.length, 'sumOfSquaredDeviations(values)');
}

/** Sample variance, divisor n − 1. @throws {NumericInputError} for fewer than two values, or NaN */
export function variance(values: Values): number {
  requireInput(values.length > 1, `${values.length} values have no sample variance`, 'variance(values)');
  return sumOfSquaredDeviations(values) / (values.length - 1);
}

/** Variance of the values as a whole population, divisor n. */
export function populationVariance(values: Values): number {
  return sumOfSquaredDeviations(values) / values.length;
}

/** Sample standard deviation, divisor n − 1. */
export function standardDeviation(values: Values): number {
  return Math.sqrt(variance(values));
}

/**
 * Quantile of type 7 (R's default; Hyndman and Fan 1996): linear between order statistics. Sorted or not; sorts a copy.
 *
 * @throws {NumericInputError} if there is no value, one is NaN, or p is outside [0, 1]
 */
export function quantile(values: Values, p: number): number {
  requireInput(p >= 0 && p <= 1, `p = ${p} is outside [0, 1]`, 'quantile(values, p)');
  requireInput(values.length > 0, 'there is no value', 'quantile(values, p)');
  const sorted = Float64Array.from(values).sort();
  requireInput(!Number.isNaN(sorted[sorted.length - 1]), 'a value is NaN', 'quantile(values, p)');
  return quantileOfSorted(sorted, p);
}

/** As {@link quantile}, for values already in ascending order, without a check or a copy. */
export function quantileOfSorted(sorted: Values, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const share = at - below;
  return share === 0 ? sorted[below] : sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

/** Median: the mean of the two middle values for an even count. */
export function median(values: Values): number {
  return quantile(values, 0.5);
}
