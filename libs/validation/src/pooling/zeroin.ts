/**
 * Root of a continuous function by netlib's `zeroin` (Brent 1973), step for step, so that it stops where R's `uniroot`
 * stops. `findRoot` of numeric is the one to use; this one reproduces published figures that rest on a loose tolerance.
 *
 * @param f of opposite signs at `lo` and `hi`
 * @param tolerance absolute, of the argument
 */
export function zeroin(f: (x: number) => number, lo: number, hi: number, tolerance: number): number {
  let [a, b, c] = [lo, hi, lo];
  let [fa, fb] = [f(lo), f(hi)];
  let fc = fa;
  for (let iteration = 0; iteration < 1000; iteration++) {
    const last = b - a;
    if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
    const limit = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    let step = (c - b) / 2;
    if (Math.abs(step) <= limit || fb === 0) return b;
    if (Math.abs(last) >= limit && Math.abs(fa) > Math.abs(fb)) {
      step = interpolated({ a, b, c, fa, fb, fc, last, limit }) ?? step;
    }
    if (Math.abs(step) < limit) step = step > 0 ? limit : -limit;
    [a, fa] = [b, fb];
    b += step;
    fb = f(b);
    if (fb > 0 === fc > 0 && fb !== 0 && fc !== 0) [c, fc] = [a, fa];
  }
  return b;
}

type Points = Record<'a' | 'b' | 'c' | 'fa' | 'fb' | 'fc' | 'last' | 'limit', number>;

/** Secant or inverse quadratic step, or null where it is too long. */
function interpolated({ a, b, c, fa, fb, fc, last, limit }: Points): number | null {
  const width = c - b;
  const t2 = fb / fa;
  let p = width * t2;
  let q = 1 - t2;
  if (a !== c) {
    const [q0, t1] = [fa / fc, fb / fc];
    p = t2 * (width * q0 * (q0 - t1) - (b - a) * (t1 - 1));
    q = (q0 - 1) * (t1 - 1) * (t2 - 1);
  }
  if (p > 0) q = -q;
  else p = -p;
  const isShort = p < 0.75 * width * q - Math.abs(limit * q) / 2 && p < Math.abs((last * q) / 2);
  return isShort ? p / q : null;
}
