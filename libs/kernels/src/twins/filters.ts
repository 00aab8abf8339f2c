/**
 * Correlates rows of a grid with weights along one axis: voxel x of a row becomes the sum of `weights[t]` times
 * `from[x + t * stride]`. Rows are numbered along y first; `width` and `height` are those of the result, which is
 * smaller than its source along the axis of the stride.
 */
export function convolve(
  from: Float64Array,
  to: Float64Array,
  /** Voxels in a row of the result, and rows in a slice of it. */
  width: number,
  height: number,
  /** Distance between neighbouring rows and slices. */
  fromRow: number,
  fromSlice: number,
  toRow: number,
  toSlice: number,
  /** Distance between neighbouring taps. */
  stride: number,
  weights: Float64Array,
  taps: number,
  /** 1 adds to what `to` holds, 0 replaces it. */
  isAdded: number,
  /** First row, and the one after the last. */
  first: number,
  last: number,
): void {
  for (let row = first; row < last; row++) {
    const y = row % height;
    const z = Math.floor(row / height);
    for (let x = 0; x < width; x++) {
      const target = y * toRow + z * toSlice + x;
      const source = y * fromRow + z * fromSlice + x;
      let sum = isAdded !== 0 ? to[target] : 0;
      for (let t = 0; t < taps; t++) sum += weights[t] * from[source + t * stride];
      to[target] = sum;
    }
  }
}

/** Adds `scale` times each number of a stretch. */
export function addScaled(from: Float64Array, to: Float64Array, scale: number, first: number, last: number): void {
  for (let n = first; n < last; n++) to[n] += scale * from[n];
}

/** Raises each number of a stretch to `scale` times that of another, where this is more. */
export function keepLargest(from: Float64Array, to: Float64Array, scale: number, first: number, last: number): void {
  for (let n = first; n < last; n++) if (scale * from[n] > to[n]) to[n] = scale * from[n];
}

export function absolute(from: Float64Array, to: Float64Array, first: number, last: number): void {
  for (let n = first; n < last; n++) to[n] = Math.abs(from[n]);
}

/** Adds `scale` times the modulus of each complex number of a stretch. */
export function addModulus(
  re: Float64Array,
  im: Float64Array,
  to: Float64Array,
  scale: number,
  first: number,
  last: number,
): void {
  for (let n = first; n < last; n++) to[n] += scale * Math.sqrt(re[n] * re[n] + im[n] * im[n]);
}

/** Products of the complex numbers of two stretches; the result may replace one of them. */
export function multiply(
  aRe: Float64Array,
  aIm: Float64Array,
  bRe: Float64Array,
  bIm: Float64Array,
  toRe: Float64Array,
  toIm: Float64Array,
  first: number,
  last: number,
): void {
  for (let n = first; n < last; n++) {
    const [a, b, c, d] = [aRe[n], aIm[n], bRe[n], bIm[n]];
    toRe[n] = a * c - b * d;
    toIm[n] = a * d + b * c;
  }
}
