export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * Spherical harmonic with the phase of Condon and Shortley. The polar angle may be negative: only its cosine counts.
 *
 * @param order from -degree to degree
 */
export function sphericalHarmonic(degree: number, order: number, azimuth: number, polar: number): Complex {
  const m = Math.abs(order);
  let ratio = 1; // (degree - m)! / (degree + m)!
  for (let n = degree - m + 1; n <= degree + m; n++) ratio /= n;
  const size = Math.sqrt(((2 * degree + 1) / (4 * Math.PI)) * ratio) * legendre(degree, m, Math.cos(polar));
  // Of negative order: the conjugate, with the sign of (-1)^m.
  const sign = order < 0 && m % 2 === 1 ? -1 : 1;
  return { re: sign * size * Math.cos(order * azimuth), im: sign * size * Math.sin(order * azimuth) };
}

/** Associated Legendre function of degree n and order m from 0, upwards in n. */
function legendre(n: number, m: number, x: number): number {
  let value = 1;
  const root = Math.sqrt(Math.max(0, 1 - x * x));
  for (let k = 1; k <= m; k++) value *= -(2 * k - 1) * root;
  let before = 0;
  for (let k = m + 1; k <= n; k++)
    [before, value] = [value, ((2 * k - 1) * x * value - (k + m - 1) * before) / (k - m)];
  return value;
}
