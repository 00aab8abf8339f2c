import { aucEstimates, aucSums, inverseLogit, withinSiteAuc, type AucEstimates, type AucSums } from './auc.js';
import { calibrationCurve, noCalibrationCurve, type CalibrationCurve } from './calibration-curve.js';
import { calibrate, noCalibration, type Calibration } from './calibration.js';
import { decisionCurve, DEFAULT_DECISION_THRESHOLDS, type DecisionPoint } from './decision-curve.js';
import { ValidationInputError } from './errors.js';
import { notEstimable, type Estimate } from './estimate.js';
import { metaAnalyse, type MetaAnalysis } from './meta-analysis.js';
import { proportion } from './proportion.js';
import { riskHistogram, rocPoints, type RiskHistogram, type RocPoint } from './risk-distribution.js';
import { thresholdMetrics, type ThresholdMetrics } from './threshold-metrics.js';

/** A locked score and what came of the patients. */
export interface BinaryValidationInput {
  /** One a patient, higher means more risk; NaN is missing. Probabilities if the model gives them. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1 for each patient; NaN is missing. */
  readonly outcomes: ArrayLike<number>;
  /** The institution of each patient. */
  readonly sites?: readonly string[];
  /** As locked with the model; null if it was locked without one. */
  readonly threshold: number | null;
  /** Declared beforehand; default 0.01 to 0.99. */
  readonly decisionThresholds?: readonly number[];
  /** Of every interval; default 0.95. */
  readonly level?: number;
}

/** Everything about one cohort: a site, or all sites together. */
export interface CohortValidation {
  readonly n: number;
  readonly events: number;
  readonly prevalence: Estimate;
  readonly auc: AucEstimates;
  readonly calibration: Calibration;
  readonly atThreshold: ThresholdMetrics;
  readonly decisionCurve: readonly DecisionPoint[];
  readonly calibrationCurve: CalibrationCurve;
  readonly roc: readonly RocPoint[];
  readonly histogram: RiskHistogram;
}

export interface SiteValidation extends CohortValidation {
  readonly site: string;
}

/** The validation of a binary score as plain JSON. */
export interface BinaryValidation {
  readonly format: 'concord.validation.binary/1';
  readonly level: number;
  readonly threshold: number | null;
  /** Patients left out because a value was missing; a patient that lacks both counts as lacking the score. */
  readonly dropped: { readonly missingScore: number; readonly missingOutcome: number };
  /** Whether all scores lie in 0 to 1, so that calibration and net benefit mean something. */
  readonly isProbability: boolean;
  readonly pooled: CohortValidation;
  /** In the order of their names. */
  readonly sites: readonly SiteValidation[];
  readonly withinSiteAuc: Estimate;
  readonly acrossSites: {
    /** Back on the scale of the AUC, but for tau². */
    readonly auc: MetaAnalysis;
    /** Sites that could not enter it, each with the reason. */
    readonly excluded: readonly { readonly site: string; readonly reason: string }[];
  };
}

interface Cohort {
  readonly scores: Float64Array;
  readonly outcomes: Uint8Array;
  readonly sites: readonly string[];
}

const HISTOGRAM_BINS = 20;

/**
 * Validates a locked binary score, over all patients and site by site.
 *
 * Nothing is fitted to these patients that would flow back: neither threshold nor direction is chosen here. What
 * cannot be estimated is returned as such with its reason.
 *
 * @throws {ValidationInputError} if lengths differ, an outcome is neither 0, 1 nor NaN, a score is infinite, or a
 *   threshold of the decision curve is not in (0, 1)
 * @see docs/methods/validation.md and TRIPOD+AI (Collins 2024), items 12 and 23
 */
export function validateBinary(input: BinaryValidationInput): BinaryValidation {
  checkInput(input);
  const level = input.level ?? 0.95;
  const { cohort, dropped } = completeCases(input);
  const isProbability = cohort.scores.every((score) => score >= 0 && score <= 1);
  const assess = (part: Cohort) => validateCohort(part, input, level, isProbability);
  const names = [...new Set(cohort.sites)].sort((a, b) => (a < b ? -1 : 1));
  const parts = names.map((site) => ({ site, part: partOf(cohort, site) }));
  const sums = parts.map(({ part }) => aucSums(part.scores, part.outcomes));
  return {
    format: 'concord.validation.binary/1',
    level,
    threshold: input.threshold,
    dropped,
    isProbability,
    pooled: assess(cohort),
    sites: parts.map(({ site, part }) => ({ site, ...assess(part) })),
    withinSiteAuc: input.sites
      ? withinSiteAuc(sums, level)
      : notEstimable('AUC over pairs within sites', 'no sites were given'),
    acrossSites: acrossSites(names, sums, level),
  };
}

