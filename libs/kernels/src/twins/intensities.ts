/**
 * The four sums that others add to: element n of a list goes to sum n % 4, up to the last whole four; the sums are added
 * as (0 + 2) + (1 + 3), and the rest one by one. So a sum does not depend on what computes it.
 */
function laneSum(values: Float64Array, count: number, term: (value: number) => number): number {
  const lanes = [0, 0, 0, 0];
  const whole = count - (count % 4);
  for (let n = 0; n < whole; n++) lanes[n % 4] += term(values[n]);
  let sum = lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
  for (let n = whole; n < count; n++) sum += term(values[n]);
  return sum;
}

/**
 * @param values at least one finite number
 * @param count number of `values`
 * @param out gets sum, sum of squares, least and greatest
 */
export function summary(values: Float64Array, count: number, out: Float64Array): void {
  let [least, most] = [values[0], values[0]];
  for (let n = 1; n < count; n++) {
    least = Math.min(least, values[n]);
    most = Math.max(most, values[n]);
  }
  out[0] = laneSum(values, count, (x) => x);
  out[1] = laneSum(values, count, (x) => x * x);
  out[2] = least;
  out[3] = most;
}

/** @param out gets the sums of (x - mean)^2, ^3, ^4 and of |x - mean| */
export function centralMoments(values: Float64Array, count: number, mean: number, out: Float64Array): void {
  const power = (x: number, exponent: 2 | 3 | 4): number => {
    const d = x - mean;
    const d2 = d * d;
    if (exponent === 2) return d2;
    return exponent === 3 ? d2 * d : d2 * d2;
  };
  out[0] = laneSum(values, count, (x) => power(x, 2));
  out[1] = laneSum(values, count, (x) => power(x, 3));
  out[2] = laneSum(values, count, (x) => power(x, 4));
  out[3] = laneSum(values, count, (x) => Math.abs(x - mean));
}

/** @param out gets the sum of |x - centre|; then of values in [lower, upper] the same, their sum, their number */
export function deviations(
  values: Float64Array,
  count: number,
  centre: number,
  lower: number,
  upper: number,
  out: Float64Array,
): void {
  const inside = (x: number, term: number): number => (x >= lower && x <= upper ? term : 0);
  out[0] = laneSum(values, count, (x) => Math.abs(x - centre));
  out[1] = laneSum(values, count, (x) => inside(x, Math.abs(x - centre)));
  out[2] = laneSum(values, count, (x) => inside(x, x));
  out[3] = laneSum(values, count, (x) => inside(x, 1));
}

/**
 * Grey levels: floor(factor (x - minimum) / divisor) + 1, at the least 0 and at the most `highest` + 1.
 *
 * @param highest at most 65534
 * @param levels gets the level of each value
 * @param counts `highest` + 2 numbers: the one at a level is raised by its values; the caller clears it
 */
export function greyLevels(
  values: Float64Array,
  count: number,
  minimum: number,
  factor: number,
  divisor: number,
  highest: number,
  levels: Uint16Array,
  counts: Uint32Array,
): void {
  for (let n = 0; n < count; n++) {
    const level = Math.floor((factor * (values[n] - minimum)) / divisor) + 1;
    levels[n] = Math.max(0, Math.min(highest + 1, level));
    counts[levels[n]]++;
  }
}
