import { normalQuantile } from '@concord/numeric';
import { inverseLogit } from '../auc.js';
import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from '../estimate.js';
import { ascendingIndex } from '../order.js';
import { censoringAt, censoringCurve } from './censoring.js';
import type { SurvivalData } from './survival-data.js';

/** Pairs of patients of whom one is known to have had the event first, counted with weights. */
export interface Concordance {
  readonly concordant: number;
  readonly discordant: number;
  /** Equal scores. */
  readonly tiedScore: number;
  /** Events at one time: not comparable; with equal scores too in `tiedBoth`. */
  readonly tiedTime: number;
  readonly tiedBoth: number;
  /** (concordant + ½ tied) / comparable; null where no pair is comparable. */
  readonly c: number | null;
  /** By the infinitesimal jackknife. */
  readonly standardError: number | null;
  /** Of each patient on C, in their order. */
  readonly influence: Float64Array;
}

export interface ConcordanceOptions {
  /** Uno's weights 1 / G²(t-) instead of 1. */
  readonly isWeighted?: boolean;
  /** Events after this time do not count. */
  readonly tau?: number;
  /** Pairs count within strata only. */
  readonly strata?: readonly string[];
}

/**
 * Harrell's or Uno's C: does the patient with the higher score have the event earlier? O(n log n).
 *
 * @param scores higher means more risk
 * @see Harrell 1982; Uno et al., Stat Med 30 (2011); variance as Therneau and Watson (2015)
 */
export function concordance(data: SurvivalData, scores: Float64Array, options: ConcordanceOptions = {}): Concordance {
  const n = scores.length;
  const tau = options.tau ?? Infinity;
  const weights = eventWeights(data, options.isWeighted ?? false, tau);
  const state = new PairSums(n);
  const { strata } = options;
  if (!strata) state.add(data, scores, weights, null);
  else
    for (const part of new Set(strata))
      state.add(
        data,
        scores,
        weights,
        [...strata.keys()].filter((i) => strata[i] === part),
      );
  return state.finish();
}

/** Weight of the pairs that an event opens; 0 for censorings and events beyond tau. */
function eventWeights({ times, events }: SurvivalData, isWeighted: boolean, tau: number): Float64Array {
  const weights = new Float64Array(times.length);
  const curve = isWeighted
    ? censoringCurve(
        times,
        events.map((event) => 1 - event),
      )
    : null;
  for (let i = 0; i < times.length; i++) {
    if (events[i] === 0 || times[i] > tau) continue;
    weights[i] = curve ? 1 / censoringAt(curve, times[i], true) ** 2 : 1;
  }
  return weights;
}

/** Patients of one stratum by ascending time. */
interface Ranked {
  /** Of all patients: `row` says where one of these is. */
  readonly times: Float64Array;
  readonly events: Uint8Array;
  readonly weights: Float64Array;
  /** Places in the stratum, by ascending time. */
  readonly order: Uint32Array;
  /** Of the score, from 1, by place in the stratum. */
  readonly ranks: Uint32Array;
  readonly rankCount: number;
  /** Row of the patient at a position of the order. */
  readonly row: (position: number) => number;
  readonly size: number;
}

/** Counts of pairs, and of each patient's share in them. */
class PairSums {
  private readonly won: Float64Array;
  private readonly met: Float64Array;
  private concordant = 0;
  private discordant = 0;
  private tiedScore = 0;
  private tiedTime = 0;
  private tiedBoth = 0;

  constructor(private readonly n: number) {
    this.won = new Float64Array(n);
    this.met = new Float64Array(n);
  }

  /** Adds the pairs among these rows (all if null). */
  add(
    { times, events }: SurvivalData,
    scores: Float64Array,
    weights: Float64Array,
    rows: readonly number[] | null,
  ): void {
    const index = rows ? Uint32Array.from(rows) : null;
    const pick = (values: Float64Array) => (index ? Float64Array.from(index, (row) => values[row]) : values);
    const ownTimes = pick(times);
    const order = ascendingIndex(ownTimes);
    const { ranks, count: rankCount } = denseRanks(pick(scores));
    const row = (position: number) => (index ? index[order[position]] : order[position]);
    const ranked: Ranked = { times, events, weights, order, ranks, rankCount, row, size: order.length };
    this.fromLatest(ranked);
    this.fromEarliest(ranked);
  }

  /** From the latest time on: each event meets all who are known to live longer. */
  private fromLatest(ranked: Ranked): void {
    const { times, events, weights, order, ranks, rankCount, row, size } = ranked;
    const tree = new Float64Array(rankCount + 1);
    let inTree = 0;
    for (let end = size; end > 0;) {
      let start = end - 1;
      const time = times[row(start)];
      while (start > 0 && times[row(start - 1)] === time) start--;
      // A censoring at the time of an event lives longer.
      for (let k = start; k < end; k++) {
        if (events[row(k)] === 1) continue;
        addTo(tree, ranks[order[k]], 1);
        inTree++;
      }
      this.countTies(ranked, start, end);
      for (let k = start; k < end; k++) {
        const i = row(k);
        if (weights[i] === 0) continue;
        const rank = ranks[order[k]];
        const below = sumBelow(tree, rank - 1);
        const tied = sumBelow(tree, rank) - below;
        this.concordant += weights[i] * below;
        this.tiedScore += weights[i] * tied;
        this.discordant += weights[i] * (inTree - below - tied);
        this.won[i] += weights[i] * (below + tied / 2);
        this.met[i] += weights[i] * inTree;
      }
      for (let k = start; k < end; k++) {
        if (events[row(k)] === 0) continue;
        addTo(tree, ranks[order[k]], 1);
        inTree++;
      }
      end = start;
    }
  }

