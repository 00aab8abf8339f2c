// Fourier transforms of lines; the twins in src/twins/fft.ts say what each argument is.

import { at, clearTail, gather, gather4, get, put, scatter, scatter4, startOf, transform } from './_transform';

export function axis(
  fromRe: usize,
  fromIm: usize,
  toRe: usize,
  toIm: usize,
  inner: i32,
  length: i32,
  kept: i32,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
): void {
  const far = (<usize>size) << 5;
  for (let line = first; line < last; line += 4) {
    clearTail(work, length, size);
    const isBlock = line + 4 <= last && (line % inner) + 4 <= inner;
    if (isBlock) {
      const from = startOf(line, inner, length);
      gather4(at(fromRe, from), at(fromIm, from), inner, length, work, far);
    } else {
      for (let lane = 0; lane < 4; lane++) {
        const from = startOf(line + lane < last ? line + lane : last - 1, inner, length);
        gather(at(fromRe, from), at(fromIm, from), inner, length, at(work, lane), far);
      }
    }
    const result = transform(size, factors, twiddles, work);
    if (isBlock) {
      const to = startOf(line, inner, kept);
      scatter4(at(toRe, to), at(toIm, to), inner, kept, result, far);
      continue;
    }
    for (let lane = 0; lane < 4 && line + lane < last; lane++) {
      const to = startOf(line + lane, inner, kept);
      scatter(at(toRe, to), at(toIm, to), inner, kept, at(result, lane), far);
    }
  }
}

export function rows(
  from: usize,
  toRe: usize,
  toIm: usize,
  length: i32,
  low: i32,
  high: i32,
  pitch: i32,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
): void {
  const far = (<usize>size) << 5;
  for (let group = first; group < last; group += 8) {
    clearTail(work, length, size);
    for (let lane = 0; lane < 4; lane++) {
      const row = group + 2 * lane < last ? group + 2 * lane : group;
      const second = row + 1 < last ? row + 1 : row;
      gather(at(from, row * length), at(from, second * length), 1, length, at(work, lane), far);
    }
    const result = transform(size, factors, twiddles, work);
    for (let lane = 0; lane < 4 && group + 2 * lane < last; lane++) {
      const row = group + 2 * lane;
      const hasSecond = row + 1 < last;
      const re = at(result, lane);
      const im = re + far;
      for (let k = low; k < high; k++) {
        const mirror = k === 0 ? 0 : size - k;
        const to = row * pitch + k - low;
        const zRe = get(re, 4 * k);
        const zIm = get(im, 4 * k);
        const cRe = get(re, 4 * mirror);
        const cIm = get(im, 4 * mirror);
        put(toRe, to, (zRe + cRe) * 0.5);
        put(toIm, to, (zIm - cIm) * 0.5);
        if (!hasSecond) continue;
        put(toRe, to + pitch, (zIm + cIm) * 0.5);
        put(toIm, to + pitch, (cRe - zRe) * 0.5);
      }
    }
  }
}

export function rowsBack(
  fromRe: usize,
  fromIm: usize,
  to: usize,
  pitch: i32,
  kept: i32,
  scale: f64,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
): void {
  const far = (<usize>size) << 5;
  const half = size >> 1;
  for (let group = first; group < last; group += 8) {
    for (let lane = 0; lane < 4; lane++) {
      const row = group + 2 * lane < last ? group + 2 * lane : group;
      const b: i32 = row + 1 < last ? pitch : 0;
      const use: f64 = row + 1 < last ? 1 : 0;
      const re = at(work, lane);
      const im = re + far;
      for (let k = 0; k <= half; k++) {
        const a = row * pitch + k;
        const aRe = get(fromRe, a);
        const aIm = get(fromIm, a);
        const bRe = get(fromRe, a + b) * use;
        const bIm = get(fromIm, a + b) * use;
        // real and imaginary parts exchanged, for the inverse; the mirrored element first, so that it never wins
        if (k > 0) {
          put(im, 4 * (size - k), aRe + bIm);
          put(re, 4 * (size - k), bRe - aIm);
        }
        put(im, 4 * k, aRe - bIm);
        put(re, 4 * k, aIm + bRe);
      }
    }
    const result = transform(size, factors, twiddles, work);
    for (let lane = 0; lane < 4 && group + 2 * lane < last; lane++) {
      const row = group + 2 * lane;
      const re = at(result, lane);
      for (let k = 0; k < kept; k++) {
        put(to, row * kept + k, get(re + far, 4 * k) * scale);
        if (row + 1 < last) put(to, (row + 1) * kept + k, get(re, 4 * k) * scale);
      }
    }
  }
}

