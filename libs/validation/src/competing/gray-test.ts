import { chiSquaredSf, inverseQuadratic, matrix } from '@concord/numeric';
import { ascendingIndex } from '../order.js';
import type { CausesData } from '../survival/time-dependent.js';

/** Do groups differ in the cumulative incidence of cause 1? */
export interface GrayTest {
  readonly labels: readonly string[];
  readonly chi2: number;
  readonly df: number;
  readonly p: number;
}

/** One group while time passes. */
interface GroupState {
  atRisk: number;
  /** Free of any event just before, and just after, the time. */
  before: number;
  after: number;
  /** Cumulative incidence of cause 1 just before. */
  incidence: number;
  d1: number;
  d2: number;
}

/**
 * Gray's test with rho = 0.
 *
 * @param groups label of each patient
 * @returns null with fewer than two groups or no event of cause 1
 * @see Gray, Ann Stat 16 (1988), equations 2 to 8
 */
export function grayTest({ times, causes }: CausesData, groups: readonly string[]): GrayTest | null {
  const labels = [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const k = labels.length;
  if (k < 2 || !causes.includes(1)) return null;
  const group = Int32Array.from(groups, (label) => labels.indexOf(label));
  const states = labels.map((_, g): GroupState => {
    const atRisk = group.reduce((count, value) => count + (value === g ? 1 : 0), 0);
    return { atRisk, before: 1, after: 1, incidence: 0, d1: 0, d2: 0 };
  });
  const sums = new GraySums(k);
  const order = ascendingIndex(times);
  for (let start = 0; start < order.length;) {
    let end = start;
    for (const state of states) state.d1 = state.d2 = 0;
    for (; end < order.length && times[order[end]] === times[order[start]]; end++) {
      const state = states[group[order[end]]];
      if (causes[order[end]] === 1) state.d1++;
      else if (causes[order[end]] === 2) state.d2++;
    }
    if (states.some(({ d1, d2 }) => d1 + d2 > 0)) sums.add(states);
    for (let i = start; i < end; i++) states[group[order[i]]].atRisk--;
    start = end;
  }
  const chi2 = sums.statistic();
  return chi2 === null ? null : { labels, chi2, df: k - 1, p: chiSquaredSf(chi2, k - 1) };
}

/** Scores of the groups and their covariance, built up over time. */
class GraySums {
  private readonly score: Float64Array;
  /** Integral of the weights so far: row group, column group. */
  private readonly carried: Float64Array;
  /** Terms of the covariance: of nothing, of one and of both integrals still to come. */
  private readonly plain: Float64Array;
  private readonly mixed: Float64Array;
  private readonly square: Float64Array;
  private incidence = 0;

  constructor(private readonly k: number) {
    this.score = new Float64Array(k);
    this.carried = new Float64Array(k * k);
    this.plain = new Float64Array(k * k);
    this.mixed = new Float64Array(k * k);
    this.square = new Float64Array(k);
  }

  add(states: readonly GroupState[]): void {
    const { k } = this;
    const used = states.map(({ atRisk }) => atRisk > 0);
    // Subjects "at risk" of the subdistribution, on the scale of the whole cohort.
    const scaled = states.map(({ atRisk, before }, g) => (used[g] ? atRisk / before : 0));
    const total = scaled.reduce((sum, value) => sum + value, 0);
    const free = states.reduce((sum, { incidence }, g) => sum + scaled[g] * (1 - incidence), 0);
    const d1 = states.reduce((sum, state) => sum + state.d1, 0);
    states.forEach((state, g) => {
      if (!used[g]) return;
      state.after = (state.before * (state.atRisk - state.d1 - state.d2)) / state.atRisk;
      this.score[g] += state.d1 - (d1 * scaled[g] * (1 - state.incidence)) / free;
    });
    const now = this.incidence + d1 / total;
    const weight = new Float64Array(k * k);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        if (!used[a] || !used[b]) continue;
        weight[a * k + b] = scaled[a] * ((a === b ? 1 : 0) - scaled[b] / total);
        this.carried[a * k + b] += (weight[a * k + b] * d1) / (total * (1 - this.incidence));
      }
    }
    states.forEach((state, g) => {
      if (!used[g]) return;
      if (d1 > 0) {
        const later = state.after > 0 ? 1 - (1 - now) / state.after : 1;
        const ties = d1 > 1 ? 1 - (d1 - 1) / (total * state.before - 1) : 1;
        const spread = (ties * state.before * d1) / (total * state.atRisk);
        this.spread(g, later, spread, (a) => weight[a * k + g]);
      }
      if (state.d2 > 0 && state.after > 0) {
        const later = -(1 - now) / state.after;
        const ties = state.d2 > 1 ? 1 - (state.d2 - 1) / (state.atRisk - 1) : 1;
        const spread = (ties * state.before ** 2 * state.d2) / state.atRisk ** 2;
        this.spread(g, later, spread, () => 0);
      }
      state.incidence += (state.before * state.d1) / state.atRisk;
      state.before = state.after;
    });
    this.incidence = now;
  }

  /** A martingale increment of group g: its weight now, less `later` times what is carried up to now. */
  private spread(g: number, later: number, variance: number, weight: (a: number) => number): void {
    const { k } = this;
    const direct = Float64Array.from({ length: k }, (_, a) => weight(a) - later * this.carried[a * k + g]);
    this.square[g] += later * later * variance;
    for (let a = 0; a < k; a++) {
      this.mixed[a * k + g] += direct[a] * later * variance;
      for (let b = 0; b < k; b++) this.plain[a * k + b] += direct[a] * direct[b] * variance;
    }
  }

  statistic(): number | null {
    const { k } = this;
    const size = k - 1;
    const covariance = matrix(size, size);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        let sum = this.plain[a * k + b];
        for (let g = 0; g < k; g++) {
          const [ca, cb] = [this.carried[a * k + g], this.carried[b * k + g]];
          sum += ca * cb * this.square[g] + ca * this.mixed[b * k + g] + cb * this.mixed[a * k + g];
        }
        covariance.data[b * size + a] = sum;
      }
    }
    const score = this.score.slice(0, size);
    return inverseQuadratic(covariance, score);
  }
}
