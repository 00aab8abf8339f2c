import { normalQuantile } from '@concord/numeric';
import { sortedByClass } from './auc.js';
import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from './estimate.js';

/** Net benefit at one threshold of risk, per patient. */
export interface DecisionPoint {
  readonly threshold: number;
  readonly netBenefit: Estimate;
  readonly treatAll: Estimate;
  /** Net benefit over prevalence: 1 is the best there is. */
  readonly standardized: Estimate;
  /** Treatments spared per 100 patients against treating all, at no more missed events. */
  readonly avoidedPer100: Estimate;
}

/** Net benefit as numbers: NB = TP/n - w FP/n with w = t/(1-t). */
export interface NetBenefit {
  readonly threshold: number;
  /** True (false) positives over all patients. */
  readonly truePositiveShare: number;
  readonly falsePositiveShare: number;
  readonly netBenefit: number;
  /** By the delta method on the two shares. */
  readonly standardError: number;
  readonly treatAll: number;
}

/** Risk at which treating none has net benefit 0; thresholds of the curve where the plan names none: 1 to 99 %. */
export const DEFAULT_DECISION_THRESHOLDS: readonly number[] = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

const METHOD = 'net benefit, delta-method interval';

/**
 * Net benefit at each threshold, patients with risk >= t treated. O(n log n) for all thresholds together.
 *
 * @param risks probabilities; @param outcomes 0 or 1; at least one patient
 * @param thresholds each in (0, 1), declared beforehand
 * @see Vickers and Elkin, Med Decis Making 26 (2006); variance by the delta method (Marsh et al., Stat Med 39, 2020)
 */
export function netBenefits(risks: Float64Array, outcomes: Uint8Array, thresholds: readonly number[]): NetBenefit[] {
  const { inEvents, inOthers } = sortedByClass(risks, outcomes);
  const n = risks.length;
  const prevalence = inEvents.length / n;
  return thresholds.map((threshold) => {
    const w = threshold / (1 - threshold);
    const a = countFrom(inEvents, threshold) / n;
    const b = countFrom(inOthers, threshold) / n;
    const variance = Math.max(0, a * (1 - a) + w * w * b * (1 - b) + 2 * w * a * b) / n;
    return {
      threshold,
      truePositiveShare: a,
      falsePositiveShare: b,
      netBenefit: a - w * b,
      standardError: Math.sqrt(variance),
      treatAll: prevalence - w * (1 - prevalence),
    };
  });
}

/** How many of the ascending values are at or above the threshold. */
function countFrom(sorted: Float64Array, threshold: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < threshold) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

/** The same as estimates with intervals, a point for each threshold, in their order; see {@link netBenefits}. */
export function decisionCurve(
  risks: Float64Array,
  outcomes: Uint8Array,
  thresholds: readonly number[],
  level: number,
): DecisionPoint[] {
  if (risks.length === 0) {
    const none = notEstimable(METHOD, 'no patients');
    return thresholds.map((threshold) => ({
      threshold,
      netBenefit: none,
      treatAll: none,
      standardized: none,
      avoidedPer100: none,
    }));
  }
  const prevalence = outcomes.reduce((sum, value) => sum + value, 0) / risks.length;
  const z = normalQuantile(1 - (1 - level) / 2);
  return netBenefits(risks, outcomes, thresholds).map((point) => decisionPoint(point, prevalence, z));
}

function decisionPoint(point: NetBenefit, prevalence: number, z: number): DecisionPoint {
  const { threshold, netBenefit, treatAll } = point;
  const half = z * point.standardError;
  const see = 'see the interval of the net benefit';
  const standard = 'net benefit / prevalence';
  const w = threshold / (1 - threshold);
  return {
    threshold,
    netBenefit: estimate(netBenefit, [netBenefit - half, netBenefit + half], METHOD),
    treatAll: estimateWithoutInterval(treatAll, 'net benefit of treating all', see),
    standardized:
      prevalence > 0
        ? estimateWithoutInterval(netBenefit / prevalence, standard, see)
        : notEstimable(standard, 'no patient has the event'),
    avoidedPer100: estimateWithoutInterval((100 * (netBenefit - treatAll)) / w, 'interventions avoided per 100', see),
  };
}
