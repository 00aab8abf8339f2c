import {
  chiSquaredSf,
  mean,
  median,
  midranks,
  normalQuantile,
  sumOfSquaredDeviations,
  variance,
} from '@concord/numeric';
import { anova, type TestResult } from './location-tests.js';

/** Brown and Forsythe's test of equal variances: analysis of variance of distances from the group medians. */
export function brownForsythe(groups: readonly Float64Array[]): TestResult | null {
  return distances(groups, median);
}

/** Levene's test of equal variances: analysis of variance of distances from the group means. */
export function levene(groups: readonly Float64Array[]): TestResult | null {
  return distances(groups, mean);
}

function distances(groups: readonly Float64Array[], centreOf: (group: Float64Array) => number): TestResult | null {
  const result = anova(
    groups.map((group) => {
      const centre = centreOf(group);
      return group.map((value) => Math.abs(value - centre));
    }),
  );
  return result && { statistic: result.statistic, p: result.p };
}

/** Bartlett's test of equal variances, for normal values; null where a group has one value or does not vary. */
export function bartlett(groups: readonly Float64Array[]): TestResult | null {
  const k = groups.length;
  if (k < 2 || groups.some((group) => group.length < 2)) return null;
  const df = groups.map((group) => group.length - 1);
  const total = df.reduce((sum, value) => sum + value, 0);
  const pooled = groups.reduce((sum, group) => sum + sumOfSquaredDeviations(group), 0) / total;
  let logs = total * Math.log(pooled);
  let inverse = -1 / total;
  groups.forEach((group, i) => {
    logs -= df[i] * Math.log(variance(group));
    inverse += 1 / df[i];
  });
  const statistic = logs / (1 + inverse / (3 * (k - 1)));
  return Number.isFinite(statistic) ? { statistic, p: chiSquaredSf(statistic, k - 1) } : null;
}

/**
 * Fligner and Killeen's test of equal variances, median-centred, with normal scores of the ranks (Conover, Johnson and
 * Johnson 1981; as R); null where all distances tie.
 */
export function fligner(groups: readonly Float64Array[]): TestResult | null {
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  const all = new Float64Array(n);
  let offset = 0;
  for (const group of groups) {
    const centre = median(group);
    for (const value of group) all[offset++] = Math.abs(value - centre);
  }
  const scores = midranks(all).map((rank) => normalQuantile((1 + rank / (n + 1)) / 2));
  const centre = mean(scores);
  const spread = sumOfSquaredDeviations(scores) / (n - 1);
  if (!(spread > 0) || groups.length < 2) return null;
  let sum = 0;
  offset = 0;
  for (const group of groups) {
    sum += group.length * (mean(scores.subarray(offset, offset + group.length)) - centre) ** 2;
    offset += group.length;
  }
  return { statistic: sum / spread, p: chiSquaredSf(sum / spread, groups.length - 1) };
}
