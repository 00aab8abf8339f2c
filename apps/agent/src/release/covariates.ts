import { basename } from 'node:path';

import { covariatesOf, type StudyCovariate, type StudyProtocol } from '@concord/contracts';
import { column, hasColumn, textValues, type Column } from '@concord/tables';

import { AgentError } from '../agent-errors.js';
import type { SiteTable } from '../ingest/site-table.js';

/** Finds the covariates of patients in the site's clinical file; not opened where the protocol names none. */
export type FindCovariates = (protocol: StudyProtocol, patientIds: readonly string[]) => Column[];

/**
 * The covariates of the protocol for these patients, in its order: categorical ones as text, one of the protocol's levels;
 * continuous ones as numbers.
 *
 * @throws {AgentError} CLINICAL_NOT_USABLE if a column is absent or of another kind, a patient has no row or two, or a cell
 *   is empty or holds no level of the protocol; rows are named, no value is in the message
 */
export function covariateColumns(
  protocol: StudyProtocol,
  patientIds: readonly string[],
  clinical: SiteTable,
  file: string,
): Column[] {
  const rows = rowsOf(patientIds, clinical, file);
  return covariatesOf(protocol).map((covariate) => columnOf(covariate, rows, clinical, file));
}

function rowsOf(patientIds: readonly string[], clinical: SiteTable, file: string): number[] {
  const rowOf = new Map<string, number>();
  const wanted = new Set(patientIds);
  for (const [row, id] of clinical.patientIds.entries()) {
    if (id === null || !wanted.has(id)) continue;
    if (rowOf.has(id)) throw refused(`a patient has two rows, one of them row ${row + 2}`, file, 'Keep one a patient.');
    rowOf.set(id, row);
  }
  const missing = patientIds.filter((id) => !rowOf.has(id)).length;
  if (missing > 0) {
    throw refused(
      `${missing} of ${patientIds.length} patients have no row, so their covariates are not known`,
      file,
      'Add their rows, or take these patients out of the source.',
    );
  }
  return patientIds.map((id) => rowOf.get(id) ?? 0);
}

function columnOf(covariate: StudyCovariate, rows: readonly number[], { table }: SiteTable, file: string): Column {
  const { name } = covariate;
  if (!hasColumn(table, name)) throw refused(`it has no column "${name}"`, file, 'Add the column the protocol names.');
  const wrong = (at: number, what: string): AgentError =>
    refused(
      `column "${name}" ${what} in row ${(rows[at] ?? 0) + 2}`,
      file,
      'Correct the cell, or take the patient out.',
    );
  if (covariate.kind === 'categorical') {
    const all = textValues(table, name);
    const values = rows.map((row) => all[row]?.trim() ?? null);
    const at = values.findIndex((value) => value === null || !covariate.levels.includes(value));
    if (at >= 0) throw wrong(at, values[at] === null ? 'is empty' : 'has what is no level of the protocol');
    return { kind: 'text', name, values };
  }
  const found = column(table, name);
  if (found.kind === 'text') throw refused(`its column "${name}" holds text`, file, 'Write it as numbers.');
  const values = Float64Array.from(rows, (row) => found.values[row] ?? NaN);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw wrong(at, 'is empty or no number');
  return { kind: 'number', name, values };
}

/** As they stand in a released table: a level by its position in the protocol's list, so that no text leaves. */
export function codedColumns(protocol: StudyProtocol, columns: readonly Column[]): Column[] {
  return columns.map((own) => {
    const covariate = covariatesOf(protocol).find(({ name }) => name === own.name);
    if (own.kind === 'number' || covariate?.kind !== 'categorical') return own;
    const position = new Map(covariate.levels.map((level, index) => [level, index]));
    return {
      kind: 'number',
      name: own.name,
      values: Float64Array.from(own.values, (level) => position.get(level ?? '') ?? NaN),
    };
  });
}

function refused(what: string, file: string, fix: string): AgentError {
  return new AgentError('CLINICAL_NOT_USABLE', what, basename(file), fix);
}
