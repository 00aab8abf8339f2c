import { chiSquaredSf, fSf, mean, rankWithTies, sumOfSquaredDeviations, variance } from '@concord/numeric';

/** A test statistic and its p-value. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/** One-way analysis of variance: F with (k − 1, N − k) degrees of freedom, and eta² = SSB / SST. */
export interface Anova extends TestResult {
  readonly etaSquared: number;
}

/**
 * One-way analysis of variance of groups that each hold a value; null where nothing varies inside or between them, or
 * N − k is 0.
 */
export function anova(groups: readonly Float64Array[]): Anova | null {
  return anovaOfMoments(
    groups.map((group) => ({ count: group.length, mean: mean(group), squares: sumOfSquaredDeviations(group) })),
  );
}

/** Count, mean and squares about the mean of a group: all that an analysis of variance needs of it. */
export interface GroupMoments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** As {@link anova}, of groups that are known by their moments only. */
export function anovaOfMoments(groups: readonly GroupMoments[]): Anova | null {
  let total = 0;
  let grand = 0;
  for (const group of groups) {
    total += group.count;
    grand += group.count * group.mean;
  }
  grand /= total;
  let between = 0;
  let within = 0;
  for (const group of groups) {
    between += group.count * (group.mean - grand) ** 2;
    within += group.squares;
  }
  const df1 = groups.length - 1;
  const df2 = total - groups.length;
  if (!(df1 > 0 && df2 > 0 && within > 0)) return null;
  const statistic = between / df1 / (within / df2);
  return { statistic, p: fSf(statistic, df1, df2), etaSquared: between / (between + within) };
}

/** Kruskal and Wallis' H with tie correction, chi-squared p with k − 1 degrees of freedom; null where all values tie. */
export function kruskalWallis(groups: readonly Float64Array[]): TestResult | null {
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  const all = new Float64Array(n);
  let offset = 0;
  for (const group of groups) {
    all.set(group, offset);
    offset += group.length;
  }
  const { ranks, tieSum } = rankWithTies(all);
  const correction = 1 - tieSum / (n ** 3 - n);
  if (!(correction > 0)) return null;
  let sum = 0;
  offset = 0;
  for (const group of groups) {
    let rankSum = 0;
    for (let k = 0; k < group.length; k++) rankSum += ranks[offset + k];
    sum += (rankSum * rankSum) / group.length;
    offset += group.length;
  }
  const statistic = ((12 * sum) / (n * (n + 1)) - 3 * (n + 1)) / correction;
  return { statistic, p: chiSquaredSf(statistic, groups.length - 1) };
}

/** (mean a − mean b) / pooled SD; NaN where a group has one value only or nothing varies. */
export function cohenD(a: Float64Array, b: Float64Array): number {
  if (a.length < 2 || b.length < 2) return NaN;
  const squares = sumOfSquaredDeviations(a) + sumOfSquaredDeviations(b);
  return squares > 0 ? (mean(a) - mean(b)) / Math.sqrt(squares / (a.length + b.length - 2)) : NaN;
}

/** Hedges' correction of {@link cohenD} for small samples: d (1 − 3 / (4 (n − 2) − 1)). */
export function hedgesG(a: Float64Array, b: Float64Array): number {
  return cohenD(a, b) * (1 - 3 / (4 * (a.length + b.length - 2) - 1));
}

/**
 * Welch's analysis of variance, for unequal variances (Welch 1951, Biometrika 38:330); null where a group has one value
 * or does not vary.
 */
export function welch(groups: readonly Float64Array[]): TestResult | null {
  const k = groups.length;
  if (k < 2 || groups.some((group) => group.length < 2)) return null;
  const weights = groups.map((group) => group.length / variance(group));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!Number.isFinite(total)) return null;
  const means = groups.map(mean);
  const centre = means.reduce((sum, value, i) => sum + (weights[i] / total) * value, 0);
  let lambda = 0;
  let between = 0;
  groups.forEach((group, i) => {
    lambda += (1 - weights[i] / total) ** 2 / (group.length - 1);
    between += weights[i] * (means[i] - centre) ** 2;
  });
  const statistic = between / (k - 1) / (1 + (2 * (k - 2) * lambda) / (k * k - 1));
  return { statistic, p: fSf(statistic, k - 1, (k * k - 1) / (3 * lambda)) };
}
