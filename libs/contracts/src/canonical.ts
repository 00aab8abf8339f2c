import { createHash } from 'node:crypto';

/** A SHA-256 in lower-case hex: the name of every content-addressed object. */
export type Digest = string;

export function sha256(bytes: Uint8Array | string): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/**
 * JSON with sorted keys and no spaces: equal values give equal bytes. `undefined` members are left out, as JSON does.
 *
 * @throws {TypeError} on a number that is not finite, which JSON would hide as `null`, and on anything but plain data (a
 *   Date, a Map, bytes), which would be written as `{}`
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonicalJson: a number is not finite');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (Object.prototype.toString.call(value) === '[object Object]') {
    const members = Object.entries(value as object)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`canonicalJson: cannot write ${Object.prototype.toString.call(value)}`);
}

export function digestOf(value: unknown): Digest {
  return sha256(canonicalJson(value));
}
