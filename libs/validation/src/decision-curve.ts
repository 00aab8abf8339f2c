import { normalQuantile } from '@concord/numeric';
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

/** Risk at which treating none has net benefit 0; thresholds of the curve where the plan names none: 1 to 99 %. */
export const DEFAULT_DECISION_THRESHOLDS: readonly number[] = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * Decision curve: NB = TP/n - w FP/n, w = t/(1-t), patients with risk >= t treated.
 *
 * @param risks probabilities; @param outcomes 0 or 1
 * @param thresholds each in (0, 1), declared beforehand
 * @returns a point for each threshold, in their order
 * @see Vickers and Elkin, Med Decis Making 26 (2006); variance by the delta method (Marsh et al., Stat Med 39, 2020)
 */
export function decisionCurve(
  risks: Float64Array,
  outcomes: Uint8Array,
  thresholds: readonly number[],
  level: number,
): DecisionPoint[] {
  const n = risks.length;
  const prevalence = outcomes.reduce((sum, value) => sum + value, 0) / n;
  const z = normalQuantile(1 - (1 - level) / 2);
  return thresholds.map((threshold) => {
    let truePositives = 0;
    let falsePositives = 0;
    for (let i = 0; i < n; i++) {
      if (risks[i] < threshold) continue;
      if (outcomes[i] === 1) truePositives++;
      else falsePositives++;
    }
    return decisionPoint(threshold, truePositives / n, falsePositives / n, prevalence, n, z);
  });
}

function decisionPoint(t: number, a: number, b: number, prevalence: number, n: number, z: number): DecisionPoint {
  const method = 'net benefit, delta-method interval';
  if (n === 0) {
    const none = notEstimable(method, 'no patients');
    return { threshold: t, netBenefit: none, treatAll: none, standardized: none, avoidedPer100: none };
  }
  const w = t / (1 - t);
  const value = a - w * b;
  const all = prevalence - w * (1 - prevalence);
  const half = z * Math.sqrt(Math.max(0, a * (1 - a) + w * w * b * (1 - b) + 2 * w * a * b) / n);
  const see = 'see the interval of the net benefit';
  const standard = 'net benefit / prevalence';
  return {
    threshold: t,
    netBenefit: estimate(value, [value - half, value + half], method),
    treatAll: estimateWithoutInterval(all, 'net benefit of treating all', see),
    standardized:
      prevalence > 0
        ? estimateWithoutInterval(value / prevalence, standard, see)
        : notEstimable(standard, 'no patient has the event'),
    avoidedPer100: estimateWithoutInterval((100 * (value - all)) / w, 'interventions avoided per 100', see),
  };
}
