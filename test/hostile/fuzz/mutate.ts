/** A stream of numbers below 2^32 that a seed repeats (Mulberry32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}

const EDGES = [0, 1, 2, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000];
const WIDE_EDGES = [...EDGES, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const WORDS = [
  '0',
  '-1',
  '1e300',
  '1e-300',
  'NaN',
  '4294967296',
  '9007199254740993',
  '\\',
  ' ',
  '(',
  'none',
  '\n',
  '\n\n',
];

type Mutation = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer;

/** Headers come first: half of all changes are made among the first bytes. */
function place(bytes: Buffer, dice: Dice, width = 1): number {
  const reach = dice.below(2) === 0 ? Math.min(bytes.length, 1200) : bytes.length;
  return dice.below(Math.max(1, reach - width + 1));
}

/** Writes over what is there, as far as it goes. */
function over(bytes: Buffer, at: number, value: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  value.copy(changed, at);
  return changed;
}

function number(value: number, width: number, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(width);
  if (isLittle) bytes.writeUIntLE(value, 0, width);
  else bytes.writeUIntBE(value, 0, width);
  return bytes;
}

const MUTATIONS: readonly Mutation[] = [
  // bits
  (bytes, dice) => {
    const changed = Buffer.from(bytes);
    for (let n = dice.below(8); n >= 0 && bytes.length > 0; n--) changed[place(bytes, dice)] ^= 1 << dice.below(8);
    return changed;
  },
  // lengths and counts of two and four bytes
  (bytes, dice) =>
    over(bytes, place(bytes, dice, 2), number(dice.one(EDGES.filter((n) => n <= 0xffff)), 2, dice.below(4) > 0)),
  (bytes, dice) => over(bytes, place(bytes, dice, 4), number(dice.one(WIDE_EDGES), 4, dice.below(4) > 0)),
  (bytes, dice) => over(bytes, place(bytes, dice, 8), Buffer.alloc(8, dice.one([0, 0x7f, 0xff, 0x80]))),
  // another digit, letter or sign in what is text
  replaceCharacter,
  replaceCharacter,
  // numbers as text
  (bytes, dice) => over(bytes, place(bytes, dice), Buffer.from(dice.one(WORDS))),
  // cut short
  (bytes, dice) => bytes.subarray(0, place(bytes, dice)),
  // a piece left out, or repeated
  (bytes, dice) => {
    const from = place(bytes, dice);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + dice.below(64))]);
  },
  (bytes, dice) => {
    const from = place(bytes, dice);
    return Buffer.concat([bytes.subarray(0, from + dice.below(64)), bytes.subarray(from)]);
  },
  // a piece of another file, in place or between
  (bytes, dice, other) => over(bytes, place(bytes, dice), piece(other, dice)),
  (bytes, dice, other) => {
    const at = place(bytes, dice);
    return Buffer.concat([bytes.subarray(0, at), piece(other, dice), bytes.subarray(at)]);
  },
];

function replaceCharacter(bytes: Buffer, dice: Dice): Buffer {
  const isText = (code: number): boolean => code >= 0x2b && code < 0x7f;
  let at = place(bytes, dice);
  while (at < bytes.length && !isText(bytes[at])) at++;
  return over(bytes, at, Buffer.from(dice.one([...'0123456789-.\\eE:,()ACGORSTxy'])));
}

function piece(other: Buffer, dice: Dice): Buffer {
  const from = place(other, dice);
  return other.subarray(from, from + dice.below(96));
}

/** The file with one to four changes, mostly one. */
export function mutated(bytes: Buffer, dice: Dice, other: Buffer): Buffer {
  let changed = bytes;
  for (let n = dice.one([1, 1, 1, 2, 4]); n > 0; n--) changed = dice.one(MUTATIONS)(changed, dice, other);
  return changed;
}
