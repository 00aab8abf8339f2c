/** 10^0 … 10^22, each exact. */
const TENS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const SPLIT = 2 ** 27 + 1;
/** Their upper halves, for exact products (Dekker 1971, Numer Math 18:224). */
const TENS_HIGH = TENS.map((ten) => SPLIT * ten - (SPLIT * ten - ten));
/** The four digits of 0 … 9999. */
const DIGITS = Uint8Array.from({ length: 40_000 }, (_, k) => 48 + (Math.floor((k >> 2) / 10 ** (3 - (k & 3))) % 10));
/** Longest text of a double, `-2.2250738585072014e-308`, and some room. */
export const MAX_DOUBLE_TEXT = 32;
/** What rounding errors of the decimal arithmetic below stay far under. */
const DOUBT = 1e-6;

/**
 * Writes doubles as `String` does, in the shortest form that reads back as the same double, straight into bytes.
 *
 * The value times a power of ten has 17 digits before the point, as an exact sum of two doubles; the shortest multiple of a
 * power of ten inside the rounding interval is what is printed (Steele and White 1990, PLDI). Where the arithmetic could
 * be in doubt, and for very small and large values, `String` is asked.
 */
export class DoubleWriter {
  private readonly value = new Float64Array(1);
  private readonly bits = new Uint32Array(this.value.buffer);
  /** Half the distance to the next double, by binary exponent from −20 on. */
  private readonly halfGaps = Float64Array.from({ length: 72 }, (_, k) => 2 ** (k - 20 - 53));
  private readonly upper = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

  /** @returns the position after the text; `out` must have room for `MAX_DOUBLE_TEXT` bytes at `at` */
  write(value: number, out: Uint8Array, at: number): number {
    const size = Math.abs(value);
    if (!(size >= 1e-5 && size < 1e15)) return asString(value, out, at);
    this.value[0] = size;
    const high = this.bits[this.upper];
    // Below a power of two the next double is nearer than above it.
    if ((high & 0xfffff) === 0 && this.bits[1 - this.upper] === 0) return asString(value, out, at);
    const exponent = (high >>> 20) - 1023;
    let k = 16 - Math.floor((exponent + 0.5) * 0.30102999566398);
    let product = size * TENS[k];
    if (product >= 1e17) product = size * TENS[--k];
    else if (product < 1e16) product = size * TENS[++k];
    return this.writeScaled(value, k, product, this.halfGaps[exponent + 20] * TENS[k], out, at);
  }

  /** @param half of the rounding interval, in units of the 17th digit */
  private writeScaled(value: number, k: number, product: number, half: number, out: Uint8Array, at: number): number {
    let first = Math.floor(product / 1e8);
    let rest = product - first * 1e8 + productError(Math.abs(value), k, product);
    if (rest < 0) {
      first--;
      rest += 1e8;
    } else if (rest >= 1e8) {
      first++;
      rest -= 1e8;
    }
    let last = Math.round(rest);
    let distance = Math.abs(last - rest);
    let step = 1;
    while (step < 1e8) {
      const candidate = Math.round(rest / (10 * step)) * 10 * step;
      const away = Math.abs(candidate - rest);
      if (Math.abs(half - away) < DOUBT) return asString(value, out, at);
      if (away > half) break;
      last = candidate;
      distance = away;
      step *= 10;
    }
    if (step / 2 - distance < DOUBT) return asString(value, out, at);
    if (last >= 1e8) {
      last -= 1e8;
      first++;
    }
    if (first < 1e8 || first >= 1e9) return asString(value, out, at);
    if (value < 0) out[at++] = 45;
    return placed(first, last, k, out, at);
  }
}

/** The rounding error of size × 10^k, exact. */
function productError(size: number, k: number, product: number): number {
  const c = SPLIT * size;
  const high = c - (c - size);
  const low = size - high;
  const tenHigh = TENS_HIGH[k];
  const tenLow = TENS[k] - tenHigh;
  return high * tenHigh - product + high * tenLow + low * tenHigh + low * tenLow;
}

/** Seventeen digits, k of them behind the point, without zeros at the end. */
function placed(first: number, last: number, k: number, out: Uint8Array, at: number): number {
  const whole = 17 - k;
  if (whole <= 0) {
    out[at++] = 48;
    out[at++] = 46;
    for (let zeros = whole; zeros < 0; zeros++) out[at++] = 48;
    return stripped(seventeen(first, last, out, at), out);
  }
  const end = seventeen(first, last, out, at + 1);
  for (let digit = 0; digit < whole; digit++) out[at + digit] = out[at + digit + 1];
  out[at + whole] = 46;
  const left = stripped(end, out);
  return left === at + whole + 1 ? at + whole : left;
}

function seventeen(first: number, last: number, out: Uint8Array, at: number): number {
  const lead = Math.floor(first / 1e8);
  out[at] = 48 + lead;
  eight(first - lead * 1e8, out, at + 1);
  eight(last, out, at + 9);
  return at + 17;
}

function eight(number: number, out: Uint8Array, at: number): void {
  const high = Math.floor(number / 10_000);
  const a = 4 * high;
  const b = 4 * (number - 10_000 * high);
  out[at] = DIGITS[a];
  out[at + 1] = DIGITS[a + 1];
  out[at + 2] = DIGITS[a + 2];
  out[at + 3] = DIGITS[a + 3];
  out[at + 4] = DIGITS[b];
  out[at + 5] = DIGITS[b + 1];
  out[at + 6] = DIGITS[b + 2];
  out[at + 7] = DIGITS[b + 3];
}

function stripped(end: number, out: Uint8Array): number {
  while (out[end - 1] === 48) end--;
  return end;
}

function asString(value: number, out: Uint8Array, at: number): number {
  const text = doubleText(value);
  for (let k = 0; k < text.length; k++) out[at++] = text.charCodeAt(k);
  return at;
}

/** The text of a double in a CSV cell: nothing for NaN, `Inf` for infinity, and the sign of −0. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return '';
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  return String(value);
}

/**
 * head × 10^shift + tail, over 10^scale, correctly rounded; NaN where that is in doubt.
 *
 * @param head whole, below 1e9
 * @param tail whole, below 10^shift, shift at most 8
 * @param scale from −22 to 22
 */
export function decimalValue(head: number, tail: number, shift: number, scale: number): number {
  const front = head * TENS[shift];
  const high = front + tail;
  const low = tail - (high - front);
  if (scale === 0) return low === 0 ? high : NaN;
  if (scale < 0) return low === 0 && high < 2 ** 53 ? multiplied(high, -scale) : NaN;
  const quotient = high / TENS[scale];
  if (low === 0 && high <= 2 ** 53) return quotient;
  const product = quotient * TENS[scale];
  const left = high - product - productError(quotient, scale, product) + low;
  const correction = left / TENS[scale];
  const doubt = quotient * 2 ** -97;
  const value = quotient + (correction + doubt);
  return value === quotient + (correction - doubt) ? value : NaN;
}

const multiplied = (high: number, scale: number): number => high * TENS[scale];
