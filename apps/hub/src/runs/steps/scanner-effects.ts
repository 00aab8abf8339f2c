import type { StudyReport } from '@concord/reports';
import { compareScannerEffects, type BatchCloud, type ScannerEffect } from '@concord/scanner-effects';

import type { StepResult, StepTask } from '../step.task.js';
import { featuresOf, jsonBytes, stack, tableIn } from './step-tables.js';

/** The scanner effect before and after; summaries only. */
export interface EffectsRecord {
  readonly format: 'concord.scanner-effects/1';
  readonly report: Omit<NonNullable<StudyReport['scannerEffect']>, 'digest'>;
}

/** Compares all sites' features as released with the same features harmonized: development by the fit, the rest by its rule. */
export function measureEffects(task: StepTask): StepResult {
  const { protocol } = task;
  const sites = protocol.sites.map((site) => site.code);
  const raw = sites.map((site) => tableIn(task, `features:${site}`));
  const harmonized = sites.map((site) => tableIn(task, `harmonized:${site}`));
  const batch = sites.flatMap((site, index) => new Array<string>(raw[index]?.rowCount ?? 0).fill(site));
  const { before, after, features, test, plane } = compareScannerEffects(
    {
      before: stack(raw.map((table) => featuresOf(table, protocol.features))),
      after: stack(harmonized.map((table) => featuresOf(table, protocol.features))),
      batch,
    },
    'anova',
  );
  const record: EffectsRecord = {
    format: 'concord.scanner-effects/1',
    report: {
      test,
      before: summaryOf(before),
      after: summaryOf(after),
      features,
      pca: plane && { explained: plane.explained, before: plane.before.map(cloudOf), after: plane.after.map(cloudOf) },
    },
  };
  return { effects: jsonBytes(record) };
}

function summaryOf({ summary }: ScannerEffect) {
  const { testedCount, anova, meanEtaSquared } = summary;
  return { testedCount, affectedCount: anova.count, share: anova.share, meanEtaSquared };
}

/** An ellipse, not the patients: a report goes further than the tables. */
function cloudOf({ batch, patientCount, centre, covariance }: BatchCloud) {
  return { site: batch, patientCount, centre, covariance, points: null };
}
