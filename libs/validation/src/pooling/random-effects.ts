import {
  chiSquaredQuantile,
  chiSquaredSf,
  findRoot,
  normalQuantile,
  normalSf,
  tCdf,
  tQuantile,
} from '@concord/numeric';
import { ValidationInputError } from '../errors.js';
import { zeroin } from './zeroin.js';

/** How the variance between studies is estimated. */
export type HeterogeneityEstimator = 'REML' | 'DL' | 'PM' | 'FE';
/** How the mean is tested: normal; Hartung-Knapp; Hartung-Knapp with a standard error never below the normal one. */
export type MeanTest = 'z' | 'hartungKnapp' | 'hartungKnappAdHoc';

/** A meta-analysis of one number a study, on the scale of its inputs. */
export interface RandomEffects {
  readonly k: number;
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  readonly tau2: number;
  /** Null for the fixed effect and for one study. */
  readonly tau2StandardError: number | null;
  /** Per cent. */
  readonly i2: number;
  readonly h2: number;
  readonly q: number;
  readonly qP: number;
  /** With the degrees of freedom of the test (k - 1, or normal); null for the fixed effect. */
  readonly prediction: readonly [number, number] | null;
}

/**
 * How closely tau² is searched. The default is to the last bits; `METAFOR_SEARCH` stops where the R package metafor does,
 * for those who must reproduce its figures to more than four digits.
 */
export interface Tau2Search {
  /** Of the root, absolute. */
  readonly rootTolerance: number;
  /** Where the search for a root ends; null widens until it is found. */
  readonly rootLimit: number | null;
  /** Change of tau² at which REML's scoring stops. */
  readonly scoringTolerance: number;
}

export const EXACT_SEARCH: Tau2Search = { rootTolerance: 0, rootLimit: null, scoringTolerance: 1e-13 };
export const METAFOR_SEARCH: Tau2Search = { rootTolerance: 2 ** -13, rootLimit: 100, scoringTolerance: 1e-5 };

interface Weighted {
  readonly total: number;
  readonly centre: number;
  /** Sum of w (y - centre)². */
  readonly spread: number;
  readonly squares: number;
  readonly cubes: number;
}

/**
 * Pools one number a study.
 *
 * @param values @param standardErrors one a study, at least one, errors positive
 * @returns null where tau² does not settle
 * @throws {ValidationInputError} if lengths differ, nothing is given, or an error is not positive
 * @see Viechtbauer, J Educ Behav Stat 30 (2005); DerSimonian and Laird 1986; Paule and Mandel 1982; Hartung and Knapp 2001
 */
export function randomEffects(
  values: readonly number[],
  standardErrors: readonly number[],
  estimator: HeterogeneityEstimator,
  test: MeanTest,
  level = 0.95,
  search = EXACT_SEARCH,
): RandomEffects | null {
  checkStudies(values, standardErrors);
  const k = values.length;
  const variances = standardErrors.map((se) => se * se);
  const fixed = weigh(values, variances, 0);
  const tau2 = k === 1 ? 0 : tau2Of(values, variances, estimator, search);
  if (tau2 === null) return null;
  const weighted = weigh(values, variances, tau2);
  const isByT = test !== 'z' && k > 1;
  const share = weighted.spread / Math.max(1, k - 1);
  const scale = !isByT ? 1 : test === 'hartungKnapp' ? share : Math.max(1, share);
  const standardError = Math.sqrt(scale / weighted.total);
  const tail = 1 - (1 - level) / 2;
  const critical = isByT ? tQuantile(tail, k - 1) : normalQuantile(tail);
  const centre = weighted.centre;
  const around = (half: number): [number, number] => [centre - half, centre + half];
  return {
    k,
    estimate: centre,
    standardError,
    interval: around(critical * standardError),
    p: pValue(centre, standardError, isByT ? k - 1 : Infinity),
    tau2,
    tau2StandardError: k === 1 || estimator === 'FE' ? null : tau2Error(values, variances, tau2, estimator),
    ...shares(fixed, tau2, k, estimator),
    q: fixed.spread,
    qP: k === 1 ? 1 : chiSquaredSf(fixed.spread, k - 1),
    prediction: estimator === 'FE' ? null : around(critical * Math.sqrt(tau2 + standardError ** 2)),
  };
}

function pValue(centre: number, standardError: number, df: number): number {
  if (standardError === 0) return centre === 0 ? 1 : 0;
  const t = Math.abs(centre) / standardError;
  return df === Infinity ? 2 * normalSf(t) : 2 * tCdf(-t, df);
}

function weigh(values: readonly number[], variances: readonly number[], tau2: number): Weighted {
  const weights = variances.map((v) => 1 / (v + tau2));
  const total = sum(weights);
  const centre = sum(values.map((y, i) => weights[i] * y)) / total;
  return {
    total,
    centre,
    spread: sum(values.map((y, i) => weights[i] * (y - centre) ** 2)),
    squares: sum(weights.map((w) => w * w)),
    cubes: sum(weights.map((w) => w ** 3)),
  };
}

/** Share of the variance between studies, with the typical variance of Higgins and Thompson (2002). */
function shares(fixed: Weighted, tau2: number, k: number, estimator: HeterogeneityEstimator) {
  if (k === 1) return { i2: 0, h2: 1 };
  if (estimator === 'FE') {
    return { i2: fixed.spread > 0 ? Math.max(0, 100 * (1 - (k - 1) / fixed.spread)) : 0, h2: fixed.spread / (k - 1) };
  }
  const typical = ((k - 1) * fixed.total) / (fixed.total ** 2 - fixed.squares);
  return { i2: (100 * tau2) / (tau2 + typical), h2: tau2 / typical + 1 };
}

