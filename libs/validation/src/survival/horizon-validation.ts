import { normalQuantile } from '@concord/numeric';
import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from '../estimate.js';
import { kaplanMeier, survivalAt, survivalPoint } from './kaplan-meier.js';
import { flexibleSurvivalCalibration, observedExpectedAt } from './survival-calibration.js';
import { survivalRows, type SurvivalData } from './survival-data.js';
import { survivalNetBenefit, type SurvivalNetBenefit } from './survival-decision.js';
import { estimateOf } from './survival-estimates.js';
import { aucAt, brierAt, censoringSurvival, markerOrder, weightedCohort } from './time-dependent.js';

/** Predicted risks by one horizon against what came. */
export interface HorizonValidation {
  readonly time: number;
  readonly atRisk: number;
  readonly survival: Estimate;
  /** Share still followed by then; below 0.05 the weighted numbers rest on few patients. */
  readonly followed: number | null;
  readonly auc: Estimate;
  readonly brier: Estimate;
  /** 1 - Brier / Brier of the cohort's own Kaplan-Meier risk. */
  readonly ipa: Estimate;
  readonly observedExpected: Estimate;
  readonly ici: Estimate;
  readonly e50: Estimate;
  readonly e90: Estimate;
  readonly emax: Estimate;
  /** The smoothed curve from the lowest to the highest risk; empty where it is not estimable. */
  readonly smooth: readonly { readonly predicted: number; readonly observed: number }[];
  /** Groups of equal size by risk, Kaplan-Meier in each. */
  readonly groups: readonly HorizonGroup[];
  readonly decisionCurve: readonly SurvivalNetBenefit[];
}

export interface HorizonGroup {
  readonly n: number;
  readonly meanRisk: number;
  /** 1 - Kaplan-Meier by the horizon. */
  readonly observed: Estimate;
}

const AUC = 'cumulative/dynamic AUC, weighted for censoring, influence-function interval';
const BRIER = 'Brier score weighted for censoring, influence-function interval';
const CURVE = 'Cox model on a restricted cubic spline of log(-log(1 - risk)), 3 knots';
/** Below this share of patients still followed a number carries a remark. */
export const THIN = 0.05;

/** All numbers of one horizon; nothing is estimable without patients. */
export function cohortAtHorizon(
  data: SurvivalData,
  risks: Float64Array,
  time: number,
  thresholds: readonly number[],
  level: number,
): HorizonValidation {
  const z = normalQuantile(1 - (1 - level) / 2);
  const curve = kaplanMeier(data);
  const n = risks.length;
  const point = survivalPoint(curve, time, level);
  const cohort = weightedCohort({ times: data.times, causes: data.events });
  const followed = n > 0 ? censoringSurvival(cohort, time) : null;
  const reason = horizonReason(data, time, followed);
  const auc = reason === null ? aucAt(cohort, risks, markerOrder(risks), time) : null;
  const brier = n > 0 ? brierAt(cohort, risks, time) : null;
  const remark =
    followed !== null && followed < THIN ? `only ${(100 * followed).toFixed(1)} % are still followed` : null;
  return {
    time,
    atRisk: point.atRisk,
    survival:
      n > 0 ? estimateOf(point.survival, point.logLog, 'Kaplan-Meier, log-log interval', 'no patients') : noPatients(),
    followed,
    auc: around(auc, AUC, reason ?? 'no pair of a case and a control can be weighted', z, remark),
    brier: around(brier, BRIER, n === 0 ? 'no patients' : 'nobody is followed to the horizon', z, remark),
    ...againstNull(cohort, curve, brier?.value ?? null, n, time),
    ...calibrationAt(data, risks, time, level),
    decisionCurve: n > 0 ? survivalNetBenefit(data, risks, time, thresholds) : [],
  };
}

function noPatients(): Estimate {
  return notEstimable('Kaplan-Meier, log-log interval', 'no patients');
}

function horizonReason({ times, events }: SurvivalData, time: number, followed: number | null): string | null {
  if (times.length === 0) return 'no patients';
  if (!events.some((event, i) => event === 1 && times[i] <= time)) return 'no event by the horizon';
  if (!times.some((t) => t > time) || !(followed !== null && followed > 0))
    return 'nobody is followed beyond the horizon';
  return null;
}

