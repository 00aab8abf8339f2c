import { chiSquaredSf } from '@concord/numeric';
import { fitLogistic } from '../logistic-fit.js';
import type { Test } from './calibration-statistics.js';

/** Do groups need intercepts, and slopes, of their own? */
export interface GroupInteraction {
  /** An intercept for each group, one free slope, against one intercept and slope. */
  readonly intercepts: Test;
  /** Slopes for each group besides, against one slope. */
  readonly slopes: Test;
}

/**
 * Likelihood-ratio tests of the calibration model for differences between groups (sites, scanners, sexes …).
 *
 * @param logits linear predictor of the locked model
 * @param groups label of each patient; one label gives null
 * @returns null too where a model has no finite solution: a group with one class, or separation in it
 */
export function groupInteraction(
  logits: Float64Array,
  outcomes: Uint8Array,
  groups: readonly string[],
): GroupInteraction | null {
  const levels = [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const df = levels.length - 1;
  if (df < 1) return null;
  const ones = new Float64Array(logits.length).fill(1);
  const indicators = levels.slice(1).map((level) => Float64Array.from(groups, (group) => (group === level ? 1 : 0)));
  const products = indicators.map((column) => column.map((value, i) => value * logits[i]));
  const base = fitLogistic([ones, logits], outcomes);
  const intercepts = fitLogistic([ones, logits, ...indicators], outcomes);
  const slopes = fitLogistic([ones, logits, ...indicators, ...products], outcomes);
  if (base === null || intercepts === null || slopes === null) return null;
  const test = (smaller: number, larger: number): Test => {
    const chi2 = Math.max(0, smaller - larger);
    return { chi2, df, p: chiSquaredSf(chi2, df) };
  };
  return {
    intercepts: test(base.deviance, intercepts.deviance),
    slopes: test(intercepts.deviance, slopes.deviance),
  };
}
