import { ascendingIndex } from '../order.js';
import { ValidationInputError } from '../errors.js';
import { censoringAt, censoringCurve, type CensoringCurve } from './censoring.js';

/** Follow-up with one event of interest (1), others that make it impossible (2), and ends of follow-up (0). */
export interface CausesData {
  readonly times: Float64Array;
  readonly causes: Uint8Array;
}

/** A number at a horizon with the standard error from its influence function, that of the censoring weights included. */
export interface AtHorizon {
  readonly value: number;
  readonly standardError: number;
}

/** Sorted once for all horizons and predictions of a cohort. */
export interface WeightedCohort {
  readonly data: CausesData;
  readonly curve: CensoringCurve;
  /** 1 / G(T-) of each row. */
  readonly weights: Float64Array;
  /** Sum of dΛ / (share at risk) up to each row's time: the drift of its censoring martingale; and its own jump. */
  readonly jumps: Float64Array;
  /** Index of the last distinct censoring time at or before each row's time. */
  readonly stepOf: Int32Array;
  /** Distinct censoring times strictly before each row's time. */
  readonly stepsBefore: Int32Array;
  /** At each distinct censoring time: hazard over the share at risk. */
  readonly drift: Float64Array;
}

/**
 * Prepares inverse-probability-of-censoring weights: events come before censorings at one time; cases weigh 1 / G(T-).
 *
 * @throws {ValidationInputError} if times are not usable or causes are not 0, 1 or 2
 */
export function weightedCohort(data: CausesData): WeightedCohort {
  const { times, causes } = data;
  const n = times.length;
  if (causes.length !== n || times.some((t) => !(t >= 0 && t < Infinity)) || causes.some((c) => c > 2)) {
    throw new ValidationInputError(
      `${n} times and ${causes.length} causes do not make a follow-up`,
      'weightedCohort(data)',
      'Give times of 0 or more and causes of 0 (end of follow-up), 1 (event) or 2 (competing).',
    );
  }
  const curve = censoringCurve(
    times,
    causes.map((cause) => (cause === 0 ? 1 : 0)),
  );
  const drift = curve.censored.map((count, k) => (count * n) / curve.atRisk[k] ** 2);
  const weights = new Float64Array(n);
  const jumps = new Float64Array(n);
  const stepOf = new Int32Array(n);
  const stepsBefore = new Int32Array(n);
  const byTime = ascendingIndex(times);
  let step = -1;
  for (const row of byTime) {
    // G(T-): steps strictly before.
    while (step + 1 < curve.times.length && curve.times[step + 1] < times[row]) step++;
    weights[row] = 1 / (step < 0 ? 1 : curve.values[step]);
    const isStep = step + 1 < curve.times.length && curve.times[step + 1] === times[row];
    stepsBefore[row] = step + 1;
    stepOf[row] = isStep ? step + 1 : step;
    if (causes[row] === 0) jumps[row] = n / curve.atRisk[step + 1];
  }
  return { data, curve, weights, jumps, stepOf, stepsBefore, drift };
}

/** G(t); 0 means that nobody can be known to live longer: nothing is estimable then. */
export function censoringSurvival(cohort: WeightedCohort, time: number): number {
  return censoringAt(cohort.curve, time, false);
}

/**
 * Sum over rows j of load_j times the influence of row i on log(1 / G) at row j's evaluation point, for every i.
 *
 * @param loads @param limits for each row the weight, and the number of censoring steps before its evaluation point
 * @returns for each i: (1/n) Σ_j load_j ψ_i(point_j)
 */
function censoringInfluence(cohort: WeightedCohort, loads: Float64Array, limits: Int32Array): Float64Array {
  const { drift, jumps, stepOf } = cohort;
  const n = loads.length;
  const steps = drift.length;
  // reach[k]: load of the rows whose evaluation point lies beyond step k.
  const reach = new Float64Array(steps + 1);
  for (let j = 0; j < n; j++) if (limits[j] > 0) reach[limits[j] - 1] += loads[j];
  for (let k = steps - 2; k >= 0; k--) reach[k] += reach[k + 1];
  const paid = new Float64Array(steps + 1);
  for (let k = 0; k < steps; k++) paid[k + 1] = paid[k] + reach[k] * drift[k];
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const step = stepOf[i];
    const own = jumps[i] > 0 ? jumps[i] * reach[step] : 0;
    result[i] = (own - paid[step + 1]) / n;
  }
  return result;
}

/** Number of censoring steps up to a horizon. */
function stepsUpTo({ curve }: WeightedCohort, time: number): number {
  let steps = 0;
  while (steps < curve.times.length && curve.times[steps] <= time) steps++;
  return steps;
}

/**
 * Brier score at a horizon: mean of w (1 - risk)² over cases, w risk² over the event-free and those with a competing event.
 *
 * @param risks predicted risk of cause 1 by the horizon
 * @returns null where G is 0 at the horizon or nobody is left without a weight
 * @see Graf et al., Stat Med 18 (1999); Gerds and Schumacher, Biom J 48 (2006)
 */
