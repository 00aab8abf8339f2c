import { seededRandom } from '@concord/numeric';
import { aucEstimates, aucSums, inverseLogit, withinSiteAuc, type AucEstimates, type AucSums } from './auc.js';
import { cohortDetails, type CohortDetails } from './binary/cohort-details.js';
import { siteDifferences, type SiteDifferences } from './binary/site-differences.js';
import { subgroupReports, type Subgrouping, type SubgroupReport } from './binary/subgroup-report.js';
import { bootstrapIntervals, type BootstrapIntervals } from './bootstrap.js';
import { calibrationCurve, noCalibrationCurve, type CalibrationCurve } from './calibration-curve.js';
import { calibrate, noCalibration, type Calibration } from './calibration.js';
import { decisionCurve, DEFAULT_DECISION_THRESHOLDS, type DecisionPoint } from './decision-curve.js';
import { ValidationInputError } from './errors.js';
import { notEstimable, type Estimate } from './estimate.js';
import { sampleAdequacy, type AdequacyItem } from './design/adequacy.js';
import { poolMeasure, siteValueOf, type PooledMeasure, type SiteValue } from './pooling/pooled-measure.js';
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
  /** Properties to judge fairness by, each with one label a patient. */
  readonly subgroups?: readonly Subgrouping[];
  /** Resampling of what has no closed interval; each cohort has a source of its own from this seed. */
  readonly bootstrap?: { readonly seed: string; readonly replicates: number };
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
  /** Of acting at the locked threshold. */
  readonly netBenefit: Estimate;
  readonly decisionCurve: readonly DecisionPoint[];
  readonly calibrationCurve: CalibrationCurve;
  readonly roc: readonly RocPoint[];
  readonly histogram: RiskHistogram;
  readonly details: CohortDetails;
  readonly adequacy: readonly AdequacyItem[];
  /** Null where no resampling was asked for, or the scores are no risks. */
  readonly bootstrap: BootstrapIntervals | null;
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
  readonly acrossSites: AcrossSites;
  readonly subgroups: readonly SubgroupReport[];
  readonly bootstrap: { readonly seed: string; readonly replicates: number } | null;
}

/** How alike the sites are: means over sites on the reader's scale (tau² on that of the analysis), and differences. */
export interface AcrossSites {
  readonly auc: PooledMeasure;
  readonly observedExpected: PooledMeasure;
  readonly inTheLarge: PooledMeasure;
  readonly slope: PooledMeasure;
  /** At the locked threshold. */
  readonly netBenefit: PooledMeasure;
  /** Sites that could not enter the mean of the AUC, each with the reason. */
  readonly excluded: readonly { readonly site: string; readonly reason: string }[];
  /** Null where the scores are no risks, or no sites were given. */
  readonly differences: SiteDifferences | null;
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
  const { cohort, kept, dropped } = completeCases(input);
  const { scores, outcomes } = cohort;
  const isProbability = scores.every((score) => score >= 0 && score <= 1);
  const assess = (part: Cohort, name: string) => validateCohort(part, input, level, isProbability, name);
  const names = [...new Set(cohort.sites)].sort((a, b) => (a < b ? -1 : 1));
  const parts = names.map((site) => ({ site, part: partOf(cohort, site) }));
  const sums = parts.map(({ part }) => aucSums(part.scores, part.outcomes));
  const sites = parts.map(({ site, part }) => ({ site, ...assess(part, site) }));
  const subgroups = (input.subgroups ?? []).map(({ name, labels }) => ({ name, labels: kept.map((i) => labels[i]) }));
  return {
    format: 'concord.validation.binary/1',
    level,
    threshold: input.threshold,
    dropped,
    isProbability,
    pooled: assess(cohort, 'pooled'),
    sites,
    withinSiteAuc: input.sites
      ? withinSiteAuc(sums, level)
      : notEstimable('AUC over pairs within sites', 'no sites were given'),
    acrossSites: {
      ...acrossSites(sites, sums, level),
      differences: isProbability && input.sites ? siteDifferences(scores, outcomes, cohort.sites, level) : null,
    },
    subgroups: subgroupReports(cohort, subgroups, input.threshold, isProbability, level),
    bootstrap: input.bootstrap ?? null,
  };
}

