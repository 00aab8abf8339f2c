import { choleskyInverse, choleskySolve, tryCholesky, type Matrix } from '@concord/numeric';
import { coxSums, prepareCox, type CoxInput, type CoxProblem } from './cox-sums.js';

/** A fitted model. */
export interface CoxFit {
  readonly coefficients: Float64Array;
  /** Inverse of the information at the coefficients. */
  readonly covariance: Matrix;
  readonly logLikelihood: number;
  /** At coefficients of zero. */
  readonly nullLogLikelihood: number;
  /** Score and Wald statistic of all coefficients being zero. */
  readonly scoreChi2: number;
  readonly waldChi2: number;
  readonly iterations: number;
}

export interface CoxSettings {
  /** 0 evaluates at zero only (for score tests). */
  readonly iterationLimit?: number;
  readonly start?: Float64Array;
  /** Stops once a step changes the log likelihood by less than this share, as coxph does (1e-9); default: at its top. */
  readonly likelihoodTolerance?: number;
}

const ITERATION_LIMIT = 50;
/** A coefficient whose variance has grown by this against zero runs away: the likelihood is monotone. */
const RUNAWAY = 1e6;

/**
 * Cox regression by Newton steps, halved where the likelihood would fall. Cost a step: rows × columns².
 *
 * @returns null where there is no event, columns depend on each other, or the likelihood is monotone (some coefficient
 *   has no finite estimate)
 * @see Cox 1972; Efron 1977; Breslow 1974
 */
export function fitCox(input: CoxInput, settings: CoxSettings = {}): CoxFit | null {
  const problem = prepareCox(input);
  const p = input.columns.length;
  if (problem.eventCount === 0) return null;
  let beta = settings.start ? Float64Array.from(settings.start) : new Float64Array(p);
  const atZero = coxSums(problem, new Float64Array(p));
  let now = settings.start ? coxSums(problem, beta) : atZero;
  const zeroFactor = tryCholesky(atZero.information);
  if (zeroFactor === null) return null;
  const score = quadratic(atZero.gradient, choleskySolve(zeroFactor, atZero.gradient));
  const limit = settings.iterationLimit ?? ITERATION_LIMIT;
  let isConverged = limit === 0;
  let iterations = 0;
  for (; iterations < limit && !isConverged; iterations++) {
    const factor = tryCholesky(now.information);
    if (factor === null) return null;
    const step = choleskySolve(factor, now.gradient);
    isConverged = quadratic(now.gradient, step) < 1e-10;
    const next = lineSearch(problem, beta, step, now.logLikelihood);
    if (next === null) break;
    const share = Math.abs(1 - now.logLikelihood / next.sums.logLikelihood);
    if (share <= (settings.likelihoodTolerance ?? -1)) isConverged = true;
    beta = next.beta;
    now = next.sums;
  }
  if (!isConverged && quadratic(now.gradient, now.gradient) > 1e-8) return null;
  const factor = tryCholesky(now.information);
  if (factor === null) return null;
  const covariance = choleskyInverse(factor);
  for (let j = 0; j < p; j++) {
    if (!(covariance.data[j * p + j] * atZero.information.data[j * p + j] < RUNAWAY)) return null;
  }
  const wald = quadratic(beta, product(now.information, beta));
  return {
    coefficients: beta,
    covariance,
    logLikelihood: now.logLikelihood,
    nullLogLikelihood: atZero.logLikelihood,
    scoreChi2: score,
    waldChi2: wald,
    iterations,
  };
}

/** Null where no step, however short, raises the likelihood: it stands at its top. */
function lineSearch(problem: CoxProblem, beta: Float64Array, step: Float64Array, logLikelihood: number) {
  for (let share = 1; share > 1e-10; share /= 2) {
    const next = beta.map((value, j) => value + share * step[j]);
    const sums = coxSums(problem, next);
    if (sums.logLikelihood >= logLikelihood - 1e-12 * (Math.abs(logLikelihood) + 1)) return { beta: next, sums };
  }
  return null;
}

function product(a: Matrix, x: Float64Array): Float64Array {
  const result = new Float64Array(a.rows);
  for (let j = 0; j < a.cols; j++) for (let i = 0; i < a.rows; i++) result[i] += a.data[j * a.rows + i] * x[j];
  return result;
}

function quadratic(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, j) => sum + value * y[j], 0);
}

export type { CoxInput };
