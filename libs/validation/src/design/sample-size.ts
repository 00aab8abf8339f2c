import { normalQuantile } from '@concord/numeric';
import { ValidationInputError } from '../errors.js';

/** Patients needed by one criterion. */
export interface SampleSizeCriterion {
  readonly criterion: string;
  readonly n: number;
}

/** What developing a model needs: the largest of the criteria. */
export interface DevelopmentSize {
  readonly n: number;
  readonly events: number;
  readonly criteria: readonly SampleSizeCriterion[];
  /** Of the predictors' effects, at n; events for each parameter, at n. */
  readonly shrinkage: number;
  readonly eventsPerParameter: number;
  readonly coxSnell: number;
  readonly maxCoxSnell: number;
}

export interface BinaryDevelopment {
  readonly parameters: number;
  readonly prevalence: number;
  /** One of them: expected Cox-Snell R², Nagelkerke's, or the C statistic it is worked out from. */
  readonly coxSnell?: number;
  readonly nagelkerke?: number;
  readonly c?: number;
}

export interface SurvivalDevelopment {
  readonly parameters: number;
  readonly coxSnell: number;
  /** Events a unit of time. */
  readonly rate: number;
  readonly timePoint: number;
  readonly meanFollowUp: number;
}

const SHRINKAGE = 0.9;
const OPTIMISM = 0.05;
const MARGIN = 0.05;

/**
 * Patients for developing a logistic model: shrinkage of 0.9, optimism of R² of at most 0.05, the overall risk within
 * 0.05.
 *
 * @throws {ValidationInputError} if a share is not between 0 and 1 or no measure of fit is given
 * @see Riley et al., BMJ 368:m441 (2020)
 */
export function developmentSizeBinary(plan: BinaryDevelopment): DevelopmentSize {
  const { prevalence, parameters } = plan;
  requireShare(prevalence, 'prevalence');
  const maxCoxSnell = -Math.expm1(2 * logNull(prevalence));
  const coxSnell =
    plan.coxSnell ??
    (plan.nagelkerke !== undefined ? plan.nagelkerke * maxCoxSnell : coxSnellOfC(plan.c ?? NaN, prevalence));
  const z = normalQuantile(0.975);
  const risk = Math.ceil((z / MARGIN) ** 2 * prevalence * (1 - prevalence));
  return sizeOf(parameters, coxSnell, maxCoxSnell, prevalence, risk);
}

/** The same for a Cox model; the third criterion holds the risk at the time point within 0.05. */
export function developmentSizeSurvival(plan: SurvivalDevelopment): DevelopmentSize {
  const { rate, meanFollowUp, timePoint, parameters, coxSnell } = plan;
  if (!(rate > 0 && meanFollowUp > 0 && timePoint > 0)) throw refuse('rate, follow-up or time point is not positive');
  const perPatient = rate * meanFollowUp;
  const maxCoxSnell = -Math.expm1(2 * (perPatient * Math.log(perPatient) - perPatient));
  const z = normalQuantile(0.975);
  // Upper bound of the rate, carried to the risk at the time point.
  const riskOf = (hazard: number) => -Math.expm1(-hazard * timePoint);
  const isPrecise = (n: number) => riskOf(rate + z * Math.sqrt(rate / (n * meanFollowUp))) - riskOf(rate) <= MARGIN;
  let risk = 1;
  while (!isPrecise(risk)) risk *= 2;
  for (let step = risk >> 1; step > 0; step >>= 1) if (risk - step > 0 && isPrecise(risk - step)) risk -= step;
  return sizeOf(parameters, coxSnell, maxCoxSnell, perPatient, risk);
}

