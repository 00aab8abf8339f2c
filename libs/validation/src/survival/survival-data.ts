import { ValidationInputError } from '../errors.js';

/** Follow-up of patients: a time, and whether the event was seen then (1) or follow-up ended (0). */
export interface SurvivalData {
  /** Not negative, finite. */
  readonly times: Float64Array;
  readonly events: Uint8Array;
}

/**
 * Checks follow-up once, on entry.
 *
 * @throws {ValidationInputError} if lengths differ, a time is negative or not finite, or an event is neither 0 nor 1
 */
export function checkSurvival({ times, events }: SurvivalData, where: string): void {
  let strange = times.length === events.length ? 0 : 1;
  for (let i = 0; i < times.length; i++) if (!(times[i] >= 0 && times[i] < Infinity) || events[i] > 1) strange++;
  if (strange > 0) {
    throw new ValidationInputError(
      `${times.length} times and ${events.length} events do not make a follow-up: ${strange} are not usable`,
      where,
      'Give a time of 0 or more and an event of 0 or 1 for every patient; leave out patients without one and count them.',
    );
  }
}

/** The patients at these rows. */
export function survivalRows({ times, events }: SurvivalData, rows: ArrayLike<number>): SurvivalData {
  return {
    times: Float64Array.from({ length: rows.length }, (_, i) => times[rows[i]]),
    events: Uint8Array.from({ length: rows.length }, (_, i) => events[rows[i]]),
  };
}

export function countOf(events: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < events.length; i++) sum += events[i];
  return sum;
}
