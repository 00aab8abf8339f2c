import { shuffleInPlace, type RandomSource } from '@concord/numeric';
import { ModelInputError } from './errors.js';

/**
 * Deals the rows to folds so that events and non-events are spread evenly, each class shuffled first.
 *
 * @param outcome 0 or 1 for each row
 * @param count number of folds, at least 2
 * @param random a seeded source: the same seed gives the same folds
 * @returns the fold of each row, 0 to count - 1
 * @throws {ModelInputError} if there are fewer rows than folds, or fewer folds than 2
 */
export function stratifiedFolds(outcome: Uint8Array, count: number, random: RandomSource): Int32Array {
  if (!Number.isInteger(count) || count < 2 || count > outcome.length) {
    throw new ModelInputError(
      `${count} folds cannot be made of ${outcome.length} rows`,
      'stratifiedFolds(count)',
      'Choose a whole number of folds from 2 to the number of rows.',
    );
  }
  const folds = new Int32Array(outcome.length);
  let next = 0;
  for (const level of [1, 0]) {
    const members = [...outcome.keys()].filter((row) => outcome[row] === level);
    shuffleInPlace(random, members);
    // The second class goes on where the first ended, so that fold sizes differ by one at most.
    for (const row of members) folds[row] = next++ % count;
  }
  return folds;
}
