import { tQuantile } from '@concord/numeric';
import { ValidationInputError } from '../errors.js';

/** One estimate over several imputed data sets. */
export interface RubinPooled {
  readonly estimate: number;
  /** Mean variance within the imputations, variance between them, and their total. */
  readonly within: number;
  readonly between: number;
  readonly total: number;
  /** Barnard and Rubin's degrees of freedom; Infinity where the imputations do not differ and n is infinite. */
  readonly df: number;
  /** Share of the information that is missing, and the relative rise of the variance. */
  readonly fractionMissing: number;
  readonly relativeIncrease: number;
  readonly interval: readonly [number, number];
}

/**
 * Pools the estimates of imputed data sets; give them on a scale where the normal law fits (logit AUC, log O:E).
 *
 * @param estimates @param standardErrors one an imputation, at least two
 * @param completeDf degrees of freedom of the complete data, n less the parameters
 * @throws {ValidationInputError} with fewer than two imputations, or values that are not finite
 * @see Rubin 1987; Barnard and Rubin, Biometrika 86 (1999)
 */
export function poolImputations(
  estimates: readonly number[],
  standardErrors: readonly number[],
  completeDf: number,
  level = 0.95,
): RubinPooled {
  const m = estimates.length;
  if (m < 2 || standardErrors.length !== m || ![...estimates, ...standardErrors].every(Number.isFinite)) {
    throw new ValidationInputError(
      `${m} estimates with ${standardErrors.length} standard errors cannot be pooled`,
      'poolImputations(estimates, standardErrors)',
      'Give one finite estimate and standard error for each of at least two imputations.',
    );
  }
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / m;
  const estimate = mean(estimates);
  const within = mean(standardErrors.map((se) => se * se));
  const between = estimates.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / (m - 1);
  const extra = (1 + 1 / m) * between;
  const total = within + extra;
  const lambda = total > 0 ? extra / total : 0;
  const observed = ((completeDf + 1) / (completeDf + 3)) * completeDf * (1 - lambda);
  const old = lambda > 0 ? (m - 1) / lambda ** 2 : Infinity;
  const df = old === Infinity ? observed : (old * observed) / (old + observed);
  const relativeIncrease = within > 0 ? extra / within : 0;
  const half = tQuantile(1 - (1 - level) / 2, Math.max(df, 1e-3)) * Math.sqrt(total);
  return {
    estimate,
    within,
    between,
    total,
    df,
    fractionMissing: (relativeIncrease + 2 / (df + 3)) / (relativeIncrease + 1),
    relativeIncrease,
    interval: [estimate - half, estimate + half],
  };
}
