import { choleskyInverse, choleskySolve, matrix, normalQuantile, tryCholesky, type Matrix } from '@concord/numeric';
import { aucEstimates, inverseLogit, withinSiteAuc } from '../auc.js';
import { estimate, estimateWithoutInterval, notEstimable, plainEstimate, type Estimate } from '../estimate.js';
import { proportion } from '../proportion.js';
import { aucBounds, countAbove, histogramVariance, knotsFrom, type CountBounds } from './coarse-histograms.js';
import { addSums, type NewtonSums } from './newton-sums.js';
import { poolMeasure, type PooledMeasure, type SiteValue } from './pooled-measure.js';
import type { CalibrationStep, CalibrationSums, ScoreSums, SumsPlan } from './score-sums.js';

/**
 * A number with what the release rules left of it: `exact`, as over the rows; `interval`, when only `bounds` are known
 * for certain and the value is their middle; `noised`, where a site added noise.
 */
export interface LabelledEstimate extends Estimate {
  readonly label: 'exact' | 'interval' | 'noised';
  /** Between these the value over the rows lies for certain; null where it is exact. */
  readonly bounds: readonly [number, number] | null;
}

/** The report of a binary score from sums alone. */
export interface FederatedReport {
  readonly format: 'concord.validation.federated/1';
  readonly level: number;
  readonly n: number;
  readonly events: number;
  readonly auc: LabelledEstimate;
  readonly withinSiteAuc: LabelledEstimate;
  readonly observedExpected: LabelledEstimate;
  readonly inTheLarge: LabelledEstimate;
  readonly slope: LabelledEstimate;
  /** Of the spline with 3 knots, which are read off the common histogram. */
  readonly ici: LabelledEstimate;
  readonly brier: LabelledEstimate;
  readonly scaledBrier: LabelledEstimate;
  readonly logLoss: LabelledEstimate;
  readonly meanLinear: LabelledEstimate;
  readonly sdLinear: LabelledEstimate;
  readonly sensitivity: LabelledEstimate;
  readonly specificity: LabelledEstimate;
  readonly ppv: LabelledEstimate;
  readonly npv: LabelledEstimate;
  readonly decisionCurve: readonly { readonly threshold: number; readonly netBenefit: LabelledEstimate }[];
  readonly sites: readonly {
    readonly site: string;
    readonly n: number;
    readonly events: number;
    readonly auc: Estimate;
  }[];
  readonly acrossSites: { readonly auc: PooledMeasure };
  /** Sites that said nothing, and why. */
  readonly withheld: readonly { readonly site: string; readonly reason: string }[];
  /** Messages that each site answered. */
  readonly roundTrips: number;
}

/** The sums of a site in the first round, under its name. */
export interface NamedSums {
  readonly site: string;
  readonly sums: ScoreSums | { readonly withheld: string };
}

/** Newton steps at most; with the first round that makes eight round trips. */
const STEP_LIMIT = 7;

/**
 * Puts the sums of the sites together.
 *
 * @param sites what each said in the first round, in any order
 * @param ask one round trip: the sums of the sites that answered, in that order, at these coefficients
 */
export function federatedReport(
  plan: SumsPlan,
  sites: readonly NamedSums[],
  ask: (step: CalibrationStep) => readonly CalibrationSums[],
  level = 0.95,
): FederatedReport {
  const known = sites.flatMap(({ site, sums }) => ('withheld' in sums ? [] : [{ site, sums }]));
  const all = known.map(({ sums }) => sums);
  const total = (of: (sums: ScoreSums) => number) => all.reduce((sum, one) => sum + of(one), 0);
  const [n, events] = [total((s) => s.n), total((s) => s.events)];
  const z = normalQuantile(1 - (1 - level) / 2);
  const newton = n > 0 ? calibrationBySums(knotsFrom(all.map(({ histogram }) => histogram)), ask) : null;
  return {
    format: 'concord.validation.federated/1',
    level,
    n,
    events,
    auc: pooledAuc(all, z),
    withinSiteAuc: exact(
      withinSiteAuc(
        all.map(({ within }) => within),
        level,
      ),
    ),
    ...sumsOfRisks(n, events, total, z),
    ...calibrationEstimates(newton, n, z),
    ...atThreshold(all, plan.threshold, level),
    decisionCurve: plan.decisionThresholds.map((threshold) => ({
      threshold,
      netBenefit: netBenefit(all, threshold, n),
    })),
    sites: known.map(({ site, sums }) => ({
      site,
      n: sums.n,
      events: sums.events,
      auc: aucEstimates(sums.within, level).logit,
    })),
    acrossSites: {
      auc: poolMeasure(
        known.map(({ site, sums }) => logitOf(site, sums)),
        level,
        inverseLogit,
      ),
    },
    withheld: sites.flatMap(({ site, sums }) => ('withheld' in sums ? [{ site, reason: sums.withheld }] : [])),
    roundTrips: 1 + (newton?.rounds ?? 0),
  };
}

