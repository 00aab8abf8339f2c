import { chiSquaredQuantile, chiSquaredSf, findRoot, normalQuantile, tQuantile } from '@concord/numeric';
import { ValidationInputError } from './errors.js';
import { estimate, notEstimable, type Estimate } from './estimate.js';

/** A random-effects meta-analysis over sites, on the scale of its inputs or carried back by `back`. */
export interface MetaAnalysis {
  readonly k: number;
  /** Mean over sites: REML, Hartung-Knapp with q at least 1. */
  readonly mean: Estimate;
  /** The same mean with the plain Hartung-Knapp interval, which may be narrower than a fixed-effect one. */
  readonly meanPlain: Estimate;
  /** Where a new site is to be expected: t with k - 2 degrees of freedom and the plain standard error. */
  readonly prediction: Estimate;
  /** Variance between sites (always on the scale of the inputs), interval by the Q profile. */
  readonly tau2: Estimate;
  /** Share of the variance that is between sites, per cent. */
  readonly i2: Estimate;
  readonly heterogeneity: { readonly q: number; readonly df: number; readonly p: number } | null;
}

const METHOD = 'REML';

/**
 * Pools an estimate over sites.
 *
 * @param givenValues one a site, on a scale where the normal law fits: logit AUC, log O:E, slope
 * @param givenErrors of the same, positive
 * @param back carries values and bounds back to the scale of the reader (inverse logit, exp); default: none
 * @throws {ValidationInputError} if lengths differ or a standard error is not positive and finite
 * @see Viechtbauer, J Educ Behav Stat 30 (2005), REML; Hartung and Knapp, Stat Med 20 (2001); IntHout 2014;
 *   Higgins, Thompson and Spiegelhalter, J R Stat Soc A 172 (2009), prediction; Viechtbauer, Stat Med 26 (2007), Q profile
 */
export function metaAnalyse(
  givenValues: readonly number[],
  givenErrors: readonly number[],
  level = 0.95,
  back: (x: number) => number = (x) => x,
): MetaAnalysis {
  checkInput(givenValues, givenErrors);
  const k = givenValues.length;
  // Summed in an order of the numbers' own, so that the last bit does not depend on which site comes first.
  const order = [...givenValues.keys()].sort(
    (a, b) => givenValues[a] - givenValues[b] || givenErrors[a] - givenErrors[b],
  );
  const values = order.map((i) => givenValues[i]);
  const standardErrors = order.map((i) => givenErrors[i]);
  if (k < 2) return ofFewSites(values, standardErrors, level, back);
  const variances = standardErrors.map((se) => se * se);
  const tau2 = remlTau2(values, variances);
  if (tau2 === null) return withoutSolution(k);
  const weights = variances.map((v) => 1 / (v + tau2));
  const total = sum(weights);
  const centre = weightedMean(values, weights);
  const q = sum(values.map((y, i) => weights[i] * (y - centre) ** 2)) / (k - 1);
  const t = tQuantile(1 - (1 - level) / 2, k - 1);
  const plain = Math.sqrt(q / total);
  const bounds = (half: number): [number, number] => [back(centre - half), back(centre + half)];
  const fixed = cochran(values, variances);
  return {
    k,
    mean: estimate(
      back(centre),
      bounds(t * Math.sqrt(Math.max(1, q) / total)),
      `${METHOD}, Hartung-Knapp, q at least 1`,
    ),
    meanPlain: estimate(back(centre), bounds(t * plain), `${METHOD}, Hartung-Knapp`),
    prediction: predictionOf(k, centre, tau2, plain, level, back),
    tau2: estimate(tau2, qProfile(values, variances, level), `${METHOD}, Q-profile interval`),
    i2: i2Of(tau2, variances),
    heterogeneity: { q: fixed, df: k - 1, p: chiSquaredSf(fixed, k - 1) },
  };
}

function predictionOf(
  k: number,
  centre: number,
  tau2: number,
  se: number,
  level: number,
  back: (x: number) => number,
): Estimate {
  const method = 'prediction interval for a new site, t with k - 2 degrees of freedom';
  if (k < 3) return notEstimable(method, `a prediction interval needs three sites; there are ${k}`);
  const half = tQuantile(1 - (1 - level) / 2, k - 2) * Math.sqrt(tau2 + se * se);
  return estimate(back(centre), [back(centre - half), back(centre + half)], method);
}

