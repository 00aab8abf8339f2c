import { normalQuantile } from '@concord/numeric';
import { oneClassReason } from './auc.js';
import { estimate, estimateWithoutInterval, notEstimable, withRemark, type Estimate } from './estimate.js';
import { fitLogistic } from './logistic-fit.js';

// Looked up once: inside the sandbox of a test runner every look-up of a global costs more than the function.
const { log, min, max } = Math;

/** Probabilities nearer to 0 or 1 than this are moved to it before their logit is taken, and are counted. */
export const CLIP = 1e-8;

/** Do the predicted risks come true, and how far are they from what came? */
export interface Calibration {
  /** Observed over expected events; above 1 the model predicts too little risk. */
  readonly observedExpected: Estimate;
  /** Intercept with the linear predictor as offset; 0 is right on the whole. */
  readonly inTheLarge: Estimate;
  /** Slope of the linear predictor; 1 is right, below 1 the predictions are too extreme. */
  readonly slope: Estimate;
  /** Intercept of the model with the slope; another number than `inTheLarge`. */
  readonly interceptWithSlope: Estimate;
  readonly brier: Estimate;
  /** 1 - Brier / Brier of the cohort's own event rate. */
  readonly scaledBrier: Estimate;
  /** Probabilities that were clipped at 1e-8 for the logit. */
  readonly clippedCount: number;
}

const OE = 'observed / expected, log interval';
const CITL = 'logistic regression, linear predictor as offset, Wald interval';
const SLOPE = 'logistic regression on the linear predictor, Wald interval';
const BRIER = 'mean squared difference, normal interval';
const SCALED = '1 - Brier / (rate (1 - rate))';

/** All calibration items, not estimable for one reason. */
export function noCalibration(reason: string): Calibration {
  return {
    observedExpected: notEstimable(OE, reason),
    inTheLarge: notEstimable(CITL, reason),
    slope: notEstimable(SLOPE, reason),
    interceptWithSlope: notEstimable(SLOPE, reason),
    brier: notEstimable(BRIER, reason),
    scaledBrier: notEstimable(SCALED, reason),
    clippedCount: 0,
  };
}

/**
 * Calibration of predicted risks.
 *
 * @param risks probabilities of the event, 0 to 1, one a patient
 * @param outcomes 0 or 1 for each
 * @see Van Calster et al., BMC Med 17:230 (2019); Steyerberg et al., Epidemiology 21 (2010)
 */
export function calibrate(risks: Float64Array, outcomes: Uint8Array, level: number): Calibration {
  const n = risks.length;
  if (n === 0) return noCalibration('no patients');
  const { logits, clippedCount } = logitsOf(risks);
  const remark = clippedCount > 0 ? `${clippedCount} probabilities of 0 or 1 were clipped at ${CLIP}` : null;
  const z = normalQuantile(1 - (1 - level) / 2);
  const slopes = slopeOf(logits, outcomes, z);
  return {
    observedExpected: observedExpected(risks, outcomes, z),
    inTheLarge: withRemark(inTheLarge(logits, outcomes, z), remark),
    slope: withRemark(slopes.slope, remark),
    interceptWithSlope: withRemark(slopes.intercept, remark),
    ...brierOf(risks, outcomes, z),
    clippedCount,
  };
}

/** Log odds of risks, clipped. */
export function logitsOf(risks: Float64Array): { logits: Float64Array; clippedCount: number } {
  let clippedCount = 0;
  const logits = risks.map((risk) => {
    const p = min(max(risk, CLIP), 1 - CLIP);
    if (p !== risk) clippedCount++;
    return log(p / (1 - p));
  });
  return { logits, clippedCount };
}

function observedExpected(risks: Float64Array, outcomes: Uint8Array, z: number): Estimate {
  const observed = countEvents(outcomes);
  const expected = risks.reduce((sum, risk) => sum + risk, 0);
  if (expected === 0) return notEstimable(OE, 'the model expects no event');
  if (observed === 0) return estimateWithoutInterval(0, OE, 'no patient has the event: the log does not exist');
  const ratio = observed / expected;
  const se = Math.sqrt((1 - observed / outcomes.length) / observed);
  return estimate(ratio, [ratio * Math.exp(-z * se), ratio * Math.exp(z * se)], OE);
}

function inTheLarge(logits: Float64Array, outcomes: Uint8Array, z: number): Estimate {
  const reason = classReason(outcomes);
  if (reason !== null) return notEstimable(CITL, reason);
  const fit = fitLogistic([new Float64Array(logits.length).fill(1)], outcomes, logits);
  if (fit === null) return notEstimable(CITL, 'the regression has no finite solution');
  return wald(fit.coefficients[0], fit.covariance.data[0], z, CITL);
}

function slopeOf(logits: Float64Array, outcomes: Uint8Array, z: number): { slope: Estimate; intercept: Estimate } {
  const none = (reason: string) => ({ slope: notEstimable(SLOPE, reason), intercept: notEstimable(SLOPE, reason) });
  const reason = classReason(outcomes) ?? separationReason(logits, outcomes);
  if (reason !== null) return none(reason);
  const fit = fitLogistic([new Float64Array(logits.length).fill(1), logits], outcomes);
  if (fit === null) return none('the regression has no finite solution');
  const [intercept, slope] = fit.coefficients;
  return {
    slope: wald(slope, fit.covariance.data[3], z, SLOPE),
    intercept: wald(intercept, fit.covariance.data[0], z, SLOPE),
  };
}

/** Null unless the classes do not overlap on the score, where the likelihood has no maximum (ties at the edge included). */
function separationReason(logits: Float64Array, outcomes: Uint8Array): string | null {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  logits.forEach((value, i) => {
    const level = outcomes[i];
    low[level] = min(low[level], value);
    high[level] = max(high[level], value);
  });
  if (min(...low) === max(...high)) return 'all patients have the same score';
  const isSeparated = high[0] <= low[1] || high[1] <= low[0];
  return isSeparated ? 'the classes are separated by the score: the slope has no finite value' : null;
}

function brierOf(risks: Float64Array, outcomes: Uint8Array, z: number): Pick<Calibration, 'brier' | 'scaledBrier'> {
  const n = risks.length;
  const errors = risks.map((risk, i) => (risk - outcomes[i]) ** 2);
  const mean = errors.reduce((sum, value) => sum + value, 0) / n;
  const rate = countEvents(outcomes) / n;
  const spread = errors.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = z * Math.sqrt(spread / (n - 1) / n);
  const interval: [number, number] = [max(0, mean - half), min(1, mean + half)];
  const one = 'the interval needs two patients';
  const reason = classReason(outcomes);
  return {
    brier: n < 2 ? estimateWithoutInterval(mean, BRIER, one) : estimate(mean, interval, BRIER),
    scaledBrier:
      reason === null
        ? estimateWithoutInterval(1 - mean / (rate * (1 - rate)), SCALED, 'no closed interval; see the Brier score')
        : notEstimable(SCALED, reason),
  };
}

function wald(value: number, variance: number, z: number, method: string): Estimate {
  const half = z * Math.sqrt(variance);
  return estimate(value, [value - half, value + half], method);
}

function classReason(outcomes: Uint8Array): string | null {
  const events = countEvents(outcomes);
  return events === 0 || events === outcomes.length ? oneClassReason(events, outcomes.length - events) : null;
}

export function countEvents(outcomes: Uint8Array): number {
  return outcomes.reduce((sum, value) => sum + value, 0);
}
