import { chiSquaredSf } from '@concord/numeric';
import { ValidationInputError } from './errors.js';
import { estimate, notEstimable, type Estimate } from './estimate.js';
import { predictionInterval, randomEffects, tau2Interval, type RandomEffects } from './pooling/random-effects.js';

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
const PREDICTION = 'prediction interval for a new site, t with k - 2 degrees of freedom';
const TAU2 = `${METHOD}, Q-profile interval`;
const I2 = 'I², share of the variance between sites';

/**
 * Pools an estimate over sites.
 *
 * @param givenValues one a site, on a scale where the normal law fits: logit AUC, log O:E, slope
 * @param givenErrors of the same, positive
 * @param back carries values and bounds back to the scale of the reader (inverse logit, exp); default: none
 * @throws {ValidationInputError} if lengths differ or a standard error is not positive and finite
 * @see {@link randomEffects} for the sources
 */
export function metaAnalyse(
  givenValues: readonly number[],
  givenErrors: readonly number[],
  level = 0.95,
  back: (x: number) => number = (x) => x,
): MetaAnalysis {
  const k = givenValues.length;
  if (k !== givenErrors.length) {
    throw new ValidationInputError(
      `${k} values and ${givenErrors.length} standard errors cannot be pooled`,
      'metaAnalyse(values, standardErrors)',
      'Give one standard error for each value.',
    );
  }
  if (k === 0) return without(k, 'no site has an estimate');
  // Summed in an order of the numbers' own, so that the last bit does not depend on which site comes first.
  const order = [...givenValues.keys()].sort(
    (a, b) => givenValues[a] - givenValues[b] || givenErrors[a] - givenErrors[b],
  );
  const values = order.map((i) => givenValues[i]);
  const errors = order.map((i) => givenErrors[i]);
  const adHoc = randomEffects(values, errors, 'REML', 'hartungKnappAdHoc', level);
  const plain = randomEffects(values, errors, 'REML', 'hartungKnapp', level);
  if (adHoc === null || plain === null) return without(k, 'the variance between sites did not settle');
  const mean = (analysis: RandomEffects, method: string) =>
    estimate(back(analysis.estimate), [back(analysis.interval[0]), back(analysis.interval[1])], method);
  if (k === 1) {
    const single = mean(adHoc, 'the single site, normal interval');
    return { ...without(k, 'there is one site only'), mean: single, meanPlain: single };
  }
  const prediction = predictionInterval(plain, level);
  return {
    k,
    mean: mean(adHoc, `${METHOD}, Hartung-Knapp, q at least 1`),
    meanPlain: mean(plain, `${METHOD}, Hartung-Knapp`),
    prediction:
      prediction === null
        ? notEstimable(PREDICTION, `a prediction interval needs three sites; there are ${k}`)
        : estimate(back(plain.estimate), [back(prediction[0]), back(prediction[1])], PREDICTION),
    tau2: estimate(adHoc.tau2, tau2Interval(values, errors, level) ?? [NaN, NaN], TAU2),
    i2: { value: adHoc.i2, interval: null, method: I2, status: 'ok', reason: 'see tau² for its interval' },
    heterogeneity: { q: adHoc.q, df: k - 1, p: chiSquaredSf(adHoc.q, k - 1) },
  };
}

function without(k: number, reason: string): MetaAnalysis {
  const none = (method: string) => notEstimable(method, reason);
  return {
    k,
    mean: none(METHOD),
    meanPlain: none(METHOD),
    prediction: none(PREDICTION),
    tau2: none(TAU2),
    i2: none(I2),
    heterogeneity: null,
  };
}
