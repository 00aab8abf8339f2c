import fc from 'fast-check';

import { canonicalJson, CHAIN_START, chainHash, digestOf, firstBrokenLink, isDigest, sha256 } from './index.js';

describe('canonicalJson', () => {
  it('reads back as the same value and does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it('refuses numbers that JSON would write as null, and functions', () => {
    expect(() => canonicalJson({ a: NaN })).toThrow(TypeError);
    expect(() => canonicalJson([Infinity])).toThrow(TypeError);
    expect(() => canonicalJson(() => 1)).toThrow(TypeError);
    for (const value of [new Date(0), new Map(), new Uint8Array(1)])
      expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('leaves undefined members out, as JSON does', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  });
});

describe('sha256', () => {
  it('gives the digest of "abc" that FIPS 180-2 prints', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(isDigest(sha256('abc'))).toBe(true);
    expect(isDigest(sha256('abc').toUpperCase())).toBe(false);
    expect(digestOf({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
  });
});

describe('firstBrokenLink', () => {
  interface Entry {
    readonly text: string;
    readonly previousHash: string;
    readonly hash: string;
  }
  const contentOf = (entry: Entry): unknown => ({ text: entry.text });

  function chainOf(texts: readonly string[]): Entry[] {
    let previousHash = CHAIN_START;
    return texts.map((text) => {
      const hash = chainHash(previousHash, { text });
      const entry = { text, previousHash, hash };
      previousHash = hash;
      return entry;
    });
  }

  const texts = fc.array(fc.string(), { minLength: 2, maxLength: 12 });

  it('finds nothing in a whole chain, nor in none', () => {
    fc.assert(fc.property(texts, (list) => expect(firstBrokenLink(chainOf(list), contentOf)).toBe(-1)));
    expect(firstBrokenLink([], contentOf)).toBe(-1);
  });

  it('names the entry that was changed, dropped or moved', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (list, seed) => {
        const index = seed % list.length;
        const changed = chainOf(list).map((entry, i) => (i === index ? { ...entry, text: `${entry.text}!` } : entry));
        expect(firstBrokenLink(changed, contentOf)).toBe(index);
        if (index === list.length - 1) return;
        const dropped = chainOf(list).toSpliced(index, 1);
        expect(firstBrokenLink(dropped, contentOf)).toBe(index);
        const [first, second] = chainOf(list).slice(index, index + 2);
        const moved = chainOf(list).toSpliced(index, 2, second, first);
        expect(firstBrokenLink(moved, contentOf)).toBe(index);
      }),
    );
  });

  it('names an entry rehashed by someone who did not rewrite what follows', () => {
    const chain = chainOf(['a', 'b', 'c']);
    const hash = chainHash(chain[0].hash, { text: 'B' });
    expect(firstBrokenLink(chain.toSpliced(1, 1, { text: 'B', previousHash: chain[0].hash, hash }), contentOf)).toBe(2);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
