/**
 * Discrete Fourier transforms of lines of a grid, forward, not scaled. The inverse is the forward one with the arrays
 * of real and imaginary parts exchanged, divided by the size.
 *
 * Every function takes a plan (see `fftPlan`): `size`, `factors` (each 4 or a prime, then a 0), `twiddles` (cosine and
 * sine of -2 pi k / size in turn) and `work`, scratch of `FFT_WORK * size` numbers (three times that
 * for `pairSums`) that no other call uses.
 */

/** Lines along one axis: element k of line l lies at `(floor(l / inner) * length + k) * inner + l % inner`. */
export function axis(
  fromRe: Float64Array,
  fromIm: Float64Array,
  toRe: Float64Array,
  toIm: Float64Array,
  /** Distance between neighbours along the axis: the product of the dimensions before it. */
  inner: number,
  /** Elements of a line in `from`; zeros follow up to `size`. */
  length: number,
  /** Elements of a line in `to`; the others are not written. The arrays may be the same if `length` equals `kept`. */
  kept: number,
  /** First line, and the one after the last. */
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
): void {
  const line = lineOf(size, work);
  for (let l = first; l < last; l++) {
    const outer = Math.floor(l / inner);
    const from = outer * length * inner + (l % inner);
    for (let k = 0; k < size; k++) {
      line.re[k] = k < length ? fromRe[from + k * inner] : 0;
      line.im[k] = k < length ? fromIm[from + k * inner] : 0;
    }
    const { re, im } = transform(line, factors, twiddles);
    const to = outer * kept * inner + (l % inner);
    for (let k = 0; k < kept; k++) {
      toRe[to + k * inner] = re[k];
      toIm[to + k * inner] = im[k];
    }
  }
}

/**
 * Spectra of rows of real numbers, two by two: elements `low` to `high - 1` of each, `high` at most `size / 2 + 1`,
 * since the others are their mirror images.
 */
export function rows(
  from: Float64Array,
  toRe: Float64Array,
  toIm: Float64Array,
  /** Elements of a row; zeros follow up to `size`. */
  length: number,
  low: number,
  high: number,
  /** Distance between rows in `to`, at least `high - low`. */
  pitch: number,
  /** First row, an even one, and the one after the last. */
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
): void {
  const line = lineOf(size, work);
  for (let row = first; row < last; row += 2) {
    const hasSecond = row + 1 < last;
    for (let k = 0; k < size; k++) {
      line.re[k] = k < length ? from[row * length + k] : 0;
      line.im[k] = k < length && hasSecond ? from[(row + 1) * length + k] : 0;
    }
    const { re, im } = transform(line, factors, twiddles);
    for (let k = low; k < high; k++) {
      const mirror = k === 0 ? 0 : size - k;
      const to = row * pitch + k - low;
      toRe[to] = (re[k] + re[mirror]) / 2;
      toIm[to] = (im[k] - im[mirror]) / 2;
      if (!hasSecond) continue;
      toRe[to + pitch] = (im[k] + im[mirror]) / 2;
      toIm[to + pitch] = (re[mirror] - re[k]) / 2;
    }
  }
}

/** The way back from `rows` with all elements: `size / 2 + 1` numbers a row at `pitch`, to real rows times `scale`. */
export function rowsBack(
  fromRe: Float64Array,
  fromIm: Float64Array,
  to: Float64Array,
  pitch: number,
  /** Elements of a row in `to`. */
  kept: number,
  scale: number,
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
): void {
  const line = lineOf(size, work);
  const half = size >> 1;
  for (let row = first; row < last; row += 2) {
    const hasSecond = row + 1 < last;
    for (let k = 0; k < size; k++) {
      const isMirrored = k > half;
      const at = row * pitch + (isMirrored ? size - k : k);
      const sign = isMirrored ? -1 : 1;
      const [bRe, bIm] = hasSecond ? [fromRe[at + pitch], fromIm[at + pitch] * sign] : [0, 0];
      // exchanged, for the inverse
      line.im[k] = fromRe[at] - bIm;
      line.re[k] = fromIm[at] * sign + bRe;
    }
    const { re, im } = transform(line, factors, twiddles);
    for (let k = 0; k < kept; k++) {
      to[row * kept + k] = im[k] * scale;
      if (hasSecond) to[(row + 1) * kept + k] = re[k] * scale;
    }
  }
}

/**
 * Spectra of real lines that are mirror images of themselves (x[k] = x[size - k]), in place: of each only elements 0
 * to `size / 2` are there, before and after. Lines lie as for `axis`, with `length` = `size / 2 + 1`.
 */
export function evenAxis(
  values: Float64Array,
  inner: number,
  /** First line, an even one, and the one after the last. */
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
): void {
  const line = lineOf(size, work);
  const half = (size >> 1) + 1;
  const start = (l: number): number => Math.floor(l / inner) * half * inner + (l % inner);
  for (let l = first; l < last; l += 2) {
    const [a, b] = [start(l), start(Math.min(l + 1, last - 1))];
    for (let k = 0; k < size; k++) {
      const at = inner * Math.min(k, size - k);
      line.re[k] = values[a + at];
      line.im[k] = values[b + at];
    }
    const { re, im } = transform(line, factors, twiddles);
    for (let k = 0; k < half; k++) {
      values[a + inner * k] = re[k];
      values[b + inner * k] = im[k];
    }
  }
}

/**
 * Spectra along x of 1 / distance from the origin (0 at the origin itself), on a grid that wraps around: only elements
 * `low` to `high - 1`, of the rows at y = 0 to `rowsPerSlice - 1`, z = 0 onwards.
 */