function tau2Of(
  values: readonly number[],
  variances: readonly number[],
  estimator: HeterogeneityEstimator,
  search: Tau2Search,
): number | null {
  const k = values.length;
  const fixed = weigh(values, variances, 0);
  if (estimator === 'FE') return 0;
  if (estimator === 'DL') {
    return Math.max(0, (fixed.spread - (k - 1)) / (fixed.total - fixed.squares / fixed.total));
  }
  if (estimator === 'PM') return tau2AtSpread(values, variances, k - 1, search);
  return remlTau2(values, variances, search.scoringTolerance);
}

/** The tau² at which the generalised Q statistic equals `target`; 0 where it is below already. */
function tau2AtSpread(
  values: readonly number[],
  variances: readonly number[],
  target: number,
  { rootTolerance, rootLimit }: Tau2Search,
): number {
  const excess = (tau2: number) => weigh(values, variances, tau2).spread - target;
  if (excess(0) <= 0) return 0;
  if (rootLimit !== null && excess(rootLimit) < 0) return zeroin(excess, 0, rootLimit, rootTolerance);
  let high = Math.max(...variances, 1e-8);
  while (excess(high) > 0) high *= 4;
  return findRoot(excess, 0, high, rootTolerance).value;
}

/** Fisher scoring from the moment estimate of Hedges; null if it does not settle. */
function remlTau2(values: readonly number[], variances: readonly number[], tolerance: number): number | null {
  const k = values.length;
  const plainMean = sum(values) / k;
  let tau2 = Math.max(0, sum(values.map((y) => (y - plainMean) ** 2)) / (k - 1) - sum(variances) / k);
  for (let iteration = 0; iteration < 1000; iteration++) {
    const weights = variances.map((v) => 1 / (v + tau2));
    const { total, squares, centre } = weigh(values, variances, tau2);
    const fit = sum(values.map((y, i) => weights[i] ** 2 * (y - centre) ** 2));
    const next = Math.max(0, tau2 + (fit - (total - squares / total)) / tracePP(weigh(values, variances, tau2)));
    const change = Math.abs(next - tau2);
    tau2 = next;
    if (change <= tolerance) return tau2;
  }
  return null;
}

/** Trace of P², P the projection that takes the weighted mean out. */
function tracePP({ total, squares, cubes }: Weighted): number {
  return squares - (2 * cubes) / total + (squares / total) ** 2;
}

function tau2Error(
  values: readonly number[],
  variances: readonly number[],
  tau2: number,
  estimator: HeterogeneityEstimator,
): number {
  const k = values.length;
  const at = weigh(values, variances, tau2);
  if (estimator === 'REML') return Math.sqrt(2 / tracePP(at));
  if (estimator === 'PM') return Math.sqrt((2 * k * k) / (k - 1)) / at.total;
  const fixed = weigh(values, variances, 0);
  const traceP = fixed.total - fixed.squares / fixed.total;
  return Math.sqrt(2 * (k - 1) + 4 * tau2 * traceP + 2 * tau2 * tau2 * tracePP(fixed)) / traceP;
}

/**
 * Interval of tau² by the Q profile (Viechtbauer, Stat Med 26, 2007).
 *
 * @returns null for one study
 */
export function tau2Interval(
  values: readonly number[],
  standardErrors: readonly number[],
  level = 0.95,
  search = EXACT_SEARCH,
): [number, number] | null {
  checkStudies(values, standardErrors);
  const df = values.length - 1;
  if (df < 1) return null;
  const variances = standardErrors.map((se) => se * se);
  const tail = (1 - level) / 2;
  return [1 - tail, tail].map((p) => tau2AtSpread(values, variances, chiSquaredQuantile(p, df), search)) as [
    number,
    number,
  ];
}

/**
 * Where a further study is to be expected: t with k - 2 degrees of freedom and the Hartung-Knapp standard error.
 *
 * @returns null with fewer than three studies
 * @see Higgins, Thompson and Spiegelhalter, J R Stat Soc A 172 (2009)
 */
export function predictionInterval(analysis: RandomEffects, level = 0.95): [number, number] | null {
  const { k, estimate, standardError, tau2 } = analysis;
  if (k < 3) return null;
  const half = tQuantile(1 - (1 - level) / 2, k - 2) * Math.sqrt(tau2 + standardError ** 2);
  return [estimate - half, estimate + half];
}

/** The REML analysis without each study in turn (Hartung-Knapp); empty with fewer than three studies. */
export function leaveOneOut(
  values: readonly number[],
  standardErrors: readonly number[],
  level = 0.95,
  search = EXACT_SEARCH,
): { readonly omitted: number; readonly analysis: RandomEffects | null }[] {
  if (values.length < 3) return [];
  const without = (list: readonly number[], i: number) => list.filter((_, j) => j !== i);
  return values.map((_, i) => ({
    omitted: i,
    analysis: randomEffects(without(values, i), without(standardErrors, i), 'REML', 'hartungKnapp', level, search),
  }));
}

/** @throws {ValidationInputError} naming what is wrong */
export function checkStudies(values: readonly number[], standardErrors: readonly number[]): void {
  const isGood = values.length > 0 && values.length === standardErrors.length && values.every(Number.isFinite);
  if (!isGood || !standardErrors.every((se) => se > 0 && Number.isFinite(se))) {
    throw new ValidationInputError(
      `${values.length} values and ${standardErrors.length} standard errors cannot be pooled`,
      'randomEffects(values, standardErrors)',
      'Leave out sites whose estimate or standard error does not exist, and count them.',
    );
  }
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
