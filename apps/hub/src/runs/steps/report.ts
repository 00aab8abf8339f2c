import { digestOf } from '@concord/contracts';
import type { CombatModel } from '@concord/harmonization';
import type { FigureDocument } from '@concord/figures';
import {
  evaluationItems,
  factsOf,
  renderStudyReport,
  type ReportCohort,
  type ReportSite,
  type StudyReport,
} from '@concord/reports';
import { parseHTML } from 'linkedom';

import { sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import { distinctRows, type AssessmentRecord, type ReleaseContext } from './assess.js';
import type { ModelRecord } from './fit.js';
import type { NewSiteRecord } from './harmonize.js';
import type { LeakAuditRecord } from './leak-audit.js';
import type { EffectsRecord } from './scanner-effects.js';
import { digestIn, jsonBytes, jsonIn, tableIn } from './step-tables.js';
import type { CohortRecord, ValidationRecord } from './validate.js';

/** Times and counts of the database that a report shows. */
interface ReportContext {
  readonly releases: readonly (ReleaseContext & { readonly receivedAt: string })[];
  readonly frozenAt: string;
  readonly lockedAt: string;
  readonly adjustedAt: Readonly<Record<string, string>>;
  readonly audit: { readonly entryCount: number; readonly headHash: string };
  readonly nodeVersion: string;
}

const CODE_VERSION = '0.1.0';

/** The frozen report: as data, and as a page that stands alone. */
export function report(task: StepTask): StepResult {
  const data = studyReport(task);
  // linkedom's own types are the browser's, which the hub does not load; figures ask for less.
  const page = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument };
  return { report: jsonBytes(data), html: Buffer.from(renderStudyReport(data, page)) };
}

function studyReport(task: StepTask): StudyReport {
  const context = task.context.record as unknown as ReportContext;
  const { protocol, protocolDigest } = task;
  const validation = jsonIn<ValidationRecord>(task, 'validation');
  return {
    format: 'concord.report/1',
    study: {
      id: protocol.studyId,
      title: protocol.title,
      outcome: outcomeWords(protocol.outcome.target),
      modality: modalityOf(task),
      protocolDigest,
      frozenAt: context.frozenAt,
    },
    sites: protocol.sites.map((site) => siteOf(task, site, context, validation)),
    extraction: null,
    scannerEffect: {
      digest: digestIn(task, 'scannerEffects'),
      ...jsonIn<EffectsRecord>(task, 'scannerEffects').report,
    },
    harmonization: harmonizationOf(task, context),
    model: modelOf(task, context),
    validation: validationOf(task, context, validation),
    leakAudit: leakAuditOf(task),
    rqs: { digest: digestIn(task, 'assessment'), ...jsonIn<AssessmentRecord>(task, 'assessment') },
    provenance: {
      codeVersion: CODE_VERSION,
      nodeVersion: context.nodeVersion,
      seed: String(protocol.seed),
      // Over every record that the report stands on.
      runDigest: digestOf(task.digests),
    },
    audit: context.audit,
  };
}

function siteOf(
  task: StepTask,
  { code, name, role }: StepTask['protocol']['sites'][number],
  context: ReportContext,
  validation: ValidationRecord,
): ReportSite {
  const table = tableIn(task, `features:${code}`);
  const own = context.releases.filter((release) => release.site === code);
  const scanners = distinctRows(table, ['manufacturer', 'model', 'kernel'], task.protocol.acquisition);
  const external = validation.perSite.find((cohort) => cohort.site === code);
  return {
    code,
    name,
    role,
    patientCount: table.rowCount,
    eventCount: external?.eventCount ?? validation.developmentEvents[code] ?? null,
    scanners: scanners.map(([manufacturer = null, model = null, kernel = null]) => ({ manufacturer, model, kernel })),
    bytesReleased: own.reduce((sum, release) => sum + release.byteCount, 0),
    tableDigest: digestIn(task, `features:${code}`),
    ledgerHead: null,
  };
}

