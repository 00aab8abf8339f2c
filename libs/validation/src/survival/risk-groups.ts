import { normalQuantile } from '@concord/numeric';
import { estimate, notEstimable, type Estimate } from '../estimate.js';
import { fitCox } from './cox-fit.js';
import { kaplanMeier, medianSurvival } from './kaplan-meier.js';
import { logRank, pairwiseLogRank, type PairwiseLogRank } from './log-rank.js';
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
}

/** Locked risk groups; a group without patients is shown empty, never cut anew. */
export interface RiskGroupReport {
  readonly groups: readonly RiskGroup[];
  readonly logRank: { readonly chi2: number; readonly df: number; readonly p: number } | null;
  readonly pairwise: readonly PairwiseLogRank[];
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
        hazardRatio: hazardRatio(parts[all.indexOf(present[0])], parts[g], label === present[0], level),
      };
    }),
    logRank: test && { chi2: test.chi2, df: test.df, p: test.p },
    pairwise: present.length > 2 ? pairwiseLogRank(data, groups) : [],
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
