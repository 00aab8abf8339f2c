import { normalQuantile } from '@concord/numeric';
import { inverseLogit } from '../auc.js';
import { ValidationInputError } from '../errors.js';
import { notEstimable, type Estimate } from '../estimate.js';
import type { Subgrouping } from '../binary/subgroup-report.js';
import { poolMeasure, siteValueOf, type PooledMeasure, type SiteValue } from '../pooling/pooled-measure.js';
import { axisTicks, survivalCurve, type CurvePoints } from './curve-points.js';
import { survivalSubgroups, type SurvivalSubgroups } from './survival-subgroups.js';
import { concordance, concordanceEstimate, type Concordance } from './concordance.js';
import { cohortAtHorizon, type HorizonValidation } from './horizon-validation.js';
import { kaplanMeier, medianFollowUp, medianSurvival } from './kaplan-meier.js';
import {
  estimateOf,
  integratedBrier,
  poissonEstimates,
  separationEstimates,
  slopeEstimates,
  slopeTests,
  type SlopeEstimates,
} from './survival-estimates.js';
import { riskGroupReport, type RiskGroupReport } from './risk-groups.js';
import { survivalRows, type SurvivalData } from './survival-data.js';

/** A locked linear predictor, the risks it gives, and what came of the patients. */
export interface SurvivalValidationInput {
  /** Follow-up, not negative; NaN is missing. */
  readonly times: ArrayLike<number>;
  /** 1 event, 0 end of follow-up; NaN is missing. */
  readonly events: ArrayLike<number>;
  /** Higher means more risk; NaN is missing. */
  readonly linear: ArrayLike<number>;
  /** Predicted risk by each locked horizon; empty where the model gives none. */
  readonly horizons: readonly { readonly time: number; readonly risks: ArrayLike<number> }[];
  readonly sites?: readonly string[];
  /** By locked cut-points; groups without patients are listed in `groupLabels` and shown empty. */
  readonly riskGroups?: readonly string[];
  readonly groupLabels?: readonly string[];
  readonly decisionThresholds?: readonly number[];
  /** The model's cumulative hazard of each patient at the end of their own follow-up. */
  readonly cumulativeHazards?: ArrayLike<number>;
  readonly subgroups?: readonly Subgrouping[];
  readonly level?: number;
}

/** Everything about one cohort: a site, or all sites together. */
export interface SurvivalCohortValidation {
  readonly n: number;
  readonly events: number;
  readonly medianFollowUp: Estimate;
  readonly medianSurvival: Estimate;
  readonly harrell: Estimate;
  /** Weighted for censoring, up to the last horizon. */
  readonly uno: Estimate;
  readonly gonenHeller: Estimate;
  readonly roystonD: Estimate;
  readonly slope: SlopeEstimates;
  readonly horizons: readonly HorizonValidation[];
  readonly riskGroups: RiskGroupReport | null;
  /** p-values: slope 1 by likelihood ratio; proportional hazards of the linear predictor. */
  readonly slopeTest: Estimate;
  readonly proportionalHazards: Estimate;
  /** Events against the hazard the model expected over each patient's own follow-up. */
  readonly poisson: { readonly ratio: Estimate; readonly slope: Estimate };
  /** Trapezoids of the Brier score between the horizons, which are its stated grid. */
  readonly integratedBrier: Estimate;
  readonly curve: CurvePoints;
}

/** The validation of a survival model as plain JSON. */
export interface SurvivalValidation {
  readonly format: 'concord.validation.survival/1';
  readonly level: number;
  readonly dropped: number;
  readonly pooled: SurvivalCohortValidation;
  /** In the order of their names. */
  readonly sites: readonly (SurvivalCohortValidation & { readonly site: string })[];
  /** C over pairs of patients from one site. */
  readonly withinSiteC: Estimate;
  readonly acrossSites: {
    readonly c: PooledMeasure;
    readonly slope: PooledMeasure;
    /** One a horizon. */
    readonly observedExpected: readonly PooledMeasure[];
    readonly excluded: readonly { readonly site: string; readonly reason: string }[];
  };
  readonly subgroups: readonly SurvivalSubgroups[];
}

