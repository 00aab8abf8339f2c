import { chiSquaredSf, choleskyFactor, choleskySolve, matrix, NotPositiveDefiniteError } from '@concord/numeric';
import { ascendingIndex } from '../order.js';
import { fitCox } from './cox-fit.js';
import type { SurvivalData } from './survival-data.js';

/** Do groups differ in survival? */
export interface LogRank {
  readonly labels: readonly string[];
  readonly n: readonly number[];
  readonly observed: readonly number[];
  readonly expected: readonly number[];
  readonly chi2: number;
  readonly df: number;
  readonly p: number;
}

/** One pair of groups; p adjusted by Holm over all pairs stands beside. */
export interface PairwiseLogRank {
  readonly a: string;
  readonly b: string;
  readonly chi2: number;
  readonly p: number;
  readonly holmP: number;
}

/**
 * The log-rank test, stratified if strata are given (the sums run within them).
 *
 * @param groups label of each patient
 * @returns null with fewer than two groups, or no event that could tell them apart
 * @see Mantel 1966; Peto and Peto 1972
 */
export function logRank(data: SurvivalData, groups: readonly string[], strata?: readonly string[]): LogRank | null {
  const labels = [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const k = labels.length;
  if (k < 2) return null;
  const group = Int32Array.from(groups, (label) => labels.indexOf(label));
  const sums = { observed: new Float64Array(k), expected: new Float64Array(k), variance: new Float64Array(k * k) };
  const parts = strata ? [...new Set(strata)].sort() : [null];
  for (const part of parts) {
    const rows = [...groups.keys()].filter((i) => part === null || strata?.[i] === part);
    addStratum(data, group, rows, sums);
  }
  const chi2 = quadraticForm(sums, k);
  if (chi2 === null) return null;
  return {
    labels,
    n: labels.map((_, g) => group.reduce((count, value) => count + (value === g ? 1 : 0), 0)),
    observed: [...sums.observed],
    expected: [...sums.expected],
    chi2,
    df: k - 1,
    p: chiSquaredSf(chi2, k - 1),
  };
}

interface Sums {
  readonly observed: Float64Array;
  readonly expected: Float64Array;
  readonly variance: Float64Array;
}

function addStratum({ times, events }: SurvivalData, group: Int32Array, rows: readonly number[], sums: Sums): void {
  const k = sums.observed.length;
  const order = ascendingIndex(Float64Array.from(rows, (row) => times[row]));
  const atRisk = new Float64Array(k);
  for (const row of rows) atRisk[group[row]]++;
  let total = rows.length;
  const died = new Float64Array(k);
  const left = new Float64Array(k);
  for (let start = 0; start < rows.length;) {
    let end = start;
    died.fill(0);
    left.fill(0);
    let deaths = 0;
    while (end < rows.length && times[rows[order[end]]] === times[rows[order[start]]]) {
      const row = rows[order[end++]];
      left[group[row]]++;
      died[group[row]] += events[row];
      deaths += events[row];
    }
    if (deaths > 0) {
      const factor = total > 1 ? (deaths * (total - deaths)) / (total - 1) : 0;
      for (let a = 0; a < k; a++) {
        const shareA = atRisk[a] / total;
        sums.observed[a] += died[a];
        sums.expected[a] += deaths * shareA;
        for (let b = 0; b < k; b++)
          sums.variance[a * k + b] += factor * shareA * ((a === b ? 1 : 0) - atRisk[b] / total);
      }
    }
    for (let a = 0; a < k; a++) atRisk[a] -= left[a];
    total -= end - start;
    start = end;
  }
}

/** (O - E)' V⁻ (O - E) over groups that are ever at risk of an event, but the last of them. */
function quadraticForm({ observed, expected, variance }: Sums, k: number): number | null {
  const used = [...observed.keys()].filter((g) => expected[g] > 0).slice(0, -1);
  if (used.length === 0) return null;
  const v = matrix(used.length, used.length);
  used.forEach((a, i) => used.forEach((b, j) => (v.data[j * used.length + i] = variance[a * k + b])));
  const distance = used.map((g) => observed[g] - expected[g]);
  try {
    const solved = choleskySolve(choleskyFactor(v), distance);
    return distance.reduce((sum, value, i) => sum + value * solved[i], 0);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return null;
    throw error;
  }
}

/** The log-rank test of each pair of groups; pairs that cannot be tested are left out. */
export function pairwiseLogRank(data: SurvivalData, groups: readonly string[]): PairwiseLogRank[] {
  const labels = [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const pairs: { a: string; b: string; chi2: number; p: number }[] = [];
  labels.forEach((a, i) =>
    labels.slice(i + 1).forEach((b) => {
      const rows = [...groups.keys()].filter((row) => groups[row] === a || groups[row] === b);
      const test = logRank(
        { times: Float64Array.from(rows, (r) => data.times[r]), events: Uint8Array.from(rows, (r) => data.events[r]) },
        rows.map((row) => groups[row]),
      );
      if (test) pairs.push({ a, b, chi2: test.chi2, p: test.p });
    }),
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  return pairs.map((pair, i) => ({ ...pair, holmP: adjusted[i] }));
}

/** Holm's step-down adjustment (1979). */
function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a] - p[b]);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]));
    adjusted[index] = largest;
  });
  return adjusted;
}

/** Trend over ordered groups: score test of a Cox model on their number, ties by Breslow; null without a spread. */
export function trendTest(data: SurvivalData, groupNumber: Float64Array): { chi2: number; p: number } | null {
  const fit = fitCox({ ...data, columns: [groupNumber], ties: 'breslow' }, { iterationLimit: 0 });
  if (fit === null || !(fit.scoreChi2 >= 0)) return null;
  return { chi2: fit.scoreChi2, p: chiSquaredSf(fit.scoreChi2, 1) };
}
