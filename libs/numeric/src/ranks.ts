import { requireInput } from './errors.js';

/** Indices that put the values in ascending order; ties keep their order. NaN is refused. */
export function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i++) {
    requireInput(!Number.isNaN(values[i]), 'a value is NaN', 'ascendingOrder(values)');
    order[i] = i;
  }
  return order.sort((i, j) => (values[i] < values[j] ? -1 : values[i] > values[j] ? 1 : i - j));
}

/** Ranks from 1, tied values sharing the mean of their ranks. Cost n log n. NaN is refused. */
export function midranks(values: ArrayLike<number>): Float64Array {
  return rankWithTies(values).ranks;
}

/** Midranks, and the sum of t³ − t over groups of t tied values, which tie corrections need. */
export function rankWithTies(values: ArrayLike<number>): { ranks: Float64Array; tieSum: number } {
  const order = ascendingOrder(values);
  const ranks = new Float64Array(order.length);
  let tieSum = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) ranks[order[k]] = (start + 1 + end) / 2;
    const ties = end - start;
    tieSum += ties * ties * ties - ties;
    start = end;
  }
  return { ranks, tieSum };
}
