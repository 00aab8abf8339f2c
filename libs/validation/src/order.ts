const SMALL = 256;

/**
 * Indices that put the values in ascending order; equal values keep their order. Above a few hundred values a radix sort
 * of their bits, O(n). Values must not be NaN.
 */
export function ascendingIndex(values: Float64Array): Uint32Array {
  const n = values.length;
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  if (n < SMALL) return order.sort((a, b) => values[a] - values[b] || a - b);
  const halves = new Uint32Array(sortableBits(values).buffer);
  let from = order;
  let to = new Uint32Array(n);
  for (let digit = 0; digit < 4; digit++) {
    const counts = new Uint32Array(65537);
    const shift = (digit & 1) << 4;
    const word = digit >> 1;
    for (let i = 0; i < n; i++) counts[((halves[2 * i + word] >>> shift) & 0xffff) + 1]++;
    if (isOneBucket(counts, n)) continue;
    for (let b = 1; b < 65537; b++) counts[b] += counts[b - 1];
    for (let i = 0; i < n; i++) {
      const item = from[i];
      to[counts[(halves[2 * item + word] >>> shift) & 0xffff]++] = item;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Bits that order as unsigned numbers the way the values order; little-endian halves, as typed arrays are read here. */
function sortableBits(values: Float64Array): Float64Array {
  const copy = new Float64Array(values.length);
  // -0 and 0 are one value.
  for (let i = 0; i < values.length; i++) copy[i] = values[i] + 0;
  const bits = new Uint32Array(copy.buffer);
  for (let i = 0; i < bits.length; i += 2) {
    if (bits[i + 1] >>> 31 === 1) {
      bits[i] = ~bits[i];
      bits[i + 1] = ~bits[i + 1];
    } else {
      bits[i + 1] |= 0x80000000;
    }
  }
  return copy;
}

function isOneBucket(counts: Uint32Array, n: number): boolean {
  for (let b = 1; b < counts.length; b++) if (counts[b] > 0) return counts[b] === n;
  return true;
}