function sizeOf(
  parameters: number,
  coxSnell: number,
  maxCoxSnell: number,
  eventsPerPatient: number,
  risk: number,
): DevelopmentSize {
  requireShare(coxSnell, 'R² of Cox and Snell');
  if (!(coxSnell < SHRINKAGE)) throw refuse('the expected R² is too high for a shrinkage of 0.9');
  const needed = (shrinkage: number) => Math.ceil(parameters / ((shrinkage - 1) * Math.log(1 - coxSnell / shrinkage)));
  const byOptimism = coxSnell / (coxSnell + OPTIMISM * maxCoxSnell);
  const criteria = [
    { criterion: 'shrinkage of the effects at most 10 %', n: needed(SHRINKAGE) },
    { criterion: 'optimism of R² at most 0.05', n: needed(byOptimism) },
    { criterion: 'overall risk within 0.05', n: risk },
  ];
  const n = Math.max(...criteria.map((one) => one.n));
  return {
    n,
    events: n * eventsPerPatient,
    criteria,
    shrinkage: Math.max(SHRINKAGE, byOptimism),
    eventsPerParameter: (n * eventsPerPatient) / parameters,
    coxSnell,
    maxCoxSnell,
  };
}

/** p log p + (1-p) log(1-p). */
function logNull(p: number): number {
  return p * Math.log(p) + (1 - p) * Math.log1p(-p);
}

/** Expectation of f over a normal law, by Simpson's rule over ten standard deviations. */
function normalMean(f: (x: number) => number, mean: number, sd: number): number {
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = -10 + (20 * i) / steps;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * f(mean + sd * z) * Math.exp((-z * z) / 2);
  }
  return (sum * 20) / steps / 3 / Math.sqrt(2 * Math.PI);
}

/** R² of Cox and Snell of a linear predictor that is normal with unit variance in either class (Riley et al. 2021). */
function coxSnellOfC(c: number, prevalence: number): number {
  if (!(c > 0.5 && c < 1)) throw refuse('the C statistic is not between 0.5 and 1');
  const shift = Math.SQRT2 * normalQuantile(c);
  const intercept = Math.log(prevalence / (1 - prevalence)) - (shift * shift) / 2;
  const logRisk = (eta: number) => (eta > 0 ? -Math.log1p(Math.exp(-eta)) : eta - Math.log1p(Math.exp(eta)));
  const fitted =
    prevalence * normalMean((x) => logRisk(intercept + shift * x), shift, 1) +
    (1 - prevalence) * normalMean((x) => logRisk(-(intercept + shift * x)), 0, 1);
  return -Math.expm1(-2 * (fitted - logNull(prevalence)));
}

/** How precise an external validation shall be: full widths of 95 % intervals. */
export interface ValidationPlan {
  readonly prevalence: number;
  /** Expected. */
  readonly c: number;
  /** Law of the linear predictor among the patients to come: normal with this mean and standard deviation. */
  readonly linearPredictor: { readonly mean: number; readonly sd: number };
  readonly oeWidth?: number;
  readonly slopeWidth?: number;
  readonly cWidth?: number;
  readonly netBenefit?: {
    readonly threshold: number;
    readonly sensitivity: number;
    readonly specificity: number;
    readonly width?: number;
  };
}

export interface ValidationCriterion {
  readonly measure: 'O:E' | 'calibration slope' | 'C statistic' | 'standardised net benefit';
  readonly n: number;
  readonly expected: number;
  readonly standardError: number;
  readonly width: number;
}

export interface ValidationSize {
  readonly n: number;
  readonly events: number;
  readonly criteria: readonly ValidationCriterion[];
}

/**
 * Patients for validating a binary model, by the precision of O:E, slope, C and net benefit.
 *
 * @throws {ValidationInputError} if a share is not between 0 and 1, or a width is not positive
 * @see Riley et al., Stat Med 40 (2021); Archer et al., Stat Med 40 (2021)
 */
