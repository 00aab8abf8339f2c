import { LockRecordError } from './errors.js';
import { digestOf, lockRecord, type LockParts } from './lock.js';

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
  ])('is another record when the %s changes', (_, change) => {
    expect(lockRecord({ ...parts, ...change })).not.toEqual(lockRecord(parts));
  });

  it('is the same, key by key, whatever the order of keys and sites', () => {
    const reversed = Object.fromEntries(Object.entries(parts).reverse()) as unknown as LockParts;
    expect(JSON.stringify(lockRecord({ ...reversed, developmentSites: ['site-a', 'site-b'] }))).toBe(
      JSON.stringify(lockRecord(parts)),
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

describe('digestOf', () => {
  it('is SHA-256 (FIPS 180-2, example "abc")', () => {
    expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