/** An estimate with a normal interval, cut at 0 and 1. */
export function around(
  found: { value: number; standardError: number } | null,
  method: string,
  reason: string,
  z: number,
  remark: string | null,
): Estimate {
  if (found === null) return notEstimable(method, reason);
  const half = z * found.standardError;
  const bounds: [number, number] = [Math.max(0, found.value - half), Math.min(1, found.value + half)];
  const base =
    half > 0
      ? estimate(found.value, bounds, method)
      : estimateWithoutInterval(found.value, method, 'the variance is zero');
  return remark === null ? base : { ...base, reason: base.reason === null ? remark : `${base.reason}; ${remark}` };
}

function againstNull(
  cohort: Parameters<typeof brierAt>[0],
  curve: Parameters<typeof survivalAt>[0],
  value: number | null,
  n: number,
  time: number,
): { ipa: Estimate } {
  const method = '1 - Brier / Brier of the Kaplan-Meier risk';
  const none = n > 0 ? brierAt(cohort, new Float64Array(n).fill(1 - survivalAt(curve, time)), time) : null;
  if (value === null || none === null || !(none.value > 0))
    return { ipa: notEstimable(method, 'no Brier score to compare') };
  return { ipa: estimateWithoutInterval(1 - value / none.value, method, 'no closed interval; see the Brier score') };
}

function calibrationAt(data: SurvivalData, risks: Float64Array, time: number, level: number) {
  const method = 'observed / expected by the horizon, log interval';
  const oe = observedExpectedAt(data, risks, time, level);
  const curve = flexibleSurvivalCalibration(data, risks, time);
  const distance = (value: number | undefined) =>
    value === undefined
      ? notEstimable(CURVE, 'too few events or different risks, or a risk of 0 or 1')
      : estimateWithoutInterval(value, CURVE, 'no closed interval');
  return {
    observedExpected:
      oe === null
        ? notEstimable(method, 'no patients')
        : estimateOf(oe.ratio, oe.interval, method, 'the model expects no event'),
    ici: distance(curve?.ici),
    e50: distance(curve?.e50),
    e90: distance(curve?.e90),
    emax: distance(curve?.emax),
    smooth: curve === null ? [] : smoothPoints(risks, curve.at),
    groups: groupsOf(data, risks, time, level),
  };
}

const GRID = 51;

function smoothPoints(risks: Float64Array, at: (risk: number) => number) {
  let [low, high] = [1, 0];
  for (const risk of risks) [low, high] = [Math.min(low, risk), Math.max(high, risk)];
  return Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1))
    .map((predicted) => ({ predicted, observed: at(predicted) }))
    .filter(({ observed }) => Number.isFinite(observed));
}

/** Ten groups, or one for twenty patients; equal risks are never parted. */
function groupsOf(data: SurvivalData, risks: Float64Array, time: number, level: number): HorizonGroup[] {
  const groups = equalGroups(risks, Math.max(1, Math.min(10, Math.floor(risks.length / 20))));
  return groups.map((rows) => {
    const { survival, logLog } = survivalPoint(kaplanMeier(survivalRows(data, rows)), time, level);
    const method = '1 - Kaplan-Meier, log-log interval';
    return {
      n: rows.length,
      meanRisk: rows.reduce((sum, row) => sum + risks[row], 0) / rows.length,
      observed: estimateOf(1 - survival, logLog && [1 - logLog[1], 1 - logLog[0]], method, 'no patients'),
    };
  });
}

/** Rows by risk in groups of about equal size; equal risks are never parted. */
export function equalGroups(risks: Float64Array, count: number): number[][] {
  const order = [...markerOrder(risks)].sort((a, b) => risks[a] - risks[b]);
  const groups: number[][] = [];
  order.forEach((row, i) => {
    const group = Math.min(count - 1, Math.floor((i * count) / order.length));
    const isTied = i > 0 && risks[row] === risks[order[i - 1]];
    if (isTied || groups.length > group) groups[groups.length - 1].push(row);
    else groups.push([row]);
  });
  return groups;
}
