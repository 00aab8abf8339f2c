import { betaIncomplete } from '@concord/numeric';

/** Two locked classifications of the same patients: how often they agree, and whether one is positive more often. */
export interface McNemar {
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Two-sided exact binomial; 1 where the two never differ. */
  readonly exactP: number;
  /** Without continuity correction; null where the two never differ. */
  readonly chi2: number | null;
}

/**
 * McNemar's test on paired positives; call it with the events for sensitivity and the non-events for specificity.
 *
 * @see McNemar, Psychometrika 12 (1947)
 */
export function mcNemar(positiveA: readonly boolean[], positiveB: readonly boolean[]): McNemar {
  let [both, onlyA, onlyB, neither] = [0, 0, 0, 0];
  positiveA.forEach((a, i) => {
    if (a && positiveB[i]) both++;
    else if (a) onlyA++;
    else if (positiveB[i]) onlyB++;
    else neither++;
  });
  const n = onlyA + onlyB;
  if (n === 0) return { both, onlyA, onlyB, neither, exactP: 1, chi2: null };
  const least = Math.min(onlyA, onlyB);
  // P(X <= k) of the binomial with n trials and probability one half.
  const tail = least === n ? 1 : betaIncomplete(0.5, n - least, least + 1);
  return { both, onlyA, onlyB, neither, exactP: Math.min(1, 2 * tail), chi2: (onlyA - onlyB) ** 2 / n };
}
