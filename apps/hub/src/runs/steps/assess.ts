import { digestOf, type StudyProtocol } from '@concord/contracts';
import type { CombatModel } from '@concord/harmonization';
import type { LockRecord } from '@concord/models';
import type { ReportEstimate } from '@concord/reports';
import { assessStudy, type SiteFact, type StudyAssessment, type StudyFacts, type ValidationFact } from '@concord/rqs';
import { column, type FeatureTable } from '@concord/tables';

import { sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import type { ModelRecord } from './fit.js';
import type { LeakAuditRecord } from './leak-audit.js';
import { digestIn, jsonBytes, jsonIn, tableIn } from './step-tables.js';
import type { ValidationRecord } from './validate.js';

/** What the database says of a release, for evidence. */
export interface ReleaseContext {
  readonly site: string;
  readonly kind: string;
  readonly rowCount: number;
  readonly tableDigest: string;
  /** The lock that the site named, and signed, when it sent this. */
  readonly lockDigest: string | null;
  /** The conformance certificate that the site named, and signed; null for a table that no image is behind. */
  readonly certificateDigest: string | null;
  readonly byteCount: number;
}

/**
 * Order of events around the lock. An audit log's own numbers depend on which site was faster; what counts is this
 * order, and two runs of one study must give one record. Each step is proven: a validation site is adjusted by a step
 * that reads the lock, and its outcomes come in a message that names the lock and is signed.
 */
const ORDER = { before: 0, lock: 1, adjustment: 2, outcomes: 3 } as const;

const CODE_VERSION = '0.1.0';

export type AssessmentRecord = StudyAssessment;

/** Writes every quality score and guideline from the study's records. */
export function assess(task: StepTask): StepResult {
  const facts = studyFacts(task);
  return { facts: jsonBytes(facts), assessment: jsonBytes(assessStudy(facts)) };
}

function studyFacts(task: StepTask): StudyFacts {
  const { protocol, protocolDigest } = task;
  const releases = task.context.record['releases'] as readonly ReleaseContext[];
  const lockDigest = digestIn(task, 'lock');
  const model = jsonIn<ModelRecord>(task, 'model');
  const audit = jsonIn<LeakAuditRecord>(task, 'leakAudit');
  const modelDigest = digestIn(task, 'onnx');
  const selectionDigest = digestIn(task, 'model');
  const harmonizationDigest = digestIn(task, 'harmonization');
  const harmonization = jsonIn<CombatModel>(task, 'harmonization');
  const lock = jsonIn<LockRecord>(task, 'lock');
  const radiomic = (name: string) => ({ name, role: 'radiomic' as const });
  const selected = model.logistic.features.filter((_, index) => model.logistic.coefficients[index] !== 0);
  return {
    studyId: protocol.studyId,
    protocol: {
      kind: 'protocol',
      id: protocol.studyId,
      digest: protocolDigest,
      declaresLeakAudit: protocol.leakAuditReplicates > 0,
      publicAcquisition: null,
      design: {
        track: 'handcrafted',
        segmentation: 'manual',
        imageSetCount: protocol.source.kind === 'images' ? 1 : null,
      },
    },
    sites: protocol.sites.map((site) => siteFact(task, site, releases, lockDigest)),
    extraction: extractionFact(protocol, releases),
    robustness: [],
    harmonization: {
      kind: 'harmonization',
      id: 'combat',
      digest: harmonizationDigest,
      isTransductive: harmonization.transductive,
      fittedOnSites: harmonization.batches,
      fittedRowCount: harmonization.batchCounts.reduce((sum, count) => sum + count, 0),
    },
    selection: {
      kind: 'feature selection',
      id: 'elastic net',
      digest: selectionDigest,
      featuresIn: model.candidates.length,
      featuresOut: selected.length,
      rows: 'development',
      multiplicity: null,
      harmonizationDigest,
      robustnessDigest: null,
    },
    model: {
      kind: 'model',
      id: 'elastic-net-logistic',
      digest: modelDigest,
      predictors: selected.map(radiomic),
      candidates: model.candidates.map(radiomic),
      selectionDigest,
      harmonizationDigest,
      publishedDoi: null,
    },
    lock: {
      kind: 'lock',
      id: 'lock',
      digest: lockDigest,
      sequence: ORDER.lock,
      modelDigest: lock.modelDigest,
      harmonizationDigest: lock.harmonizationDigest,
      threshold: lock.threshold.value,
      thresholdRule: lock.threshold.rule === 'youden' ? 'developmentYouden' : 'prespecified',
    },
    validations: sitesOf(protocol, 'externalValidation').map((site) => validationFact(task, site, releases)),
    comparators: [],
    associations: [],
    leakAudit:
      audit.meanAuc === null || audit.interval === null
        ? null
        : {
            kind: 'leak audit',
            id: 'leak-audit',
            digest: digestIn(task, 'leakAudit'),
            replicates: audit.replicates,
            meanAuc: audit.meanAuc,
            interval: audit.interval,
            seed: String(protocol.seed),
          },
    analyses: [
      {
        kind: 'scanner-effect run',
        id: 'scanner-effects',
        digest: digestIn(task, 'scannerEffects'),
        subject: 'scannerEffects',
      },
      // The fit keeps penalty, rule, folds, seed and every point of its cross-validation.
      ...(model.logistic.crossValidation.length > 0
        ? [{ kind: 'tuning record', id: 'elastic net', digest: selectionDigest, subject: 'tuning' as const }]
        : []),
    ],
    // The record of the run so far: what this step read, by digest, as its row says.
    run: {
      kind: 'run up to the score',
      id: protocol.studyId,
      digest: digestOf({ kind: task.kind, site: task.site, protocolDigest, inputs: task.digests }),
      codeVersion: CODE_VERSION,
      seed: String(protocol.seed),
      stepCount: Object.keys(task.digests).length,
    },
    artefacts: [],
    claims: [],
    contests: [],
  };
}

function siteFact(
  task: StepTask,
  { code, role }: StudyProtocol['sites'][number],
  releases: readonly ReleaseContext[],
  lockDigest: string,
): SiteFact {
  const table = tableIn(task, `features:${code}`);
  const outcomes = releases.find((release) => release.site === code && release.kind === 'outcomes');
  const opened = outcomes === undefined ? null : outcomes.lockDigest === lockDigest ? ORDER.outcomes : ORDER.before;
  return {
    code,
    role,
    trainingRowCount: role === 'development' ? table.rowCount : 0,
    outcomesOpenedAt: role === 'development' ? null : opened,
    acquisition:
      task.protocol.acquisition.length === 0
        ? null
        : {
            kind: 'acquisition profile',
            id: code,
            digest: digestIn(task, `features:${code}`),
            completeSeriesShare: completeShare(table, task.protocol.acquisition),
          },
    scanners: distinctRows(table, ['manufacturer', 'model'], task.protocol.acquisition).map((row) => row.join(' ')),
  };
}

function validationFact(task: StepTask, site: string, releases: readonly ReleaseContext[]): ValidationFact {
  const record = jsonIn<ValidationRecord>(task, 'validation');
  const lockDigest = digestIn(task, 'lock');
  const cohort = record.perSite.find((candidate) => candidate.site === site);
  const [patientCount, eventCount] = [cohort?.patientCount ?? 0, cohort?.eventCount ?? 0];
  const outcomes = releases.find((release) => release.site === site && release.kind === 'outcomes');
  // An interval of no width, as of a score that is the same for all, says nothing about uncertainty.
  const shows = (estimate: ReportEstimate | undefined) => ({
    hasEstimate: estimate?.status === 'ok',
    hasInterval: estimate?.status === 'ok' && estimate.interval !== null && estimate.interval[0] < estimate.interval[1],
  });
  const slope = shows(cohort?.calibrationSlope);
  const digest = digestIn(task, 'validation');
  return {
    kind: 'validation run',
    id: site,
    digest,
    site,
    cohort: 'external',
    patientCount,
    eventCount,
    lockDigest: record.lockDigest,
    modelDigest: record.modelDigest,
    harmonizationDigest: record.harmonizationDigest,
    threshold: record.threshold,
    outcomesOpenedAt:
      outcomes === undefined ? null : outcomes.lockDigest === lockDigest ? ORDER.outcomes : ORDER.before,
    siteAdjustment: {
      kind: 'new-site harmonization',
      id: site,
      digest: digestIn(task, `newSite:${site}`),
      sequence: ORDER.adjustment,
    },
    discrimination: shows(cohort?.auc),
    hasConfusionMatrix: shows(cohort?.sensitivity).hasEstimate && shows(cohort?.specificity).hasEstimate,
    // The hub judged the locked model on rows that it asked for after the lock.
    isUnseenByOwner: outcomes?.lockDigest === lockDigest,
    calibration: {
      hasStatistic: slope.hasEstimate,
      hasInterval: slope.hasInterval,
      hasPlot: (cohort?.calibrationGroups.length ?? 0) > 0,
    },
    discriminationResampling: cohort?.bootstrap?.auc === true ? record.bootstrap : null,
    calibrationResampling: cohort?.bootstrap?.calibrationSlope === true ? record.bootstrap : null,
    // Of one class, or without patients, a site adds nothing to the curve over all sites.
    decisionCurve:
      record.decisionCurve === null || eventCount === 0 || eventCount === patientCount
        ? null
        : { kind: 'decision curve', id: site, digest },
  };
}

function extractionFact(protocol: StudyProtocol, releases: readonly ReleaseContext[]): StudyFacts['extraction'] {
  if (protocol.source.kind !== 'images') return null;
  const { extraction } = protocol.source;
  const settingsDigest = digestOf(extraction);
  const { resampling, discretisations, images } = extraction as Record<string, unknown>;
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0;
  return {
    kind: 'extraction settings',
    id: 'extraction',
    digest: settingsDigest,
    settingsDigest,
    engineVersion: `concord ${CODE_VERSION}`,
    featureCount: protocol.features.length,
    // Settings of this format give IBSI's features by their codes; that they are right is for the certificates to say.
    isIbsiCatalogue: extraction.format.startsWith('concord.extraction/'),
    conformance: releases.flatMap(({ site, kind, certificateDigest }) =>
      kind === 'features' && certificateDigest
        ? [{ kind: 'conformance certificate', id: site, digest: certificateDigest, site }]
        : [],
    ),
    states: [
      ...(resampling ? (['resampling'] as const) : []),
      ...(isList(discretisations) ? (['discretisation'] as const) : []),
      ...(isList(images) ? (['imageTypes'] as const) : []),
    ],
  };
}

/** Share of rows in which every one of these columns is filled. */
export function completeShare(table: FeatureTable, names: readonly string[]): number {
  const columns = names.map((name) => column(table, name).values);
  const isFilled = (value: string | number | null | undefined) =>
    value !== null && value !== '' && !Number.isNaN(value);
  let filled = 0;
  for (let row = 0; row < table.rowCount; row++) if (columns.every((values) => isFilled(values[row]))) filled++;
  return table.rowCount === 0 ? 0 : filled / table.rowCount;
}

/** The different combinations of these text columns, sorted; empty where the protocol does not let them out. */
export function distinctRows(table: FeatureTable, names: readonly string[], released: readonly string[]): string[][] {
  if (!names.every((name) => released.includes(name))) return [];
  const columns = names.map((name) => column(table, name).values);
  const rows = Array.from({ length: table.rowCount }, (_, row) => columns.map((values) => String(values[row] ?? '')));
  return [...new Map(rows.map((row) => [row.join('\u0000'), row])).values()].sort((a, b) =>
    a.join() < b.join() ? -1 : 1,
  );
}