function exact(one: Estimate): LabelledEstimate {
  return { ...one, label: 'exact', bounds: null };
}

/** The middle of what it can be; exact where both ends are the same to the rounding of a sum. */
function between(one: Estimate, [low, high]: readonly [number, number]): LabelledEstimate {
  const isExact = high - low <= 1e-12 * Math.max(1, Math.abs(high));
  return isExact ? exact(one) : { ...one, label: 'interval', bounds: [low, high] };
}

function logitOf(site: string, { within: { auc, variance } }: ScoreSums): SiteValue {
  if (auc === null || variance === null || !(auc > 0 && auc < 1) || !(variance > 0)) {
    return { site, reason: 'no AUC with a standard error' };
  }
  return { site, value: Math.log(auc / (1 - auc)), error: Math.sqrt(variance) / (auc * (1 - auc)) };
}

function pooledAuc(sites: readonly ScoreSums[], z: number): LabelledEstimate {
  const method = 'AUC from counts in bins of the score, DeLong variance of the counts';
  const histograms = sites.map(({ histogram }) => histogram);
  const bounds = aucBounds(histograms);
  if (bounds === null) return exact(notEstimable(method, 'one class has no patient'));
  const half = z * Math.sqrt(histogramVariance(histograms) ?? NaN);
  const { lower, upper, middle } = bounds;
  const interval = [Math.max(0, middle - half), Math.min(1, middle + half)] as const;
  return between(estimate(middle, interval, method), [lower, upper]);
}

function sumsOfRisks(n: number, events: number, total: (of: (sums: ScoreSums) => number) => number, z: number) {
  const none = n === 0 ? 'no patients' : 'one class has no patient';
  const expected = total((s) => s.risk);
  const rate = events / n;
  const brier = total((s) => s.squares) / n;
  const spread = Math.sqrt(Math.max(0, total((s) => s.fourths) / n - brier * brier) / (n - 1));
  const mean = total((s) => s.logit) / n;
  const variance = (total((s) => s.logitSquares) - n * mean * mean) / (n - 1);
  const error = Math.sqrt((1 - rate) / events);
  const ratio = events / expected;
  const method = 'observed / expected, log interval';
  return {
    observedExpected: exact(
      expected > 0 && events > 0
        ? estimate(ratio, [ratio * Math.exp(-z * error), ratio * Math.exp(z * error)], method)
        : notEstimable(method, 'no event, or none expected'),
    ),
    brier: exact(
      n > 1
        ? estimate(
            brier,
            [Math.max(0, brier - z * spread), Math.min(1, brier + z * spread)],
            'mean squared difference, normal interval',
          )
        : notEstimable('mean squared difference', 'fewer than two patients'),
    ),
    scaledBrier: exact(plainEstimate(1 - brier / (rate * (1 - rate)), '1 - Brier / (rate (1 - rate))', none)),
    logLoss: exact(plainEstimate(total((s) => s.logLoss) / n, 'mean negative log-likelihood', none)),
    meanLinear: exact(plainEstimate(mean, 'mean of the log odds', none)),
    sdLinear: exact(plainEstimate(Math.sqrt(variance), 'standard deviation of the log odds', none)),
  };
}

interface FittedCalibration {
  readonly intercept: Fitted | null;
  readonly slope: Fitted | null;
  readonly ici: number | null;
  readonly rounds: number;
}

interface Fitted {
  readonly coefficients: Float64Array;
  readonly covariance: Matrix;
  readonly isSettled: boolean;
}

/** Newton's steps of three models side by side, so that a round trip serves all. */
function calibrationBySums(
  knots: readonly number[] | null,
  ask: (step: CalibrationStep) => readonly CalibrationSums[],
): FittedCalibration {
  let intercept: Fitted | null = started(0);
  let slope: Fitted | null = started(0, 1);
  let spline: Fitted | null = knots === null ? null : started(0, 1, 0);
  let ici: number | null = null;
  let rounds = 0;
  while (rounds < STEP_LIMIT) {
    rounds++;
    const answers = ask({
      intercept: intercept?.coefficients ?? [0],
      slope: slope?.coefficients ?? [0, 1],
      spline: spline && knots ? { coefficients: spline.coefficients, knots } : null,
    });
    if (answers.length === 0) break;
    const add = (of: (sums: CalibrationSums) => NewtonSums | null) => addSums(answers.flatMap((one) => of(one) ?? []));
    const n = answers.reduce((sum, one) => sum + one.slope.n, 0);
    ici = spline === null ? null : answers.reduce((sum, { distance }) => sum + distance, 0) / n;
    intercept =
      intercept &&
      stepped(
        intercept,
        add((one) => one.intercept),
      );
    slope =
      slope &&
      stepped(
        slope,
        add((one) => one.slope),
      );
    spline =
      spline &&
      stepped(
        spline,
        add((one) => one.spline),
      );
    if ([intercept, slope, spline].every((fit) => fit === null || fit.isSettled)) break;
  }
  const settled = (fit: Fitted | null) => (fit?.isSettled ? fit : null);
  return { intercept: settled(intercept), slope: settled(slope), ici: settled(spline) && ici, rounds };
}

