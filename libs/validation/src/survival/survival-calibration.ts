import { chiSquaredSf, normalQuantile, normalSf } from '@concord/numeric';
import { calibrationDistances, type CalibrationDistances } from '../binary/flexible-calibration.js';
import { splineColumns, splineKnots, splineRow } from '../spline.js';
import { baselineHazard, hazardAt } from './cox-baseline.js';
import { fitCox } from './cox-fit.js';
import { proportionalHazardsTest } from './cox-zph.js';
import { kaplanMeier, survivalPoint } from './kaplan-meier.js';
import { countOf, type SurvivalData } from './survival-data.js';

/** Observed over expected risk at a horizon. */
export interface ObservedExpectedAt {
  readonly time: number;
  /** 1 - Kaplan-Meier. */
  readonly observed: number;
  /** Mean predicted risk. */
  readonly expected: number;
  /** Null where nothing was expected. */
  readonly ratio: number | null;
  /** On the log scale, Greenwood's error over the observed; null where no event was seen or everybody had it. */
  readonly interval: readonly [number, number] | null;
}

/** @see McLernon et al., Ann Intern Med 176 (2023) */
export function observedExpectedAt(
  data: SurvivalData,
  risks: Float64Array,
  time: number,
  level: number,
): ObservedExpectedAt | null {
  if (risks.length === 0) return null;
  const point = survivalPoint(kaplanMeier(data), time, level);
  const observed = 1 - point.survival;
  const expected = risks.reduce((sum, risk) => sum + risk, 0) / risks.length;
  const ratio = expected > 0 ? observed / expected : null;
  if (ratio === null || !(observed > 0) || point.standardError === null) {
    return { time, observed, expected, ratio, interval: null };
  }
  const half = (normalQuantile(1 - (1 - level) / 2) * point.standardError) / observed;
  return { time, observed, expected, ratio, interval: [ratio * Math.exp(-half), ratio * Math.exp(half)] };
}

/** The Cox model on the linear predictor: 1 is right, below 1 the predictions are too extreme. */
export interface CoxSlope {
  readonly slope: number;
  readonly standardError: number;
  readonly interval: readonly [number, number];
  /** Wald test and likelihood ratio of slope 1. */
  readonly p: number;
  readonly likelihoodRatio: number;
  readonly likelihoodRatioP: number;
  /** Of proportional hazards; null where it cannot be tested. */
  readonly proportionalHazardsP: number | null;
}

/** @returns null where the slope has no finite estimate: no event, one predictor value, or a monotone likelihood */
export function coxSlope(data: SurvivalData, linear: Float64Array, level: number): CoxSlope | null {
  const input = { ...data, columns: [linear], ties: 'efron' as const };
  const fit = fitCox(input);
  if (fit === null) return null;
  const asIs = fitCox(input, { iterationLimit: 0, start: Float64Array.of(1) });
  const [slope, standardError] = [fit.coefficients[0], Math.sqrt(fit.covariance.data[0])];
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  const likelihoodRatio = Math.max(0, 2 * (fit.logLikelihood - (asIs?.logLikelihood ?? fit.logLikelihood)));
  return {
    slope,
    standardError,
    interval: [slope - half, slope + half],
    p: 2 * normalSf(Math.abs(slope - 1) / standardError),
    likelihoodRatio,
    likelihoodRatioP: chiSquaredSf(likelihoodRatio, 1),
    proportionalHazardsP: proportionalHazardsTest(input, fit)?.global.p ?? null,
  };
}

/** Events against the cumulative hazard that the model expected over each patient's own follow-up. */
export interface PoissonCalibration {
  readonly observed: number;
  readonly expected: number;
  readonly ratio: number;
  readonly logRatio: number;
  /** Of the log ratio. */
  readonly standardError: number;
  /** Slope of the linear predictor with the model's own baseline. */
  readonly slope: number | null;
  readonly slopeStandardError: number | null;
  /** Patients with an expected hazard of 0. */
  readonly dropped: number;
}

/**
 * @param hazards the model's cumulative hazard of each patient at the end of their follow-up
 * @returns null where no event was seen
 * @see Crowson, Atkinson and Therneau, Stat Methods Med Res 25 (2016)
 */
