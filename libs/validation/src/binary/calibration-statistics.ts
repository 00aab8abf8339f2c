import { chiSquaredSf, normalSf, quantile } from '@concord/numeric';
import { countEvents, logitsOf } from '../calibration.js';
import { devianceOf, fitLogistic, type LogisticFit } from '../logistic-fit.js';

/** The likelihood-ratio tests of weak calibration, and what each model explains. */
export interface CalibrationTests {
  readonly deviancePredicted: number;
  readonly devianceIntercept: number;
  readonly devianceSlope: number;
  /** Predictions as they are against intercept and slope refitted, 2 degrees of freedom. */
  readonly unreliability: Test;
  /** Slope 1 against a free one, the intercept free in both. */
  readonly slope: Test;
  /** Predictions as they are against a refitted intercept. */
  readonly intercept: Test;
}

export interface Test {
  readonly chi2: number;
  readonly df: number;
  readonly p: number;
}

/** Overall error of probabilities. */
export interface OverallError {
  readonly brier: number;
  /** Brier score of the cohort's own event rate. */
  readonly reference: number;
  readonly scaled: number | null;
  readonly logLoss: number;
  /** Spiegelhalter's z; null where all risks are 0, ½ or 1. */
  readonly spiegelhalterZ: number | null;
  readonly spiegelhalterP: number | null;
}

/** How much better than the event rate the predictions are, by their likelihood. */
export interface ExplainedLikelihood {
  readonly coxSnell: number;
  readonly nagelkerke: number;
}

/** The two recalibration models: an intercept with the linear predictor as offset, and intercept with slope. */
export interface CalibrationFits {
  readonly intercept: LogisticFit;
  readonly slope: LogisticFit;
}

/** Fits both models to log odds; null where one of them has no finite solution. */
export function calibrationFits(logits: Float64Array, outcomes: Uint8Array): CalibrationFits | null {
  const ones = new Float64Array(logits.length).fill(1);
  const intercept = fitLogistic([ones], outcomes, logits);
  const slope = fitLogistic([ones, logits], outcomes);
  return intercept && slope ? { intercept, slope } : null;
}

/**
 * Likelihood-ratio tests of calibration (Cox 1958; Miller, Hui and Tierney, Stat Med 10, 1991).
 *
 * @param risks clipped at 1e-8 before their logit
 * @returns null where the models have no finite solution: one class, or separation
 */
export function calibrationTests(risks: Float64Array, outcomes: Uint8Array): CalibrationTests | null {
  const { logits } = logitsOf(risks);
  const events = countEvents(outcomes);
  if (events === 0 || events === outcomes.length) return null;
  const fits = calibrationFits(logits, outcomes);
  if (fits === null) return null;
  const deviancePredicted = devianceOf(logits, outcomes);
  const [devianceIntercept, devianceSlope] = [fits.intercept.deviance, fits.slope.deviance];
  return {
    deviancePredicted,
    devianceIntercept,
    devianceSlope,
    unreliability: likelihoodRatio(deviancePredicted, devianceSlope, 2),
    slope: likelihoodRatio(devianceIntercept, devianceSlope, 1),
    intercept: likelihoodRatio(deviancePredicted, devianceIntercept, 1),
  };
}

/** The test that a smaller model is as good as a larger one, from their deviances. */
export function likelihoodRatio(smaller: number, larger: number, df: number): Test {
  const chi2 = Math.max(0, smaller - larger);
  return { chi2, df, p: chiSquaredSf(chi2, df) };
}