function harmonizationOf(task: StepTask, context: ReportContext): StudyReport['harmonization'] {
  const model = jsonIn<CombatModel>(task, 'harmonization');
  const words = {
    parametric: 'parametric empirical Bayes',
    nonparametric: 'non-parametric empirical Bayes',
    none: 'no empirical Bayes',
  };
  return {
    digest: digestIn(task, 'harmonization'),
    method: `ComBat, ${words[model.options.eb]}`,
    fittedOn: model.batches,
    patientCount: model.batchCounts.reduce((sum, count) => sum + count, 0),
    isTransductive: model.transductive,
    preservedCovariates: model.covariates.map((covariate) => covariate.name),
    newSites: sitesOf(task.protocol, 'externalValidation').map((site) => {
      const { patientCount, warnings } = jsonIn<NewSiteRecord>(task, `newSite:${site}`);
      const digest = digestIn(task, `newSite:${site}`);
      return { site, digest, patientCount, estimatedAt: context.adjustedAt[site] ?? context.lockedAt, warnings };
    }),
    warnings: model.warnings,
  };
}

function modelOf(task: StepTask, context: ReportContext): StudyReport['model'] {
  const { logistic, threshold, candidates } = jsonIn<ModelRecord>(task, 'model');
  const terms = logistic.features.flatMap((name, index) => {
    const coefficient = logistic.coefficients[index] ?? 0;
    return coefficient === 0 ? [] : [{ name, role: 'radiomic' as const, coefficient }];
  });
  return {
    digest: digestIn(task, 'onnx'),
    kind: 'Elastic-net logistic regression',
    candidateCount: candidates.length,
    intercept: logistic.intercept,
    terms,
    threshold: threshold.value,
    thresholdRule: 'best Youden index, development sites, out of fold',
    lockDigest: digestIn(task, 'lock'),
    lockedAt: context.lockedAt,
  };
}

function validationOf(task: StepTask, context: ReportContext, record: ValidationRecord): StudyReport['validation'] {
  const digest = digestIn(task, 'validation');
  const opened = (site: string) =>
    context.releases.find((release) => release.site === site && release.kind === 'outcomes')?.receivedAt ?? null;
  const cohort = ({ bootstrap: _, ...rest }: CohortRecord): ReportCohort => ({
    ...rest,
    digest,
    outcomesOpenedAt: opened(rest.site),
  });
  return {
    perSite: record.perSite.map(cohort),
    pooled: record.pooled === null ? null : cohort(record.pooled),
    dropped: record.dropped,
    withinSiteAuc: record.withinSiteAuc,
    meta: record.meta === null ? null : { digest, ...record.meta },
    decisionCurve: record.decisionCurve === null ? null : { digest, ...record.decisionCurve },
    bootstrap: record.bootstrap,
    whole: record.whole,
    items: evaluationItems(
      factsOf({
        scores: [{ score: 'the locked model', ...record.whole }],
        outcome: outcomeWords(task.protocol.outcome.target),
        provenance: {
          inputDigest: null,
          lock: { digest: digestIn(task, 'lock'), lockedAt: context.lockedAt },
          bootstrap: record.bootstrap,
        },
        deviations: [],
      }),
    ),
  };
}

function leakAuditOf(task: StepTask): StudyReport['leakAudit'] {
  const { replicates, meanAuc, interval, seeds } = jsonIn<LeakAuditRecord>(task, 'leakAudit');
  if (meanAuc === null || interval === null) return null;
  return { digest: digestIn(task, 'leakAudit'), replicates, meanAuc, interval, seeds };
}

function modalityOf(task: StepTask): string | null {
  const seen = new Set(
    task.protocol.sites.flatMap(({ code }) =>
      distinctRows(tableIn(task, `features:${code}`), ['modality'], task.protocol.acquisition).map(
        ([value = '']) => value,
      ),
    ),
  );
  const [only = null] = seen;
  return seen.size === 1 ? only : null;
}

function outcomeWords(target: string): string {
  return target === 'mvi' ? 'microvascular invasion' : target.replaceAll('_', ' ');
}