export function poissonCalibration(
  { events }: SurvivalData,
  linear: Float64Array,
  hazards: Float64Array,
): PoissonCalibration | null {
  const rows = [...hazards.keys()].filter((i) => hazards[i] > 0);
  const kept = Uint8Array.from(rows, (i) => events[i]);
  const observed = countOf(kept);
  if (observed === 0) return null;
  const expected = rows.reduce((sum, i) => sum + hazards[i], 0);
  const fit = poissonSlope(
    kept,
    Float64Array.from(rows, (i) => linear[i]),
    Float64Array.from(rows, (i) => Math.log(hazards[i]) - linear[i]),
  );
  return {
    observed,
    expected,
    ratio: observed / expected,
    logRatio: Math.log(observed / expected),
    standardError: 1 / Math.sqrt(observed),
    slope: fit?.slope ?? null,
    slopeStandardError: fit?.standardError ?? null,
    dropped: hazards.length - rows.length,
  };
}

/** log mean = a + b x + offset, by Newton steps from the model as it is (a = 0, b = 1). */
function poissonSlope(counts: Uint8Array, x: Float64Array, offset: Float64Array) {
  const centre = x.reduce((sum, value) => sum + value, 0) / x.length;
  let [a, b] = [centre, 1];
  for (let iteration = 0; iteration < 100; iteration++) {
    let [u0, u1, i00, i01, i11] = [0, 0, 0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const v = x[i] - centre;
      const mean = Math.exp(a + b * v + offset[i]);
      u0 += counts[i] - mean;
      u1 += (counts[i] - mean) * v;
      i00 += mean;
      i01 += mean * v;
      i11 += mean * v * v;
    }
    const determinant = i00 * i11 - i01 * i01;
    if (!(determinant > 1e-12 * i00 * i11)) return null;
    const [da, db] = [(i11 * u0 - i01 * u1) / determinant, (i00 * u1 - i01 * u0) / determinant];
    // A long step would overflow the exponential; shortened, it still goes uphill.
    const share = Math.min(1, 2 / Math.max(Math.abs(da), Math.abs(db)));
    a += share * da;
    b += share * db;
    if (da * u0 + db * u1 < 1e-12) return { slope: b, standardError: Math.sqrt(i00 / determinant) };
  }
  return null;
}

/** A calibration curve at a horizon by a Cox model on a spline of log(-log(1 - risk)). */
export interface FlexibleSurvivalCalibration extends CalibrationDistances {
  readonly time: number;
  readonly knots: readonly number[];
  readonly coefficients: readonly number[];
  /** At covariates of 0. */
  readonly baselineHazard: number;
  readonly at: (risk: number) => number;
}

/**
 * @returns null where knots coincide, a risk is 0 or 1, or the model does not exist
 * @see Austin, Harrell and van Klaveren, Stat Med 39 (2020)
 */
export function flexibleSurvivalCalibration(
  data: SurvivalData,
  risks: Float64Array,
  time: number,
): FlexibleSurvivalCalibration | null {
  if (!risks.every((risk) => risk > 0 && risk < 1)) return null;
  const transformed = risks.map((risk) => Math.log(-Math.log1p(-risk)));
  const knots = splineKnots(transformed, 3);
  if (knots === null) return null;
  const input = { ...data, columns: splineColumns(transformed, knots), ties: 'efron' as const };
  const fit = fitCox(input);
  if (fit === null) return null;
  const hazard = hazardAt(baselineHazard(input, fit.coefficients), time);
  const coefficients = [...fit.coefficients];
  const at = (risk: number) => {
    const row = splineRow(Math.log(-Math.log1p(-risk)), knots);
    return -Math.expm1(-hazard * Math.exp(row.reduce((sum, value, j) => sum + value * coefficients[j], 0)));
  };
  const smoothed = risks.map(at);
  if (!smoothed.every(Number.isFinite)) return null;
  return { time, knots, coefficients, baselineHazard: hazard, at, ...calibrationDistances(risks, smoothed) };
}
