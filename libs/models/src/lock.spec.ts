import { LockRecordError } from './errors.js';
import { canonicalJson, digestOf, lockDigest, lockRecord, type LockParts } from './lock.js';

const parts: LockParts = {
  modelDigest: 'a'.repeat(64),
  harmonizationDigest: 'b'.repeat(64),
  protocolDigest: 'c'.repeat(64),
  threshold: { value: 0.31, rule: 'youden' },
  features: ['volume', 'entropy'],
  developmentSites: ['site-b', 'site-a'],
};

describe('lockRecord', () => {
  it.each<[string, Partial<LockParts>]>([
    ['model', { modelDigest: 'd'.repeat(64) }],
    ['harmonisation', { harmonizationDigest: null }],
    ['protocol', { protocolDigest: 'd'.repeat(64) }],
    ['threshold', { threshold: { value: 0.31000000000000005, rule: 'youden' } }],
    ['origin of the threshold', { threshold: { value: 0.31, rule: 'fixed' } }],
    ['order of the features', { features: ['entropy', 'volume'] }],
    ['development sites', { developmentSites: ['site-a'] }],
  ])('has another digest when the %s changes', (_, change) => {
    expect(lockDigest(lockRecord({ ...parts, ...change }))).not.toBe(lockDigest(lockRecord(parts)));
  });

  it('has the same digest whatever the order of keys and sites', () => {
    const reversed = Object.fromEntries(Object.entries(parts).reverse()) as unknown as LockParts;
    expect(lockDigest(lockRecord({ ...reversed, developmentSites: ['site-a', 'site-b'] }))).toBe(
      lockDigest(lockRecord(parts)),
    );
  });

  it.each<[string, Partial<LockParts>]>([
    ['modelDigest', { modelDigest: 'A'.repeat(64) }],
    ['harmonizationDigest', { harmonizationDigest: '' }],
    ['threshold.value', { threshold: { value: NaN, rule: 'fixed' } }],
    ['features', { features: ['volume', 'volume'] }],
    ['developmentSites', { developmentSites: [] }],
  ])('refuses a malformed %s by name', (name, change) => {
    expect(() => lockRecord({ ...parts, ...change })).toThrow(LockRecordError);
    expect(() => lockRecord({ ...parts, ...change })).toThrow(name);
  });
});

describe('canonicalJson', () => {
  it('writes the example of RFC 8785, section 3.2.3, keys sorted by code unit', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '1': 'One',
      '\u0080': 'Control',
      '\u00f6': 'Latin',
      '\ud83d\ude00': 'Emoji',
    };
    const keys = Object.keys(JSON.parse(canonicalJson(value)) as object);
    expect(keys).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00']);
    expect(canonicalJson([1e30, 4.5, 0.002, 1e-27, 333333333.3333333])).toBe(
      '[1e+30,4.5,0.002,1e-27,333333333.3333333]',
    );
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: NaN })).toThrow(LockRecordError);
    expect(() => canonicalJson([undefined])).toThrow(LockRecordError);
  });
});

describe('digestOf', () => {
  it('is SHA-256 (FIPS 180-2, example "abc")', () => {
    expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
