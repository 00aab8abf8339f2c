// Convolutions and what is done voxel by voxel; the twins in src/twins/filters.ts say what each array holds.

// @ts-ignore: decorator
@inline
function at(array: usize, n: i32): usize {
  return array + ((<usize>n) << 3);
}

export function convolve(
  from: usize,
  to: usize,
  width: i32,
  height: i32,
  fromRow: i32,
  fromSlice: i32,
  toRow: i32,
  toSlice: i32,
  stride: i32,
  weights: usize,
  taps: i32,
  isAdded: i32,
  first: i32,
  last: i32,
): void {
  const step = (<usize>stride) << 3;
  const zero = f64x2.splat(0);
  const end = at(weights, taps);
  let y = first % height;
  let z = first / height;
  for (let row = first; row < last; row++) {
    const source = at(from, y * fromRow + z * fromSlice);
    const target = at(to, y * toRow + z * toSlice);
    let x = 0;
    for (; x + 8 <= width; x += 8) {
      const out = at(target, x);
      let a = zero;
      let b = zero;
      let c = zero;
      let d = zero;
      if (isAdded !== 0) {
        a = v128.load(out);
        b = v128.load(out, 16);
        c = v128.load(out, 32);
        d = v128.load(out, 48);
      }
      let tap = at(source, x);
      for (let w = weights; w < end; w += 8, tap += step) {
        const weight = v128.load64_splat(w);
        a = f64x2.add(a, f64x2.mul(weight, v128.load(tap)));
        b = f64x2.add(b, f64x2.mul(weight, v128.load(tap, 16)));
        c = f64x2.add(c, f64x2.mul(weight, v128.load(tap, 32)));
        d = f64x2.add(d, f64x2.mul(weight, v128.load(tap, 48)));
      }
      v128.store(out, a);
      v128.store(out, b, 16);
      v128.store(out, c, 32);
      v128.store(out, d, 48);
    }
    for (; x < width; x++) {
      const out = at(target, x);
      let sum: f64 = isAdded !== 0 ? load<f64>(out) : 0;
      let tap = at(source, x);
      for (let w = weights; w < end; w += 8, tap += step) sum += load<f64>(w) * load<f64>(tap);
      store<f64>(out, sum);
    }
    if (++y === height) {
      y = 0;
      z++;
    }
  }
}

export function addScaled(from: usize, to: usize, scale: f64, first: i32, last: i32): void {
  for (let n = first; n < last; n++) store<f64>(at(to, n), load<f64>(at(to, n)) + scale * load<f64>(at(from, n)));
}

export function keepLargest(from: usize, to: usize, scale: f64, first: i32, last: i32): void {
  for (let n = first; n < last; n++) {
    const value = scale * load<f64>(at(from, n));
    if (value > load<f64>(at(to, n))) store<f64>(at(to, n), value);
  }
}

export function absolute(from: usize, to: usize, first: i32, last: i32): void {
  for (let n = first; n < last; n++) store<f64>(at(to, n), abs(load<f64>(at(from, n))));
}

export function addModulus(re: usize, im: usize, to: usize, scale: f64, first: i32, last: i32): void {
  for (let n = first; n < last; n++) {
    const a = load<f64>(at(re, n));
    const b = load<f64>(at(im, n));
    store<f64>(at(to, n), load<f64>(at(to, n)) + scale * sqrt(a * a + b * b));
  }
}

export function multiply(
  aRe: usize,
  aIm: usize,
  bRe: usize,
  bIm: usize,
  toRe: usize,
  toIm: usize,
  first: i32,
  last: i32,
): void {
  for (let n = first; n < last; n++) {
    const a = load<f64>(at(aRe, n));
    const b = load<f64>(at(aIm, n));
    const c = load<f64>(at(bRe, n));
    const d = load<f64>(at(bIm, n));
    store<f64>(at(toRe, n), a * c - b * d);
    store<f64>(at(toIm, n), a * d + b * c);
  }
}
