import { ascendingIndex } from '../order.js';

/** The chance of still being followed: G, estimated from the ends of follow-up. */
export interface CensoringCurve {
  /** Distinct times of censoring, ascending. */
  readonly times: Float64Array;
  /** G from each of them on. */
  readonly values: Float64Array;
  /** Ends of follow-up at each, and patients whose follow-up reaches it (those with an event then included). */
  readonly censored: Float64Array;
  readonly atRisk: Float64Array;
}

/**
 * Kaplan and Meier's estimate for censoring.
 *
 * @param times follow-up @param isCensored 1 where follow-up ended without any event
 * @param ties whether patients with an event at the time of a censoring have left before it (the default), or count as at
 *   risk of it, as cmprsk has it
 */
export function censoringCurve(
  times: Float64Array,
  isCensored: Uint8Array,
  ties: 'events-first' | 'together' = 'events-first',
): CensoringCurve {
  const order = ascendingIndex(times);
  const n = times.length;
  const rows: number[][] = [];
  let value = 1;
  for (let start = 0; start < n;) {
    let end = start;
    let censored = 0;
    while (end < n && times[order[end]] === times[order[start]]) censored += isCensored[order[end++]];
    if (censored > 0) {
      const atRisk = ties === 'together' ? n - start : n - start - (end - start - censored);
      value *= 1 - censored / atRisk;
      rows.push([times[order[start]], value, censored, n - start]);
    }
    start = end;
  }
  const column = (j: number) => Float64Array.from(rows, (row) => row[j]);
  return { times: column(0), values: column(1), censored: column(2), atRisk: column(3) };
}

/** G(t), or G(t-) if `isBefore`. */
export function censoringAt(curve: CensoringCurve, time: number, isBefore: boolean): number {
  const { times, values } = curve;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore ? times[middle] < time : times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 1 : values[low - 1];
}
