/**
 * Locally weighted straight lines without robustness steps; points closer than `delta` to the last one fitted are
 * interpolated.
 *
 * @param x ascending @param y equally many
 * @param share of the points that a fit sees
 * @see Cleveland, J Am Stat Assoc 74 (1979); the steps of R's `lowess(iter = 0)`
 */
export function lowess(x: Float64Array, y: Float64Array, share: number, delta: number): Float64Array {
  const n = x.length;
  const fitted = new Float64Array(n);
  if (n < 2) return Float64Array.from(y);
  const near = Math.max(2, Math.min(n, Math.floor(share * n + 1e-7)));
  let left = 0;
  let right = near - 1;
  let last = -1;
  let i = 0;
  for (;;) {
    while (right < n - 1 && x[i] - x[left] > x[right + 1] - x[i]) {
      left++;
      right++;
    }
    fitted[i] = localLine(x, y, x[i], left, right) ?? y[i];
    for (let j = last + 1; j < i; j++) {
      const part = (x[j] - x[last]) / (x[i] - x[last]);
      fitted[j] = part * fitted[i] + (1 - part) * fitted[last];
    }
    last = i;
    const limit = x[last] + delta;
    for (i = last + 1; i < n && x[i] <= limit; i++) {
      if (x[i] !== x[last]) continue;
      fitted[i] = fitted[last];
      last = i;
    }
    i = Math.max(last + 1, i - 1);
    if (last >= n - 1) return fitted;
  }
}

/** Tricube weights within the window (and over ties at its right end); null where none is left. */
function localLine(x: Float64Array, y: Float64Array, at: number, left: number, right: number): number | null {
  const n = x.length;
  const range = x[n - 1] - x[0];
  const width = Math.max(at - x[left], x[right] - at);
  const weights: number[] = [];
  let total = 0;
  for (let j = left; j < n; j++) {
    const distance = Math.abs(x[j] - at);
    if (distance > 0.999 * width) {
      if (x[j] > at) break;
      weights.push(0);
      continue;
    }
    const weight = distance > 0.001 * width ? (1 - (distance / width) ** 3) ** 3 : 1;
    weights.push(weight);
    total += weight;
  }
  if (total <= 0) return null;
  let centre = 0;
  weights.forEach((weight, k) => (centre += (weight / total) * x[left + k]));
  let spread = 0;
  weights.forEach((weight, k) => (spread += (weight / total) * (x[left + k] - centre) ** 2));
  const hasSlope = width > 0 && Math.sqrt(spread) > 0.001 * range;
  let value = 0;
  weights.forEach((weight, k) => {
    const tilt = hasSlope ? 1 + ((at - centre) / spread) * (x[left + k] - centre) : 1;
    value += (weight / total) * tilt * y[left + k];
  });
  return value;
}
