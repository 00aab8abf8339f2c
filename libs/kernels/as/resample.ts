// Interpolation along axes; the twins in src/twins/resample.ts say what each array holds.

// @ts-ignore: decorator
@inline
function at(array: usize, n: i32): usize {
  return array + ((<usize>n) << 3);
}

// @ts-ignore: decorator
@inline
function i32At(array: usize, n: i32): i32 {
  return load<i32>(array + ((<usize>n) << 2));
}

export function mix(
  from: usize,
  to: usize,
  inner: i32,
  oldCount: i32,
  newCount: i32,
  starts: usize,
  weights: usize,
  taps: i32,
  first: i32,
  last: i32,
): void {
  let n = first % newCount;
  let o = first / newCount;
  for (let row = first; row < last; row++) {
    const source = at(from, inner * (i32At(starts, n) + oldCount * o));
    const target = at(to, inner * row);
    const own = at(weights, n * taps);
    if (inner === 1) {
      let sum: f64 = 0;
      for (let t = 0; t < taps; t++) sum += load<f64>(at(own, t)) * load<f64>(at(source, t));
      store<f64>(target, sum);
    } else mixRows(source, target, inner, own, taps);
    if (++n === newCount) {
      n = 0;
      o++;
    }
  }
}

function mixRows(source: usize, target: usize, inner: i32, weights: usize, taps: i32): void {
  let i = 0;
  for (; i + 4 <= inner; i += 4) {
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    for (let t = 0; t < taps; t++) {
      const weight = v128.load64_splat(at(weights, t));
      const tap = at(source, i + inner * t);
      a = f64x2.add(a, f64x2.mul(weight, v128.load(tap)));
      b = f64x2.add(b, f64x2.mul(weight, v128.load(tap, 16)));
    }
    v128.store(at(target, i), a);
    v128.store(at(target, i), b, 16);
  }
  for (; i < inner; i++) {
    let sum: f64 = 0;
    for (let t = 0; t < taps; t++) sum += load<f64>(at(weights, t)) * load<f64>(at(source, i + inner * t));
    store<f64>(at(target, i), sum);
  }
}

/** Lines that are filtered together, so that what they read stays in the cache. */
const CHUNK = 32;

export function prefilter(values: usize, inner: i32, count: i32, terms: i32, first: i32, last: i32): void {
  for (let line = first; line < last;) {
    const i = line % inner;
    const width = inner === 1 ? 1 : min(min(CHUNK, inner - i), last - line);
    const start = at(values, (line / inner) * inner * count + i);
    if (width === 1) prefilterLine(start, inner, count, terms);
    else prefilterLines(start, inner, count, terms, width);
    line += width;
  }
}

// @ts-ignore: decorator
@inline
const POLE: f64 = -0.2679491924311228; // sqrt(3) - 2

function prefilterLine(start: usize, inner: i32, count: i32, terms: i32): void {
  const step = (<usize>inner) << 3;
  const end = start + step * <usize>(count - 1);
  let sum: f64 = 0;
  for (let n = terms - 1; n >= 0; n--) sum = sum * POLE + load<f64>(start + step * <usize>n);
  store<f64>(start, sum);
  for (let p = start + step; p <= end; p += step) {
    sum = load<f64>(p) + POLE * sum;
    store<f64>(p, sum);
  }
  let value = (6 * POLE * (load<f64>(end) + POLE * load<f64>(end - step))) / (POLE * POLE - 1);
  store<f64>(end, value);
  for (let p = end - step; p >= start; p -= step) {
    value = POLE * (value - 6 * load<f64>(p));
    store<f64>(p, value);
  }
}

function prefilterLines(start: usize, inner: i32, count: i32, terms: i32, width: i32): void {
  const pole = f64x2.splat(POLE);
  const six = f64x2.splat(6);
  const gain = f64x2.splat((6 * POLE) / (POLE * POLE - 1));
  const step = (<usize>inner) << 3;
  const end = start + step * <usize>(count - 1);
  const pairs = (<usize>(width & ~1)) << 3;
  for (let i: usize = 0; i < pairs; i += 16) {
    let sum = f64x2.splat(0);
    for (let n = terms - 1; n >= 0; n--) {
      sum = f64x2.add(f64x2.mul(sum, pole), v128.load(start + step * <usize>n + i));
    }
    v128.store(start + i, sum);
  }
  for (let p = start + step; p <= end; p += step) {
    for (let i: usize = 0; i < pairs; i += 16) {
      v128.store(p + i, f64x2.add(v128.load(p + i), f64x2.mul(pole, v128.load(p - step + i))));
    }
  }
  for (let i: usize = 0; i < pairs; i += 16) {
    const last = f64x2.add(v128.load(end + i), f64x2.mul(pole, v128.load(end - step + i)));
    v128.store(end + i, f64x2.mul(gain, last));
  }
  for (let p = end - step; p >= start; p -= step) {
    for (let i: usize = 0; i < pairs; i += 16) {
      const difference = f64x2.sub(v128.load(p + step + i), f64x2.mul(six, v128.load(p + i)));
      v128.store(p + i, f64x2.mul(pole, difference));
    }
  }
  if ((width & 1) !== 0) prefilterLine(start + pairs, inner, count, terms);
}

// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  const half = f64x2.add(f64x2.floor(x), f64x2.splat(0.5));
  const isHalf = f64x2.lt(f64x2.abs(f64x2.sub(x, half)), f64x2.splat(1e-9));
  return f64x2.nearest(v128.bitselect(half, x, isHalf));
}

export function round(values: usize, first: i32, last: i32): void {
  let n = first;
  for (; n + 2 <= last; n += 2) v128.store(at(values, n), rounded(v128.load(at(values, n))));
  if (n < last) {
    const x = rounded(v128.load64_splat(at(values, n)));
    store<f64>(at(values, n), f64x2.extract_lane(x, 0));
  }
}

export function countGaps(values: usize, padding: usize, paddingCount: i32, first: i32, last: i32): i32 {
  let count = 0;
  for (let n = first; n < last; n++) {
    const x = load<f64>(at(values, n));
    if (x - x !== 0) {
      count++;
      continue;
    }
    for (let p = 0; p < paddingCount; p++) {
      if (x === load<f64>(at(padding, p))) {
        count++;
        break;
      }
    }
  }
  return count;
}

export function inside(shares: usize, mask: usize, threshold: f64, first: i32, last: i32): void {
  for (let n = first; n < last; n++) {
    const share = floor(load<f64>(at(shares, n)) * 1e6 + 0.5) / 1e6;
    store<u8>(mask + <usize>n, share >= threshold ? 1 : 0);
  }
}
