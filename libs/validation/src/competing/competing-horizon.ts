import { normalQuantile } from '@concord/numeric';
import { notEstimable, plainEstimate, type Estimate } from '../estimate.js';
import { competingNetBenefit, type SurvivalNetBenefit } from '../survival/survival-decision.js';
import { around, equalGroups, THIN } from '../survival/horizon-validation.js';
import { estimateOf } from '../survival/survival-estimates.js';
import {
  aucAt,
  brierAt,
  censoringSurvival,
  markerOrder,
  weightedCohort,
  type CausesData,
} from '../survival/time-dependent.js';
import { cumulativeIncidence, incidenceBounds, incidencePoint } from './cumulative-incidence.js';

/** Predicted risks of the event of interest by one horizon against what came. */
export interface CompetingHorizon {
  readonly time: number;
  /** Aalen-Johansen, of the event of interest and of the competing one. */
  readonly incidence: Estimate;
  readonly competingIncidence: Estimate;
  readonly followed: number | null;
  /** Controls are all who did not have the event of interest. */
  readonly auc: Estimate;
  readonly brier: Estimate;
  /** 1 - Brier / Brier of the cohort's own incidence. */
  readonly ipa: Estimate;
  readonly observedExpected: Estimate;
  /** Groups of equal size by risk, Aalen-Johansen in each. */
  readonly groups: readonly { readonly n: number; readonly meanRisk: number; readonly observed: Estimate }[];
  readonly decisionCurve: readonly SurvivalNetBenefit[];
}

const AJ = 'Aalen-Johansen, log-log interval';
const AUC = 'cumulative/dynamic AUC with cause, weighted for censoring, influence-function interval';
const BRIER = 'Brier score with cause, weighted for censoring, influence-function interval';
const OE = 'Aalen-Johansen incidence over mean risk, log interval';
const IPA = '1 - Brier / Brier of the Aalen-Johansen incidence';

/** All numbers of one horizon; nothing is estimable without patients. */
export function competingAtHorizon(
  data: CausesData,
  risks: Float64Array,
  time: number,
  thresholds: readonly number[],
  level: number,
): CompetingHorizon {
  const z = normalQuantile(1 - (1 - level) / 2);
  const n = risks.length;
  if (n === 0) return empty(time);
  const cohort = weightedCohort(data);
  const followed = censoringSurvival(cohort, time);
  const incidence = incidencePoint(cumulativeIncidence(data), time);
  const hasEvent = data.times.some((t, i) => data.causes[i] === 1 && t <= time);
  const canRank = hasEvent && followed > 0;
  const auc = canRank ? aucAt(cohort, risks, markerOrder(risks), time, { controls: 'all' }) : null;
  const brier = brierAt(cohort, risks, time);
  const none = brierAt(cohort, new Float64Array(n).fill(incidence.incidence), time);
  const remark = followed < THIN ? `only ${(100 * followed).toFixed(1)} % are still followed` : null;
  const expected = risks.reduce((sum, risk) => sum + risk, 0) / n;
  const half = (z * incidence.standardError) / incidence.incidence;
  const ratio = incidence.incidence / expected;
  const bounds =
    hasEvent && Number.isFinite(half) ? ([ratio * Math.exp(-half), ratio * Math.exp(half)] as const) : null;
  const noEvent = hasEvent ? 'nobody is followed to the horizon' : 'no event by the horizon';
  return {
    time,
    incidence: estimateOf(
      incidence.incidence,
      incidenceBounds(incidence.incidence, incidence.standardError, z),
      AJ,
      'no patients',
    ),
    competingIncidence: plainEstimate(incidence.competing, 'Aalen-Johansen', 'no patients'),
    followed,
    auc: around(auc, AUC, canRank ? 'no pair of a case and a control can be weighted' : noEvent, z, remark),
    brier: around(brier, BRIER, 'nobody is followed to the horizon', z, remark),
    ipa: plainEstimate(
      brier && none && none.value > 0 ? 1 - brier.value / none.value : null,
      IPA,
      'no Brier score to compare',
    ),
    observedExpected: estimateOf(expected > 0 ? ratio : null, bounds, OE, 'the model expects no event'),
    groups: groupsOf(data, risks, time, z),
    decisionCurve: competingNetBenefit(data, risks, time, thresholds),
  };
}

function groupsOf(data: CausesData, risks: Float64Array, time: number, z: number): CompetingHorizon['groups'] {
  const groups = equalGroups(risks, Math.max(1, Math.min(10, Math.floor(risks.length / 20))));
  return groups.map((rows) => {
    const part = {
      times: Float64Array.from(rows, (i) => data.times[i]),
      causes: Uint8Array.from(rows, (i) => data.causes[i]),
    };
    const { incidence, standardError } = incidencePoint(cumulativeIncidence(part), time);
    return {
      n: rows.length,
      meanRisk: rows.reduce((sum, row) => sum + risks[row], 0) / rows.length,
      observed: estimateOf(incidence, incidenceBounds(incidence, standardError, z), AJ, 'no patients'),
    };
  });
}

function empty(time: number): CompetingHorizon {
  const none = (method: string) => notEstimable(method, 'no patients');
  return {
    time,
    incidence: none(AJ),
    competingIncidence: none('Aalen-Johansen'),
    followed: null,
    auc: none(AUC),
    brier: none(BRIER),
    ipa: none(IPA),
    observedExpected: none(OE),
    groups: [],
    decisionCurve: [],
  };
}
