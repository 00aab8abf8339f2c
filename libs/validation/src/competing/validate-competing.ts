import { normalQuantile } from '@concord/numeric';
import { inverseLogit } from '../auc.js';
import { ValidationInputError } from '../errors.js';
import { estimate, notEstimable, testEstimate, type Estimate } from '../estimate.js';
import { poolMeasure, siteValueOf, type PooledMeasure } from '../pooling/pooled-measure.js';
import { fitCox } from '../survival/cox-fit.js';
import { axisTicks, type CurvePoints } from '../survival/curve-points.js';
import { medianFollowUp } from '../survival/kaplan-meier.js';
import { estimateOf } from '../survival/survival-estimates.js';
import type { CausesData } from '../survival/time-dependent.js';
import { competingAtHorizon, type CompetingHorizon } from './competing-horizon.js';
import { cumulativeIncidence, incidenceBounds } from './cumulative-incidence.js';
import { fitFineGray } from './fine-gray.js';
import { grayTest } from './gray-test.js';

/** Locked risks of the event of interest, and which event came first. */
export interface CompetingValidationInput {
  /** Follow-up, not negative; NaN is missing. */
  readonly times: ArrayLike<number>;
  /** 0 end of follow-up, 1 the event of interest, 2 a competing one; NaN is missing. */
  readonly causes: ArrayLike<number>;
  /** At least one; risks of the event of interest by then, NaN is missing. */
  readonly horizons: readonly { readonly time: number; readonly risks: ArrayLike<number> }[];
  /** Default: log(-log(1 - risk)) at the last horizon. */
  readonly linear?: ArrayLike<number>;
  readonly sites?: readonly string[];
  readonly riskGroups?: readonly string[];
  readonly groupLabels?: readonly string[];
  readonly decisionThresholds?: readonly number[];
  readonly level?: number;
}

/** Everything about one cohort: a site, or all sites together. */
export interface CompetingCohortValidation {
  readonly n: number;
  readonly events: number;
  readonly competingEvents: number;
  readonly medianFollowUp: Estimate;
  readonly fineGraySlope: Estimate;
  /** Cox slope with competing events as ends of follow-up. */
  readonly causeSpecificSlope: Estimate;
  readonly horizons: readonly CompetingHorizon[];
  /** p-value of Gray's test between the locked risk groups. */
  readonly gray: Estimate;
  readonly incidence: CurvePoints;
  readonly groups: readonly CurvePoints[];
}

/** The validation of a model of competing risks as plain JSON. */
export interface CompetingValidation {
  readonly format: 'concord.validation.competing/1';
  readonly level: number;
  readonly dropped: number;
  readonly pooled: CompetingCohortValidation;
  readonly sites: readonly (CompetingCohortValidation & { readonly site: string })[];
  /** One a horizon, over sites. */
  readonly acrossSites: { readonly auc: readonly PooledMeasure[]; readonly observedExpected: readonly PooledMeasure[] };
}

interface Cohort {
  readonly data: CausesData;
  readonly linear: Float64Array;
  readonly risks: readonly Float64Array[];
  readonly groups: readonly string[] | null;
}

/**
 * Validates locked risks of one event among others that prevent it, over all patients and site by site.
 *
 * @throws {ValidationInputError} if lengths differ, no horizon is given, a time is negative, a cause is not 0, 1, 2 or
 *   NaN, or a risk is outside 0 to 1
 * @see van Geloven et al., BMJ 377 (2022)
 */
export function validateCompeting(input: CompetingValidationInput): CompetingValidation {
  checkInput(input);
  const level = input.level ?? 0.95;
  const kept = completeRows(input);
  const siteOf = (row: number) => input.sites?.[row] ?? '';
  const names = input.sites ? [...new Set(kept.map(siteOf))].sort((a, b) => (a < b ? -1 : 1)) : [];
  const validate = (rows: readonly number[]) => validateCohort(cohortOf(input, rows), input, level);
  const sites = names.map((site) => ({ site, ...validate(kept.filter((row) => siteOf(row) === site)) }));
  const logit = (x: number) => Math.log(x / (1 - x));
  return {
    format: 'concord.validation.competing/1',
    level,
    dropped: input.times.length - kept.length,
    pooled: validate(kept),
    sites,
    acrossSites: {
      auc: input.horizons.map((_, h) =>
        poolMeasure(
          sites.map(({ site, horizons }) => siteValueOf(site, horizons[h].auc, level, logit)),
          level,
          inverseLogit,
        ),
      ),
      observedExpected: input.horizons.map((_, h) =>
        poolMeasure(
          sites.map(({ site, horizons }) => siteValueOf(site, horizons[h].observedExpected, level, Math.log)),
          level,
          Math.exp,
        ),
      ),
    },
  };
}

function validateCohort(cohort: Cohort, input: CompetingValidationInput, level: number): CompetingCohortValidation {
  const { data, linear, groups } = cohort;
  const count = (cause: number) => data.causes.reduce((sum, value) => sum + Number(value === cause), 0);
  const labels = groups ? (input.groupLabels ?? [...new Set(groups)].sort((a, b) => (a < b ? -1 : 1))) : [];
  const rowsOf = (label: string) => [...data.times.keys()].filter((i) => groups?.[i] === label);
  const ticks = axisTicks(data.times.reduce((most, time) => Math.max(most, time), 0));
  const anyEvent = { times: data.times, events: data.causes.map((cause) => (cause > 0 ? 1 : 0)) };
  return {
    n: linear.length,
    events: count(1),
    competingEvents: count(2),
    medianFollowUp: estimateOf(medianFollowUp(anyEvent), null, 'reverse Kaplan-Meier', 'follow-up has no median'),
    ...slopes(data, linear, level),
    horizons: input.horizons.map(({ time }, h) =>
      competingAtHorizon(data, cohort.risks[h], time, input.decisionThresholds ?? [], level),
    ),
    gray: testEstimate(groups ? grayTest(data, groups) : null, "Gray's test", 'fewer than two groups, or no event'),
    incidence: incidenceCurve(data, 'all', ticks, level),
    groups: labels.map((label) => incidenceCurve(causesRows(data, rowsOf(label)), label, ticks, level)),
  };
}