/** Fisher scoring from the moment estimate of Hedges; null if it does not settle. */
function remlTau2(values: readonly number[], variances: readonly number[]): number | null {
  const k = values.length;
  const plainMean = sum(values) / k;
  let tau2 = Math.max(0, sum(values.map((y) => (y - plainMean) ** 2)) / (k - 1) - sum(variances) / k);
  for (let iteration = 0; iteration < 1000; iteration++) {
    const w = variances.map((v) => 1 / (v + tau2));
    const s1 = sum(w);
    const s2 = sum(w.map((x) => x * x));
    const s3 = sum(w.map((x) => x ** 3));
    const centre = weightedMean(values, w);
    const fit = sum(values.map((y, i) => w[i] ** 2 * (y - centre) ** 2));
    const step = (fit - (s1 - s2 / s1)) / (s2 - (2 * s3) / s1 + (s2 / s1) ** 2);
    const next = Math.max(0, tau2 + step);
    const change = Math.abs(next - tau2);
    tau2 = next;
    if (change <= 1e-12 * (1 + tau2)) return tau2;
  }
  return null;
}

/** The values of tau² at which the generalised Q statistic is at its quantiles. */
function qProfile(values: readonly number[], variances: readonly number[], level: number): [number, number] {
  const df = values.length - 1;
  const excess = (tau2: number) => {
    const w = variances.map((v) => 1 / (v + tau2));
    const centre = weightedMean(values, w);
    return sum(values.map((y, i) => w[i] * (y - centre) ** 2));
  };
  const rootAt = (quantile: number): number => {
    if (excess(0) <= quantile) return 0;
    let high = Math.max(...variances, 1e-8);
    while (excess(high) > quantile) high *= 4;
    return findRoot((tau2) => excess(tau2) - quantile, 0, high, 1e-12 * high).value;
  };
  const tail = (1 - level) / 2;
  return [rootAt(chiSquaredQuantile(1 - tail, df)), rootAt(chiSquaredQuantile(tail, df))];
}

function i2Of(tau2: number, variances: readonly number[]): Estimate {
  const method = 'I², share of the variance between sites';
  const w = variances.map((v) => 1 / v);
  const typical = ((w.length - 1) * sum(w)) / (sum(w) ** 2 - sum(w.map((x) => x * x)));
  const value = (100 * tau2) / (tau2 + typical);
  return { value, interval: null, method, status: 'ok', reason: 'see tau² for its interval' };
}

function cochran(values: readonly number[], variances: readonly number[]): number {
  const w = variances.map((v) => 1 / v);
  const centre = weightedMean(values, w);
  return sum(values.map((y, i) => w[i] * (y - centre) ** 2));
}

/** One site is reported as it is, none is not estimable. */
function ofFewSites(
  values: readonly number[],
  standardErrors: readonly number[],
  level: number,
  back: (x: number) => number,
): MetaAnalysis {
  const k = values.length;
  const none = (method: string) => notEstimable(method, k === 0 ? 'no site has an estimate' : 'there is one site only');
  const half = normalQuantile(1 - (1 - level) / 2) * standardErrors[0];
  const single = (method: string) =>
    k === 0
      ? none(method)
      : estimate(back(values[0]), [back(values[0] - half), back(values[0] + half)], 'the single site, normal interval');
  return {
    k,
    mean: single(METHOD),
    meanPlain: single(METHOD),
    prediction: none('prediction interval for a new site'),
    tau2: none(`${METHOD}, Q-profile interval`),
    i2: none('I², share of the variance between sites'),
    heterogeneity: null,
  };
}

function withoutSolution(k: number): MetaAnalysis {
  const none = notEstimable(METHOD, 'the variance between sites did not settle');
  return { k, mean: none, meanPlain: none, prediction: none, tau2: none, i2: none, heterogeneity: null };
}

function checkInput(values: readonly number[], standardErrors: readonly number[]): void {
  const isGood = values.length === standardErrors.length && values.every(Number.isFinite);
  if (!isGood || !standardErrors.every((se) => se > 0 && Number.isFinite(se))) {
    throw new ValidationInputError(
      `${values.length} values and ${standardErrors.length} standard errors cannot be pooled`,
      'metaAnalyse(values, standardErrors)',
      'Leave out sites whose estimate or standard error does not exist, and count them.',
    );
  }
}

function weightedMean(values: readonly number[], weights: readonly number[]): number {
  return sum(values.map((y, i) => weights[i] * y)) / sum(weights);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
