/**
 * Quantiles by selection instead of sorting: about linear time. Linear interpolation at position p (n - 1), which
 * reproduces every percentile among IBSI's reference values.
 *
 * @param values at least one number, none NaN; reordered
 * @param shares ascending, each from 0 to 1
 */
export function quantilesInPlace(values: Float64Array, shares: readonly number[]): number[] {
  let low = 0;
  return shares.map((share) => {
    const position = share * (values.length - 1);
    const index = Math.floor(position);
    selectInPlace(values, low, values.length - 1, index);
    low = index;
    if (index === position) return values[index];
    let above = Infinity; // the next larger one is the least of those behind
    for (let n = index + 1; n < values.length; n++) if (values[n] < above) above = values[n];
    return values[index] + (position - index) * (above - values[index]);
  });
}

/** Brings the value of this rank to its place: none before it is larger, none behind it smaller (Hoare's FIND). */
function selectInPlace(values: Float64Array, low: number, high: number, rank: number): void {
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swap = values[i];
      values[i++] = values[j];
      values[j--] = swap;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
