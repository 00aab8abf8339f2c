import { aucSums, inverseLogit, type AucSums } from '../auc.js';
import { membershipModel } from '../binary/membership.js';
import { fitLogistic } from '../logistic-fit.js';

/** The model refitted without one site, and held against that site. */
export interface HeldOutSite {
  readonly site: string;
  readonly n: number;
  readonly events: number;
  /** Intercept, then one for each predictor; null where the refit has no finite solution. */
  readonly coefficients: readonly number[] | null;
  /** Risks of the held-out patients, in their order; null with the coefficients. */
  readonly risks: Float64Array | null;
  readonly outcomes: Uint8Array;
  readonly auc: AucSums | null;
  /** AUC of telling the site's patients from the others by predictors and outcome: how different they are. */
  readonly membershipAuc: number | null;
  readonly meanLinear: number | null;
  readonly sdLinear: number | null;
}

/**
 * Internal-external cross-validation of an unpenalised logistic model: refit without each site, evaluate on it.
 *
 * @param predictors columns over all patients
 * @param sites the site of each patient
 * @returns one entry a site, sorted by name
 * @see Royston, Parmar and Sylvester, Stat Med 23 (2004); Debray et al., J Clin Epidemiol 68 (2015)
 */
export function internalExternal(
  predictors: readonly Float64Array[],
  outcomes: Uint8Array,
  sites: readonly string[],
): HeldOutSite[] {
  const names = [...new Set(sites)].sort((a, b) => (a < b ? -1 : 1));
  return names.map((site) => heldOut(predictors, outcomes, sites, site));
}

function heldOut(
  predictors: readonly Float64Array[],
  outcomes: Uint8Array,
  sites: readonly string[],
  site: string,
): HeldOutSite {
  const isHere = Uint8Array.from(sites, (name) => (name === site ? 1 : 0));
  const pick = <T extends Float64Array | Uint8Array>(list: T, level: number) =>
    list.filter((_, i) => isHere[i] === level) as T;
  const own = pick(outcomes, 1);
  const membership = membershipModel([...predictors, Float64Array.from(outcomes)], isHere);
  const known = {
    site,
    n: own.length,
    events: own.reduce((sum, value) => sum + value, 0),
    outcomes: own,
    membershipAuc: membership?.auc.auc ?? null,
  };
  const others = predictors.map((column) => pick(column, 0));
  const ones = new Float64Array(outcomes.length - own.length).fill(1);
  const fit = fitLogistic([ones, ...others], pick(outcomes, 0));
  if (fit === null) {
    return { ...known, coefficients: null, risks: null, auc: null, meanLinear: null, sdLinear: null };
  }
  const linear = new Float64Array(own.length).fill(fit.coefficients[0]);
  predictors.forEach((column, j) =>
    pick(column, 1).forEach((value, i) => (linear[i] += fit.coefficients[j + 1] * value)),
  );
  const meanLinear = linear.reduce((sum, value) => sum + value, 0) / linear.length;
  const squares = linear.reduce((sum, value) => sum + (value - meanLinear) ** 2, 0);
  return {
    ...known,
    coefficients: [...fit.coefficients],
    risks: linear.map(inverseLogit),
    auc: aucSums(linear, own),
    meanLinear,
    sdLinear: own.length > 1 ? Math.sqrt(squares / (own.length - 1)) : null,
  };
}