export function distanceRows(
  to: Float64Array,
  low: number,
  high: number,
  pitch: number,
  rowsPerSlice: number,
  spacingX: number,
  spacingY: number,
  spacingZ: number,
  /** First row, an even one, and the one after the last. */
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
): void {
  const line = lineOf(size, work);
  for (let row = first; row < last; row += 2) {
    for (let second = 0; second < 2; second++) {
      const y = spacingY * ((row + second) % rowsPerSlice);
      const z = spacingZ * Math.floor((row + second) / rowsPerSlice);
      const values = second === 1 ? line.im : line.re;
      for (let k = 0; k < size; k++) {
        const x = spacingX * Math.min(k, size - k);
        const square = x * x + y * y + z * z;
        values[k] = square === 0 ? 0 : 1 / Math.sqrt(square);
      }
    }
    const { re, im } = transform(line, factors, twiddles);
    for (let k = low; k < high; k++) {
      to[row * pitch + k - low] = re[k];
      if (row + 1 < last) to[(row + 1) * pitch + k - low] = im[k];
    }
  }
}

/**
 * Transforms columns along z and adds up their products: sums[0] of `weight * kernel * |m|2`, sums[1] of
 * `weight * kernel * |c|2`, sums[2] of `weight * kernel * Re(conj(s) m)`.
 *
 * @param cRe columns x y of three spectra, `pitch * sizeY` in a slice, `length` slices; zeros follow up to `size`
 * @param kernel elements 0 to `size / 2` along z, 0 to `sizeY / 2` along y, as `evenAxis` leaves them
 * @param weights of the columns at each x, `pitch` numbers
 * @param pitch columns in a row, a multiple of 4
 */
export function pairSums(
  cRe: Float64Array,
  cIm: Float64Array,
  mRe: Float64Array,
  mIm: Float64Array,
  sRe: Float64Array,
  sIm: Float64Array,
  kernel: Float64Array,
  weights: Float64Array,
  pitch: number,
  sizeY: number,
  length: number,
  /** First row of columns (y), and the one after the last. */
  first: number,
  last: number,
  size: number,
  factors: Int32Array,
  twiddles: Float64Array,
  work: Float64Array,
  sums: Float64Array,
): void {
  const slice = pitch * sizeY;
  const half = (sizeY >> 1) + 1;
  const column = (re: Float64Array, im: Float64Array, at: number): Line => {
    const line = lineOf(size, work);
    for (let k = 0; k < size; k++) {
      line.re[k] = k < length ? re[at + k * slice] : 0;
      line.im[k] = k < length ? im[at + k * slice] : 0;
    }
    const spectrum = transform(line, factors, twiddles);
    return { re: spectrum.re.slice(0, size), im: spectrum.im.slice(0, size) };
  };
  for (let y = first; y < last; y++) {
    for (let x = 0; x < pitch; x++) {
      const at = x + pitch * y;
      const [c, m, s] = [column(cRe, cIm, at), column(mRe, mIm, at), column(sRe, sIm, at)];
      for (let k = 0; k < size; k++) {
        const z = Math.min(k, size - k);
        const weight = weights[x] * kernel[x + pitch * (Math.min(y, sizeY - y) + half * z)];
        sums[0] += weight * (m.re[k] * m.re[k] + m.im[k] * m.im[k]);
        sums[1] += weight * (c.re[k] * c.re[k] + c.im[k] * c.im[k]);
        sums[2] += weight * (s.re[k] * m.re[k] + s.im[k] * m.im[k]);
      }
    }
  }
}

interface Line {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

interface WorkLine extends Line {
  readonly size: number;
  readonly spareRe: Float64Array;
  readonly spareIm: Float64Array;
}

function lineOf(size: number, work: Float64Array): WorkLine {
  const part = (n: number): Float64Array => work.subarray(n * size, (n + 1) * size);
  return { size, re: part(0), im: part(1), spareRe: part(2), spareIm: part(3) };
}

/**
 * One line by Stockham's self-sorting algorithm, decimating in frequency.
 *
 * @returns where the result is: the line's own arrays, or its spare ones
 * @see Van Loan, Computational Frameworks for the Fast Fourier Transform (1992), section 1.7
 */
function transform(line: WorkLine, factors: Int32Array, twiddles: Float64Array): Line {
  const { size } = line;
  let [re, im, nextRe, nextIm] = [line.re, line.im, line.spareRe, line.spareIm];
  let rest = size;
  let stride = 1;
  for (let stage = 0; factors[stage] !== 0; stage++) {
    const radix = factors[stage];
    rest /= radix;
    for (let p = 0; p < rest; p++) {
      for (let q = 0; q < stride; q++) {
        for (let k = 0; k < radix; k++) {
          let [sumRe, sumIm] = [0, 0];
          for (let j = 0; j < radix; j++) {
            const at = q + stride * (p + rest * j);
            const turn = 2 * ((((j * k) % radix) * (size / radix) + p * k * stride) % size);
            const [cos, sin] = [twiddles[turn], twiddles[turn + 1]];
            sumRe += re[at] * cos - im[at] * sin;
            sumIm += re[at] * sin + im[at] * cos;
          }
          const to = q + stride * (radix * p + k);
          nextRe[to] = sumRe;
          nextIm[to] = sumIm;
        }
      }
    }
    [re, im, nextRe, nextIm] = [nextRe, nextIm, re, im];
    stride *= radix;
  }
  return { re, im };
}
