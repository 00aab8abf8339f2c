// Shape and neighbourhoods of a region; the twins in src/twins/shape.ts say what each argument is.

// @ts-ignore: decorator
@inline
function i32At(array: usize, n: i32): i32 {
  return load<i32>(array + ((<usize>n) << 2));
}

export function ballSums(
  running: usize,
  sums: usize,
  sumPitch: i32,
  rowStarts: usize,
  spans: usize,
  ball: usize,
  ballRows: i32,
  first: i32,
  last: i32,
): void {
  const ballEnd = ball + ((<usize>ballRows) << 3);
  for (let row = first; row < last; row++) {
    const end = i32At(spans, 2 * row + 1);
    for (let x = i32At(spans, 2 * row); x <= end; x += 4) {
      const middle = running + ((<usize>(i32At(rowStarts, row) + x)) << 3);
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (let n = ball; n < ballEnd; n += 8) {
        const at = middle + ((<isize>load<i32>(n)) << 3);
        const reach = (<isize>load<i32>(n, 4)) << 3;
        const right = at + reach + 8;
        const left = at - reach;
        low = f64x2.add(low, f64x2.sub(v128.load(right), v128.load(left)));
        high = f64x2.add(high, f64x2.sub(v128.load(right, 16), v128.load(left, 16)));
      }
      const to = sums + ((<usize>(x + sumPitch * row)) << 3);
      v128.store(to, low);
      v128.store(to, high, 16);
    }
  }
}
