import { normalQuantile } from '@concord/numeric';
import { estimate, notEstimable, testEstimate, type Estimate } from '../estimate.js';
import { axisTicks, survivalCurve, type CurvePoints } from './curve-points.js';
import { fitCox } from './cox-fit.js';
import { kaplanMeier, medianSurvival, restrictedMean } from './kaplan-meier.js';
import { logRank, pairwiseLogRank, trendTest, type PairwiseLogRank } from './log-rank.js';
import { countOf, survivalRows, type SurvivalData } from './survival-data.js';
import { estimateOf } from './survival-estimates.js';

/** Patients of one locked group. */
export interface RiskGroup {
  readonly label: string;
  readonly n: number;
  readonly events: number;
  readonly medianSurvival: Estimate;
  /** Against the first group that has patients. */
  readonly hazardRatio: Estimate;
  /** Up to `tau` of the report, and less that of the first group. */
  readonly restrictedMean: Estimate;
  readonly restrictedMeanDifference: Estimate;
  readonly curve: CurvePoints;
}

/** Locked risk groups; a group without patients is shown empty, never cut anew. */
export interface RiskGroupReport {
  readonly groups: readonly RiskGroup[];
  readonly logRank: { readonly chi2: number; readonly df: number; readonly p: number } | null;
  /** p-values: any difference; a trend over the groups in their order. */
  readonly logRankP: Estimate;
  readonly trend: Estimate;
  readonly pairwise: readonly PairwiseLogRank[];
  /** Shortest of the groups' longest follow-ups: how far restricted means go. */
  readonly tau: number | null;
}

const RATIO = 'Cox regression, Wald interval';

/** @param labels all locked groups in order; default: those that occur, sorted */
export function riskGroupReport(
  data: SurvivalData,
  groups: readonly string[],
  labels: readonly string[] | undefined,
  level: number,
): RiskGroupReport {
  const all = labels ?? [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1));
  const parts = all.map((label) =>
    survivalRows(
      data,
      [...groups.keys()].filter((i) => groups[i] === label),
    ),
  );
  const present = all.filter((_, g) => parts[g].times.length > 0);
  const test = logRank(data, groups);
  const filled = parts.filter((part) => part.times.length > 0);
  const tau = filled.length > 0 ? Math.min(...filled.map(({ times }) => Math.max(...times))) : null;
  const ticks = axisTicks(data.times.reduce((most, time) => Math.max(most, time), 0));
  const number = Float64Array.from(groups, (label) => all.indexOf(label));
  const trend = present.length > 1 ? trendTest(data, number) : null;
  const reference = parts[all.indexOf(present[0])];
  const none = 'fewer than two groups have patients, or no event was seen';
  return {
    groups: all.map((label, g) => {
      const curve = kaplanMeier(parts[g]);
      const { median, interval } = medianSurvival(curve, level);
      const bounds = interval[0] !== null && interval[1] !== null ? ([interval[0], interval[1]] as const) : null;
      return {
        label,
        n: parts[g].times.length,
        events: curve.eventCount,
        medianSurvival: estimateOf(
          median,
          bounds,
          'Kaplan-Meier, log-log interval',
          'the curve does not come down to one half',
        ),
        hazardRatio: hazardRatio(reference, parts[g], label === present[0], level),
        ...restrictedMeans(reference, parts[g], label === present[0], tau, level),
        curve: survivalCurve(parts[g], label, ticks, level),
      };
    }),
    logRank: test && { chi2: test.chi2, df: test.df, p: test.p },
    logRankP: testEstimate(test, 'log-rank test', none),
    trend: testEstimate(trend && { ...trend, df: 1 }, 'log-rank test of a trend', none),
    tau,
    pairwise: present.length > 2 ? pairwiseLogRank(data, groups) : [],
  };
}

const MEAN = 'restricted mean survival time';

function restrictedMeans(
  reference: SurvivalData | undefined,
  group: SurvivalData,
  isReference: boolean,
  tau: number | null,
  level: number,
): Pick<RiskGroup, 'restrictedMean' | 'restrictedMeanDifference'> {
  const z = normalQuantile(1 - (1 - level) / 2);
  const method = `${MEAN} to ${tau ?? 'no time'}, Wald interval`;
  const own = tau === null || group.times.length === 0 ? null : restrictedMean(kaplanMeier(group), tau);
  const base = tau === null || reference === undefined ? null : restrictedMean(kaplanMeier(reference), tau);
  const around = (value: number, error: number) => estimate(value, [value - z * error, value + z * error], method);
  const reason = group.times.length === 0 ? 'no patients in the group' : 'follow-up is too short';
  return {
    restrictedMean: own === null ? notEstimable(method, reason) : around(own.mean, own.standardError),
    restrictedMeanDifference:
      own === null || base === null || isReference
        ? notEstimable(method, isReference ? 'the group that others are compared with' : reason)
        : around(own.mean - base.mean, Math.hypot(own.standardError, base.standardError)),
  };
}

function hazardRatio(
  reference: SurvivalData | undefined,
  group: SurvivalData,
  isReference: boolean,
  level: number,
): Estimate {
  if (isReference) return notEstimable(RATIO, 'the group that others are compared with');
  if (reference === undefined || group.times.length === 0) return notEstimable(RATIO, 'no patients in the group');
  const n = reference.times.length + group.times.length;
  const column = new Float64Array(n).fill(1, reference.times.length);
  const times = new Float64Array(n);
  const events = new Uint8Array(n);
  times.set(reference.times);
  times.set(group.times, reference.times.length);
  events.set(reference.events);
  events.set(group.events, reference.times.length);
  const fit = fitCox({ times, events, columns: [column], ties: 'efron' });
  if (fit === null) {
    const none = countOf(reference.events) === 0 || countOf(group.events) === 0;
    return notEstimable(RATIO, none ? 'a group has no event' : 'the ratio has no finite value');
  }
  const half = normalQuantile(1 - (1 - level) / 2) * Math.sqrt(fit.covariance.data[0]);
  const [log] = fit.coefficients;
  return estimate(Math.exp(log), [Math.exp(log - half), Math.exp(log + half)], RATIO);
}
