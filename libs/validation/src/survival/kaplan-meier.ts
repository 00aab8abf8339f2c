import { normalQuantile } from '@concord/numeric';
import { ascendingIndex } from '../order.js';
import type { SurvivalData } from './survival-data.js';

/** A survival curve: right-continuous steps at the distinct times of follow-up. */
export interface KaplanMeier {
  readonly n: number;
  readonly eventCount: number;
  readonly times: Float64Array;
  /** Patients whose follow-up reaches the time. */
  readonly atRisk: Float64Array;
  readonly events: Float64Array;
  readonly censored: Float64Array;
  readonly survival: Float64Array;
  /** Sum of d / (n (n - d)): the variance of log S (Greenwood); Infinity once S is 0. */
  readonly logVariance: Float64Array;
  /** Nelson and Aalen's cumulative hazard, and the sum of d / n². */
  readonly cumulativeHazard: Float64Array;
}

/** Survival at a time with its errors. */
export interface SurvivalPoint {
  readonly time: number;
  readonly atRisk: number;
  readonly survival: number;
  /** Greenwood's; null once nobody survives. */
  readonly standardError: number | null;
  readonly logLog: readonly [number, number] | null;
  readonly log: readonly [number, number] | null;
  readonly cumulativeHazard: number;
}

/**
 * Kaplan and Meier's estimate; an event at the time of a censoring comes first.
 *
 * @param data at least one patient
 */
export function kaplanMeier({ times, events }: SurvivalData): KaplanMeier {
  const order = ascendingIndex(times);
  const n = times.length;
  const rows: { time: number; atRisk: number; died: number; left: number }[] = [];
  for (let start = 0; start < n;) {
    let end = start;
    let died = 0;
    while (end < n && times[order[end]] === times[order[start]]) died += events[order[end++]];
    rows.push({ time: times[order[start]], atRisk: n - start, died, left: end - start - died });
    start = end;
  }
  return curveFromCounts(
    Float64Array.from(rows, ({ time }) => time),
    Float64Array.from(rows, ({ atRisk }) => atRisk),
    Float64Array.from(rows, ({ died }) => died),
    Float64Array.from(rows, ({ left }) => left),
  );
}

/** The curve from counts at ascending times. */
export function curveFromCounts(
  times: Float64Array,
  atRisk: Float64Array,
  events: Float64Array,
  censored: Float64Array,
): KaplanMeier {
  const steps = times.length;
  const survival = new Float64Array(steps);
  const logVariance = new Float64Array(steps);
  const cumulativeHazard = new Float64Array(steps);
  let [s, variance, hazard, eventCount] = [1, 0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const [d, n] = [events[i], atRisk[i]];
    if (d > 0) {
      s *= (n - d) / n;
      variance += d / (n * (n - d));
      hazard += d / n;
      eventCount += d;
    }
    survival[i] = s;
    logVariance[i] = variance;
    cumulativeHazard[i] = hazard;
  }
  return {
    n: steps > 0 ? atRisk[0] : 0,
    eventCount,
    times,
    atRisk,
    events,
    censored,
    survival,
    logVariance,
    cumulativeHazard,
  };
}

