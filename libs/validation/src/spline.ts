import { quantile } from '@concord/numeric';

/** Harrell's quantiles for the knots of a restricted cubic spline (Regression Modeling Strategies, 2nd ed., table 2.3). */
const KNOT_QUANTILES: Readonly<Record<number, readonly number[]>> = {
  3: [0.1, 0.5, 0.9],
  4: [0.05, 0.35, 0.65, 0.95],
  5: [0.05, 0.275, 0.5, 0.725, 0.95],
};

/**
 * Knots at Harrell's quantiles (type 7).
 *
 * @returns null where two of them coincide: too few different values
 */
export function splineKnots(values: Float64Array, count: 3 | 4 | 5): number[] | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const knots = KNOT_QUANTILES[count].map((p) => quantile(sorted, p));
  return knots.every((knot, i) => i === 0 || knot > knots[i - 1]) ? knots : null;
}

/**
 * Values of the restricted cubic spline basis: x itself, then a term for each knot but the last two, divided by the
 * squared range of the knots.
 */
export function splineRow(x: number, knots: readonly number[]): number[] {
  const last = knots.length - 1;
  const [upper, second] = [knots[last], knots[last - 1]];
  const range = (upper - knots[0]) ** 2;
  const cube = (value: number) => Math.max(value, 0) ** 3;
  const terms = knots.slice(0, last - 1).map((knot) => {
    const outer = upper - second;
    return (
      (cube(x - knot) - (cube(x - second) * (upper - knot)) / outer + (cube(x - upper) * (second - knot)) / outer) /
      range
    );
  });
  return [x, ...terms];
}

/** The basis as columns over the values. */
export function splineColumns(values: Float64Array, knots: readonly number[]): Float64Array[] {
  const columns = Array.from({ length: knots.length - 1 }, () => new Float64Array(values.length));
  for (let i = 0; i < values.length; i++) splineRow(values[i], knots).forEach((value, j) => (columns[j][i] = value));
  return columns;
}
