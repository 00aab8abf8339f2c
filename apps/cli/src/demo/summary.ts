import type { ReportCohort, ReportEstimate, StudyReport } from '@concord/reports';

import type { DemoResult } from './demo.js';

const WIDTH = 100;

/** The result of the demo on one screen. */
export function summaryOf(result: DemoResult, seconds: number): string {
  const { report, truth } = result;
  const rule = '─'.repeat(WIDTH);
  return [
    rule,
    report.study.title,
    rule,
    ...sitesBlock(report),
    '',
    ...resultBlock(report),
    '',
    ...(truth === null ? [] : [...truth.lines.map(truthLine), '']),
    `result   ${result.resultDigest}`,
    `report   ${result.out}/report.html     bundle   ${result.out}/bundle  (concord verify ${result.out}/bundle)`,
    `time     ${seconds.toFixed(1)} s`,
  ].join('\n');
}

function sitesBlock(report: StudyReport): string[] {
  const width = Math.max(4, ...report.sites.map((site) => site.code.length));
  return [
    `${'site'.padEnd(width)}  ${'role'.padEnd(20)} patients  events  bytes that left`,
    ...report.sites.map(
      (site) =>
        `${site.code.padEnd(width)}  ${(site.role === 'development' ? 'development' : 'external validation').padEnd(20)}` +
        ` ${String(site.patientCount).padStart(8)}  ${String(site.eventCount ?? '–').padStart(6)}  ${String(site.bytesReleased).padStart(15)}`,
    ),
  ];
}

function resultBlock(report: StudyReport): string[] {
  const { scannerEffect, validation, rqs, leakAudit, model } = report;
  const cohorts = [...(validation?.perSite ?? []), ...(validation?.pooled ? [validation.pooled] : [])];
  return [
    `scanner effect     ${shareText(scannerEffect?.before)} → ${shareText(scannerEffect?.after)} of features differ by site (${scannerEffect?.test ?? 'not measured'})`,
    `model              ${model?.terms.length ?? 0} of ${model?.candidateCount ?? 0} features, locked as ${model?.lockDigest.slice(0, 12) ?? '–'} before the validation outcomes were opened`,
    ...cohorts.map(cohortLine),
    `external AUC       within sites ${estimate(validation?.withinSiteAuc)}`,
    `quality score      RQS 1.0: ${rqs?.strict.provenPoints ?? 0} of ${rqs?.strict.maxPoints ?? 36} points proven, total ${rqs?.strict.total ?? 0}`,
    `leak audit         AUC ${leakAudit?.meanAuc.toFixed(3) ?? '–'} on outcomes shuffled ${leakAudit?.replicates ?? 0} times (0.500 is none)`,
  ];
}

function shareText(effect: { affectedCount: number; testedCount: number; share: number | null } | undefined): string {
  if (effect === undefined) return '–';
  return `${effect.affectedCount} of ${effect.testedCount} (${(100 * (effect.share ?? 0)).toFixed(1)} %)`;
}

function cohortLine(cohort: ReportCohort): string {
  const name = `external ${cohort.site}`.padEnd(18);
  return (
    `${name} AUC ${estimate(cohort.auc)}, calibration slope ${estimate(cohort.calibrationSlope)},` +
    ` ${cohort.patientCount} patients, ${cohort.eventCount} events`
  );
}

function estimate(value: ReportEstimate | undefined): string {
  if (value === undefined) return '–';
  if (value.value === null) return `not estimable (${value.reason ?? 'no reason given'})`;
  const interval = value.interval === null ? '' : ` (${value.interval.map((bound) => bound.toFixed(2)).join('–')})`;
  return `${value.value.toFixed(2)}${interval}`;
}

function truthLine({ promise, found, holds }: { promise: string; found: string; holds: boolean }): string {
  return `${holds ? '✓' : '✗'} ${promise}: ${found}`;
}