/** Index of the last step at or before the time; -1 before the first. */
export function stepAt(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** S(t); after the last follow-up the last value stands. */
export function survivalAt(curve: KaplanMeier, time: number): number {
  const at = stepAt(curve.times, time);
  return at < 0 ? 1 : curve.survival[at];
}

/** Survival at a time with standard error and both intervals, on log(-log S) and on log S. */
export function survivalPoint(curve: KaplanMeier, time: number, level: number): SurvivalPoint {
  const at = stepAt(curve.times, time);
  const survival = at < 0 ? 1 : curve.survival[at];
  const next = at >= 0 && curve.times[at] === time ? at : at + 1;
  const variance = at < 0 ? 0 : curve.logVariance[at];
  const bounds = survivalBounds(survival, variance, level);
  return {
    time,
    atRisk: next < curve.times.length ? curve.atRisk[next] : 0,
    survival,
    standardError: Number.isFinite(variance) ? survival * Math.sqrt(variance) : null,
    ...bounds,
    cumulativeHazard: at < 0 ? 0 : curve.cumulativeHazard[at],
  };
}

/** Intervals of S; log(-log S) has none at 0 and 1. */
export function survivalBounds(survival: number, logVariance: number, level: number) {
  const z = normalQuantile(1 - (1 - level) / 2);
  const error = Math.sqrt(logVariance);
  if (!(survival > 0) || !Number.isFinite(error)) return { logLog: null, log: null };
  const log: readonly [number, number] = [survival * Math.exp(-z * error), Math.min(1, survival * Math.exp(z * error))];
  if (survival >= 1) return { logLog: null, log };
  const centre = Math.log(-Math.log(survival));
  const half = (z * error) / -Math.log(survival);
  const at = (x: number) => Math.exp(-Math.exp(x));
  return { logLog: [at(centre + half), at(centre - half)] as const, log };
}

/** Where the curve first is at or below one half (halfway to the next step if it lies on one half); null if never. */
export function medianSurvival(curve: KaplanMeier, level: number) {
  const bounds = Array.from(curve.survival, (s, i) => survivalBounds(s, curve.logVariance[i], level).logLog);
  return {
    median: crossing(curve.times, curve.survival),
    interval: [0, 1].map((side) =>
      crossing(
        curve.times,
        bounds.map((pair, i) => pair?.[side] ?? (curve.survival[i] >= 1 ? 1 : NaN)),
      ),
    ) as [number | null, number | null],
  };
}

/** Steps that hold NaN end the search: beyond them there is no bound. */
function crossing(times: Float64Array, values: ArrayLike<number>): number | null {
  const tolerance = 1e-9;
  for (let i = 0; i < times.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) return null;
    if (value < 0.5 - tolerance) return times[i];
    if (value <= 0.5 + tolerance) {
      let j = i + 1;
      while (j < times.length && Math.abs(values[j] - value) <= tolerance) j++;
      return j < times.length ? (times[i] + times[j]) / 2 : times[i];
    }
  }
  return null;
}

/** Median follow-up by the reverse estimate: ends of follow-up count as the event. */
export function medianFollowUp({ times, events }: SurvivalData): number | null {
  const reverse = kaplanMeier({ times, events: events.map((event) => 1 - event) });
  return crossing(reverse.times, reverse.survival);
}

/** Area under the curve from 0 to tau with its variance; see {@link restrictedMean}. */
export interface RestrictedMean {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Restricted mean survival time: the area under the curve up to tau, at most the longest follow-up.
 *
 * @returns null where follow-up ends before tau with survivors left: the area is not known
 * @see Royston and Parmar, BMC Med Res Methodol 13 (2013)
 */
export function restrictedMean(curve: KaplanMeier, tau: number): RestrictedMean | null {
  const last = curve.times.length - 1;
  if (last < 0 || (curve.times[last] < tau && curve.survival[last] > 0)) return null;
  let [area, survival, from] = [0, 1, 0];
  const pieces: { at: number; area: number }[] = [];
  for (let i = 0; i <= last && curve.times[i] <= tau; i++) {
    if (curve.events[i] === 0) continue;
    area += survival * (curve.times[i] - from);
    pieces.push({ at: i, area });
    [survival, from] = [curve.survival[i], curve.times[i]];
  }
  area += survival * (tau - from);
  let variance = 0;
  for (const piece of pieces) {
    const [d, n] = [curve.events[piece.at], curve.atRisk[piece.at]];
    const rest = area - piece.area;
    if (rest > 0) variance += (rest * rest * d) / (n * (n - d));
  }
  return { mean: area, standardError: Math.sqrt(variance) };
}
