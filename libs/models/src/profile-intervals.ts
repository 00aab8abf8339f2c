import { chiSquaredQuantile } from '@concord/numeric';
import { fitLogistic } from '@concord/validation';

/**
 * Intervals of an unpenalised logistic regression by its profile likelihood, the intercept's first.
 *
 * @param columns covariates without the intercept
 * @returns null where the fit has no finite solution; a bound is null where the profile never falls far enough
 * @see Venzon and Moolgavkar, Appl Stat 37 (1988)
 */
export function profileIntervals(
  columns: readonly Float64Array[],
  outcome: Uint8Array,
  level = 0.95,
): (readonly [number | null, number | null])[] | null {
  const design = [new Float64Array(outcome.length).fill(1), ...columns];
  const fit = fitLogistic(design, outcome);
  if (fit === null) return null;
  const p = design.length;
  const target = fit.deviance + chiSquaredQuantile(level, 1);
  return design.map((column, j) => {
    const others = design.filter((_, k) => k !== j);
    const excess = (value: number): number | null => {
      const held = fitLogistic(
        others,
        outcome,
        column.map((x) => x * value),
      );
      return held === null ? null : held.deviance - target;
    };
    const unit = Math.sqrt(fit.covariance.data[j * p + j]);
    return [bound(excess, fit.coefficients[j], -unit), bound(excess, fit.coefficients[j], unit)] as const;
  });
}

/** Where the excess turns positive, stepping outwards by `unit` and halving then. */
function bound(excess: (value: number) => number | null, from: number, unit: number): number | null {
  let inside = from;
  let outside = from + 2 * unit;
  for (let step = 0; ; step++) {
    const value = excess(outside);
    if (value === null || step > 60) return null;
    if (value > 0) break;
    inside = outside;
    outside += unit * 2 ** (step / 4);
  }
  for (let step = 0; step < 100 && Math.abs(outside - inside) > 1e-12 * (1 + Math.abs(outside)); step++) {
    const middle = (inside + outside) / 2;
    const value = excess(middle);
    if (value === null) return null;
    if (value > 0) outside = middle;
    else inside = middle;
  }
  return (inside + outside) / 2;
}