function validateCohort(
  cohort: Cohort,
  input: BinaryValidationInput,
  level: number,
  isProbability: boolean,
): CohortValidation {
  const { scores, outcomes } = cohort;
  const n = scores.length;
  const events = outcomes.reduce((sum, value) => sum + value, 0);
  const reason = 'the scores are not probabilities';
  const thresholds = isProbability ? (input.decisionThresholds ?? DEFAULT_DECISION_THRESHOLDS) : [];
  return {
    n,
    events,
    prevalence: proportion(events, n, level, 'no patients'),
    auc: aucEstimates(aucSums(scores, outcomes), level),
    calibration: isProbability ? calibrate(scores, outcomes, level) : noCalibration(reason),
    atThreshold: thresholdMetrics(scores, outcomes, input.threshold, level),
    decisionCurve: decisionCurve(scores, outcomes, thresholds, level),
    calibrationCurve: isProbability ? calibrationCurve(scores, outcomes, level) : noCalibrationCurve(reason),
    roc: rocPoints(scores, outcomes),
    histogram: riskHistogram(scores, outcomes, isProbability, HISTOGRAM_BINS),
  };
}

/** REML over the logit AUC of the sites that have one with a standard error. */
function acrossSites(
  names: readonly string[],
  sums: readonly AucSums[],
  level: number,
): BinaryValidation['acrossSites'] {
  const values: number[] = [];
  const errors: number[] = [];
  const excluded: { site: string; reason: string }[] = [];
  names.forEach((site, i) => {
    const { auc, variance, events, nonEvents } = sums[i];
    if (auc === null) excluded.push({ site, reason: `one class only: ${events} events, ${nonEvents} non-events` });
    else if (variance === null) excluded.push({ site, reason: 'one patient in a class: no standard error' });
    else if (auc <= 0 || auc >= 1) excluded.push({ site, reason: `AUC ${auc}: its logit does not exist` });
    else if (variance === 0) excluded.push({ site, reason: 'all scores are equal: no standard error' });
    else {
      values.push(Math.log(auc / (1 - auc)));
      errors.push(Math.sqrt(variance) / (auc * (1 - auc)));
    }
  });
  return { auc: metaAnalyse(values, errors, level, inverseLogit), excluded };
}

function completeCases({ scores, outcomes, sites }: BinaryValidationInput) {
  const dropped = { missingScore: 0, missingOutcome: 0 };
  const kept: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) dropped.missingScore++;
    else if (Number.isNaN(outcomes[i])) dropped.missingOutcome++;
    else kept.push(i);
  }
  const cohort: Cohort = {
    scores: Float64Array.from(kept, (i) => scores[i]),
    outcomes: Uint8Array.from(kept, (i) => outcomes[i]),
    sites: sites ? kept.map((i) => sites[i]) : [],
  };
  return { cohort, dropped };
}

function partOf(cohort: Cohort, site: string): Cohort {
  const isHere = (_: number, i: number) => cohort.sites[i] === site;
  return {
    scores: cohort.scores.filter(isHere),
    outcomes: cohort.outcomes.filter(isHere),
    sites: cohort.sites.filter((name) => name === site),
  };
}

function checkInput({ scores, outcomes, sites, threshold, decisionThresholds, level }: BinaryValidationInput): void {
  const refuse = (what: string, fix: string) => new ValidationInputError(what, 'validateBinary(input)', fix);
  if (outcomes.length !== scores.length || (sites && sites.length !== scores.length)) {
    throw refuse(
      `there are ${scores.length} scores, ${outcomes.length} outcomes and ${sites?.length ?? 0} sites`,
      'Give one of each for every patient, in the same order.',
    );
  }
  let strange = 0;
  for (let i = 0; i < outcomes.length; i++) {
    const isOutcome = outcomes[i] === 0 || outcomes[i] === 1 || Number.isNaN(outcomes[i]);
    if (!isOutcome || Math.abs(scores[i]) === Infinity) strange++;
  }
  if (strange > 0) {
    throw refuse(
      `${strange} patients have an outcome other than 0 and 1, or an infinite score`,
      'Code events as 1, others as 0.',
    );
  }
  if (threshold !== null && !Number.isFinite(threshold))
    throw refuse('the threshold is not a number', 'Use the locked one.');
  if (decisionThresholds?.some((t) => !(t > 0 && t < 1))) {
    throw refuse('a threshold of the decision curve is not between 0 and 1', 'Give risks, such as 0.05 to 0.5.');
  }
  if (level !== undefined && !(level > 0.5 && level < 1)) throw refuse(`the level is ${level}`, 'Give one like 0.95.');
}
