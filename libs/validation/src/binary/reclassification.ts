import { normalSf } from '@concord/numeric';

/** Improvement from an old risk to a new one. Not proper scores: they reward miscalibration; net benefit stands beside. */
export interface Reclassification {
  readonly nri: number;
  readonly nriEvents: number;
  readonly nriNonEvents: number;
  readonly standardError: number;
  /** Null where no risk moved. */
  readonly z: number | null;
  readonly p: number | null;
}

/** As the other, over risk groups, with the tables: rows old group, columns new group. */
export interface CategoricalReclassification extends Reclassification {
  readonly tableEvents: readonly (readonly number[])[];
  readonly tableNonEvents: readonly (readonly number[])[];
}

/** Integrated discrimination improvement. */
export interface DiscriminationImprovement {
  readonly idi: number;
  readonly sensitivityGain: number;
  readonly specificityGain: number;
  readonly standardError: number;
  readonly z: number | null;
  readonly p: number | null;
}

/**
 * Net reclassification improvement without groups: a risk that rises in events and falls in others counts.
 *
 * @returns null with one class
 * @see Pencina et al., Stat Med 27 (2008) and 30 (2011)
 */
export function continuousNri(from: Float64Array, to: Float64Array, outcomes: Uint8Array): Reclassification | null {
  const moves = [
    { up: 0, down: 0, n: 0 },
    { up: 0, down: 0, n: 0 },
  ];
  from.forEach((old, i) => {
    const one = moves[outcomes[i]];
    one.n++;
    if (to[i] > old) one.up++;
    else if (to[i] < old) one.down++;
  });
  const [others, events] = moves;
  if (others.n === 0 || events.n === 0) return null;
  const variance = ({ up, down, n }: (typeof moves)[0]) => (up + down) / n ** 2 - (up - down) ** 2 / n ** 3;
  const nriEvents = (events.up - events.down) / events.n;
  const nriNonEvents = (others.down - others.up) / others.n;
  const nri = nriEvents + nriNonEvents;
  const standardError = Math.sqrt(variance(events) + variance(others));
  return { nri, nriEvents, nriNonEvents, standardError, ...tested(nri, standardError) };
}

/**
 * The same over risk groups.
 *
 * @param cuts ascending, from 0 to 1; a risk belongs to the group that begins at or below it
 */
export function categoricalNri(
  from: Float64Array,
  to: Float64Array,
  outcomes: Uint8Array,
  cuts: readonly number[],
): CategoricalReclassification | null {
  const count = cuts.length - 1;
  const groupOf = (risk: number) => {
    let group = 0;
    while (group + 1 < count && risk >= cuts[group + 1]) group++;
    return group;
  };
  const tables = [0, 1].map(() => Array.from({ length: count }, () => new Array<number>(count).fill(0)));
  const [old, now] = [from.map(groupOf), to.map(groupOf)];
  old.forEach((group, i) => tables[outcomes[i]][group][now[i]]++);
  const base = continuousNri(old, now, outcomes);
  return base === null ? null : { ...base, tableEvents: tables[1], tableNonEvents: tables[0] };
}

/** Mean rise of the risk in events plus mean fall in others; null with fewer than two patients in a class. */
export function idi(from: Float64Array, to: Float64Array, outcomes: Uint8Array): DiscriminationImprovement | null {
  const parts = [1, 0].map((level) => {
    const changes = to.map((risk, i) => risk - from[i]).filter((_, i) => outcomes[i] === level);
    const mean = changes.reduce((sum, value) => sum + value, 0) / changes.length;
    const squares = changes.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { n: changes.length, mean, variance: squares / (changes.length - 1) / changes.length };
  });
  const [events, others] = parts;
  if (events.n < 2 || others.n < 2) return null;
  const value = events.mean - others.mean;
  const standardError = Math.sqrt(events.variance + others.variance);
  return {
    idi: value,
    sensitivityGain: events.mean,
    specificityGain: -others.mean,
    standardError,
    ...tested(value, standardError),
  };
}

function tested(value: number, standardError: number): { z: number | null; p: number | null } {
  if (!(standardError > 0)) return { z: null, p: null };
  const z = value / standardError;
  return { z, p: 2 * normalSf(Math.abs(z)) };
}
