import { basename } from 'node:path';

import { PSEUDONYM_COLUMN, type StudyProtocol } from '@concord/contracts';
import { column, featureTable, hasColumn, type Column, type FeatureTable } from '@concord/tables';

import { AgentError } from '../agent-errors.js';
import type { CaseVector } from '../ingest/case-source.js';
import type { SiteTable } from '../ingest/site-table.js';
import { codedColumns, type FindCovariates } from './covariates.js';

/** Acquisition facts that are words; the others are numbers. */
const TEXT_FACTS: readonly string[] = ['modality', 'manufacturer', 'model', 'kernel'];

/** Gives a patient of this study the name under which rows leave. */
export type NamePatient = (patientId: string) => string;

/**
 * The table of features of a site: one row a patient, ordered by pseudonym, columns as the protocol orders them. The
 * same cases give the same table whatever order they were found in.
 */
export function featuresTable(
  protocol: StudyProtocol,
  vectors: readonly CaseVector[],
  nameOf: NamePatient,
  covariates: FindCovariates,
): FeatureTable {
  const rows = orderedRows(vectors, nameOf);
  const ids = rows.map(({ patientId }) => patientId);
  const facts = protocol.acquisition.map((name) => factColumn(name, rows));
  const coded = codedColumns(protocol, covariates(protocol, ids));
  return featureTable([pseudonyms(rows), ...facts, ...coded, ...featureColumns(protocol, rows)], rows.length);
}

/** The patients that sums are formed of: as {@link featuresTable}, with levels as text and without facts of scanners. */
export function sumsTable(
  protocol: StudyProtocol,
  vectors: readonly CaseVector[],
  nameOf: NamePatient,
  covariates: FindCovariates,
): FeatureTable {
  const rows = orderedRows(vectors, nameOf);
  const ids = rows.map(({ patientId }) => patientId);
  return featureTable([pseudonyms(rows), ...covariates(protocol, ids), ...featureColumns(protocol, rows)], rows.length);
}

type NamedVector = CaseVector & { readonly pseudonym: string };

function orderedRows(vectors: readonly CaseVector[], nameOf: NamePatient): NamedVector[] {
  return vectors
    .map((vector) => ({ ...vector, pseudonym: nameOf(vector.patientId) }))
    .sort((a, b) => (a.pseudonym < b.pseudonym ? -1 : 1));
}

function pseudonyms(rows: readonly NamedVector[]): Column {
  return { kind: 'text', name: PSEUDONYM_COLUMN, values: rows.map((row) => row.pseudonym) };
}

function featureColumns(protocol: StudyProtocol, rows: readonly NamedVector[]): Column[] {
  return protocol.features.map((name) => ({
    kind: 'number',
    name,
    values: Float64Array.from(rows, (row) => row.features[name] ?? NaN),
  }));
}

function factColumn(name: string, rows: readonly NamedVector[]): Column {
  const values = rows.map((row) => row.acquisition[name] ?? null);
  if (TEXT_FACTS.includes(name)) {
    const texts = values.map((value) => (value === null ? null : String(value).trim() || null));
    return { kind: 'text', name, values: texts };
  }
  return { kind: 'number', name, values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) };
}

/**
 * The table of outcomes: the patients of the features release that the clinical file knows, ordered by pseudonym.
 *
 * @param members pseudonyms of the features release
 * @throws {AgentError} CLINICAL_NOT_USABLE if a patient has two rows, or a column is absent or holds other values than
 *   its role allows (binary and event: 0 or 1; time: not negative); no value is in the message
 */
export function outcomesTable(
  protocol: StudyProtocol,
  members: readonly string[],
  clinical: SiteTable,
  file: string,
  nameOf: NamePatient,
): FeatureTable {
  const refuse = (what: string, fix: string): never => {
    throw new AgentError('CLINICAL_NOT_USABLE', what, basename(file), fix);
  };
  const wanted = new Set(members);
  const rowOf = new Map<string, number>();
  for (const [row, patientId] of clinical.patientIds.entries()) {
    if (patientId === null) continue;
    const pseudonym = nameOf(patientId);
    if (!wanted.has(pseudonym)) continue; // patients that are not in the study are nobody's business
    if (rowOf.has(pseudonym)) refuse(`a patient has two rows, one of them row ${row + 2}`, 'Keep one row a patient.');
    rowOf.set(pseudonym, row);
  }
  const present = [...members].sort().filter((member) => rowOf.has(member));
  const columns = protocol.outcome.columns.map(({ name, role }): Column => {
    const found = hasColumn(clinical.table, name) ? column(clinical.table, name) : null;
    if (found === null) return refuse(`it has no column "${name}"`, 'Add the column the protocol names.');
    if (found.kind === 'text')
      return refuse(`its column "${name}" holds text`, 'Write it as numbers: 0 and 1, or a time.');
    const values = Float64Array.from(present, (member) => found.values[rowOf.get(member) ?? 0]);
    const wrong = values.findIndex((value) => !isAllowed(value, role));
    if (wrong >= 0) {
      const row = (rowOf.get(present[wrong]) ?? 0) + 2;
      refuse(`column "${name}" has in row ${row} what a ${role} cannot be`, 'Write 0 or 1; a time is not negative.');
    }
    return { kind: 'number', name, values };
  });
  return featureTable([{ kind: 'text', name: PSEUDONYM_COLUMN, values: present }, ...columns], present.length);
}

function isAllowed(value: number, role: 'binary' | 'time' | 'event'): boolean {
  if (Number.isNaN(value)) return true; // missing
  if (role === 'time') return value >= 0 && Number.isFinite(value);
  return value === 0 || value === 1 || (role === 'event' && Number.isInteger(value) && value >= 0);
}
