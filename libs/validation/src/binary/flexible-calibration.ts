import { quantile } from '@concord/numeric';
import { inverseLogit } from '../auc.js';
import { logitsOf } from '../calibration.js';
import { devianceOf, fitLogistic } from '../logistic-fit.js';
import { splineColumns, splineKnots, splineRow } from '../spline.js';
import { calibrationFits, likelihoodRatio, type Test } from './calibration-statistics.js';
import { loessDirect } from './loess.js';

/** Distances between predicted and smoothed risk over the patients. */
export interface CalibrationDistances {
  readonly ici: number;
  readonly e50: number;
  readonly e90: number;
  readonly emax: number;
  /** 100 times the mean squared distance. */
  readonly eci: number;
}

/** A calibration curve by a restricted cubic spline of the logit. */
export interface SplineCalibration extends CalibrationDistances {
  readonly knots: readonly number[];
  readonly coefficients: readonly number[];
  /** The predictions as they are against the spline. */
  readonly overall: Test;
  /** Intercept and slope against the spline. */
  readonly nonlinear: Test;
  /** The smoothed risk at a predicted one. */
  readonly at: (risk: number) => number;
}

/** Mean, median, 90 % quantile (type 7), maximum, and the estimated calibration index. */
export function calibrationDistances(risks: Float64Array, smoothed: Float64Array): CalibrationDistances {
  const distances = risks.map((risk, i) => Math.abs(risk - smoothed[i])).sort();
  let [sum, squares] = [0, 0];
  for (const value of distances) {
    sum += value;
    squares += value * value;
  }
  const n = distances.length;
  return {
    ici: sum / n,
    e50: quantile(distances, 0.5),
    e90: quantile(distances, 0.9),
    emax: distances[n - 1],
    eci: (100 * squares) / n,
  };
}

/**
 * Logistic regression on a restricted cubic spline of the logit.
 *
 * @returns null where the knots coincide or the fit has no finite solution
 * @see Austin and Steyerberg, Stat Med 38 (2019); Van Hoorde et al., J Biomed Inform 54 (2015), ECI
 */
export function splineCalibration(
  risks: Float64Array,
  outcomes: Uint8Array,
  knotCount: 3 | 5,
): SplineCalibration | null {
  const { logits } = logitsOf(risks);
  const knots = splineKnots(logits, knotCount);
  if (knots === null) return null;
  const ones = new Float64Array(logits.length).fill(1);
  const columns = [ones, ...splineColumns(logits, knots)];
  const fit = fitLogistic(columns, outcomes);
  const straight = calibrationFits(logits, outcomes);
  if (fit === null || straight === null) return null;
  const coefficients = [...fit.coefficients];
  const at = (risk: number) => {
    const row = [1, ...splineRow(logitsOf(Float64Array.of(risk)).logits[0], knots)];
    return inverseLogit(row.reduce((sum, value, j) => sum + value * coefficients[j], 0));
  };
  return {
    knots,
    coefficients,
    overall: likelihoodRatio(devianceOf(logits, outcomes), fit.deviance, knotCount),
    nonlinear: likelihoodRatio(straight.slope.deviance, fit.deviance, knotCount - 2),
    at,
    ...calibrationDistances(risks, risks.map(at)),
  };
}

/** A calibration curve by loess of the outcome on the risk (degree 2, span 0.75), not cut at 0 and 1. */
export interface LoessCalibration extends CalibrationDistances {
  readonly at: (risk: number) => number;
}

/** Most patients for whom every point is fitted directly; with more the curve is interpolated between quantiles. */
const DIRECT_LIMIT = 5000;
const GRID = 500;

/** @returns null with fewer than 20 patients or too few different risks */
export function loessCalibration(risks: Float64Array, outcomes: Uint8Array): LoessCalibration | null {
  if (risks.length < 20) return null;
  const fit = loessDirect(risks, Float64Array.from(outcomes), 0.75);
  if (risks.length <= DIRECT_LIMIT) {
    const known = new Map<number, number>();
    const at = (risk: number) => {
      const value = known.get(risk) ?? fit(risk);
      known.set(risk, value);
      return value;
    };
    return finish(risks, at);
  }
  const sorted = Float64Array.from(risks).sort();
  const grid = [...new Set(Array.from({ length: GRID + 1 }, (_, i) => quantile(sorted, i / GRID)))];
  return finish(risks, interpolator(grid, grid.map(fit)));
}

function finish(risks: Float64Array, at: (risk: number) => number): LoessCalibration | null {
  const smoothed = risks.map(at);
  return smoothed.every(Number.isFinite) ? { at, ...calibrationDistances(risks, smoothed) } : null;
}

/** Straight lines between points of ascending x, constant beyond the ends. */
export function interpolator(x: readonly number[], y: readonly number[]): (at: number) => number {
  return (at) => {
    let low = 0;
    let high = x.length - 1;
    if (at <= x[low]) return y[low];
    if (at >= x[high]) return y[high];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x[middle] <= at) low = middle;
      else high = middle;
    }
    return y[low] + ((y[high] - y[low]) * (at - x[low])) / (x[high] - x[low]);
  };
}