function started(...coefficients: number[]): Fitted {
  return { coefficients: Float64Array.from(coefficients), covariance: matrix(0, 0), isSettled: false };
}

/** One Newton step; settled where the decrement before it was rounding. Null where the information is singular. */
function stepped({ coefficients }: Fitted, sums: NewtonSums): Fitted | null {
  const p = coefficients.length;
  const factor = tryCholesky(matrix(p, p, Float64Array.from(sums.information)));
  if (factor === null) return null;
  const gradient = Float64Array.from(sums.gradient);
  const step = choleskySolve(factor, gradient);
  const next = coefficients.map((value, j) => value + step[j]);
  // Beyond this log odds a fit runs away: separation.
  if (!next.every((value) => Math.abs(value) < 1e3)) return null;
  const decrement = gradient.reduce((sum, value, j) => sum + value * step[j], 0);
  return { coefficients: next, covariance: choleskyInverse(factor), isSettled: decrement < 1e-12 };
}

function calibrationEstimates(newton: FittedCalibration | null, n: number, z: number) {
  const none = n === 0 ? 'no patients' : 'the sums have no finite solution: one class, or separation';
  const wald = (fit: Fitted | null | undefined, j: number, method: string): LabelledEstimate => {
    if (!fit) return exact(notEstimable(method, none));
    const p = fit.coefficients.length;
    const half = z * Math.sqrt(fit.covariance.data[j * p + j]);
    return exact(estimate(fit.coefficients[j], [fit.coefficients[j] - half, fit.coefficients[j] + half], method));
  };
  return {
    inTheLarge: wald(newton?.intercept, 0, 'logistic regression by sums, linear predictor as offset, Wald interval'),
    slope: wald(newton?.slope, 1, 'logistic regression by sums, Wald interval'),
    ici: exact(
      plainEstimate(newton?.ici, 'spline of the logit by sums, 3 knots off the common histogram; mean distance', none),
    ),
  };
}

function atThreshold(sites: readonly ScoreSums[], threshold: number | null, level: number) {
  const n = sites.reduce((sum, one) => sum + one.n, 0);
  const events = sites.reduce((sum, one) => sum + one.events, 0);
  const method = 'proportion from counts, Wilson interval of the middle';
  if (threshold === null || n === 0) {
    const none = exact(notEstimable(method, n === 0 ? 'no patients' : 'the model was locked without a threshold'));
    return { sensitivity: none, specificity: none, ppv: none, npv: none };
  }
  const { events: tp, nonEvents: fp } = countAbove(
    sites.map(({ histogram }) => histogram),
    threshold,
  );
  const share = (count: CountBounds, of: number): LabelledEstimate =>
    between(proportion(count.middle, of, level, 'no patients of this kind'), [count.low / of, count.high / of]);
  const others = n - events;
  const rest = (count: CountBounds, of: number) => ({
    low: of - count.high,
    high: of - count.low,
    middle: of - count.middle,
  });
  return {
    sensitivity: share(tp, events),
    specificity: share(rest(fp, others), others),
    ppv: predictive(tp, fp, level),
    npv: predictive(rest(fp, others), rest(tp, events), level),
  };
}

/** right / (right + wrong) where both are known within bounds. */
function predictive(right: CountBounds, wrong: CountBounds, level: number): LabelledEstimate {
  const of = (a: number, b: number) => (a + b > 0 ? a / (a + b) : NaN);
  const bounds = [of(right.low, wrong.high), of(right.high, wrong.low)] as const;
  const one = proportion(right.middle, right.middle + wrong.middle, level, 'nobody is on this side of the threshold');
  return one.value === null || !bounds.every(Number.isFinite) ? exact(one) : between(one, bounds);
}

function netBenefit(sites: readonly ScoreSums[], threshold: number, n: number): LabelledEstimate {
  const method = 'net benefit from counts';
  if (n === 0) return exact(notEstimable(method, 'no patients'));
  const { events: tp, nonEvents: fp } = countAbove(
    sites.map(({ histogram }) => histogram),
    threshold,
  );
  const w = threshold / (1 - threshold);
  const of = (a: number, b: number) => (a - w * b) / n;
  const one = estimateWithoutInterval(of(tp.middle, fp.middle), method, 'see its bounds');
  return between(one, [of(tp.low, fp.high), of(tp.high, fp.low)]);
}