interface Cohort {
  readonly data: SurvivalData;
  readonly linear: Float64Array;
  readonly risks: readonly Float64Array[];
  readonly groups: readonly string[] | null;
  readonly hazards: Float64Array | null;
}

const LEAST_EVENTS = 5;

/**
 * Validates a locked survival model, over all patients and site by site. What cannot be estimated is returned as such
 * with its reason.
 *
 * @throws {ValidationInputError} if lengths differ, a time is negative, an event is neither 0, 1 nor NaN, a risk is
 *   outside 0 to 1, or a horizon is not positive
 * @see McLernon et al., Ann Intern Med 176 (2023)
 */
export function validateSurvival(input: SurvivalValidationInput): SurvivalValidation {
  checkInput(input);
  const level = input.level ?? 0.95;
  const kept = completeRows(input);
  const all = cohortOf(input, kept);
  const sites = input.sites ? kept.map((row) => input.sites?.[row] ?? '') : null;
  const names = sites ? [...new Set(sites)].sort((a, b) => (a < b ? -1 : 1)) : [];
  const parts = names.map((site) => ({
    site,
    cohort: cohortOf(
      input,
      kept.filter((_, i) => sites?.[i] === site),
    ),
  }));
  const cs = parts.map(({ cohort }) => concordance(cohort.data, cohort.linear));
  const validated = parts.map(({ site, cohort }) => ({ site, ...validateCohort(cohort, input, level) }));
  const subgroups = (input.subgroups ?? []).map(({ name, labels }) => ({ name, labels: kept.map((i) => labels[i]) }));
  return {
    format: 'concord.validation.survival/1',
    level,
    dropped: input.times.length - kept.length,
    pooled: validateCohort(all, input, level),
    sites: validated,
    withinSiteC: sites
      ? concordanceEstimate(concordance(all.data, all.linear, { strata: sites }), level, 'C within sites', 'logit')
      : notEstimable('C within sites', 'no sites were given'),
    acrossSites: acrossSites(validated, cs, level),
    subgroups: survivalSubgroups(all.data, all.linear, subgroups, level),
  };
}

function validateCohort(cohort: Cohort, input: SurvivalValidationInput, level: number): SurvivalCohortValidation {
  const { data, linear } = cohort;
  const tau = input.horizons.at(-1)?.time;
  const curve = kaplanMeier(data);
  const { median, interval } = medianSurvival(curve, level);
  const horizons = input.horizons.map(({ time }, i) =>
    cohortAtHorizon(data, cohort.risks[i], time, input.decisionThresholds ?? [], level),
  );
  const hasBounds = interval[0] !== null && interval[1] !== null;
  return {
    n: linear.length,
    events: curve.eventCount,
    medianFollowUp: estimateOf(medianFollowUp(data), null, 'reverse Kaplan-Meier', 'follow-up has no median'),
    medianSurvival: estimateOf(
      median,
      hasBounds ? (interval as [number, number]) : null,
      'Kaplan-Meier, log-log interval',
      'the curve does not come down to one half',
    ),
    harrell: concordanceEstimate(concordance(data, linear), level, "Harrell's C", 'logit'),
    uno: concordanceEstimate(
      concordance(data, linear, { isWeighted: true, ...(tau === undefined ? {} : { tau }) }),
      level,
      "Uno's C",
      'logit',
    ),
    ...separationEstimates(data, linear, normalQuantile(1 - (1 - level) / 2)),
    slope: slopeEstimates(data, linear, level),
    horizons,
    riskGroups: cohort.groups ? riskGroupReport(data, cohort.groups, input.groupLabels, level) : null,
    ...slopeTests(data, linear, level),
    poisson: poissonEstimates(data, linear, cohort.hazards, level),
    integratedBrier: integratedBrier(horizons),
    curve: survivalCurve(data, 'all', axisTicks(data.times.reduce((most, time) => Math.max(most, time), 0)), level),
  };
}

