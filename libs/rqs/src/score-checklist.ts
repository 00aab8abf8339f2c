import { readAnswers, type QualityRecord, type ScoredItem } from './answers.js';
import type { Checklist } from './scheme.js';

export interface ChecklistScore {
  readonly scheme: string;
  readonly version: string;
  readonly reportedCount: number;
  readonly partlyCount: number;
  readonly notReportedCount: number;
  readonly notApplicableCount: number;
  /** 100 × reported / applicable, one decimal; null when nothing applies. No official score. */
  readonly percent: number | null;
  readonly items: readonly ScoredItem[];
}

/**
 * Counts what a record of a reporting guideline says is reported.
 *
 * @throws {IllegalOptionError | SingleChoiceError | MissingItemError | InvalidRecordError} see `readAnswers`
 */
export function scoreChecklist(scheme: Checklist, record: QualityRecord): ChecklistScore {
  const items = readAnswers(scheme, scheme.items, { options: record.options ?? {} });
  const count = (...names: readonly string[]): number =>
    items.filter(({ options }) => names.includes(options?.[0] ?? '')).length;
  const reportedCount = count('yes', 'reported');
  const notApplicableCount = count('not-applicable');
  const applicable = items.length - notApplicableCount;
  return {
    scheme: scheme.id,
    version: scheme.version,
    reportedCount,
    partlyCount: count('partly'),
    notReportedCount: count('no', 'not-reported'),
    notApplicableCount,
    percent: applicable === 0 ? null : Math.round((1000 * reportedCount) / applicable) / 10,
    items,
  };
}
