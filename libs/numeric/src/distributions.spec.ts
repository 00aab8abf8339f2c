import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  betaIncomplete,
  betaQuantile,
  chiSquaredCdf,
  chiSquaredQuantile,
  chiSquaredSf,
  fQuantile,
  fSf,
  gammaP,
  gammaQ,
  logGamma,
  normalCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  NumericInputError,
  tCdf,
  tQuantile,
} from './index.js';

const golden = JSON.parse(readFileSync(new URL('../golden/scipy/values.json', import.meta.url), 'utf8')) as Record<
  string,
  number[][]
>;

/** Largest |ours / theirs − 1| (absolute where theirs is 0) over the rows [arguments …, value]. */
function worst(name: string, f: (...args: number[]) => number): number {
  let largest = 0;
  for (const row of golden[name]) {
    const expected = row[row.length - 1];
    const difference = Math.abs(f(...row.slice(0, -1)) - expected);
    largest = Math.max(largest, expected === 0 ? difference : difference / Math.abs(expected));
  }
  return largest;
}

describe('distributions against mpmath at 40 digits', () => {
  // Tolerances are relative. The exponent of a tail is as large as 700, so its last bit is about 1e-13 of the value.
  const cases: [string, (...args: number[]) => number, number][] = [
    ['normalCdf', normalCdf, 2e-13],
    ['normalQuantile', normalQuantile, 1e-14],
    ['gammaP', gammaP, 2e-13],
    ['gammaQ', gammaQ, 2e-13],
    ['betaIncomplete', betaIncomplete, 1e-12],
    ['chiSquaredSf', chiSquaredSf, 5e-13],
    ['fSf', fSf, 2e-13],
    ['tCdf', tCdf, 2e-13],
    ['tQuantile', tQuantile, 1e-12],
    ['betaQuantile', betaQuantile, 1e-12],
    ['fQuantile', fQuantile, 1e-12],
    ['chiSquaredQuantile', chiSquaredQuantile, 1e-13],
  ];
  it.each(cases)('%s agrees', (name, f, tolerance) => {
    expect(golden[name].length).toBeGreaterThan(12);
    expect(worst(name, f)).toBeLessThan(tolerance);
  });

  it('logGamma agrees to 1e-14, absolute near its roots', () => {
    for (const [x, expected] of golden['logGamma']) {
      expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-14 * Math.max(1, Math.abs(expected)));
    }
  });
});

describe('distributions in every corner', () => {
  const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
  const shape = fc.double({ min: 0.5, max: 500, noNaN: true });

  it('quantiles invert distribution functions', () => {
    fc.assert(
      fc.property(probability, shape, shape, (p, a, b) => {
        expect(betaIncomplete(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 10);
        expect(tCdf(tQuantile(p, a), a)).toBeCloseTo(p, 10);
        expect(1 - fSf(fQuantile(p, a, b), a, b)).toBeCloseTo(p, 10);
        expect(chiSquaredCdf(chiSquaredQuantile(p, a), a)).toBeCloseTo(p, 10);
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('tails are mirror images and sum to one', () => {
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), shape, (x, a) => {
        expect(normalCdf(x) + normalSf(x)).toBeCloseTo(1, 14);
        expect(tCdf(x, a) + tCdf(-x, a)).toBeCloseTo(1, 13);
        expect(gammaP(a, Math.abs(x)) + gammaQ(a, Math.abs(x))).toBeCloseTo(1, 13);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('answers at the ends of the range', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
    expect([betaIncomplete(0, 2, 3), betaIncomplete(1, 2, 3)]).toEqual([0, 1]);
    expect([tCdf(-Infinity, 3), tCdf(Infinity, 3), tQuantile(0, 3), tQuantile(1, 3)]).toEqual([
      0,
      1,
      -Infinity,
      Infinity,
    ]);
    expect(tQuantile(0.5, 3)).toBe(0);
    expect(tQuantile(0.975, Infinity)).toBe(normalQuantile(0.975));
    expect(tCdf(1.2, Infinity)).toBe(normalCdf(1.2));
    expect([fSf(-1, 2, 3), fSf(Infinity, 2, 3), fQuantile(1, 2, 3), fQuantile(0, 2, 3)]).toEqual([1, 0, Infinity, 0]);
    expect([chiSquaredSf(0, 2), chiSquaredCdf(0, 2), chiSquaredQuantile(0, 2), chiSquaredQuantile(1, 2)]).toEqual([
      1,
      0,
      0,
      Infinity,
    ]);
    expect([gammaP(2, 0), gammaQ(2, 0), gammaP(2, Infinity), gammaQ(2, Infinity)]).toEqual([0, 1, 1, 0]);
    expect([logGamma(1), logGamma(2), logGamma(Infinity)]).toEqual([0, 0, Infinity]);
    expect(logGamma(1e-30)).toBeCloseTo(Math.log(1e30), 12);
    expect(normalPdf(0)).toBeCloseTo(0.3989422804014327, 15);
  });

  it('refuses what has no answer', () => {
    for (const call of [
      () => normalCdf(NaN),
      () => normalQuantile(1.1),
      () => tCdf(NaN, 3),
      () => tQuantile(0.5, 0),
      () => betaQuantile(-1, 1, 1),
      () => betaIncomplete(0.5, 0, 1),
      () => fSf(NaN, 1, 2),
      () => chiSquaredSf(1, -1),
      () => gammaP(1, -1),
      () => logGamma(0),
    ]) {
      expect(call).toThrow(NumericInputError);
    }
  });
});
