import { chiSquaredSf, normalQuantile, normalSf, tCdf } from '@concord/numeric';
import { sortedByClass, type AucSums } from '../auc.js';
import { estimate, notEstimable, type Estimate } from '../estimate.js';

/** Two scores of the same patients, compared by their AUC. */
export interface PairedAuc {
  readonly aucA: number;
  readonly aucB: number;
  /** A minus B, DeLong's variance, Wald interval. */
  readonly difference: Estimate;
  readonly covariance: number;
  readonly standardError: number;
  readonly z: number;
  readonly p: number;
}

/** Two AUCs of different patients, compared. */
export interface UnpairedAuc {
  readonly difference: Estimate;
  readonly standardError: number;
  readonly z: number;
  /** Two-sided, normal. */
  readonly p: number;
  /** Welch's degrees of freedom, and the p-value by t: what pROC prints. */
  readonly df: number;
  readonly pByT: number;
}

const PAIRED = 'difference of two AUCs of the same patients, DeLong covariance, Wald interval';
const UNPAIRED = 'difference of two AUCs of different patients, DeLong variances, Wald interval';

/**
 * Share of the other class that each patient is placed right of; ties count one half. Events first, then non-events,
 * each in the order of the patients. O(n log n).
 */
export function placements(scores: Float64Array, outcomes: Uint8Array) {
  const { inEvents, inOthers } = sortedByClass(scores, outcomes);
  const ofEvents = new Float64Array(inEvents.length);
  const ofOthers = new Float64Array(inOthers.length);
  for (let i = 0, e = 0, o = 0; i < scores.length; i++) {
    if (outcomes[i] === 1) ofEvents[e++] = shareBelow(inOthers, scores[i]);
    else ofOthers[o++] = 1 - shareBelow(inEvents, scores[i]);
  }
  return { ofEvents, ofOthers };
}

function shareBelow(sorted: Float64Array, value: number): number {
  return (firstAtLeast(sorted, value) + firstAbove(sorted, value)) / (2 * sorted.length);
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Compares two scores of the same patients (complete in both) by DeLong's test.
 *
 * @returns null with fewer than two patients of a class; where the difference has no variance (equal scores), the
 *   difference stands without an interval and p is 1
 * @see DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988)
 */
export function comparePairedAuc(
  a: Float64Array,
  b: Float64Array,
  outcomes: Uint8Array,
  level: number,
): PairedAuc | null {
  const ofA = placements(a, outcomes);
  const ofB = placements(b, outcomes);
  const [n1, n0] = [ofA.ofEvents.length, ofA.ofOthers.length];
  if (n1 < 2 || n0 < 2) return null;
  const product = (x: typeof ofA, y: typeof ofA) =>
    covariance(x.ofEvents, y.ofEvents) / n1 + covariance(x.ofOthers, y.ofOthers) / n0;
  const cov = product(ofA, ofB);
  const variance = Math.max(0, product(ofA, ofA) + product(ofB, ofB) - 2 * cov);
  const [aucA, aucB] = [meanOf(ofA.ofEvents), meanOf(ofB.ofEvents)];
  const standardError = Math.sqrt(variance);
  return { aucA, aucB, covariance: cov, standardError, ...tested(aucA - aucB, standardError, level, PAIRED) };
}

/** Compares the AUCs of two groups of patients; null where one has no variance. */
export function compareUnpairedAuc(a: AucSums, b: AucSums, level: number): UnpairedAuc | null {
  if (a.auc === null || b.auc === null || a.variance === null || b.variance === null) return null;
  const variance = a.variance + b.variance;
  const standardError = Math.sqrt(variance);
  const result = tested(a.auc - b.auc, standardError, level, UNPAIRED);
  const freedom = (one: AucSums) => ((one.variance ?? 0) ** 2 || 0) / (one.events + one.nonEvents - 1);
  const df = variance > 0 ? variance ** 2 / (freedom(a) + freedom(b)) : a.events + b.events;
  return { ...result, standardError, df, pByT: variance > 0 ? 2 * tCdf(-Math.abs(result.z), df) : result.p };
}

function tested(difference: number, se: number, level: number, method: string) {
  const half = normalQuantile(1 - (1 - level) / 2) * se;
  if (se === 0) {
    const reason = 'the difference has no variance';
    const one = difference === 0 ? 1 : 0;
    return { difference: { ...notEstimable(method, reason), value: difference, status: 'ok' as const }, z: 0, p: one };
  }
  const z = difference / se;
  return {
    difference: estimate(difference, [difference - half, difference + half], method),
    z,
    p: 2 * normalSf(Math.abs(z)),
  };
}

/** Are the AUCs of several groups equal? Cochran's Q on the AUCs with DeLong's variances. */
export function aucHomogeneity(groups: readonly AucSums[]): { chi2: number; df: number; p: number } | null {
  const usable = groups.filter(({ auc, variance }) => auc !== null && variance !== null && variance > 0);
  if (usable.length < 2) return null;
  const weights = usable.map(({ variance }) => 1 / (variance ?? 1));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const centre = usable.reduce((sum, { auc }, i) => sum + weights[i] * (auc ?? 0), 0) / total;
  const chi2 = usable.reduce((sum, { auc }, i) => sum + weights[i] * ((auc ?? 0) - centre) ** 2, 0);
  return { chi2, df: usable.length - 1, p: chiSquaredSf(chi2, usable.length - 1) };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function covariance(x: Float64Array, y: Float64Array): number {
  const [centreX, centreY] = [meanOf(x), meanOf(y)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - centreX) * (y[i] - centreY);
  return sum / (x.length - 1);
}
