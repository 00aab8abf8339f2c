import { requireInput } from './errors.js';
import { ascendingOrder } from './ranks.js';

/**
 * p-values adjusted by Benjamini and Hochberg (1995): those below q are the discoveries at false discovery rate q.
 *
 * @throws {NumericInputError} if a p-value is outside [0, 1]; leave tests that could not be done out
 */
export function benjaminiHochberg(p: ArrayLike<number>): Float64Array {
  const n = p.length;
  for (let i = 0; i < n; i++) requireInput(p[i] >= 0 && p[i] <= 1, 'a p-value is outside [0, 1]', 'benjaminiHochberg');
  const order = ascendingOrder(p);
  const adjusted = new Float64Array(n);
  let least = 1;
  for (let k = n - 1; k >= 0; k--) {
    // (n / rank) first, as R's p.adjust does, so that the last bits agree.
    least = Math.min(least, (n / (k + 1)) * p[order[k]]);
    adjusted[order[k]] = least;
  }
  return adjusted;
}