function acrossSites(
  sites: SurvivalValidation['sites'],
  cs: readonly Concordance[],
  level: number,
): SurvivalValidation['acrossSites'] {
  const few = ({ site, events }: { site: string; events: number }): SiteValue | null =>
    events < LEAST_EVENTS ? { site, reason: `${events} events; at least ${LEAST_EVENTS} are needed` } : null;
  const logitC = (cohort: SurvivalValidation['sites'][number], { c, standardError }: Concordance): SiteValue => {
    if (c === null || c <= 0 || c >= 1 || standardError === null || !(standardError > 1e-12)) {
      return { site: cohort.site, reason: 'C has no standard error on the logit scale' };
    }
    return { site: cohort.site, value: Math.log(c / (1 - c)), error: standardError / (c * (1 - c)) };
  };
  const c = poolMeasure(
    sites.map((cohort, i) => few(cohort) ?? logitC(cohort, cs[i])),
    level,
    inverseLogit,
  );
  const slope = poolMeasure(
    sites.map((cohort) => few(cohort) ?? siteValueOf(cohort.site, cohort.slope.slope, level)),
    level,
  );
  const observedExpected = (sites[0]?.horizons ?? []).map((_, h) =>
    poolMeasure(
      sites.map((cohort) => siteValueOf(cohort.site, cohort.horizons[h].observedExpected, level, Math.log)),
      level,
      Math.exp,
    ),
  );
  return { c, slope, observedExpected, excluded: c.excluded };
}

function completeRows({ times, events, linear, horizons }: SurvivalValidationInput): number[] {
  const kept: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const isKnown = ![times[i], events[i], linear[i]].some(Number.isNaN);
    if (isKnown && horizons.every(({ risks }) => !Number.isNaN(risks[i]))) kept.push(i);
  }
  return kept;
}

function cohortOf(input: SurvivalValidationInput, rows: readonly number[]): Cohort {
  const all = { times: Float64Array.from(input.times), events: Uint8Array.from(input.events) };
  return {
    data: survivalRows(all, rows),
    linear: Float64Array.from(rows, (row) => input.linear[row]),
    risks: input.horizons.map(({ risks }) => Float64Array.from(rows, (row) => risks[row])),
    groups: input.riskGroups ? rows.map((row) => input.riskGroups?.[row] ?? '') : null,
    hazards: input.cumulativeHazards ? Float64Array.from(rows, (row) => input.cumulativeHazards?.[row] ?? NaN) : null,
  };
}

function checkInput({ times, events, linear, horizons, sites, riskGroups, level }: SurvivalValidationInput): void {
  const refuse = (what: string, fix: string) => new ValidationInputError(what, 'validateSurvival(input)', fix);
  const n = times.length;
  const lengths = [events, linear, ...horizons.map(({ risks }) => risks), sites ?? times, riskGroups ?? times];
  if (lengths.some((list) => list.length !== n)) {
    throw refuse('the lists have different lengths', 'Give one value of each for every patient, in the same order.');
  }
  let strange = 0;
  for (let i = 0; i < n; i++) {
    const isTime = Number.isNaN(times[i]) || (times[i] >= 0 && times[i] < Infinity);
    const isEvent = events[i] === 0 || events[i] === 1 || Number.isNaN(events[i]);
    const areRisks = horizons.every(({ risks }) => Number.isNaN(risks[i]) || (risks[i] >= 0 && risks[i] <= 1));
    if (!isTime || !isEvent || !areRisks || Math.abs(linear[i]) === Infinity) strange++;
  }
  if (strange > 0) {
    throw refuse(
      `${strange} patients have a negative time, an event other than 0 and 1, or a risk outside 0 to 1`,
      'Code events as 1, ends of follow-up as 0, and give risks as probabilities.',
    );
  }
  if (!horizons.every(({ time }) => time > 0 && time < Infinity))
    throw refuse('a horizon is not positive', 'Use the locked ones.');
  if (level !== undefined && !(level > 0.5 && level < 1)) throw refuse(`the level is ${level}`, 'Give one like 0.95.');
}