export function evenAxis(
  values: usize,
  inner: i32,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
): void {
  const far = (<usize>size) << 5;
  const half = (size >> 1) + 1;
  const step = (<usize>inner) << 3;
  for (let group = first; group < last; group += 8) {
    for (let lane = 0; lane < 8; lane++) {
      const line = group + lane < last ? group + lane : last - 1;
      let from = at(values, startOf(line, inner, half));
      const to = at(work, lane >> 1) + (lane & 1 ? far : 0);
      for (let k = 0; k < half; k++, from += step) {
        const value = load<f64>(from);
        if (k > 0) put(to, 4 * (size - k), value);
        put(to, 4 * k, value);
      }
    }
    const result = transform(size, factors, twiddles, work);
    for (let lane = 0; lane < 8 && group + lane < last; lane++) {
      let to = at(values, startOf(group + lane, inner, half));
      const from = at(result, lane >> 1) + (lane & 1 ? far : 0);
      for (let k = 0; k < half; k++, to += step) store<f64>(to, get(from, 4 * k));
    }
  }
}

export function distanceRows(
  to: usize,
  low: i32,
  high: i32,
  pitch: i32,
  rowsPerSlice: i32,
  spacingX: f64,
  spacingY: f64,
  spacingZ: f64,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
): void {
  const far = (<usize>size) << 5;
  const half = size >> 1;
  for (let group = first; group < last; group += 8) {
    for (let lane = 0; lane < 8; lane++) {
      const y = spacingY * <f64>((group + lane) % rowsPerSlice);
      const z = spacingZ * <f64>((group + lane) / rowsPerSlice);
      const line = at(work, lane >> 1) + (lane & 1 ? far : 0);
      for (let k = 0; k <= half; k++) {
        const x = spacingX * <f64>k;
        const square = x * x + y * y + z * z;
        const value = square === 0 ? 0 : 1 / Math.sqrt(square);
        if (k > 0) put(line, 4 * (size - k), value);
        put(line, 4 * k, value);
      }
    }
    const result = transform(size, factors, twiddles, work);
    for (let lane = 0; lane < 8 && group + lane < last; lane++) {
      const from = at(result, lane >> 1) + (lane & 1 ? far : 0);
      for (let k = low; k < high; k++) put(to, (group + lane) * pitch + k - low, get(from, 4 * k));
    }
  }
}

/** Four columns of a spectrum along z, transformed; returns where the result is. */
function columns(re: usize, im: usize, slice: i32, length: i32, size: i32, factors: usize, twiddles: usize, work: usize): usize {
  clearTail(work, length, size);
  gather4(re, im, slice, length, work, (<usize>size) << 5);
  return transform(size, factors, twiddles, work);
}

// @ts-ignore: decorator
@inline
function addProducts(sum: v128, weight: v128, a: usize, b: usize, far: usize): v128 {
  const re = f64x2.mul(v128.load(a), v128.load(b));
  const im = f64x2.mul(v128.load(a + far), v128.load(b + far));
  return f64x2.add(sum, f64x2.mul(weight, f64x2.add(re, im)));
}

export function pairSums(
  cRe: usize,
  cIm: usize,
  mRe: usize,
  mIm: usize,
  sRe: usize,
  sIm: usize,
  kernel: usize,
  weights: usize,
  pitch: i32,
  sizeY: i32,
  length: i32,
  first: i32,
  last: i32,
  size: i32,
  factors: usize,
  twiddles: usize,
  work: usize,
  sums: usize,
): void {
  const far = (<usize>size) << 5;
  const slice = pitch * sizeY;
  const kernelSlice = pitch * ((sizeY >> 1) + 1);
  let mm = f64x2.splat(0);
  let cc = f64x2.splat(0);
  let sm = f64x2.splat(0);
  for (let y = first; y < last; y++) {
    const kernelRow = pitch * (y < sizeY - y ? y : sizeY - y);
    for (let x = 0; x < pitch; x += 4) {
      const from = pitch * y + x;
      let c = columns(at(cRe, from), at(cIm, from), slice, length, size, factors, twiddles, work);
      let m = columns(at(mRe, from), at(mIm, from), slice, length, size, factors, twiddles, work + 4 * far);
      let s = columns(at(sRe, from), at(sIm, from), slice, length, size, factors, twiddles, work + 8 * far);
      const low = v128.load(at(weights, x));
      const high = v128.load(at(weights, x), 16);
      for (let k = 0; k < size; k++, c += 32, m += 32, s += 32) {
        const kernelAt = at(kernel, kernelRow + x + kernelSlice * (k < size - k ? k : size - k));
        const lowWeight = f64x2.mul(low, v128.load(kernelAt));
        const highWeight = f64x2.mul(high, v128.load(kernelAt, 16));
        mm = addProducts(addProducts(mm, lowWeight, m, m, far), highWeight, m + 16, m + 16, far);
        cc = addProducts(addProducts(cc, lowWeight, c, c, far), highWeight, c + 16, c + 16, far);
        sm = addProducts(addProducts(sm, lowWeight, s, m, far), highWeight, s + 16, m + 16, far);
      }
    }
  }
  put(sums, 0, get(sums, 0) + f64x2.extract_lane(mm, 0) + f64x2.extract_lane(mm, 1));
  put(sums, 1, get(sums, 1) + f64x2.extract_lane(cc, 0) + f64x2.extract_lane(cc, 1));
  put(sums, 2, get(sums, 2) + f64x2.extract_lane(sm, 0) + f64x2.extract_lane(sm, 1));
}