export function validationSize(plan: ValidationPlan): ValidationSize {
  const { prevalence, c } = plan;
  requireShare(prevalence, 'prevalence');
  requireShare(c, 'C statistic');
  const z = normalQuantile(0.975);
  const criteria: ValidationCriterion[] = [
    oeCriterion(prevalence, plan.oeWidth ?? 0.2, z),
    slopeCriterion(plan.linearPredictor, plan.slopeWidth ?? 0.2, z),
    cCriterion(c, prevalence, plan.cWidth ?? 0.1, z),
  ];
  if (plan.netBenefit) criteria.push(netBenefitCriterion(prevalence, plan.netBenefit, z));
  const n = Math.max(...criteria.map((one) => one.n));
  return { n, events: n * prevalence, criteria };
}

function oeCriterion(prevalence: number, width: number, z: number): ValidationCriterion {
  requirePositive(width, 'width of O:E');
  const standardError = Math.asinh(width / 2) / z;
  const n = Math.ceil((1 - prevalence) / (prevalence * standardError ** 2));
  return { measure: 'O:E', n, expected: 1, standardError, width };
}

function slopeCriterion(
  { mean, sd }: ValidationPlan['linearPredictor'],
  width: number,
  z: number,
): ValidationCriterion {
  requirePositive(width, 'width of the slope');
  requirePositive(sd, 'standard deviation of the linear predictor');
  const spread = (eta: number) => 1 / (2 + Math.exp(eta) + Math.exp(-eta));
  const [i00, i01, i11] = [0, 1, 2].map((power) => normalMean((eta) => eta ** power * spread(eta), mean, sd));
  const standardError = width / (2 * z);
  const n = Math.ceil(i00 / (standardError ** 2 * (i00 * i11 - i01 * i01)));
  return { measure: 'calibration slope', n, expected: 1, standardError, width };
}

function cCriterion(c: number, prevalence: number, width: number, z: number): ValidationCriterion {
  requirePositive(width, 'width of the C statistic');
  // Newcombe, Stat Med 25 (2006), method 4.
  const error = (n: number) => {
    const half = n / 2 - 1;
    const inner = 1 + (half * (1 - c)) / (2 - c) + (half * c) / (1 + c);
    return Math.sqrt((c * (1 - c) * inner) / (n * n * prevalence * (1 - prevalence)));
  };
  let n = 2;
  while (2 * z * error(n) > width) n *= 2;
  for (let step = n >> 1; step > 0; step >>= 1) if (n - step > 1 && 2 * z * error(n - step) <= width) n -= step;
  return { measure: 'C statistic', n, expected: c, standardError: error(n), width };
}

function netBenefitCriterion(
  prevalence: number,
  { threshold, sensitivity, specificity, width = 0.2 }: NonNullable<ValidationPlan['netBenefit']>,
  z: number,
): ValidationCriterion {
  requireShare(threshold, 'threshold');
  requirePositive(width, 'width of the net benefit');
  const w = ((1 - prevalence) / prevalence) * (threshold / (1 - threshold));
  const expected = sensitivity - (1 - specificity) * w;
  const standardError = width / (2 * z);
  const variance =
    (sensitivity * (1 - sensitivity)) / prevalence +
    (w * w * specificity * (1 - specificity)) / (1 - prevalence) +
    (w * w * (1 - specificity) ** 2) / (prevalence * (1 - prevalence));
  const n = Math.ceil(variance / standardError ** 2);
  return { measure: 'standardised net benefit', n, expected, standardError, width };
}

/** Share of an interval's full width that was wished for, reached with n patients: below 1 the plan was met. */
export function widthAchieved(wished: number, interval: readonly [number, number]): number {
  requirePositive(wished, 'wished width');
  return (interval[1] - interval[0]) / wished;
}

function requireShare(value: number, name: string): void {
  if (!(value > 0 && value < 1)) throw refuse(`${name} is ${value}, not between 0 and 1`);
}

function requirePositive(value: number, name: string): void {
  if (!(value > 0 && value < Infinity)) throw refuse(`${name} is ${value}, not positive`);
}

function refuse(what: string): ValidationInputError {
  return new ValidationInputError(what, 'sample size', 'Check the assumptions of the plan.');
}
