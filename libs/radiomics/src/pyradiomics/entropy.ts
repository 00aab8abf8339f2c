/** What PyRadiomics adds inside each logarithm: the distance from 1 to the next double. */
export const EPSILON = 2 ** -52;

/** Entropy in bits, with PyRadiomics' epsilon: -sum p log2(p + epsilon). Shares of 0 add nothing. */
export function entropyWithEpsilon(shares: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < shares.length; n++) if (shares[n] > 0) sum -= shares[n] * Math.log2(shares[n] + EPSILON);
  return sum;
}
