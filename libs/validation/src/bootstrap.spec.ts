import { seededRandom } from '@concord/numeric';
import { aucEstimates, aucSums } from './auc.js';
import { bootstrapIntervals } from './bootstrap.js';

const random = seededRandom('patients');
const outcomes = Uint8Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? 1 : 0));
const risks = Float64Array.from(outcomes, (y) => {
  const eta = -0.8 + 0.9 * y + 1.2 * (random.next() + random.next() + random.next() - 1.5);
  return 1 / (1 + Math.exp(-eta));
});

describe('bootstrapIntervals', () => {
  it('agrees with DeLong on a large cohort', () => {
    const { auc } = bootstrapIntervals(risks, outcomes, seededRandom(1), 2000);
    const delong = aucEstimates(aucSums(risks, outcomes), 0.95).wald.interval;
    expect(auc).not.toBeNull();
    // Monte Carlo error of a percentile with 2,000 replicates: about 0.002 here.
    expect(Math.abs((auc?.[0] ?? 0) - (delong?.[0] ?? 1))).toBeLessThan(0.01);
    expect(Math.abs((auc?.[1] ?? 0) - (delong?.[1] ?? 1))).toBeLessThan(0.01);
  });

  it('gives the same interval for the same seed, and another for another', () => {
    const once = bootstrapIntervals(risks, outcomes, seededRandom(1), 200);
    expect(bootstrapIntervals(risks, outcomes, seededRandom(1), 200)).toEqual(once);
    expect(bootstrapIntervals(risks, outcomes, seededRandom(2), 200)).not.toEqual(once);
  });

  it('has no interval where most resamples lose a class', () => {
    const rare = Uint8Array.from({ length: 12 }, (_, i) => (i === 0 ? 1 : 0));
    expect(bootstrapIntervals(risks.slice(0, 12), rare, seededRandom(1), 500).auc).toBeNull();
  });
});
