import { matrix, type Matrix } from '@concord/numeric';
import { ascendingIndex } from '../order.js';

/** What a proportional-hazards model is fitted to. */
export interface CoxInput {
  readonly times: Float64Array;
  /** 0 or 1. */
  readonly events: Uint8Array;
  readonly columns: readonly Float64Array[];
  readonly ties: 'efron' | 'breslow';
  /** Rows are at risk from here on, exclusively; default: from the beginning. */
  readonly starts?: Float64Array;
  readonly weights?: Float64Array;
  /** Stratum of each row, 0 …; the baseline hazard is each stratum's own. */
  readonly strata?: Int32Array;
  readonly offset?: Float64Array;
}

/** Rows in the order of the sums: by stratum, then from the latest time to the earliest; columns centred. */
export interface CoxProblem {
  readonly n: number;
  readonly p: number;
  /** Original row of each ordered row. */
  readonly order: Uint32Array;
  readonly times: Float64Array;
  readonly starts: Float64Array | null;
  readonly events: Uint8Array;
  readonly weights: Float64Array | null;
  readonly offset: Float64Array | null;
  /** Row-major, one ordered row after the other. */
  readonly x: Float64Array;
  readonly means: Float64Array;
  /** Ends (exclusive) of the strata among the ordered rows. */
  readonly strataEnds: readonly number[];
  /** Within each stratum its rows from the latest start to the earliest; null where nobody starts late. */
  readonly byStart: Uint32Array | null;
  readonly eventCount: number;
  readonly isEfron: boolean;
}

/** Partial likelihood with its derivatives, and the hazard that each row was exposed to. */
export interface CoxSums {
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
  readonly information: Matrix;
}

/** Sorts and centres once, for all steps of a fit. */
export function prepareCox(input: CoxInput): CoxProblem {
  const n = input.times.length;
  const p = input.columns.length;
  const order = latestFirst(input.times, input.strata);
  const pick = (values: Float64Array) => Float64Array.from(order, (row) => values[row]);
  const means = Float64Array.from(input.columns, (column) => column.reduce((sum, v) => sum + v, 0) / Math.max(1, n));
  const x = new Float64Array(n * p);
  for (let j = 0; j < p; j++) {
    const column = input.columns[j];
    for (let i = 0; i < n; i++) x[i * p + j] = column[order[i]] - means[j];
  }
  const strataEnds: number[] = [];
  for (let i = 1; i <= n; i++) {
    if (i === n || (input.strata && input.strata[order[i]] !== input.strata[order[i - 1]])) strataEnds.push(i);
  }
  const starts = input.starts ? pick(input.starts) : null;
  const events = Uint8Array.from(order, (row) => input.events[row]);
  return {
    n,
    p,
    order,
    times: pick(input.times),
    starts,
    events,
    weights: input.weights ? pick(input.weights) : null,
    offset: input.offset ? pick(input.offset) : null,
    x,
    means,
    strataEnds,
    byStart: starts ? latestStartFirst(starts, strataEnds) : null,
    eventCount: events.reduce((sum, value) => sum + value, 0),
    isEfron: input.ties === 'efron',
  };
}

function latestFirst(times: Float64Array, strata: Int32Array | undefined): Uint32Array {
  const order = ascendingIndex(times.map((time) => -time));
  // A stable sort by stratum keeps the times in order within each.
  if (!strata) return order;
  const byStratum = ascendingIndex(Float64Array.from(order, (row) => strata[row]));
  return Uint32Array.from(byStratum, (position) => order[position]);
}

function latestStartFirst(starts: Float64Array, strataEnds: readonly number[]): Uint32Array {
  const result = new Uint32Array(starts.length);
  let from = 0;
  for (const to of strataEnds) {
    const part = ascendingIndex(starts.subarray(from, to).map((start) => -start));
    for (let i = 0; i < part.length; i++) result[from + i] = from + part[i];
    from = to;
  }
  return result;
}

/** The risk scores w exp(η) of the ordered rows, η shifted to at most 0 to keep them finite; and η itself. */
export function riskScores(problem: CoxProblem, beta: Float64Array) {
  const { n, p, x, offset, weights } = problem;
  const eta = new Float64Array(n);
  let top = -Infinity;
  for (let i = 0; i < n; i++) {
    let sum = offset ? offset[i] : 0;
    for (let j = 0, at = i * p; j < p; j++, at++) sum += x[at] * beta[j];
    eta[i] = sum;
    if (sum > top) top = sum;
  }
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) scores[i] = Math.exp(eta[i] - top) * (weights ? weights[i] : 1);
  return { eta, scores, top };
}

/** A time with events, during the walk from the latest to the earliest. */
export interface DeathTime {
  /** Ordered rows that end at this time: [first, end). */
  readonly first: number;
  readonly end: number;
  readonly time: number;
  readonly deaths: number;
  /** Mean weight of those who die. */
  readonly meanWeight: number;
  /** Sum of scores (and of scores times x) over all at risk, and over those who die. */
  readonly s0: number;
  readonly s1: Float64Array;
  readonly died0: number;
  readonly died1: Float64Array;
}

/**
 * Walks over the times with events of every stratum, latest first. The arrays handed to `visit` are reused.
 *
 * @param visit called once a time with events; its arrays hold only during the call
 * @param enter called for each stratum before its first time
 */
