import type { ReportCohort, ReportEstimate, StudyReport } from '@concord/reports';
import { numberValues } from '@concord/tables';
import { validateBinary, type BinaryValidation, type CohortValidation } from '@concord/validation';

import { sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import { SCORE_COLUMN } from './predict.js';
import { digestIn, joined, jsonBytes, jsonIn, outcomesOf, patientsOf, tableIn } from './step-tables.js';

type ReportCurve = NonNullable<NonNullable<StudyReport['validation']>['decisionCurve']>;
type ReportMeta = NonNullable<NonNullable<StudyReport['validation']>['meta']>;

/** One cohort as the report prints it, but for what only the database knows. */
export interface CohortRecord extends Omit<ReportCohort, 'digest' | 'outcomesOpenedAt'> {
  /** Which of its estimates a seeded bootstrap confirms with an interval; null for pooled. */
  readonly bootstrap: CohortBootstrap | null;
}

export interface CohortBootstrap {
  readonly auc: boolean;
  readonly calibrationSlope: boolean;
  readonly aucInterval: readonly [number, number] | null;
  readonly calibrationSlopeInterval: readonly [number, number] | null;
}

/** The validation of the locked model at the sites that never saw it. */
export interface ValidationRecord {
  readonly format: 'concord.validation/1';
  readonly lockDigest: string;
  readonly modelDigest: string;
  readonly harmonizationDigest: string | null;
  /** A patient is positive if risk >= threshold. */
  readonly threshold: number;
  readonly dropped: { readonly missingScore: number; readonly missingOutcome: number };
  readonly perSite: readonly CohortRecord[];
  readonly pooled: CohortRecord | null;
  readonly withinSiteAuc: ReportEstimate;
  readonly meta: Omit<ReportMeta, 'digest'> | null;
  readonly decisionCurve: Omit<ReportCurve, 'digest'> | null;
  readonly bootstrap: { readonly replicates: number; readonly seed: string };
  readonly developmentEvents: Readonly<Record<string, number>>;
  /** Every measure of every cohort; its ROC curves are left out, for their points are patients. */
  readonly whole: BinaryValidation;
}

const REPLICATES = 1000;
/** Thresholds of the decision curve, fixed here before any study: 5 to 60 % risk. */
const DECISION_RANGE = [0.05, 0.6] as const;
const DECISION_STEP = 0.05;

export function validate(task: StepTask): StepResult {
  const lock = jsonIn<LockedParts>(task, 'lock');
  const sites = sitesOf(task.protocol, 'externalValidation');
  const parts = sites.map((site) => siteScores(task, site));
  const seed = `${task.protocol.seed}/bootstrap`;
  const count = Math.round((DECISION_RANGE[1] - DECISION_RANGE[0]) / DECISION_STEP);
  const result = validateBinary({
    scores: joined(parts.map((part) => part.scores)),
    outcomes: joined(parts.map((part) => part.outcomes)),
    sites: parts.flatMap((part) => new Array<string>(part.scores.length).fill(part.site)),
    threshold: lock.threshold.value,
    decisionThresholds: Array.from({ length: count + 1 }, (_, k) => (5 * (k + 1)) / 100),
    bootstrap: { seed, replicates: REPLICATES },
  });
  const record: ValidationRecord = {
    format: 'concord.validation/1',
    lockDigest: digestIn(task, 'lock'),
    modelDigest: lock.modelDigest,
    harmonizationDigest: lock.harmonizationDigest,
    threshold: lock.threshold.value,
    dropped: result.dropped,
    perSite: parts.map((part) => {
      const cohort = result.sites.find(({ site }) => site === part.site);
      return cohort === undefined ? emptyCohort(part.site) : cohortRecord(part.site, cohort, bootstrapOf(cohort));
    }),
    pooled: cohortRecord('pooled', result.pooled, null),
    withinSiteAuc: result.withinSiteAuc,
    meta: {
      auc: result.acrossSites.auc.mean,
      prediction: result.acrossSites.auc.prediction,
      tauSquared: result.acrossSites.auc.tau2,
    },
    decisionCurve: curveOf(result.pooled),
    bootstrap: { replicates: REPLICATES, seed },
    developmentEvents: jsonIn<ModelEvents>(task, 'model').eventsBySite,
    whole: withoutPatients(result),
  };
  return { validation: jsonBytes(record) };
}

interface LockedParts {
  readonly modelDigest: string;
  readonly harmonizationDigest: string | null;
  readonly threshold: { readonly value: number };
}

interface ModelEvents {
  readonly eventsBySite: Readonly<Record<string, number>>;
}

interface SiteScores {
  readonly site: string;
  /** NaN where there is none. */
  readonly scores: Float64Array;
  readonly outcomes: Float64Array;
}

function siteScores(task: StepTask, site: string): SiteScores {
  const table = tableIn(task, `predictions:${site}`);
  const known = outcomesOf(task, site, patientsOf(table));
  return {
    site,
    scores: numberValues(table, SCORE_COLUMN),
    outcomes: Float64Array.from(known, (value) => (value === -1 ? NaN : value)),
  };
}

function bootstrapOf({ bootstrap }: CohortValidation): CohortBootstrap {
  const { auc = null, calibrationSlope = null } = bootstrap ?? {};
  return {
    auc: auc !== null,
    calibrationSlope: calibrationSlope !== null,
    aucInterval: auc,
    calibrationSlopeInterval: calibrationSlope,
  };
}

function withoutPatients(result: BinaryValidation): BinaryValidation {
  return {
    ...result,
    pooled: { ...result.pooled, roc: [] },
    sites: result.sites.map((cohort) => ({ ...cohort, roc: [] })),
  };
}

function cohortRecord(site: string, cohort: CohortValidation, bootstrap: CohortBootstrap | null): CohortRecord {
  const { calibration, atThreshold, calibrationCurve, histogram } = cohort;
  return {
    site,
    patientCount: cohort.n,
    eventCount: cohort.events,
    auc: cohort.auc.logit,
    observedOverExpected: calibration.observedExpected,
    calibrationInTheLarge: calibration.inTheLarge,
    calibrationSlope: calibration.slope,
    brier: calibration.brier,
    sensitivity: atThreshold.sensitivity,
    specificity: atThreshold.specificity,
    ppv: atThreshold.ppv,
    npv: atThreshold.npv,
    calibrationGroups: calibrationCurve.groups.flatMap(({ meanRisk, observed, n }) =>
      observed.value === null
        ? []
        : [{ predicted: meanRisk, observed: observed.value, interval: observed.interval, patientCount: n }],
    ),
    riskHistogram: histogram,
    bootstrap,
  };
}

/** A site whose patients have neither score nor outcome: shown, with every number not estimable. */
function emptyCohort(site: string): CohortRecord {
  return cohortRecord(site, validateBinary({ scores: [], outcomes: [], sites: [], threshold: null }).pooled, null);
}

function curveOf(cohort: CohortValidation): ValidationRecord['decisionCurve'] {
  const points = cohort.decisionCurve.flatMap(({ threshold, netBenefit, treatAll }) =>
    netBenefit.value === null || treatAll.value === null
      ? []
      : [{ threshold, model: netBenefit.value, all: treatAll.value, interval: netBenefit.interval }],
  );
  return points.length === 0 ? null : { patientCount: cohort.n, declaredRange: DECISION_RANGE, points };
}
