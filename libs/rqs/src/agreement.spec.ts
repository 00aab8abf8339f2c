import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { cohenKappa } from './agreement.js';
import { InvalidRecordError } from './errors.js';

interface Golden {
  readonly psych: string;
  readonly cases: readonly { name: string; first: string[]; second: string[]; kappa: number }[];
}

const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/psych/kappa.json'), 'utf8')) as Golden;

describe(`cohenKappa against psych ${golden.psych}`, () => {
  it.each(golden.cases)('gives the kappa of case $name', ({ first, second, kappa }) => {
    expect(Math.abs((cohenKappa(first, second).value ?? NaN) - kappa)).toBeLessThan(1e-14);
  });

  it('does not care who is first', () => {
    for (const { first, second } of golden.cases) {
      expect(cohenKappa(first, second).value).toBeCloseTo(cohenKappa(second, first).value ?? NaN, 14);
    }
  });

  it('says why there is none: nothing rated by both, or one answer throughout', () => {
    expect(cohenKappa([], [])).toEqual({ value: null, observed: null, subjectCount: 0, reason: expect.any(String) });
    expect(cohenKappa(['a', 'a'], ['a', 'a'])).toMatchObject({ value: null, observed: 1, subjectCount: 2 });
    expect(() => cohenKappa(['a'], [])).toThrow(InvalidRecordError);
  });

  it('is 0 where one rater gives one answer throughout and the other does not', () => {
    expect(cohenKappa(['a', 'a', 'a'], ['a', 'b', 'a']).value).toBe(0);
  });
});
