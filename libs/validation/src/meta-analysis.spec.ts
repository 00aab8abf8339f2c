import { chiSquaredQuantile } from '@concord/numeric';
import fc from 'fast-check';
import { ValidationInputError } from './errors.js';
import { metaAnalyse } from './meta-analysis.js';

const generalisedQ = (values: number[], errors: number[], tau2: number) => {
  const w = errors.map((se) => 1 / (se * se + tau2));
  const total = w.reduce((a, b) => a + b);
  const centre = values.reduce((sum, y, i) => sum + w[i] * y, 0) / total;
  return values.reduce((sum, y, i) => sum + w[i] * (y - centre) ** 2, 0);
};
/** Restricted log likelihood up to a constant, by its definition. */
const restrictedLogLikelihood = (values: number[], errors: number[], tau2: number) => {
  const w = errors.map((se) => 1 / (se * se + tau2));
  const total = w.reduce((a, b) => a + b);
  return -0.5 * (-w.reduce((sum, x) => sum + Math.log(x), 0) + Math.log(total) + generalisedQ(values, errors, tau2));
};

const study = fc.record({
  y: fc.double({ min: -2, max: 2, noNaN: true }),
  se: fc.double({ min: 0.05, max: 0.8, noNaN: true }),
});
const studies = fc.array(study, { minLength: 3, maxLength: 12 });

describe('metaAnalyse', () => {
  it('has bounds of tau² at which the generalised Q is at its quantiles', () => {
    const values = [0.1, 0.9, 1.4, -0.3, 0.7];
    const errors = [0.2, 0.15, 0.3, 0.25, 0.1];
    const [low, high] = metaAnalyse(values, errors).tau2.interval!;
    expect(generalisedQ(values, errors, low)).toBeCloseTo(chiSquaredQuantile(0.975, 4), 9);
    expect(generalisedQ(values, errors, high)).toBeCloseTo(chiSquaredQuantile(0.025, 4), 9);
  });

  it('has a tau² that no neighbour beats in restricted likelihood', () => {
    fc.assert(
      fc.property(studies, (drawn) => {
        const values = drawn.map(({ y }) => y);
        const errors = drawn.map(({ se }) => se);
        const tau2 = metaAnalyse(values, errors).tau2.value!;
        const best = restrictedLogLikelihood(values, errors, tau2);
        for (const other of [tau2 + 1e-3, Math.max(0, tau2 - 1e-3)]) {
          expect(restrictedLogLikelihood(values, errors, other)).toBeLessThanOrEqual(best + 1e-9);
        }
      }),
    );
  });

  it('does not depend on the order of the sites', () => {
    fc.assert(
      fc.property(studies, (drawn) => {
        const pooled = (list: typeof drawn) =>
          metaAnalyse(
            list.map(({ y }) => y),
            list.map(({ se }) => se),
          );
        const forward = pooled(drawn);
        const backward = pooled([...drawn].reverse());
        expect(backward).toEqual(forward);
      }),
    );
  });

  it('says what two, one and no sites leave open', () => {
    const two = metaAnalyse([0.2, 0.4], [0.1, 0.1]);
    expect(two.mean.status).toBe('ok');
    expect(two.prediction).toMatchObject({ value: null, interval: null, status: 'not-estimable' });
    const one = metaAnalyse([0.2], [0.1], 0.95, Math.exp);
    expect(one.mean.value).toBeCloseTo(Math.exp(0.2), 15);
    expect(one.tau2.reason).toBe('there is one site only');
    expect(metaAnalyse([], []).mean.reason).toBe('no site has an estimate');
  });

  it('refuses standard errors that are not positive', () => {
    expect(() => metaAnalyse([0.1, 0.2], [0.1, 0])).toThrow(ValidationInputError);
    expect(() => metaAnalyse([0.1], [0.1, 0.2])).toThrow(ValidationInputError);
  });
});