export function walkDeathTimes(
  problem: CoxProblem,
  scores: Float64Array,
  visit: (at: DeathTime) => void,
  enter: (from: number, to: number) => void = () => undefined,
): void {
  const { p, x, times, events, weights, starts, byStart } = problem;
  const s1 = new Float64Array(p);
  const died1 = new Float64Array(p);
  let from = 0;
  for (const to of problem.strataEnds) {
    enter(from, to);
    s1.fill(0);
    let s0 = 0;
    let late = from;
    for (let first = from; first < to;) {
      let end = first;
      let [deaths, died0, deathWeight] = [0, 0, 0];
      const time = times[first];
      died1.fill(0);
      for (; end < to && times[end] === time; end++) {
        const score = scores[end];
        s0 += score;
        for (let j = 0, at = end * p; j < p; j++, at++) s1[j] += score * x[at];
        if (events[end] === 0) continue;
        deaths++;
        died0 += score;
        deathWeight += weights ? weights[end] : 1;
        for (let j = 0, at = end * p; j < p; j++, at++) died1[j] += score * x[at];
      }
      if (byStart && starts) {
        for (; late < to && starts[byStart[late]] >= time; late++) {
          const row = byStart[late];
          s0 -= scores[row];
          for (let j = 0, at = row * p; j < p; j++, at++) s1[j] -= scores[row] * x[at];
        }
      }
      if (deaths > 0) visit({ first, end, time, deaths, meanWeight: deathWeight / deaths, s0, s1, died0, died1 });
      first = end;
    }
    from = to;
  }
}

/**
 * Log partial likelihood, gradient and information at `beta`.
 *
 * The second moments need one pass over the rows only: row i enters them with its score times the sum of 1 / S0 over the
 * events it was at risk of.
 */
export function coxSums(problem: CoxProblem, beta: Float64Array): CoxSums {
  const { n, p, x, events, weights } = problem;
  const { eta, scores, top } = riskScores(problem, beta);
  let logLikelihood = 0;
  const outer = new Float64Array(p * p);
  const exposure = cumulativeExposure(problem, scores, (share, at, k, s0) => {
    logLikelihood -= share * Math.log(s0);
    for (let a = 0; a < p; a++) {
      const meanA = (at.s1[a] - k * at.died1[a]) / s0;
      for (let b = 0; b <= a; b++) outer[b * p + a] += (share * meanA * (at.s1[b] - k * at.died1[b])) / s0;
    }
  });
  const gradient = new Float64Array(p);
  const information = matrix(p, p);
  const squares = information.data;
  for (let i = 0; i < n; i++) {
    const own = events[i] === 1 ? (weights ? weights[i] : 1) : 0;
    if (own > 0) logLikelihood += own * (eta[i] - top);
    const hazard = scores[i] * exposure[i];
    const residual = own - hazard;
    const start = i * p;
    for (let a = 0; a < p; a++) {
      const value = x[start + a];
      gradient[a] += residual * value;
      const weighted = hazard * value;
      for (let b = 0; b <= a; b++) squares[b * p + a] += weighted * x[start + b];
    }
  }
  for (let a = 0; a < p; a++) {
    for (let b = 0; b <= a; b++) {
      squares[b * p + a] -= outer[b * p + a];
      squares[a * p + b] = squares[b * p + a];
    }
  }
  return { logLikelihood, gradient, information };
}

/**
 * For each ordered row the sum over events it was at risk of (its own and its ties by Efron's shares) of
 * mean weight / S0.
 *
 * @param eachTerm told of every term: its weight, the time, Efron's share k, and S0 there
 */
export function cumulativeExposure(
  problem: CoxProblem,
  scores: Float64Array,
  eachTerm: (share: number, at: DeathTime, k: number, s0: number) => void = () => undefined,
): Float64Array {
  const { n, events, times, starts, isEfron } = problem;
  const jumps: { first: number; end: number; time: number; all: number; ofDeaths: number }[] = [];
  const strata: { from: number; to: number; firstJump: number }[] = [];
  walkDeathTimes(
    problem,
    scores,
    (at) => {
      let [all, ofDeaths] = [0, 0];
      for (let d = 0; d < at.deaths; d++) {
        const k = isEfron ? d / at.deaths : 0;
        const s0 = at.s0 - k * at.died0;
        eachTerm(at.meanWeight, at, k, s0);
        all += at.meanWeight / s0;
        ofDeaths += ((1 - k) * at.meanWeight) / s0;
      }
      jumps.push({ first: at.first, end: at.end, time: at.time, all, ofDeaths });
    },
    (from, to) => strata.push({ from, to, firstJump: jumps.length }),
  );
  const exposure = new Float64Array(n);
  strata.forEach(({ from, to, firstJump }, s) => {
    const last = s + 1 < strata.length ? strata[s + 1].firstJump : jumps.length;
    let total = 0;
    let row = to - 1;
    const [jumpTimes, totals]: [number[], number[]] = [[], []];
    // From the earliest time on; rows that end before a jump have seen the total so far.
    for (let j = last - 1; j >= firstJump; j--) {
      const jump = jumps[j];
      for (; row >= jump.end; row--) exposure[row] = total;
      for (; row >= jump.first; row--) exposure[row] = total + (events[row] === 1 ? jump.ofDeaths : jump.all);
      total += jump.all;
      jumpTimes.push(jump.time);
      totals.push(total);
    }
    for (; row >= from; row--) exposure[row] = total;
    if (starts) subtractBefore(exposure, starts, times, from, to, jumpTimes, totals);
  });
  return exposure;
}

/** Takes away what happened up to a row's start. */
function subtractBefore(
  exposure: Float64Array,
  starts: Float64Array,
  times: Float64Array,
  from: number,
  to: number,
  jumpTimes: readonly number[],
  totals: readonly number[],
): void {
  for (let row = from; row < to; row++) {
    let low = 0;
    let high = jumpTimes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (jumpTimes[middle] <= starts[row]) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && starts[row] < times[row]) exposure[row] -= totals[low - 1];
  }
}