function slopes(data: CausesData, linear: Float64Array, level: number) {
  const z = normalQuantile(1 - (1 - level) / 2);
  const fineGray = 'Fine-Gray regression on the linear predictor, robust Wald interval';
  const cause = 'Cox regression on the linear predictor, competing events as ends of follow-up, Wald interval';
  const isConstant = linear.every((value) => value === linear[0]);
  const reason = !data.causes.includes(1)
    ? 'no patient has the event'
    : isConstant
      ? 'all patients have the same linear predictor'
      : 'the slope has no finite value';
  const of = (fit: { coefficients: Float64Array; covariance: { data: Float64Array } } | null, method: string) => {
    if (fit === null) return notEstimable(method, reason);
    const half = z * Math.sqrt(fit.covariance.data[0]);
    return estimate(fit.coefficients[0], [fit.coefficients[0] - half, fit.coefficients[0] + half], method);
  };
  const events = data.causes.map((value) => (value === 1 ? 1 : 0));
  return {
    fineGraySlope: of(isConstant ? null : fitFineGray(data, [linear]), fineGray),
    causeSpecificSlope: of(fitCox({ times: data.times, events, columns: [linear], ties: 'efron' }), cause),
  };
}

function incidenceCurve(data: CausesData, label: string, ticks: readonly number[], level: number): CurvePoints {
  const curve = cumulativeIncidence(data);
  const z = normalQuantile(1 - (1 - level) / 2);
  return {
    label,
    n: data.times.length,
    events: data.causes.reduce((sum, cause) => sum + Number(cause === 1), 0),
    steps: Array.from(curve.times, (time, i) => {
      const [value, error] = [curve.first[i], Math.sqrt(Math.max(0, curve.firstVariance[i]))];
      const band = incidenceBounds(value, error, z);
      return { time, value, low: band?.[0] ?? null, high: band?.[1] ?? null };
    }),
    atRisk: ticks.map((time) => ({ time, count: data.times.reduce((sum, t) => sum + Number(t >= time), 0) })),
    lastTime: data.times.reduce((most, time) => Math.max(most, time), 0),
  };
}

function completeRows({ times, causes, linear, horizons }: CompetingValidationInput): number[] {
  return Array.from({ length: times.length }, (_, i) => i).filter(
    (i) =>
      ![times[i], causes[i], linear ? linear[i] : 0].some(Number.isNaN) &&
      horizons.every(({ risks }) => !Number.isNaN(risks[i])),
  );
}

function cohortOf(input: CompetingValidationInput, rows: readonly number[]): Cohort {
  const risks = input.horizons.map((horizon) => Float64Array.from(rows, (row) => horizon.risks[row]));
  const { linear } = input;
  // A risk of 0 or 1 has no log-log; it is moved in by as much as the logit of a binary risk is.
  const inside = (risk: number) => Math.min(1 - 1e-8, Math.max(1e-8, risk));
  return {
    data: {
      times: Float64Array.from(rows, (row) => input.times[row]),
      causes: Uint8Array.from(rows, (row) => input.causes[row]),
    },
    linear: linear
      ? Float64Array.from(rows, (row) => linear[row])
      : risks[risks.length - 1].map((risk) => Math.log(-Math.log1p(-inside(risk)))),
    risks,
    groups: input.riskGroups ? rows.map((row) => input.riskGroups?.[row] ?? '') : null,
  };
}

function causesRows({ times, causes }: CausesData, rows: readonly number[]): CausesData {
  return { times: Float64Array.from(rows, (i) => times[i]), causes: Uint8Array.from(rows, (i) => causes[i]) };
}

function checkInput({ times, causes, horizons, linear, sites, riskGroups, level }: CompetingValidationInput): void {
  const refuse = (what: string, fix: string) => new ValidationInputError(what, 'validateCompeting(input)', fix);
  const lists = [causes, linear ?? times, sites ?? times, riskGroups ?? times, ...horizons.map(({ risks }) => risks)];
  if (lists.some((list) => list.length !== times.length)) {
    throw refuse('the lists have different lengths', 'Give one value of each for every patient, in the same order.');
  }
  if (horizons.length === 0 || !horizons.every(({ time }) => time > 0 && time < Infinity)) {
    throw refuse('there is no horizon, or one is not positive', 'Give the locked horizons with their risks.');
  }
  let strange = 0;
  for (let i = 0; i < times.length; i++) {
    const isTime = Number.isNaN(times[i]) || (times[i] >= 0 && times[i] < Infinity);
    const isCause = [0, 1, 2].includes(causes[i]) || Number.isNaN(causes[i]);
    const areRisks = horizons.every(({ risks }) => Number.isNaN(risks[i]) || (risks[i] >= 0 && risks[i] <= 1));
    if (!isTime || !isCause || !areRisks || Math.abs(linear?.[i] ?? 0) === Infinity) strange++;
  }
  if (strange > 0) {
    const fix = 'Code 0 for ends of follow-up, 1 for the event, 2 for competing ones, and risks as probabilities.';
    throw refuse(`${strange} patients have a time, a cause or a risk that is none`, fix);
  }
  if (level !== undefined && !(level > 0.5 && level < 1)) throw refuse(`the level is ${level}`, 'Give one like 0.95.');
}
