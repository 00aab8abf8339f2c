import { quantile } from '@concord/numeric';
import { CombatInputError } from './errors.js';

/** A cubic spline whose knots are fixed: `ns` natural, `bs` an unconstrained B-spline. */
export interface SplineBasis {
  readonly basis: 'ns' | 'bs';
  /** Ascending, inside the boundary. */
  readonly innerKnots: readonly number[];
  readonly boundary: readonly [number, number];
}

const DEGREE = 3;

/**
 * Knots for values: natural splines at quantiles of type 7 (R's `ns(x, df)`: df − 1 inner knots), B-splines equally
 * spaced (df − 3 inner knots); the boundary is the range of the values.
 *
 * @param df columns of the basis, without intercept: at least 1 for `ns`, 3 for `bs`
 * @throws {CombatInputError} if df is too small, or the values do not give distinct knots
 */
export function splineBasis(name: string, basis: 'ns' | 'bs', df: number, values: ArrayLike<number>): SplineBasis {
  const inner = basis === 'ns' ? df - 1 : df - DEGREE;
  if (!Number.isInteger(df) || inner < 0) {
    throw new CombatInputError(
      `a spline of ${name} with ${df} columns cannot be made`,
      `covariate ${name}`,
      basis === 'ns' ? 'Give a whole number of 1 or more.' : 'Give a whole number of 3 or more.',
    );
  }
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < values.length; k++) {
    low = Math.min(low, values[k]);
    high = Math.max(high, values[k]);
  }
  const innerKnots = Array.from({ length: inner }, (_, k) =>
    basis === 'ns' ? quantile(values, (k + 1) / (inner + 1)) : low + ((high - low) * (k + 1)) / (inner + 1),
  );
  return checkSpline(name, { basis, innerKnots, boundary: [low, high] });
}

/** @throws {CombatInputError} unless the knots rise strictly from one boundary to the other */
export function checkSpline(name: string, spline: SplineBasis): SplineBasis {
  const all = [spline.boundary[0], ...spline.innerKnots, spline.boundary[1]];
  if (!all.every((knot, k) => Number.isFinite(knot) && (k === 0 || knot > all[k - 1]))) {
    throw new CombatInputError(
      `the knots of ${name} do not rise: too few different values for so many`,
      `covariate ${name}`,
      'Ask for fewer columns (df), or use the covariate as it is.',
    );
  }
  return spline;
}

/** Columns that a spline has, without intercept. */
export function splineSize({ basis, innerKnots }: SplineBasis): number {
  return innerKnots.length + (basis === 'ns' ? 1 : DEGREE);
}

/**
 * Basis columns at the values, as R's `splines::ns` and `bs` without intercept. Beyond the boundary both go on along
 * their tangent (R's `bs` goes on as a cubic there), so that an age outside the fit cannot run away.
 */
export function splineColumns(spline: SplineBasis, values: ArrayLike<number>): Float64Array[] {
  const [low, high] = spline.boundary;
  const knots = [low, low, low, low, ...spline.innerKnots, high, high, high, high];
  const constraint = spline.basis === 'ns' ? nullSpace(knots, low, high) : null;
  const columns = Array.from({ length: splineSize(spline) }, () => new Float64Array(values.length));
  for (let row = 0; row < values.length; row++) {
    const x = values[row];
    const at = Math.min(high, Math.max(low, x));
    const line = bSplines(knots, at, 0).slice(1);
    if (at !== x) {
      const slope = bSplines(knots, at, 1);
      for (let j = 0; j < line.length; j++) line[j] += (x - at) * slope[j + 1];
    }
    const kept = constraint === null ? line : constraint(line);
    for (let j = 0; j < columns.length; j++) columns[j][row] = kept[j];
  }
  return columns;
}

/** True where a value lies outside the boundary of the fit. */
export function isOutside({ boundary }: SplineBasis, value: number): boolean {
  return value < boundary[0] || value > boundary[1];
}

/** Values or derivatives of all cubic B-splines at x (de Boor 1978, A Practical Guide to Splines, ch. X). */
function bSplines(knots: readonly number[], x: number, derivative: number, degree = DEGREE): Float64Array {
  if (derivative > 0) {
    const lower = bSplines(knots, x, derivative - 1, degree - 1);
    const count = knots.length - degree - 1;
    return Float64Array.from({ length: count }, (_, j) => {
      const left = knots[j + degree] - knots[j];
      const right = knots[j + degree + 1] - knots[j + 1];
      return degree * ((left > 0 ? lower[j] / left : 0) - (right > 0 ? lower[j + 1] / right : 0));
    });
  }
  const last = knots.length - 1;
  // The last interval is closed, so that the right boundary belongs to it.
  const isIn = (j: number): boolean =>
    knots[j] < knots[j + 1] && knots[j] <= x && (x < knots[j + 1] || knots[j + 1] === knots[last]);
  let values = Float64Array.from({ length: last }, (_, j) => (isIn(j) ? 1 : 0));
  for (let d = 1; d <= degree; d++) {
    values = Float64Array.from({ length: last - d }, (_, j) => {
      const left = knots[j + d] - knots[j];
      const right = knots[j + d + 1] - knots[j + 1];
      return (
        (left > 0 ? ((x - knots[j]) / left) * values[j] : 0) +
        (right > 0 ? ((knots[j + d + 1] - x) / right) * values[j + 1] : 0)
      );
    });
  }
  return values;
}

/** Takes coefficients to the space where the second derivative vanishes at both ends: two Householder reflections, as R does. */
function nullSpace(knots: readonly number[], low: number, high: number): (line: Float64Array) => Float64Array {
  const reflections: Float64Array[] = [];
  const reflect = (line: Float64Array): Float64Array => {
    const result = line.slice();
    for (const direction of reflections) {
      let dot = 0;
      for (let j = 0; j < result.length; j++) dot += direction[j] * result[j];
      for (let j = 0; j < result.length; j++) result[j] -= 2 * dot * direction[j];
    }
    return result;
  };
  for (const [k, end] of [low, high].entries()) {
    const direction = reflect(bSplines(knots, end, 2).slice(1)).fill(0, 0, k);
    const length = Math.hypot(...direction);
    direction[k] += direction[k] < 0 ? -length : length;
    const norm = Math.hypot(...direction);
    reflections.push(direction.map((value) => value / norm));
  }
  return (line) => reflect(line).subarray(2);
}
