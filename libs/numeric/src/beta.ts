import { requireInput } from './errors.js';
import { devianceTerm, logGamma, stirlingError } from './gamma.js';

const MAX_TERMS = 1_000_000;

/** x^a (1 − x)^b / B(a, b) with y = 1 − x given, by Loader's saddle-point form. */
function powerTerm(x: number, y: number, a: number, b: number): number {
  if (a < 1 || b < 1) {
    return Math.exp(a * Math.log(x) + b * Math.log(y) + logGamma(a + b) - logGamma(a) - logGamma(b));
  }
  const n = a + b;
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - devianceTerm(a, n * x) - devianceTerm(b, n * y);
  return Math.exp(exponent) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

/** Lower and upper regularised incomplete beta function at x, with y = 1 − x given to full precision. */
export function incompleteBetaPair(x: number, y: number, a: number, b: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (x > (a + 1) / (a + b + 2)) {
    const swapped = incompleteBetaBelowMean(y, x, b, a);
    return { lower: 1 - swapped, upper: swapped };
  }
  const lower = incompleteBetaBelowMean(x, y, a, b);
  return { lower, upper: 1 - lower };
}

/** Continued fraction DLMF 8.17.22 by the modified Lentz method; fast for x < (a + 1)/(a + b + 2). */
function incompleteBetaBelowMean(x: number, y: number, a: number, b: number): number {
  const tiny = 1e-300;
  const guard = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return Math.min(1, (powerTerm(x, y, a, b) * h) / a);
}

function checkShapes(a: number, b: number, where: string): void {
  requireInput(a > 0 && b > 0 && a < Infinity && b < Infinity, `shapes ${a} and ${b} must be positive`, where);
}

/**
 * Regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b) at x.
 *
 * @throws {NumericInputError} unless 0 <= x <= 1 and both shapes are positive
 */
export function betaIncomplete(x: number, a: number, b: number): number {
  checkShapes(a, b, 'betaIncomplete(x, a, b)');
  requireInput(x >= 0 && x <= 1, `x = ${x} is outside [0, 1]`, 'betaIncomplete(x, a, b)');
  return incompleteBetaPair(x, 1 - x, a, b).lower;
}

/** Quantile of Beta(a, b) and its complement, both to full relative precision; p + q = 1. */
export function betaQuantilePair(p: number, q: number, a: number, b: number): { x: number; y: number } {
  if (p <= 0) return { x: 0, y: 1 };
  if (q <= 0) return { x: 1, y: 0 };
  const mean = a / (a + b);
  const atMean = incompleteBetaPair(mean, b / (a + b), a, b);
  if (p <= atMean.lower) {
    const x = lowerQuantile(p, a, b, mean);
    return { x, y: 1 - x };
  }
  const y = lowerQuantile(q, b, a, b / (a + b));
  return { x: 1 - y, y };
}

/** Root of log I_x = log p over log x, by Newton steps kept in a bracket; the root lies in (0, top]. */
function lowerQuantile(p: number, a: number, b: number, top: number): number {
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  let lo = 0;
  let hi = top;
  let x = Math.min(top, Math.exp((Math.log(p) + Math.log(a) + logBeta) / a));
  if (!(x > 0)) return x;
  for (let iteration = 0; iteration < 200; iteration++) {
    const value = incompleteBetaPair(x, 1 - x, a, b).lower;
    if (value < p) lo = Math.max(lo, x);
    else hi = Math.min(hi, x);
    const slope = powerTerm(x, 1 - x, a, b) / (1 - x) / value;
    let next = x * Math.exp(-Math.log(value / p) / slope);
    if (!(next > lo && next < hi)) next = lo > 0 ? Math.sqrt(lo * hi) : hi / 2;
    if (Math.abs(next - x) <= 2e-16 * x || next === x) return next;
    x = next;
  }
  return x;
}

/**
 * Quantile of Beta(a, b): the x with I_x(a, b) = p.
 *
 * @throws {NumericInputError} unless 0 <= p <= 1 and both shapes are positive
 */
export function betaQuantile(p: number, a: number, b: number): number {
  checkShapes(a, b, 'betaQuantile(p, a, b)');
  requireInput(p >= 0 && p <= 1, `p = ${p} is outside [0, 1]`, 'betaQuantile(p, a, b)');
  return betaQuantilePair(p, 1 - p, a, b).x;
}