  /** From the earliest time on: each patient meets the events before. */
  private fromEarliest({ times, events, weights, order, ranks, rankCount, row, size }: Ranked): void {
    const tree = new Float64Array(rankCount + 1);
    let inTree = 0;
    const meet = (k: number): void => {
      if (inTree === 0) return;
      const rank = ranks[order[k]];
      const upTo = sumBelow(tree, rank);
      const tied = upTo - sumBelow(tree, rank - 1);
      this.won[row(k)] += inTree - upTo + tied / 2;
      this.met[row(k)] += inTree;
    };
    for (let start = 0; start < size;) {
      let end = start + 1;
      const time = times[row(start)];
      while (end < size && times[row(end)] === time) end++;
      for (let k = start; k < end; k++) if (events[row(k)] === 1) meet(k);
      for (let k = start; k < end; k++) {
        const weight = weights[row(k)];
        if (weight === 0) continue;
        addTo(tree, ranks[order[k]], weight);
        inTree += weight;
      }
      for (let k = start; k < end; k++) if (events[row(k)] === 0) meet(k);
      start = end;
    }
  }

  private countTies({ events, weights, order, ranks, row }: Ranked, start: number, end: number): void {
    if (end - start < 2) return;
    const deaths: number[] = [];
    let weight = 0;
    for (let k = start; k < end; k++) {
      if (events[row(k)] === 0) continue;
      deaths.push(ranks[order[k]]);
      weight = Math.max(weight, weights[row(k)]);
    }
    const sameScore = new Map<number, number>();
    for (const rank of deaths) sameScore.set(rank, (sameScore.get(rank) ?? 0) + 1);
    let both = 0;
    for (const size of sameScore.values()) both += (size * (size - 1)) / 2;
    this.tiedBoth += weight * both;
    this.tiedTime += weight * ((deaths.length * (deaths.length - 1)) / 2 - both);
  }

  finish(): Concordance {
    const { concordant, discordant, tiedScore, tiedTime, tiedBoth } = this;
    const comparable = concordant + discordant + tiedScore;
    const counts = { concordant, discordant, tiedScore, tiedTime, tiedBoth };
    const influence = new Float64Array(this.n);
    if (!(comparable > 0)) return { ...counts, c: null, standardError: null, influence };
    const c = (concordant + tiedScore / 2) / comparable;
    let variance = 0;
    for (let i = 0; i < this.n; i++) {
      influence[i] = (this.won[i] - c * this.met[i]) / comparable;
      variance += influence[i] * influence[i];
    }
    return { ...counts, c, standardError: Math.sqrt(variance), influence };
  }
}

/** Ranks from 1, equal values sharing one. */
function denseRanks(values: Float64Array): { ranks: Uint32Array; count: number } {
  const order = ascendingIndex(values);
  const ranks = new Uint32Array(values.length);
  let rank = 0;
  for (let k = 0; k < order.length; k++) {
    if (k === 0 || values[order[k]] !== values[order[k - 1]]) rank++;
    ranks[order[k]] = rank;
  }
  return { ranks, count: rank };
}

function addTo(tree: Float64Array, rank: number, amount: number): void {
  for (let i = rank; i < tree.length; i += i & -i) tree[i] += amount;
}

function sumBelow(tree: Float64Array, rank: number): number {
  let sum = 0;
  for (let i = rank; i > 0; i -= i & -i) sum += tree[i];
  return sum;
}

/** C with its interval, plain or on the logit scale (which stays within 0 and 1). */
export function concordanceEstimate(
  result: Concordance,
  level: number,
  name: string,
  scale: 'wald' | 'logit',
): Estimate {
  const method = `${name}, infinitesimal jackknife, ${scale} interval`;
  const { c, standardError } = result;
  if (c === null || standardError === null) return notEstimable(method, 'no two patients can be compared');
  if (!(standardError > 1e-12))
    return estimateWithoutInterval(c, method, 'the variance is zero: too few comparable pairs');
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  if (scale === 'wald') return estimate(c, [Math.max(0, c - half), Math.min(1, c + half)], method);
  if (c <= 0 || c >= 1) return estimateWithoutInterval(c, method, `C is ${c}: its logit does not exist`);
  const centre = Math.log(c / (1 - c));
  const onLogit = half / (c * (1 - c));
  return estimate(c, [inverseLogit(centre - onLogit), inverseLogit(centre + onLogit)], method);
}
