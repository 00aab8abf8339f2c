import { choleskyInverse, matrix, maximiseByNewton, type LikelihoodPoint, type Matrix } from '@concord/numeric';
import { coxSums, prepareCox } from '../survival/cox-sums.js';
import type { SurvivalData } from '../survival/survival-data.js';

const SEARCH = { tolerance: 1e-14, leastShare: 1e-6 };

/** What a site sends for one Newton step: sums over its patients at the coefficients it was given. */
export interface NewtonSums {
  readonly n: number;
  readonly logLikelihood: number;
  readonly gradient: readonly number[];
  /** Column-major, X'WX. */
  readonly information: readonly number[];
}

/** Where Newton's steps over the sites' sums ended. */
export interface SumsFit {
  readonly coefficients: Float64Array;
  readonly covariance: Matrix;
  /** Round trips that were made, those of steps that were halved included. */
  readonly rounds: number;
}

/**
 * The sums of one site at given coefficients.
 *
 * @param columns design columns, an intercept among them if one is wanted
 * @param offset added to the linear predictor
 */
export function logisticSums(
  columns: readonly Float64Array[],
  outcomes: Uint8Array,
  coefficients: ArrayLike<number>,
  offset?: Float64Array,
): NewtonSums {
  const p = columns.length;
  const gradient = new Array<number>(p).fill(0);
  const information = new Array<number>(p * p).fill(0);
  let logLikelihood = 0;
  for (let i = 0; i < outcomes.length; i++) {
    let eta = offset ? offset[i] : 0;
    for (let j = 0; j < p; j++) eta += coefficients[j] * columns[j][i];
    const signed = outcomes[i] === 1 ? -eta : eta;
    logLikelihood -= signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed));
    const risk = 1 / (1 + Math.exp(-eta));
    for (let j = 0; j < p; j++) {
      gradient[j] += (outcomes[i] - risk) * columns[j][i];
      for (let k = 0; k < p; k++) information[k * p + j] += risk * (1 - risk) * columns[j][i] * columns[k][i];
    }
  }
  return { n: outcomes.length, logLikelihood, gradient, information };
}

/**
 * The sums of one site for a Cox model whose baseline hazard is each site's own; ties by Breslow.
 *
 * @param columns covariates; what is centred here cancels
 */
export function coxSiteSums(
  data: SurvivalData,
  columns: readonly Float64Array[],
  coefficients: ArrayLike<number>,
): NewtonSums {
  const problem = prepareCox({ ...data, columns, ties: 'breslow' });
  const sums = coxSums(problem, Float64Array.from(coefficients));
  return {
    n: problem.n,
    logLikelihood: sums.logLikelihood,
    gradient: [...sums.gradient],
    information: [...sums.information.data],
  };
}

/** Adds the sums of the sites, in the order given. */
export function addSums(sites: readonly NewtonSums[]): NewtonSums {
  const add = (pick: (site: NewtonSums) => readonly number[]) =>
    sites.map(pick).reduce((total, list) => total.map((value, i) => value + list[i]));
  return {
    n: sites.reduce((sum, { n }) => sum + n, 0),
    logLikelihood: sites.reduce((sum, site) => sum + site.logLikelihood, 0),
    gradient: add((site) => site.gradient),
    information: add((site) => site.information),
  };
}

/**
 * Fits a model by asking for sums: the pooled logistic, or the site-stratified Cox fit, without a row leaving a site.
 *
 * @param ask the sites' sums at given coefficients; one round trip
 * @param stepLimit Newton steps at most
 * @returns null where the information is singular: separation, or dependent columns
 */
export function fitFromSums(
  ask: (coefficients: Float64Array) => readonly NewtonSums[],
  start: Float64Array,
  stepLimit = 25,
): SumsFit | null {
  const p = start.length;
  let rounds = 0;
  const at = (coefficients: Float64Array): LikelihoodPoint => {
    rounds++;
    const { logLikelihood, gradient, information } = addSums(ask(coefficients));
    return { logLikelihood, gradient, information: matrix(p, p, Float64Array.from(information)) };
  };
  const top = maximiseByNewton(at, start, { ...SEARCH, iterationLimit: stepLimit });
  if (top === null) return null;
  return { coefficients: top.coefficients, covariance: choleskyInverse(top.factor), rounds };
}