/** @see Brier 1950; Spiegelhalter, Stat Med 5 (1986) */
export function overallError(risks: Float64Array, outcomes: Uint8Array): OverallError | null {
  const n = risks.length;
  if (n === 0) return null;
  const rate = countEvents(outcomes) / n;
  let [squares, logs, distance, spread] = [0, 0, 0, 0];
  const { logits } = logitsOf(risks);
  for (let i = 0; i < n; i++) {
    const [p, y] = [risks[i], outcomes[i]];
    squares += (p - y) ** 2;
    const eta = y === 1 ? -logits[i] : logits[i];
    logs += eta > 0 ? eta + Math.log1p(Math.exp(-eta)) : Math.log1p(Math.exp(eta));
    distance += (y - p) * (1 - 2 * p);
    spread += (1 - 2 * p) ** 2 * p * (1 - p);
  }
  const reference = rate * (1 - rate);
  const z = spread > 0 ? distance / Math.sqrt(spread) : null;
  return {
    brier: squares / n,
    reference,
    scaled: reference > 0 ? 1 - squares / n / reference : null,
    logLoss: logs / n,
    spiegelhalterZ: z,
    spiegelhalterP: z === null ? null : 2 * normalSf(Math.abs(z)),
  };
}

/** @see Nagelkerke, Biometrika 78 (1991); null with one class */
export function explainedLikelihood(risks: Float64Array, outcomes: Uint8Array): ExplainedLikelihood | null {
  const n = risks.length;
  const events = countEvents(outcomes);
  if (events === 0 || events === n) return null;
  const none = nullDeviance(events, n);
  const coxSnell = -Math.expm1((devianceOf(logitsOf(risks).logits, outcomes) - none) / n);
  return { coxSnell, nagelkerke: coxSnell / -Math.expm1(-none / n) };
}

/** Deviance of a cohort under its own event rate; both classes present. */
export function nullDeviance(events: number, n: number): number {
  const rate = events / n;
  return -2 * (events * Math.log(rate) + (n - events) * Math.log1p(-rate));
}

/** Mean risk of events less that of non-events; null with one class. */
export function discriminationSlope(risks: Float64Array, outcomes: Uint8Array): number | null {
  const { events, nonEvents } = meansByClass(risks, outcomes);
  return events === null || nonEvents === null ? null : events - nonEvents;
}

/** Means of a value over events and over non-events; null for a class without patients. */
export function meansByClass(values: Float64Array, outcomes: Uint8Array) {
  const sums = [0, 0];
  const counts = [0, 0];
  values.forEach((value, i) => {
    sums[outcomes[i]] += value;
    counts[outcomes[i]]++;
  });
  return {
    events: counts[1] > 0 ? sums[1] / counts[1] : null,
    nonEvents: counts[0] > 0 ? sums[0] / counts[0] : null,
  };
}

/** Groups of equal size by predicted risk, and Hosmer and Lemeshow's test on them. */
export interface HosmerLemeshow {
  readonly breaks: readonly number[];
  readonly n: readonly number[];
  readonly observed: readonly number[];
  readonly expected: readonly number[];
  /** Null where a group expects no event, or only events. */
  readonly statistic: number | null;
  /** With as many degrees of freedom as groups: for predictions from elsewhere. */
  readonly p: number | null;
  /** With two fewer: for the model's own development patients. */
  readonly pDevelopment: number | null;
}

/** Cut at the quantiles (type 7) of the risk; groups are closed on the right, equal breaks are joined. */
export function hosmerLemeshow(risks: Float64Array, outcomes: Uint8Array, groups = 10): HosmerLemeshow | null {
  if (risks.length === 0) return null;
  const all = Array.from({ length: groups + 1 }, (_, i) => quantile(risks, i / groups));
  const breaks = all.filter((value, i) => i === 0 || value > all[i - 1]);
  const count = Math.max(1, breaks.length - 1);
  const [n, observed, expected] = [0, 0, 0].map(() => new Array<number>(count).fill(0));
  risks.forEach((risk, i) => {
    const at = breaks.findIndex((limit, b) => b > 0 && risk <= limit);
    const group = at < 1 ? count - 1 : at - 1;
    n[group]++;
    observed[group] += outcomes[i];
    expected[group] += risk;
  });
  let statistic: number | null = 0;
  for (let g = 0; g < count; g++) {
    const spread = expected[g] * (1 - expected[g] / n[g]);
    statistic = spread > 0 && statistic !== null ? statistic + (observed[g] - expected[g]) ** 2 / spread : null;
  }
  const at = (df: number) => (statistic === null || df < 1 ? null : chiSquaredSf(statistic, df));
  return { breaks, n, observed, expected, statistic, p: at(count), pDevelopment: at(count - 2) };
}
