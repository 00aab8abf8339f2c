import { createHash } from 'node:crypto';

/** A spelling of a text that must not leave a hospital. */
interface Pattern {
  readonly bytes: Buffer;
  readonly canary: string;
  readonly spelling: string;
  /** Digits alone are a date only where no digit stands beside them: a number of many digits may hold any eight. */
  readonly isDigits: boolean;
}

// Looked up once: within jest every look at a global is slow.
const { imul } = Math;
const { fromCharCode } = String;

const KEY_BYTES = 8;
const FILTER_BITS = 23;

/**
 * Searches bytes for many texts at once, each in every spelling it may leak in: UTF-8, Latin-1, UTF-16 (both orders),
 * hexadecimal, Base64 at each of its three alignments, and its SHA-256 without salt, which a table of names undoes.
 *
 * One pass over the bytes, whatever the number of texts: the last eight bytes of each spelling go into a hash table.
 */
export class CanarySearch {
  private readonly filter = new Uint8Array(1 << (FILTER_BITS - 3));
  private readonly byKey = new Map<number, Pattern[]>();

  /** @param canaries texts of at least eight characters: shorter ones occur by chance */
  constructor(canaries: readonly string[]) {
    for (const canary of canaries) {
      if (canary.length < KEY_BYTES) throw new RangeError('a canary is shorter than eight characters');
      for (const [spelling, bytes] of spellings(canary)) this.add({ ...{ canary, spelling, bytes }, isDigits: false });
      this.add({ canary, spelling: 'UTF-8', bytes: Buffer.from(canary), isDigits: /^\d+$/.test(canary) });
    }
  }

  /** Canaries that stand in the bytes, each with the spellings it was found in. */
  find(bytes: Uint8Array): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    const { filter } = this;
    let older = 0;
    let newer = 0;
    for (let i = 0; i < bytes.length; i++) {
      older = (older >>> 8) | (newer << 24);
      newer = (newer >>> 8) | (bytes[i] << 24);
      const key = keyOf(older, newer);
      const slot = key >>> (32 - FILTER_BITS);
      if ((filter[slot >> 3] & (1 << (slot & 7))) === 0) continue;
      for (const pattern of this.byKey.get(key) ?? []) {
        if (!endsAt(bytes, i + 1, pattern)) continue;
        const known = found.get(pattern.canary) ?? new Set();
        found.set(pattern.canary, known.add(pattern.spelling));
      }
    }
    return found;
  }

  private add(pattern: Pattern): void {
    const { bytes } = pattern;
    const end = bytes.length;
    const key = keyOf(bytes.readInt32LE(end - 8), bytes.readInt32LE(end - 4));
    const slot = key >>> (32 - FILTER_BITS);
    this.filter[slot >> 3] |= 1 << (slot & 7);
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), pattern]);
  }
}

/** Canaries that may stand in a hub's records for another reason: dates around the day on which the test runs. */
export function isDateOfToday(canary: string, now: Date): boolean {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(canary);
  if (match === null) return false;
  const days = (Date.parse(`${match[1]}-${match[2]}-${match[3]}`) - now.getTime()) / 86_400_000;
  return Math.abs(days) < 40; // an invitation holds for two weeks
}

function* spellings(text: string): Generator<[string, Buffer]> {
  const utf8 = Buffer.from(text);
  const latin1 = Buffer.from(text, 'latin1');
  const wide = Buffer.from(text, 'utf16le');
  if (!latin1.equals(utf8)) yield ['Latin-1', latin1];
  yield ['UTF-16LE', wide];
  yield ['UTF-16BE', Buffer.from(wide).swap16()];
  const hex = utf8.toString('hex');
  yield ['hexadecimal', Buffer.from(hex)];
  if (/[a-f]/.test(hex)) yield ['hexadecimal', Buffer.from(hex.toUpperCase())];
  yield ['SHA-256', Buffer.from(createHash('sha256').update(utf8).digest('hex'))];
  yield ['SHA-256', createHash('sha256').update(utf8).digest()];
  for (const offset of [0, 1, 2]) {
    // The characters that depend on this text alone, not on what stands before or after it.
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + utf8.length) * 8) / 6);
    const padded = Buffer.concat([Buffer.alloc(offset), utf8, Buffer.alloc(3)]);
    for (const alphabet of ['base64', 'base64url'] as const) {
      yield ['Base64', Buffer.from(padded.toString(alphabet).slice(start, end))];
    }
  }
}

function keyOf(older: number, newer: number): number {
  return (imul(older, 0x9e3779b1) ^ imul(newer, 0x85ebca6b)) >>> 0;
}

function endsAt(bytes: Uint8Array, end: number, { bytes: wanted, isDigits }: Pattern): boolean {
  const start = end - wanted.length;
  if (start < 0) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return !isDigits || !(isOfNumber(bytes[start - 1]) || isOfNumber(bytes[end]));
}

/** Of a number, a digest or a UID: a digit, a letter of hexadecimal, a point. */
function isOfNumber(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return /[0-9a-fA-F.]/.test(fromCharCode(byte));
}
