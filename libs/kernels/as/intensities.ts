// Intensities of a region; the twins in src/twins/intensities.ts say what each argument is. Sums run in four lanes.

// @ts-ignore: decorator
@inline
function f64At(array: usize, n: i32): f64 {
  return load<f64>(array + ((<usize>n) << 3));
}

// @ts-ignore: decorator
@inline
function setF64(array: usize, n: i32, value: f64): void {
  store<f64>(array + ((<usize>n) << 3), value);
}

// @ts-ignore: decorator
@inline
function total(low: v128, high: v128): f64 {
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

export function summary(values: usize, count: i32, out: usize): void {
  const zero = f64x2.splat(0);
  const first = f64x2.splat(f64At(values, 0));
  let sumLow = zero;
  let sumHigh = zero;
  let energyLow = zero;
  let energyHigh = zero;
  let least = first;
  let most = first;
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const low = v128.load(values + ((<usize>n) << 3));
    const high = v128.load(values + ((<usize>n) << 3), 16);
    sumLow = f64x2.add(sumLow, low);
    sumHigh = f64x2.add(sumHigh, high);
    energyLow = f64x2.add(energyLow, f64x2.mul(low, low));
    energyHigh = f64x2.add(energyHigh, f64x2.mul(high, high));
    least = f64x2.pmin(least, f64x2.pmin(low, high));
    most = f64x2.pmax(most, f64x2.pmax(low, high));
  }
  let sum = total(sumLow, sumHigh);
  let energy = total(energyLow, energyHigh);
  let min = Math.min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  let max = Math.max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  for (; n < count; n++) {
    const x = f64At(values, n);
    sum += x;
    energy += x * x;
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  setF64(out, 0, sum);
  setF64(out, 1, energy);
  setF64(out, 2, min);
  setF64(out, 3, max);
}

export function centralMoments(values: usize, count: i32, mean: f64, out: usize): void {
  const zero = f64x2.splat(0);
  const centre = f64x2.splat(mean);
  let secondLow = zero;
  let secondHigh = zero;
  let thirdLow = zero;
  let thirdHigh = zero;
  let fourthLow = zero;
  let fourthHigh = zero;
  let absoluteLow = zero;
  let absoluteHigh = zero;
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const low = f64x2.sub(v128.load(values + ((<usize>n) << 3)), centre);
    const high = f64x2.sub(v128.load(values + ((<usize>n) << 3), 16), centre);
    const low2 = f64x2.mul(low, low);
    const high2 = f64x2.mul(high, high);
    secondLow = f64x2.add(secondLow, low2);
    secondHigh = f64x2.add(secondHigh, high2);
    thirdLow = f64x2.add(thirdLow, f64x2.mul(low2, low));
    thirdHigh = f64x2.add(thirdHigh, f64x2.mul(high2, high));
    fourthLow = f64x2.add(fourthLow, f64x2.mul(low2, low2));
    fourthHigh = f64x2.add(fourthHigh, f64x2.mul(high2, high2));
    absoluteLow = f64x2.add(absoluteLow, f64x2.abs(low));
    absoluteHigh = f64x2.add(absoluteHigh, f64x2.abs(high));
  }
  let second = total(secondLow, secondHigh);
  let third = total(thirdLow, thirdHigh);
  let fourth = total(fourthLow, fourthHigh);
  let absolute = total(absoluteLow, absoluteHigh);
  for (; n < count; n++) {
    const d = f64At(values, n) - mean;
    const d2 = d * d;
    second += d2;
    third += d2 * d;
    fourth += d2 * d2;
    absolute += Math.abs(d);
  }
  setF64(out, 0, second);
  setF64(out, 1, third);
  setF64(out, 2, fourth);
  setF64(out, 3, absolute);
}

export function deviations(values: usize, count: i32, centre: f64, lower: f64, upper: f64, out: usize): void {
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  const middle = f64x2.splat(centre);
  const from = f64x2.splat(lower);
  const to = f64x2.splat(upper);
  let absoluteLow = zero;
  let absoluteHigh = zero;
  let coreLow = zero;
  let coreHigh = zero;
  let sumLow = zero;
  let sumHigh = zero;
  let insideLow = zero;
  let insideHigh = zero;
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const low = v128.load(values + ((<usize>n) << 3));
    const high = v128.load(values + ((<usize>n) << 3), 16);
    const isLow = v128.and(f64x2.ge(low, from), f64x2.le(low, to));
    const isHigh = v128.and(f64x2.ge(high, from), f64x2.le(high, to));
    const offLow = f64x2.abs(f64x2.sub(low, middle));
    const offHigh = f64x2.abs(f64x2.sub(high, middle));
    absoluteLow = f64x2.add(absoluteLow, offLow);
    absoluteHigh = f64x2.add(absoluteHigh, offHigh);
    coreLow = f64x2.add(coreLow, v128.and(offLow, isLow));
    coreHigh = f64x2.add(coreHigh, v128.and(offHigh, isHigh));
    sumLow = f64x2.add(sumLow, v128.and(low, isLow));
    sumHigh = f64x2.add(sumHigh, v128.and(high, isHigh));
    insideLow = f64x2.add(insideLow, v128.and(one, isLow));
    insideHigh = f64x2.add(insideHigh, v128.and(one, isHigh));
  }
  let absolute = total(absoluteLow, absoluteHigh);
  let core = total(coreLow, coreHigh);
  let sum = total(sumLow, sumHigh);
  let inside = total(insideLow, insideHigh);
  for (; n < count; n++) {
    const x = f64At(values, n);
    const off = Math.abs(x - centre);
    absolute += off;
    if (x < lower || x > upper) continue;
    core += off;
    sum += x;
    inside += 1;
  }
  setF64(out, 0, absolute);
  setF64(out, 1, core);
  setF64(out, 2, sum);
  setF64(out, 3, inside);
}

export function greyLevels(
  values: usize,
  count: i32,
  minimum: f64,
  factor: f64,
  divisor: f64,
  highest: i32,
  levels: usize,
  counts: usize,
): void {
  const top = <f64>highest + 1;
  for (let n = 0; n < count; n++) {
    // Compared as doubles: a level may be beyond every whole number.
    const level = Math.floor((factor * (f64At(values, n) - minimum)) / divisor) + 1;
    const kept = level < 1 ? 0 : level > top ? highest + 1 : <i32>level;
    store<u16>(levels + ((<usize>n) << 1), <u16>kept);
    const at = counts + ((<usize>kept) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
