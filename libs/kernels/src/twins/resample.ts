/**
 * Mixes old values along one axis into new ones. Row r of the result, of `inner` numbers, is number `r % newCount` along
 * the axis, in stretch `floor(r / newCount)` of what lies behind the axis.
 */
export function mix(
  from: Float64Array,
  to: Float64Array,
  /** Numbers between neighbours along the axis. */
  inner: number,
  oldCount: number,
  newCount: number,
  /** First old value of each new one. */
  starts: Int32Array,
  /** `taps` for each new value. */
  weights: Float64Array,
  taps: number,
  /** First row, and the one after the last. */
  first: number,
  last: number,
): void {
  for (let row = first; row < last; row++) {
    const n = row % newCount;
    const source = inner * (starts[n] + oldCount * Math.floor(row / newCount));
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[n * taps + t] * from[source + i + inner * t];
      to[inner * row + i] = sum;
    }
  }
}

/**
 * Turns values into the coefficients of the cubic B-spline through them, along one axis: line l begins at
 * `floor(l / inner) * inner * count + l % inner`. Recursive filter of Unser, Aldroubi and Eden, IEEE Trans. Signal
 * Process. 41(2), 1993, box 1, mirrored at the ends.
 */
export function prefilter(
  values: Float64Array,
  inner: number,
  /** Values of a line, at least 2. */
  count: number,
  /** Values from which the first coefficient is made: 0.268 to the power of this is the error. At most `count`. */
  terms: number,
  first: number,
  last: number,
): void {
  const pole = Math.sqrt(3) - 2;
  for (let line = first; line < last; line++) {
    const start = Math.floor(line / inner) * inner * count + (line % inner);
    const end = start + inner * (count - 1);
    let sum = 0;
    for (let n = terms - 1; n >= 0; n--) sum = sum * pole + values[start + inner * n];
    values[start] = sum;
    for (let n = start + inner; n <= end; n += inner) values[n] += pole * values[n - inner];
    values[end] = (6 * pole * (values[end] + pole * values[end - inner])) / (pole * pole - 1);
    for (let n = end - inner; n >= start; n -= inner) values[n] = pole * (values[n + inner] - 6 * values[n]);
  }
}

/** Rounds to whole numbers; what lies within 1e-9 of a half to the even one, since interpolation meets many halves. */
export function round(values: Float64Array, first: number, last: number): void {
  for (let n = first; n < last; n++) {
    const below = Math.floor(values[n]);
    const isHalf = Math.abs(values[n] - below - 0.5) < 1e-9;
    if (isHalf) values[n] = below % 2 === 0 ? below : below + 1;
    else values[n] = Math.round(values[n]);
  }
}

/** Counts what is no measurement: padding values, NaN and infinities. */
export function countGaps(
  values: Float64Array,
  padding: Float64Array,
  paddingCount: number,
  first: number,
  last: number,
): number {
  let count = 0;
  for (let n = first; n < last; n++) {
    let isGap = !Number.isFinite(values[n]);
    for (let p = 0; p < paddingCount; p++) isGap ||= values[n] === padding[p];
    if (isGap) count++;
  }
  return count;
}

/** Marks by 1 where a share, rounded to 6 decimals, reaches the threshold; by 0 elsewhere. */
export function inside(shares: Float64Array, mask: Uint8Array, threshold: number, first: number, last: number): void {
  for (let n = first; n < last; n++) mask[n] = Math.floor(shares[n] * 1e6 + 0.5) / 1e6 >= threshold ? 1 : 0;
}
