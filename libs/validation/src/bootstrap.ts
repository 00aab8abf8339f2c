import { quantile, type RandomSource } from '@concord/numeric';
import { aucSums } from './auc.js';
import { calibrate } from './calibration.js';

/** Percentile intervals over resampled patients; null where too few replicates gave a number. */
export interface BootstrapIntervals {
  readonly replicates: number;
  readonly auc: readonly [number, number] | null;
  readonly calibrationSlope: readonly [number, number] | null;
}

/** Share of replicates that must have an estimate: below, the percentiles describe the lucky ones. */
const LEAST_SHARE = 0.9;

/**
 * Resamples patients with replacement and takes percentiles (type 7) of AUC and calibration slope of a locked score.
 *
 * @param random seeded; its seed belongs into the record of the result
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 */
export function bootstrapIntervals(
  risks: Float64Array,
  outcomes: Uint8Array,
  random: RandomSource,
  replicates: number,
  level = 0.95,
): BootstrapIntervals {
  const n = risks.length;
  const aucs: number[] = [];
  const slopes: number[] = [];
  const drawnRisks = new Float64Array(n);
  const drawnOutcomes = new Uint8Array(n);
  for (let replicate = 0; replicate < replicates; replicate++) {
    for (let i = 0; i < n; i++) {
      const row = Math.floor(random.next() * n);
      drawnRisks[i] = risks[row];
      drawnOutcomes[i] = outcomes[row];
    }
    const { auc } = aucSums(drawnRisks, drawnOutcomes);
    if (auc === null) continue;
    aucs.push(auc);
    const slope = calibrate(drawnRisks, drawnOutcomes, level).slope.value;
    if (slope !== null) slopes.push(slope);
  }
  const interval = (values: readonly number[]): readonly [number, number] | null => {
    if (values.length < LEAST_SHARE * replicates || replicates === 0) return null;
    const sorted = Float64Array.from(values).sort();
    return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
  };
  return { replicates, auc: interval(aucs), calibrationSlope: interval(slopes) };
}
