import { holm } from '../holm.js';
import { chiSquaredSf, inverseQuadratic, matrix } from '@concord/numeric';
import { eventTable, mergeTables, type EventTable } from '../pooling/event-tables.js';
import { fitCox } from './cox-fit.js';
import { survivalRows, type SurvivalData } from './survival-data.js';

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
  const parts = strata ? [...new Set(strata)].sort((a, b) => (a < b ? -1 : 1)) : [null];
  const tables = parts.map((part) =>
    labels.map((label) => {
      const rows = [...groups.keys()].filter((i) => groups[i] === label && (part === null || strata?.[i] === part));
      return eventTable(survivalRows(data, rows));
    }),
  );
  return logRankFromTables(labels, tables);
}

/**
 * The same from tables of patients at risk: what sites can send.
 *
 * @param strata for each stratum the table of each group, in the order of the labels; a group may be empty
 */
export function logRankFromTables(
  labels: readonly string[],
  strata: readonly (readonly EventTable[])[],
): LogRank | null {
  const k = labels.length;
  if (k < 2) return null;
  const sums = { observed: new Float64Array(k), expected: new Float64Array(k), variance: new Float64Array(k * k) };
  for (const tables of strata) addStratum(tables, sums);
  const chi2 = quadraticForm(sums, k);
  if (chi2 === null) return null;
  return {
    labels,
    n: labels.map((_, g) => strata.reduce((sum, tables) => sum + (tables[g].atRisk[0] ?? 0), 0)),
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

function addStratum(tables: readonly EventTable[], sums: Sums): void {
  const k = tables.length;
  const all = mergeTables(tables);
  const at = new Int32Array(k);
  all.times.forEach((time, t) => {
    const [deaths, total] = [all.events[t], all.atRisk[t]];
    tables.forEach((table, g) => {
      while (at[g] < table.times.length && table.times[at[g]] < time) at[g]++;
    });
    if (deaths === 0) return;
    const factor = total > 1 ? (deaths * (total - deaths)) / (total - 1) : 0;
    const shares = tables.map((table, g) => (at[g] < table.times.length ? table.atRisk[at[g]] / total : 0));
    tables.forEach((table, a) => {
      if (table.times[at[a]] === time) sums.observed[a] += table.events[at[a]];
      sums.expected[a] += deaths * shares[a];
      for (let b = 0; b < k; b++) sums.variance[a * k + b] += factor * shares[a] * ((a === b ? 1 : 0) - shares[b]);
    });
  });
}

/** (O - E)' V⁻ (O - E) over groups that are ever at risk of an event, but the last of them. */
function quadraticForm({ observed, expected, variance }: Sums, k: number): number | null {
  const used = [...observed.keys()].filter((g) => expected[g] > 0).slice(0, -1);
  if (used.length === 0) return null;
  const v = matrix(used.length, used.length);
  used.forEach((a, i) => used.forEach((b, j) => (v.data[j * used.length + i] = variance[a * k + b])));
  const distance = used.map((g) => observed[g] - expected[g]);
  return inverseQuadratic(v, distance);
}

/** The log-rank test of each pair of groups; pairs that cannot be tested are left out. */
export function pairwiseLogRank(data: SurvivalData, groups: readonly string[]): PairwiseLogRank[] {
  const labels = [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const pairs: { a: string; b: string; chi2: number; p: number }[] = [];
  labels.forEach((a, i) =>
    labels.slice(i + 1).forEach((b) => {
      const rows = [...groups.keys()].filter((row) => groups[row] === a || groups[row] === b);
      const test = logRank(
        survivalRows(data, rows),
        rows.map((row) => groups[row]),
      );
      if (test) pairs.push({ a, b, chi2: test.chi2, p: test.p });
    }),
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  return pairs.map((pair, i) => ({ ...pair, holmP: adjusted[i] }));
}

/** Trend over ordered groups: score test of a Cox model on their number, ties by Breslow; null without a spread. */
export function trendTest(data: SurvivalData, groupNumber: Float64Array): { chi2: number; p: number } | null {
  const fit = fitCox({ ...data, columns: [groupNumber], ties: 'breslow' }, { iterationLimit: 0 });
  if (fit === null || !(fit.scoreChi2 >= 0)) return null;
  return { chi2: fit.scoreChi2, p: chiSquaredSf(fit.scoreChi2, 1) };
}
