import { requireInput } from './errors.js';
import { gammaP, gammaQ } from './gamma.js';

// Wichura 1988, algorithm AS 241, PPND16: rational approximations of the normal quantile, relative error about 1e-16.
const CENTRAL = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
];
const MIDDLE = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
];
const TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
];

function ratio([numerator, denominator]: number[][], r: number): number {
  let top = 0;
  let bottom = 0;
  for (let k = 7; k >= 0; k--) {
    top = top * r + numerator[k];
    bottom = bottom * r + denominator[k];
  }
  return top / bottom;
}

/** Distribution function of the standard normal, accurate in the lower tail. NaN is refused. */
export function normalCdf(x: number): number {
  requireInput(!Number.isNaN(x), 'x is NaN', 'normalCdf(x)');
  const half = (x * x) / 2;
  if (x < 0) return gammaQ(0.5, half) / 2;
  return half < 1 ? 0.5 + gammaP(0.5, half) / 2 : 1 - gammaQ(0.5, half) / 2;
}

/** Upper tail of the standard normal, 1 − normalCdf(x), accurate far out. */
export function normalSf(x: number): number {
  return normalCdf(-x);
}

/** Density of the standard normal. */
export function normalPdf(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** Quantile of the standard normal (AS 241); ∓Infinity at 0 and 1. @throws {NumericInputError} if p is outside [0, 1] */
export function normalQuantile(p: number): number {
  requireInput(p >= 0 && p <= 1, 'p is outside [0, 1]', 'normalQuantile(p)');
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRAL, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const magnitude = r <= 5 ? ratio(MIDDLE, r - 1.6) : ratio(TAIL, r - 5);
  return q < 0 ? -magnitude : magnitude;
}