function validateCohort(
  cohort: Cohort,
  input: BinaryValidationInput,
  level: number,
  isProbability: boolean,
  name: string,
): CohortValidation {
  const { scores, outcomes } = cohort;
  const n = scores.length;
  const events = outcomes.reduce((sum, value) => sum + value, 0);
  const reason = 'the scores are not probabilities';
  const auc = aucEstimates(aucSums(scores, outcomes), level);
  const calibration = isProbability ? calibrate(scores, outcomes, level) : noCalibration(reason);
  const roc = rocPoints(scores, outcomes);
  const details = cohortDetails(scores, outcomes, isProbability, roc);
  const { replicates = 0, seed = '' } = input.bootstrap ?? {};
  const isResampled = replicates > 0 && isProbability && n > 0;
  return {
    n,
    events,
    prevalence: proportion(events, n, level, 'no patients'),
    auc,
    calibration,
    atThreshold: thresholdMetrics(scores, outcomes, input.threshold, level),
    netBenefit: netBenefitAt(cohort, input.threshold, isProbability, level),
    decisionCurve: decisionCurve(scores, outcomes, isProbability ? decisionThresholds(input) : [], level),
    calibrationCurve: isProbability ? calibrationCurve(scores, outcomes, level) : noCalibrationCurve(reason),
    roc,
    histogram: riskHistogram(scores, outcomes, isProbability, HISTOGRAM_BINS),
    details,
    adequacy: sampleAdequacy({
      prevalence: n > 0 ? events / n : null,
      auc: auc.logit,
      observedExpected: calibration.observedExpected,
      slope: calibration.slope,
      linearPredictor: { mean: details.caseMix.meanLinear.value, sd: details.caseMix.sdLinear.value },
    }),
    bootstrap: isResampled
      ? bootstrapIntervals(scores, outcomes, seededRandom(`${seed}/${name}`), replicates, level)
      : null,
  };
}

function netBenefitAt(
  { scores, outcomes }: Cohort,
  threshold: number | null,
  isProbability: boolean,
  level: number,
): Estimate {
  const canDecide = isProbability && threshold !== null && threshold > 0 && threshold < 1;
  if (canDecide) return decisionCurve(scores, outcomes, [threshold], level)[0].netBenefit;
  return notEstimable('net benefit', 'no locked threshold on the scale of risk');
}

function decisionThresholds({ decisionThresholds }: BinaryValidationInput): readonly number[] {
  return decisionThresholds ?? DEFAULT_DECISION_THRESHOLDS;
}

/** REML over the sites that have an estimate with a standard error, measure by measure. */
function acrossSites(
  sites: readonly SiteValidation[],
  sums: readonly AucSums[],
  level: number,
): Omit<AcrossSites, 'differences'> {
  const auc = poolMeasure(
    sites.map(({ site }, i) => logitAuc(site, sums[i])),
    level,
    inverseLogit,
  );
  const pool = (of: (cohort: CohortValidation) => Estimate) =>
    poolMeasure(
      sites.map((cohort) => siteValueOf(cohort.site, of(cohort), level)),
      level,
    );
  return {
    auc,
    observedExpected: poolMeasure(
      sites.map((cohort) => siteValueOf(cohort.site, cohort.calibration.observedExpected, level, Math.log)),
      level,
      Math.exp,
    ),
    inTheLarge: pool((cohort) => cohort.calibration.inTheLarge),
    slope: pool((cohort) => cohort.calibration.slope),
    netBenefit: pool((cohort) => cohort.netBenefit),
    excluded: auc.excluded,
  };
}

function logitAuc(site: string, { auc, variance, events, nonEvents }: AucSums): SiteValue {
  if (auc === null) return { site, reason: `one class only: ${events} events, ${nonEvents} non-events` };
  if (variance === null) return { site, reason: 'one patient in a class: no standard error' };
  if (auc <= 0 || auc >= 1) return { site, reason: `AUC ${auc}: its logit does not exist` };
  if (variance === 0) return { site, reason: 'all scores are equal: no standard error' };
  return { site, value: Math.log(auc / (1 - auc)), error: Math.sqrt(variance) / (auc * (1 - auc)) };
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
  return { cohort, kept, dropped };
}

function partOf(cohort: Cohort, site: string): Cohort {
  const isHere = (_: number, i: number) => cohort.sites[i] === site;
  return {
    scores: cohort.scores.filter(isHere),
    outcomes: cohort.outcomes.filter(isHere),
    sites: cohort.sites.filter((name) => name === site),
  };
}

function checkInput(input: BinaryValidationInput): void {
  const { scores, outcomes, sites, threshold, decisionThresholds, level, subgroups = [] } = input;
  const refuse = (what: string, fix: string) => new ValidationInputError(what, 'validateBinary(input)', fix);
  const uneven = subgroups.find(({ labels }) => labels.length !== scores.length);
  if (uneven) throw refuse(`subgroup ${uneven.name} has ${uneven.labels.length} labels`, 'Give one for every patient.');
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
