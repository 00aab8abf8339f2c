import { settingsDigest } from '@concord/radiomics';
import type { ErrorReport } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { CaseOutcome, CaseTask } from './extract-case.js';
import type { RegionResult } from './layout.js';
import type { PyradiomicsRegion } from './pyradiomics-table.js';

export type RefusedCase = ErrorReport & { readonly case: string };

export function refusedCases(cases: readonly CaseSpec[], outcomes: readonly CaseOutcome<unknown>[]): RefusedCase[] {
  return outcomes.flatMap((outcome, n) =>
    outcome.status === 'refused' ? [{ case: cases[n].name, ...outcome.error }] : [],
  );
}

/** Every value with status and reason, and where it comes from: what `--json` and `--out FILE.json` give. */
export function featuresDocument(
  task: CaseTask,
  version: string,
  cases: readonly CaseSpec[],
  outcomes: readonly CaseOutcome<RegionResult | PyradiomicsRegion>[],
) {
  return {
    format: 'concord.features/1',
    version,
    ...methodOf(task),
    regions: resultsOf(outcomes).map(regionValues),
    cases: provenances(cases, outcomes),
    refused: refusedCases(cases, outcomes),
  };
}

/** Where values come from, without the values: goes beside a table. */
export function provenanceDocument(
  task: CaseTask,
  version: string,
  cases: readonly CaseSpec[],
  outcomes: readonly CaseOutcome<RegionResult | PyradiomicsRegion>[],
): Record<string, unknown> {
  return {
    format: 'concord.provenance/1',
    version,
    ...methodOf(task),
    ...(task.profile === 'ibsi' ? { settings: task.settings } : { parameters: task.parameters.settings }),
    cases: provenances(cases, outcomes),
    refused: refusedCases(cases, outcomes),
  };
}

function methodOf(task: CaseTask) {
  return task.profile === 'ibsi'
    ? { profile: task.profile, settingsDigest: settingsDigest(task.settings) }
    : { profile: task.profile };
}

function regionValues(result: RegionResult | PyradiomicsRegion) {
  const { caseName, roi } = result;
  if (!('vector' in result)) return { case: caseName, roi, columns: result.columns, warnings: result.warnings };
  const { values, diagnostics, warnings } = result.vector;
  return { case: caseName, roi, values, diagnostics, warnings };
}

function provenances(cases: readonly CaseSpec[], outcomes: readonly CaseOutcome<RegionResult | PyradiomicsRegion>[]) {
  return outcomes.flatMap((outcome, n) => {
    if (outcome.status !== 'ok') return [];
    const regions = outcome.results.map((result) => ({
      roi: result.roi,
      ...('vector' in result ? { diagnostics: result.vector.diagnostics } : {}),
    }));
    return [{ case: cases[n].name, ...outcome.provenance, regions }];
  });
}

export function resultsOf<R>(outcomes: readonly CaseOutcome<R>[]): R[] {
  return outcomes.flatMap((outcome) => (outcome.status === 'ok' ? outcome.results : []));
}

/** For each result the row of the list it came from. */
export function rowsOfResults(outcomes: readonly CaseOutcome<unknown>[]): number[] {
  return outcomes.flatMap((outcome, row) => (outcome.status === 'ok' ? outcome.results.map(() => row) : []));
}
