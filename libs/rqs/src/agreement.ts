import { InvalidRecordError } from './errors.js';

/** Cohen's kappa of two raters; null with the reason where it is not defined. */
export interface Kappa {
  /** -1 to 1: 1 is full agreement, 0 what chance alone gives. */
  readonly value: number | null;
  /** Share of subjects on which they agree, 0 to 1; null without subjects. */
  readonly observed: number | null;
  readonly subjectCount: number;
  readonly reason: string | null;
}

/**
 * Unweighted agreement of two raters on the same subjects, beyond chance.
 *
 * @param first the first rater's category for each subject; `second` in the same order
 * @throws {InvalidRecordError} if they did not rate the same number of subjects
 * @see Cohen, Educ Psychol Meas 20 (1960) 37-46
 */
export function cohenKappa(first: readonly string[], second: readonly string[]): Kappa {
  const subjectCount = first.length;
  if (second.length !== subjectCount) {
    const what = `one rater rated ${subjectCount} subjects, the other ${second.length}`;
    throw new InvalidRecordError(what, 'cohenKappa(first, second)', 'Give both ratings of every subject.');
  }
  if (subjectCount === 0) {
    return { value: null, observed: null, subjectCount, reason: 'nothing was rated by both' };
  }
  const observed = first.filter((category, index) => category === second[index]).length / subjectCount;
  const shareOf = (ratings: readonly string[], category: string) =>
    ratings.filter((rating) => rating === category).length / subjectCount;
  const expected = [...new Set(first)].reduce(
    (sum, category) => sum + shareOf(first, category) * shareOf(second, category),
    0,
  );
  if (expected === 1) {
    return { value: null, observed, subjectCount, reason: 'both gave one and the same answer throughout' };
  }
  return { value: (observed - expected) / (1 - expected), observed, subjectCount, reason: null };
}
