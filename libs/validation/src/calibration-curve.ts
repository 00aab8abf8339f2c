import { normalQuantile, quantile } from '@concord/numeric';
import { inverseLogit } from './auc.js';
import { countEvents, logitsOf } from './calibration.js';
import { estimateWithoutInterval, notEstimable, type Estimate } from './estimate.js';
import { fitLogistic } from './logistic-fit.js';
import { proportion } from './proportion.js';

/** One group of patients with neighbouring risks. */
export interface CalibrationGroup {
  readonly n: number;
  readonly events: number;
  readonly meanRisk: number;
  readonly observed: Estimate;
}

/** A point of the smooth curve: the predicted risk and the risk that came, with its pointwise band. */
export interface CalibrationPoint {
  readonly predicted: number;
  readonly observed: number;
  readonly low: number;
  readonly high: number;
}

/** Calibration over the range of risk. */
export interface CalibrationCurve {
  readonly groups: readonly CalibrationGroup[];
  /** Empty where the curve is not estimable; `ici` then says why. */
  readonly smooth: readonly CalibrationPoint[];
  /** Mean, median, 90 % quantile and largest distance between predicted and smoothed risk, over the patients. */
  readonly ici: Estimate;
  readonly e50: Estimate;
  readonly e90: Estimate;
  readonly emax: Estimate;
}

const SMOOTH = 'logistic regression on a restricted cubic spline of the logit, 3 knots';
const LEAST_PATIENTS = 20;
const GRID_POINTS = 51;

/**
 * Calibration curve by groups of equal size and by a spline.
 *
 * Groups are cut at quantiles of the risk (type 7, closed on the right), ten of them or one for ten patients; equal
 * risks are never parted. The spline has Harrell's knots at 10, 50 and 90 % of the logit.
 *
 * @param risks probabilities, one a patient
 * @see Austin and Steyerberg, Stat Med 38 (2019), ICI, E50, E90
 */
export function calibrationCurve(risks: Float64Array, outcomes: Uint8Array, level: number): CalibrationCurve {
  return { groups: groupsOf(risks, outcomes, level), ...smoothOf(risks, outcomes, level) };
}

/** The curve of a cohort that has none. */
export function noCalibrationCurve(reason: string): CalibrationCurve {
  const none = notEstimable(SMOOTH, reason);
  return { groups: [], smooth: [], ici: none, e50: none, e90: none, emax: none };
}

function groupsOf(risks: Float64Array, outcomes: Uint8Array, level: number): CalibrationGroup[] {
  const count = Math.max(1, Math.min(10, Math.floor(risks.length / 10)));
  if (risks.length === 0) return [];
  const sorted = Float64Array.from(risks).sort();
  const breaks = Array.from({ length: count }, (_, i) => quantile(sorted, (i + 1) / count));
  const sums = breaks.map(() => ({ n: 0, events: 0, risk: 0 }));
  risks.forEach((risk, i) => {
    const at = breaks.findIndex((limit) => risk <= limit);
    const group = sums[at < 0 ? count - 1 : at];
    group.n++;
    group.events += outcomes[i];
    group.risk += risk;
  });
  return sums
    .filter(({ n }) => n > 0)
    .map(({ n, events, risk }) => ({
      n,
      events,
      meanRisk: risk / n,
      observed: proportion(events, n, level, 'no patients'),
    }));
}

/** Columns of the spline over the patients, and its rows at the grid of predicted risks; a text says why there are none. */
export function smoothDesign(risks: Float64Array, outcomes: Uint8Array) {
  const { logits } = logitsOf(risks);
  const reason = smoothReason(logits, outcomes);
  if (reason !== null) return reason;
  const knots = [0.1, 0.5, 0.9].map((p) => quantile(logits, p));
  const [low, high] = [Math.min(...risks), Math.max(...risks)];
  const grid = Array.from({ length: GRID_POINTS }, (_, i) => low + ((high - low) * i) / (GRID_POINTS - 1));
  return {
    columns: [new Float64Array(logits.length).fill(1), logits, logits.map((x) => splineBasis(x, knots))],
    grid,
    gridRows: grid.map((risk) => {
      const x = logitsOf(Float64Array.of(risk)).logits[0];
      return [1, x, splineBasis(x, knots)];
    }),
  };
}

function smoothOf(risks: Float64Array, outcomes: Uint8Array, level: number): Omit<CalibrationCurve, 'groups'> {
  const design = smoothDesign(risks, outcomes);
  if (typeof design === 'string') return noCalibrationCurve(design);
  const { columns, grid, gridRows } = design;
  const fit = fitLogistic(columns, outcomes);
  if (fit === null) return noCalibrationCurve('the spline has no finite solution: too few events, or separation');
  const [a, b, c] = fit.coefficients;
  const distances = Float64Array.from(risks, (risk, i) =>
    Math.abs(risk - inverseLogit(a + b * columns[1][i] + c * columns[2][i])),
  );
  const z = normalQuantile(1 - (1 - level) / 2);
  const smooth = gridRows.map((row, i) => {
    const variance = row.reduce(
      (sum, u, j) => sum + row.reduce((s, v, k) => s + u * v * fit.covariance.data[k * 3 + j], 0),
      0,
    );
    const half = z * Math.sqrt(variance);
    const centre = a + b * row[1] + c * row[2];
    return {
      predicted: grid[i],
      observed: inverseLogit(centre),
      low: inverseLogit(centre - half),
      high: inverseLogit(centre + half),
    };
  });
  const distance = (value: number) =>
    estimateWithoutInterval(value, SMOOTH, 'no closed interval; see the band of the curve');
  return {
    smooth,
    ici: distance(distances.reduce((sum, value) => sum + value, 0) / distances.length),
    e50: distance(quantile(distances, 0.5)),
    e90: distance(quantile(distances, 0.9)),
    emax: distance(Math.max(...distances)),
  };
}

/** The one non-linear term of Harrell's restricted cubic spline with three knots, divided by the squared range. */
function splineBasis(x: number, [first, middle, last]: number[]): number {
  const cube = (value: number) => Math.max(value, 0) ** 3;
  const outer = last - middle;
  const term =
    cube(x - first) - (cube(x - middle) * (last - first)) / outer + (cube(x - last) * (middle - first)) / outer;
  return term / (last - first) ** 2;
}

function smoothReason(logits: Float64Array, outcomes: Uint8Array): string | null {
  const n = logits.length;
  const events = countEvents(outcomes);
  if (n < LEAST_PATIENTS) return `a smooth curve needs ${LEAST_PATIENTS} patients; there are ${n}`;
  if (events < 3 || n - events < 3) return `too few patients of one class: ${events} events, ${n - events} non-events`;
  const [first, middle, last] = [0.1, 0.5, 0.9].map((p) => quantile(logits, p));
  return first < middle && middle < last ? null : 'too few different risks for three knots';
}
