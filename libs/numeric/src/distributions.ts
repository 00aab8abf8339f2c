import { betaQuantilePair, incompleteBetaPair } from './beta.js';
import { requireInput } from './errors.js';
import { gammaP, gammaQ } from './gamma.js';
import { normalCdf, normalQuantile } from './normal.js';

function checkDf(df: number, where: string): void {
  requireInput(df > 0, `${df} degrees of freedom are not a positive number`, where);
}

/** P(X > x) for chi-squared with df > 0 degrees of freedom (whole or not); 1 for x <= 0. */
export function chiSquaredSf(x: number, df: number): number {
  checkDf(df, 'chiSquaredSf(x, df)');
  requireInput(!Number.isNaN(x), 'x is NaN', 'chiSquaredSf(x, df)');
  return x <= 0 ? 1 : gammaQ(df / 2, x / 2);
}

/** P(X <= x) for chi-squared with df > 0 degrees of freedom; 0 for x <= 0. */
export function chiSquaredCdf(x: number, df: number): number {
  checkDf(df, 'chiSquaredCdf(x, df)');
  requireInput(!Number.isNaN(x), 'x is NaN', 'chiSquaredCdf(x, df)');
  return x <= 0 ? 0 : gammaP(df / 2, x / 2);
}

/** Quantile of chi-squared: bisection of the smaller tail, to the last bits. */
export function chiSquaredQuantile(p: number, df: number): number {
  checkDf(df, 'chiSquaredQuantile(p, df)');
  requireInput(p >= 0 && p <= 1, `p = ${p} is outside [0, 1]`, 'chiSquaredQuantile(p, df)');
  if (p === 0) return 0;
  if (p === 1) return Infinity;
  const isBelow = (x: number): boolean => (p < 0.5 ? chiSquaredCdf(x, df) < p : chiSquaredSf(x, df) > 1 - p);
  // Wilson and Hilferty start a bracket that doubles until it holds the root.
  const z = normalQuantile(p);
  const start = df * Math.max(1e-3, 1 - 2 / (9 * df) + z * Math.sqrt(2 / (9 * df))) ** 3;
  let lo = start;
  let hi = start;
  while (lo > 0 && !isBelow(lo)) lo /= 2;
  while (isBelow(hi)) hi *= 2;
  for (let i = 0; i < 2000; i++) {
    const middle = hi > 2 * lo ? Math.sqrt(lo) * Math.sqrt(hi) : (lo + hi) / 2;
    if (middle <= lo || middle >= hi) break;
    if (isBelow(middle)) lo = middle;
    else hi = middle;
  }
  return (lo + hi) / 2;
}

/** P(X > f) for Fisher's F with df1 and df2 degrees of freedom, accurate far out; 1 for f <= 0. */
export function fSf(f: number, df1: number, df2: number): number {
  checkDf(df1, 'fSf(f, df1, df2)');
  checkDf(df2, 'fSf(f, df1, df2)');
  requireInput(!Number.isNaN(f), 'f is NaN', 'fSf(f, df1, df2)');
  if (f <= 0) return 1;
  if (f === Infinity) return 0;
  const scaled = df1 * f;
  return incompleteBetaPair(df2 / (df2 + scaled), scaled / (df2 + scaled), df2 / 2, df1 / 2).lower;
}

/** Quantile of Fisher's F. @throws {NumericInputError} if p is outside [0, 1] */
export function fQuantile(p: number, df1: number, df2: number): number {
  checkDf(df1, 'fQuantile(p, df1, df2)');
  checkDf(df2, 'fQuantile(p, df1, df2)');
  requireInput(p >= 0 && p <= 1, `p = ${p} is outside [0, 1]`, 'fQuantile(p, df1, df2)');
  const { x, y } = betaQuantilePair(p, 1 - p, df1 / 2, df2 / 2);
  return y === 0 ? Infinity : (df2 * x) / (df1 * y);
}

/** Distribution function of Student's t with df > 0; df may be Infinity (normal). */
export function tCdf(t: number, df: number): number {
  checkDf(df, 'tCdf(t, df)');
  requireInput(!Number.isNaN(t), 't is NaN', 'tCdf(t, df)');
  if (df === Infinity) return normalCdf(t);
  if (t === Infinity || t === -Infinity) return t > 0 ? 1 : 0;
  const square = t * t;
  const { lower, upper } = incompleteBetaPair(df / (df + square), square / (df + square), df / 2, 0.5);
  if (t < 0) return lower / 2;
  return lower < 0.5 ? 1 - lower / 2 : 0.5 + upper / 2;
}

/** Quantile of Student's t; df may be Infinity (normal). @throws {NumericInputError} if p is outside [0, 1] */
export function tQuantile(p: number, df: number): number {
  checkDf(df, 'tQuantile(p, df)');
  requireInput(p >= 0 && p <= 1, `p = ${p} is outside [0, 1]`, 'tQuantile(p, df)');
  if (df === Infinity) return normalQuantile(p);
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const { x, y } = betaQuantilePair(2 * tail, 1 - 2 * tail, df / 2, 0.5);
  const magnitude = Math.sqrt((df * y) / x);
  return p < 0.5 ? -magnitude : magnitude;
}
