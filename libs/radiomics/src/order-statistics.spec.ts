import { quantile } from '@concord/numeric';
import fc from 'fast-check';
import { quantiles } from './order-statistics.js';

describe('quantiles', () => {
  const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

  it('selects what sorting gives, with ties and few values as well', () => {
    const values = fc.oneof(
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 200 }),
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.constantFrom(1e300, -1e300, 5e-324, 0, 1e-12), { minLength: 1, maxLength: 60 }),
    );
    fc.assert(
      fc.property(values, (list) => {
        const data = Float64Array.from(list);
        quantiles(data, shares).forEach((value, n) => {
          expect(Math.abs(value - quantile(data, shares[n]))).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value))); // the interpolation may round otherwise
        });
      }),
    );
  });
});
