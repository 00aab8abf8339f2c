import { ModelInputError } from './errors.js';

/** How the threshold was come by: Youden's index on development scores, or a value fixed beforehand. */
export type ThresholdRule = 'youden' | { readonly fixed: number };

/** A threshold to be locked: a patient is positive if score >= value. */
export interface ChosenThreshold {
  readonly value: number;
  readonly rule: 'youden' | 'fixed';
  /** On the development scores it was chosen from; optimistic by nature, so never reported as validation. */
  readonly developmentSensitivity: number;
  readonly developmentSpecificity: number;
}

/**
 * Chooses the threshold on development patients, by their out-of-fold scores.
 *
 * Youden's threshold is the midpoint between two neighbouring scores, so that rounding in the last digit moves no
 * patient across it; of several equal maxima the highest is taken. If all scores are equal the threshold is that score.
 *
 * @param scores out-of-fold scores, one a patient, higher means more risk
 * @param outcome 0 or 1 for each patient, both present
 * @throws {ModelInputError} if lengths differ, a score is not finite, or a class is absent
 * @see Youden, Cancer 3:32-35 (1950)
 */
export function chooseThreshold(scores: Float64Array, outcome: Uint8Array, rule: ThresholdRule): ChosenThreshold {
  const events = outcome.reduce((sum, value) => sum + value, 0);
  const others = outcome.length - events;
  if (scores.length !== outcome.length || events === 0 || others === 0 || !scores.every(Number.isFinite)) {
    throw new ModelInputError(
      `${scores.length} scores and ${outcome.length} outcomes with ${events} events give no threshold`,
      'chooseThreshold(scores, outcome)',
      'Give a finite score for each development patient, and patients of both classes.',
    );
  }
  const at = (value: number) => {
    const positive = (level: number) =>
      scores.reduce((n, score, i) => n + Number(outcome[i] === level && score >= value), 0);
    return { sensitivity: positive(1) / events, specificity: 1 - positive(0) / others };
  };
  const value = rule === 'youden' ? youden(scores, outcome, events, others) : rule.fixed;
  if (!Number.isFinite(value)) {
    throw new ModelInputError(`the threshold is ${value}`, 'chooseThreshold(rule)', 'Give a finite number.');
  }
  const { sensitivity, specificity } = at(value);
  return {
    value,
    rule: rule === 'youden' ? 'youden' : 'fixed',
    developmentSensitivity: sensitivity,
    developmentSpecificity: specificity,
  };
}

function youden(scores: Float64Array, outcome: Uint8Array, events: number, others: number): number {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  let sensitivity = 0;
  let falsePositives = 0;
  let best = -Infinity;
  let value = scores[order[0]];
  order.forEach((row, i) => {
    if (outcome[row] === 1) sensitivity += 1 / events;
    else falsePositives += 1 / others;
    const next = i + 1 < order.length ? scores[order[i + 1]] : -Infinity;
    if (next === scores[row]) return;
    const index = sensitivity - falsePositives;
    if (index > best + 1e-12) {
      best = index;
      value = next === -Infinity ? scores[row] : midpoint(next, scores[row]);
    }
  });
  return value;
}

/** Strictly above the lower of two scores even where they are neighbouring doubles. */
function midpoint(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle > low ? middle : high;
}