export function brierAt(cohort: WeightedCohort, risks: Float64Array, time: number): AtHorizon | null {
  const { data, weights, stepsBefore } = cohort;
  const n = risks.length;
  const g = censoringSurvival(cohort, time);
  if (!(g > 0) || n === 0) return null;
  const atHorizon = stepsUpTo(cohort, time);
  const loads = new Float64Array(n);
  const limits = new Int32Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const isCase = data.causes[i] === 1 && data.times[i] <= time;
    const error = isCase ? 1 - risks[i] : risks[i];
    if (data.times[i] > time) {
      loads[i] = (error * error) / g;
      limits[i] = atHorizon;
    } else if (data.causes[i] > 0) {
      loads[i] = error * error * weights[i];
      limits[i] = stepsBefore[i];
    }
    sum += loads[i];
  }
  const value = sum / n;
  const drift = censoringInfluence(cohort, loads, limits);
  return { value, standardError: deviationOf(loads, drift, value) };
}

function deviationOf(loads: Float64Array, drift: Float64Array, centre: number): number {
  const n = loads.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += loads[i] - centre + drift[i];
  mean /= n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (loads[i] - centre + drift[i] - mean) ** 2;
  return n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0;
}

export interface AucOptions {
  /** Controls: all who had no event of cause 1 by then (default), or only those without any event. */
  readonly controls?: 'all' | 'event-free';
  /** Cases with T < t and controls with T > t: timeROC's reading. Default: cases T <= t. */
  readonly isStrict?: boolean;
}

/** The markers of a cohort in ascending order, to be sorted once for many horizons. */
export function markerOrder(markers: Float64Array): Uint32Array {
  return ascendingIndex(markers);
}

/**
 * Cumulative/dynamic AUC at a horizon: does a case by then have a higher marker than a control? O(n) given the order.
 *
 * @param order of `markerOrder(markers)`
 * @returns null where there is no case or no control with weight
 * @see Blanche, Dartigues and Jacqmin-Gadda, Stat Med 32 (2013); Uno et al., J Am Stat Assoc 102 (2007)
 */
export function aucAt(
  cohort: WeightedCohort,
  markers: Float64Array,
  order: Uint32Array,
  time: number,
  options: AucOptions = {},
): AtHorizon | null {
  const { data, weights, stepsBefore } = cohort;
  const n = markers.length;
  const g = censoringSurvival(cohort, time);
  if (!(g > 0) || n === 0) return null;
  const atHorizon = stepsUpTo(cohort, time);
  const cases = new Float64Array(n);
  const controls = new Float64Array(n);
  const limits = new Int32Array(n);
  let [allCases, allControls] = [0, 0];
  const hasCompeting = options.controls !== 'event-free';
  const isStrict = options.isStrict ?? false;
  for (let i = 0; i < n; i++) {
    const t = data.times[i];
    if (t > time) {
      controls[i] = 1 / g;
      limits[i] = atHorizon;
    } else if (data.causes[i] > 0 && !(isStrict && t === time)) {
      limits[i] = stepsBefore[i];
      if (data.causes[i] === 1) cases[i] = weights[i];
      else if (hasCompeting) controls[i] = weights[i];
    }
    allCases += cases[i];
    allControls += controls[i];
  }
  if (!(allCases > 0) || !(allControls > 0)) return null;
  const value = sharePlaced(markers, order, cases, controls) / (allCases * allControls);
  return { value, standardError: aucError(cohort, markers, order, cases, controls, limits, value) };
}

/** Σ over cases and controls of their weights' product where the case lies above, half where they tie. */
function sharePlaced(markers: Float64Array, order: Uint32Array, cases: Float64Array, controls: Float64Array): number {
  let [below, placed] = [0, 0];
  const n = order.length;
  for (let start = 0; start < n;) {
    let end = start;
    let [inCases, inControls] = [0, 0];
    const marker = markers[order[start]];
    for (; end < n && markers[order[end]] === marker; end++) {
      inCases += cases[order[end]];
      inControls += controls[order[end]];
    }
    placed += inCases * (below + inControls / 2);
    below += inControls;
    start = end;
  }
  return placed;
}

function aucError(
  cohort: WeightedCohort,
  markers: Float64Array,
  order: Uint32Array,
  cases: Float64Array,
  controls: Float64Array,
  limits: Int32Array,
  auc: number,
): number {
  const n = order.length;
  let [allCases, allControls] = [0, 0];
  for (let i = 0; i < n; i++) {
    allCases += cases[i];
    allControls += controls[i];
  }
  // Each row's pull at the ratio: its weight times (its share of the other class rightly placed - AUC).
  const loads = new Float64Array(n);
  let [casesBelow, controlsBelow] = [0, 0];
  for (let start = 0; start < n;) {
    let end = start;
    let [inCases, inControls] = [0, 0];
    const marker = markers[order[start]];
    for (; end < n && markers[order[end]] === marker; end++) {
      inCases += cases[order[end]];
      inControls += controls[order[end]];
    }
    const asCase = (controlsBelow + inControls / 2) / allControls - auc;
    const asControl = (allCases - casesBelow - inCases / 2) / allCases - auc;
    for (let k = start; k < end; k++) {
      const row = order[k];
      loads[row] = (n * cases[row] * asCase) / allCases + (n * controls[row] * asControl) / allControls;
    }
    casesBelow += inCases;
    controlsBelow += inControls;
    start = end;
  }
  return deviationOf(loads, censoringInfluence(cohort, loads, limits), 0);
}
