import { notEstimable, type Estimate } from './estimate.js';
import { proportion } from './proportion.js';

/** The 2 × 2 table at a locked threshold and what is read from it; positive if score >= threshold. */
export interface ThresholdMetrics {
  readonly threshold: number | null;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly sensitivity: Estimate;
  readonly specificity: Estimate;
  readonly ppv: Estimate;
  readonly npv: Estimate;
  readonly accuracy: Estimate;
}

/**
 * Classification at a threshold that was locked before; it is never chosen here.
 *
 * @param threshold null where the model has none: then nothing is estimable
 */
export function thresholdMetrics(
  scores: Float64Array,
  outcomes: Uint8Array,
  threshold: number | null,
  level: number,
): ThresholdMetrics {
  const table = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  if (threshold === null) {
    const none = notEstimable('proportion, Wilson interval', 'the model was locked without a threshold');
    return { threshold, ...table, sensitivity: none, specificity: none, ppv: none, npv: none, accuracy: none };
  }
  scores.forEach((score, i) => {
    const isPositive = score >= threshold;
    if (outcomes[i] === 1) table[isPositive ? 'truePositives' : 'falseNegatives']++;
    else table[isPositive ? 'falsePositives' : 'trueNegatives']++;
  });
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = table;
  const share = (count: number, other: number, none: string) => proportion(count, count + other, level, none);
  return {
    threshold,
    ...table,
    sensitivity: share(truePositives, falseNegatives, 'no patient has the event'),
    specificity: share(trueNegatives, falsePositives, 'every patient has the event'),
    ppv: share(truePositives, falsePositives, 'no patient is at or above the threshold'),
    npv: share(trueNegatives, falseNegatives, 'no patient is below the threshold'),
    accuracy: share(truePositives + trueNegatives, falsePositives + falseNegatives, 'no patients'),
  };
}
