import { chiSquaredSf, findRoot, logGamma } from '@concord/numeric';
import { estimate, notEstimable, type Estimate } from './estimate.js';
import { zeroin } from './pooling/zeroin.js';
import { proportion } from './proportion.js';

/** Two groups with counts without and with a response. */
export type TwoByTwo = readonly [readonly [number, number], readonly [number, number]];

/** Fisher's exact test of a 2 × 2 table. */
export interface FisherTest {
  /** Two-sided: tables no more probable than this one. */
  readonly p: number;
  /** Conditional maximum likelihood; null where it is 0 or infinite. */
  readonly oddsRatio: number | null;
}

/**
 * @param asInR searches the odds ratio as loosely as R's fisher.test, for those who must equal its digits
 * @see Fisher 1935
 */
export function fisherExact([[a, b], [c, d]]: TwoByTwo, asInR = false): FisherTest {
  const [row, column, total] = [a + b, a + c, a + b + c + d];
  const low = Math.max(0, row + column - total);
  const high = Math.min(row, column);
  const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  const logs = Array.from({ length: high - low + 1 }, (_, i) => {
    return logChoose(column, low + i) + logChoose(total - column, row - low - i);
  });
  const probabilities = normalized(logs);
  const own = probabilities[a - low];
  const p = Math.min(
    1,
    probabilities.reduce((sum, value) => sum + (value <= own * (1 + 1e-7) ? value : 0), 0),
  );
  if (a === low || a === high) return { p, oddsRatio: null };
  const meanAt = (logOdds: number) => {
    if (logOdds === -Infinity) return low;
    return normalized(logs.map((log, i) => log + i * logOdds)).reduce((sum, value, i) => sum + value * (low + i), 0);
  };
  if (asInR) {
    const mean = meanAt(0);
    if (mean > a) return { p, oddsRatio: zeroin((odds) => meanAt(Math.log(odds)) - a, 0, 1, 2 ** -13) };
    return { p, oddsRatio: 1 / zeroin((inverse) => meanAt(-Math.log(inverse)) - a, Number.EPSILON, 1, 2 ** -13) };
  }
  const root = findRoot((logOdds) => meanAt(logOdds) - a, -100, 100, 1e-13);
  return { p, oddsRatio: Math.exp(root.value) };
}

function normalized(logs: readonly number[]): number[] {
  const top = Math.max(...logs);
  const values = logs.map((log) => Math.exp(log - top));
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** Pearson's chi-squared without continuity correction, any number of rows and columns; null where a margin is empty. */
export function pearsonChiSquared(
  table: readonly (readonly number[])[],
): { chi2: number; df: number; p: number } | null {
  const rows = table.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = table[0].map((_, j) => table.reduce((sum, row) => sum + row[j], 0));
  const total = rows.reduce((sum, value) => sum + value, 0);
  if ([...rows, ...columns].some((margin) => margin === 0)) return null;
  let chi2 = 0;
  table.forEach((row, i) =>
    row.forEach((count, j) => {
      const expected = (rows[i] * columns[j]) / total;
      chi2 += (count - expected) ** 2 / expected;
    }),
  );
  const df = (rows.length - 1) * (columns.length - 1);
  return { chi2, df, p: chiSquaredSf(chi2, df) };
}

/** Difference of two rates with Newcombe's hybrid of the score intervals (Stat Med 17, 1998, method 10). */
export function rateDifference(
  first: { readonly count: number; readonly total: number },
  second: { readonly count: number; readonly total: number },
  level: number,
): Estimate {
  const method = 'difference of rates, Newcombe interval';
  const [a, b] = [first, second].map(({ count, total }) => proportion(count, total, level, 'no patients'));
  if (a.value === null || b.value === null || !a.interval || !b.interval)
    return notEstimable(method, 'a group is empty');
  const difference = a.value - b.value;
  const below = Math.hypot(a.value - a.interval[0], b.interval[1] - b.value);
  const above = Math.hypot(a.interval[1] - a.value, b.value - b.interval[0]);
  return estimate(difference, [difference - below, difference + above], method);
}
