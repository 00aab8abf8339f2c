import { NoRootInIntervalError, requireInput } from './errors.js';

/** Where an iteration ended. */
export interface ScalarSolution {
  /** The argument found. */
  readonly value: number;
  /** The function there. */
  readonly functionValue: number;
  readonly isConverged: boolean;
  readonly iterations: number;
}

const GOLDEN = (3 - Math.sqrt(5)) / 2;
const MAX_ITERATIONS = 500;

/**
 * Minimum of a function on [lo, hi] by Brent's golden-section search with parabolic steps (Brent 1973, ch. 5, localmin).
 * Finds a local minimum; the only one where the function is unimodal.
 *
 * @param tol absolute tolerance of the argument
 * @throws {NumericInputError} unless lo < hi and tol > 0
 */
export function minimiseScalar(f: (x: number) => number, lo: number, hi: number, tol: number): ScalarSolution {
  requireInput(lo < hi && tol > 0, `[${lo}, ${hi}] with tolerance ${tol} cannot be searched`, 'minimiseScalar');
  let a = lo;
  let b = hi;
  let x = a + GOLDEN * (b - a);
  let w = x;
  let v = x;
  let fx = f(x);
  let fw = fx;
  let fv = fx;
  let d = 0;
  let e = 0;
  for (let iterations = 1; iterations <= MAX_ITERATIONS; iterations++) {
    const middle = (a + b) / 2;
    const step = 1.5e-8 * Math.abs(x) + tol / 3;
    if (Math.abs(x - middle) <= 2 * step - (b - a) / 2) {
      return { value: x, functionValue: fx, isConverged: true, iterations };
    }
    let isParabolic = false;
    if (Math.abs(e) > step) {
      const r = (x - w) * (fx - fv);
      let q = (x - v) * (fx - fw);
      let p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      const previous = e;
      e = d;
      isParabolic = Math.abs(p) < Math.abs((q * previous) / 2) && p > q * (a - x) && p < q * (b - x);
      if (isParabolic) {
        d = p / q;
        if (x + d - a < 2 * step || b - x - d < 2 * step) d = x < middle ? step : -step;
      }
    }
    if (!isParabolic) {
      e = x < middle ? b - x : a - x;
      d = GOLDEN * e;
    }
    const u = x + (Math.abs(d) >= step ? d : d > 0 ? step : -step);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
    } else {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
    }
  }
  return { value: x, functionValue: fx, isConverged: false, iterations: MAX_ITERATIONS };
}

/**
 * Root of a continuous function in [lo, hi] by Brent's method (Brent 1973, ch. 4, zero).
 *
 * @param tol absolute tolerance of the argument; 0 asks for the last bit
 * @throws {NoRootInIntervalError} if the function has the same sign at both ends
 */
export function findRoot(f: (x: number) => number, lo: number, hi: number, tol: number): ScalarSolution {
  let a = lo;
  let b = hi;
  let fa = f(a);
  let fb = f(b);
  if (!(fa * fb <= 0)) {
    throw new NoRootInIntervalError(
      'the function has the same sign at both ends, or is NaN',
      `findRoot on [${lo}, ${hi}]`,
      'Widen the interval until it holds a change of sign.',
    );
  }
  let c = a;
  let fc = fa;
  let d = b - a;
  let e = d;
  for (let iterations = 1; iterations <= MAX_ITERATIONS; iterations++) {
    if (fb > 0 === fc > 0) {
      c = a;
      fc = fa;
      d = e = b - a;
    }
    if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
    const limit = 2 * Number.EPSILON * Math.abs(b) + tol / 2;
    const half = (c - b) / 2;
    if (Math.abs(half) <= limit || fb === 0) return { value: b, functionValue: fb, isConverged: true, iterations };
    [d, e] = nextStep({ a, b, c, fa, fb, fc, d, e, limit, half });
    a = b;
    fa = fb;
    b += Math.abs(d) > limit ? d : half > 0 ? limit : -limit;
    fb = f(b);
  }
  return { value: b, functionValue: fb, isConverged: false, iterations: MAX_ITERATIONS };
}

type BrentState = Record<'a' | 'b' | 'c' | 'fa' | 'fb' | 'fc' | 'd' | 'e' | 'limit' | 'half', number>;

/** Secant or inverse quadratic step when it is short enough, bisection otherwise; [step, step before]. */
function nextStep({ a, b, c, fa, fb, fc, d, e, limit, half }: BrentState): [number, number] {
  if (Math.abs(e) < limit || Math.abs(fa) <= Math.abs(fb)) return [half, half];
  const s = fb / fa;
  let p: number;
  let q: number;
  if (a === c) {
    p = 2 * half * s;
    q = 1 - s;
  } else {
    const t = fa / fc;
    const r = fb / fc;
    p = s * (2 * half * t * (t - r) - (b - a) * (r - 1));
    q = (t - 1) * (r - 1) * (s - 1);
  }
  if (p > 0) q = -q;
  else p = -p;
  if (2 * p < Math.min(3 * half * q - Math.abs(limit * q), Math.abs(e * q))) return [p / q, d];
  return [half, half];
}
