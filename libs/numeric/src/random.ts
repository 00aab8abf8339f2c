import { requireInput } from './errors.js';
import { normalQuantile } from './normal.js';

/** A stream of uniform numbers. Libraries take one as an argument and never make their own. */
export interface RandomSource {
  /** The next number, uniform on [0, 1), a multiple of 2^-53. */
  next(): number;
}

const MASK = (1n << 64n) - 1n;

/** splitmix64 (Steele, Lea and Flood 2014; Vigna's C code): spreads one 64-bit seed over a state. */
function splitmix64(seed: bigint, count: number): bigint[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  });
}

/** FNV-1a, 64 bits, of the text's UTF-16 code units, low byte first. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 255, unit >> 8]) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  }
  return hash;
}

/**
 * A xoshiro256** stream (Blackman and Vigna 2018) for a seed; the numbers of a seed never change between versions.
 * A number seeds splitmix64 as a 64-bit integer; a text goes through FNV-1a first. Not for privacy noise.
 *
 * @throws {NumericInputError} if a numeric seed is not a safe integer
 */
export function seededRandom(seed: number | string): RandomSource {
  if (typeof seed === 'number') {
    requireInput(Number.isSafeInteger(seed), 'a seed is a whole number or a text', 'seededRandom(seed)');
  }
  return xoshiro256(splitmix64(typeof seed === 'string' ? fnv1a(seed) : BigInt.asUintN(64, BigInt(seed)), 4));
}

/** xoshiro256** from a given state of four 64-bit words, not all zero; each word is kept as two 32-bit halves. */
export function xoshiro256(state: readonly bigint[]): RandomSource {
  const s = new Int32Array(8);
  state.forEach((word, i) => {
    s[2 * i] = Number(BigInt.asIntN(32, word >> 32n));
    s[2 * i + 1] = Number(BigInt.asIntN(32, word));
  });
  return {
    next(): number {
      // result = rotl(s1 * 5, 7) * 9, in halves; x * 5 is (x << 2) + x and x * 9 is (x << 3) + x.
      const h1 = s[2];
      const l1 = s[3];
      let low = (l1 << 2) + l1;
      let carry = ((l1 << 2) >>> 0) + (l1 >>> 0) > 0xffffffff ? 1 : 0;
      let high = ((h1 << 2) | (l1 >>> 30)) + h1 + carry;
      const rotatedHigh = (high << 7) | (low >>> 25);
      const rotatedLow = (low << 7) | (high >>> 25);
      low = (rotatedLow << 3) + rotatedLow;
      carry = ((rotatedLow << 3) >>> 0) + (rotatedLow >>> 0) > 0xffffffff ? 1 : 0;
      high = ((rotatedHigh << 3) | (rotatedLow >>> 29)) + rotatedHigh + carry;
      const shiftedHigh = (h1 << 17) | (l1 >>> 15);
      const shiftedLow = l1 << 17;
      s[4] ^= s[0];
      s[5] ^= s[1];
      s[6] ^= s[2];
      s[7] ^= s[3];
      s[2] ^= s[4];
      s[3] ^= s[5];
      s[0] ^= s[6];
      s[1] ^= s[7];
      s[4] ^= shiftedHigh;
      s[5] ^= shiftedLow;
      // rotl(s3, 45) = rotl of the swapped halves by 13.
      const h3 = s[6];
      const l3 = s[7];
      s[6] = (l3 << 13) | (h3 >>> 19);
      s[7] = (h3 << 13) | (l3 >>> 19);
      return ((high >>> 0) * 0x200000 + (low >>> 11)) / 0x20000000000000;
    },
  };
}

/** One standard normal number by inversion: one uniform number each, so streams stay aligned. */
export function randomNormal(source: RandomSource): number {
  return normalQuantile(source.next() + 2 ** -54);
}

/** A whole number, uniform on 0 … n − 1 without bias. @throws {NumericInputError} unless 1 <= n <= 2^53 */
export function randomInteger(source: RandomSource, n: number): number {
  requireInput(
    Number.isInteger(n) && n >= 1 && n <= 2 ** 53,
    'n is not a whole number from 1 to 2^53',
    'randomInteger',
  );
  const range = 2 ** 53;
  const limit = range - (range % n);
  for (;;) {
    const value = source.next() * range;
    if (value < limit) return value % n;
  }
}

/** Shuffles an array (Fisher and Yates, from the end), in place, and returns it. */
export function shuffleInPlace<T extends { length: number; [index: number]: unknown }>(
  source: RandomSource,
  array: T,
): T {
  const items = array as { length: number; [index: number]: unknown };
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInteger(source, i + 1);
    const kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
  return array;
}
