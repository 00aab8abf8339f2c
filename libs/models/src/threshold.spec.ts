import fc from 'fast-check';
import { ModelInputError } from './errors.js';
import { chooseThreshold } from './threshold.js';

const youdenAt = (scores: Float64Array, outcome: Uint8Array, value: number) => {
  const rate = (level: number) => {
    const members = [...scores].filter((_, i) => outcome[i] === level);
    return members.filter((score) => score >= value).length / members.length;
  };
  return rate(1) - rate(0);
};

describe('chooseThreshold', () => {
  it('takes the midpoint between the two scores that Youden separates', () => {
    const chosen = chooseThreshold(Float64Array.of(0.1, 0.2, 0.4, 0.8, 0.9), Uint8Array.of(0, 0, 1, 0, 1), 'youden');
    // J is 2/3 at 0.4 (sensitivity 1, specificity 2/3) and 1/2 at 0.9.
    expect(chosen.value).toBeCloseTo(0.3, 15);
    expect(chosen.developmentSensitivity).toBe(1);
    expect(chosen.developmentSpecificity).toBeCloseTo(2 / 3, 15);
  });

  it('reaches the largest index that any score reaches', () => {
    const patients = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(patients, (drawn) => {
        const scores = Float64Array.from([0, 5, ...drawn.map(([score]) => score)], (score) => score / 10);
        const outcome = Uint8Array.from([0, 1, ...drawn.map(([, event]) => Number(event))]);
        const best = Math.max(...[...scores].map((score) => youdenAt(scores, outcome, score)));
        const { value } = chooseThreshold(scores, outcome, 'youden');
        expect(youdenAt(scores, outcome, value)).toBeCloseTo(best, 12);
      }),
    );
  });

  it('keeps a fixed threshold as it is, and says what it does on development', () => {
    const chosen = chooseThreshold(Float64Array.of(0.1, 0.35, 0.4), Uint8Array.of(0, 0, 1), { fixed: 0.35 });
    expect(chosen).toEqual({ value: 0.35, rule: 'fixed', developmentSensitivity: 1, developmentSpecificity: 0.5 });
  });

  it('takes the common score when all are equal', () => {
    expect(chooseThreshold(Float64Array.of(0.4, 0.4), Uint8Array.of(0, 1), 'youden').value).toBe(0.4);
  });

  it('refuses one class and scores that are not finite', () => {
    expect(() => chooseThreshold(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1), 'youden')).toThrow(ModelInputError);
    expect(() => chooseThreshold(Float64Array.of(0.1, NaN), Uint8Array.of(0, 1), 'youden')).toThrow(ModelInputError);
  });
});
