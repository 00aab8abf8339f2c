import type { KaplanMeier } from '../survival/kaplan-meier.js';
import { curveFromCounts, kaplanMeier } from '../survival/kaplan-meier.js';
import { checkSurvival, type SurvivalData } from '../survival/survival-data.js';

/** Patients at risk and events of one group at its own times of follow-up, ascending: all that survival curves need. */
export interface EventTable {
  readonly times: Float64Array;
  readonly atRisk: Float64Array;
  readonly events: Float64Array;
}

/**
 * The table of a group.
 *
 * @param width coarsens first: times are rounded up to multiples of it; 0 leaves them as they are
 * @throws {ValidationInputError} if times or events are not usable
 */
export function eventTable(data: SurvivalData, width = 0): EventTable {
  checkSurvival(data, 'eventTable(data)');
  const times = width > 0 ? data.times.map((time) => width * Math.ceil(time / width)) : data.times;
  const { times: steps, atRisk, events } = kaplanMeier({ times, events: data.events });
  return { times: steps, atRisk, events };
}

/** The tables of several groups as that of all together, at every time that one of them knows. */
export function mergeTables(tables: readonly EventTable[]): EventTable {
  const times = Float64Array.from(new Set(tables.flatMap((table) => [...table.times]))).sort();
  const atRisk = new Float64Array(times.length);
  const events = new Float64Array(times.length);
  for (const table of tables) {
    let own = 0;
    times.forEach((time, i) => {
      while (own < table.times.length && table.times[own] < time) own++;
      if (own === table.times.length) return;
      // Between its own times a group has as many at risk as at the next of them.
      atRisk[i] += table.atRisk[own];
      if (table.times[own] === time) events[i] += table.events[own];
    });
  }
  return { times, atRisk, events };
}

/** Kaplan and Meier's curve over all patients from the tables of the sites: exact where times were not coarsened. */
export function curveFromTables(tables: readonly EventTable[]): KaplanMeier {
  const { times, atRisk, events } = mergeTables(tables);
  const censored = atRisk.map((count, i) => count - events[i] - (i + 1 < atRisk.length ? atRisk[i + 1] : 0));
  return curveFromCounts(times, atRisk, events, censored);
}
