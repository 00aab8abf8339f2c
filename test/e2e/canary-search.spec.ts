import { createHash } from 'node:crypto';

import { CanarySearch, isDateOfToday } from './lib/canary-search.js';

const NAME = 'Zefimodalo^Kupirageti';
const WIDE = 'Hôpital Zefimodalo';
const DATE = '20650314';
const search = new CanarySearch([NAME, WIDE, DATE]);
const noise = createHash('sha512').update('noise').digest();

function found(bytes: Buffer): string[] {
  return [...search.find(bytes)].map(([canary, spellings]) => `${canary}: ${[...spellings].sort().join(', ')}`);
}

describe('the search for texts that must not leave', () => {
  it.each<[string, (text: string) => Buffer]>([
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-16LE', (text) => Buffer.from(text, 'utf16le')],
    ['UTF-16BE', (text) => Buffer.from(text, 'utf16le').swap16()],
    ['hexadecimal', (text) => Buffer.from(Buffer.from(text).toString('hex'))],
    ['hexadecimal', (text) => Buffer.from(Buffer.from(text).toString('hex').toUpperCase())],
    ['SHA-256', (text) => Buffer.from(createHash('sha256').update(text).digest('hex'))],
    ['Base64', (text) => Buffer.from(Buffer.from(`any${text}`).toString('base64'))],
    ['Base64', (text) => Buffer.from(Buffer.from(`some${text} and more`).toString('base64'))],
    ['Base64', (text) => Buffer.from(Buffer.from(`other${text}.`).toString('base64url'))],
  ])('finds a name in %s, between other bytes', (spelling, write) => {
    for (const before of [0, 1, 7, 40]) {
      const bytes = Buffer.concat([noise.subarray(0, before), write(NAME), noise]);
      expect(found(bytes)).toEqual([`${NAME}: ${spelling}`]);
    }
  });

  it('finds an accented text in Latin-1', () => {
    expect(found(Buffer.from(`x${WIDE}x`, 'latin1'))).toEqual([`${WIDE}: Latin-1`]);
  });

  it('finds nothing in a text that lacks one letter', () => {
    expect(found(Buffer.from(NAME.slice(0, -1)))).toEqual([]);
    expect(found(Buffer.from(NAME.slice(1)))).toEqual([]);
    expect(found(noise)).toEqual([]);
  });

  it('finds a date by itself, not eight digits of a longer number', () => {
    expect(found(Buffer.from(`study ${DATE},`))).toEqual([`${DATE}: UTF-8`]);
    expect(found(Buffer.from(DATE))).toEqual([`${DATE}: UTF-8`]);
    expect(found(Buffer.from(`0.8${DATE}`))).toEqual([]);
    expect(found(Buffer.from(`${DATE}7`))).toEqual([]);
  });

  it('refuses texts that occur by chance', () => {
    expect(() => new CanarySearch(['CT'])).toThrow(RangeError);
  });

  it('knows dates around today', () => {
    const now = new Date('2026-11-24T12:00:00Z');
    expect(['2026-11-24', '20261208', '2026-10-20'].map((date) => isDateOfToday(date, now))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['2027-11-24', '20650314', 'A20261124'].map((date) => isDateOfToday(date, now))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
