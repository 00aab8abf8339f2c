import {
  ContractError,
  PSEUDONYM_COLUMN,
  releaseColumns,
  covariatesOf,
  type MessageHeader,
  type StudyProtocol,
  type TableKind,
} from '@concord/contracts';
import { isConcordError } from '@concord/errors';
import { VECTOR_DEFAULTS, areDates, isPseudonym, textProblem } from '@concord/privacy';
import { tableFromArrow, textValues, type Column, type FeatureTable } from '@concord/tables';

/** What an agent's rules let out at the most: the hub does not rely on the agent to keep names and dates back. */
const { textColumns, maximumTextLength } = VECTOR_DEFAULTS;

/** The header of a message that carries a table. */
export type TableHeader = MessageHeader & { readonly kind: TableKind };

/**
 * Reads a released table and holds it against the protocol. No error says a value of a patient.
 *
 * @param featurePseudonyms of the site's features, for its outcomes; null for features
 * @throws {ContractError} TABLE_INVALID, COLUMN_NOT_IN_PROTOCOL, COLUMN_MISSING
 */
export function checkReleasedTable(
  bytes: Uint8Array,
  header: TableHeader,
  protocol: StudyProtocol,
  featurePseudonyms: ReadonlySet<string> | null,
): FeatureTable {
  const where = `message ${header.sequence} of ${header.site}`;
  const table = readTable(bytes, where);
  checkNames(
    table.columns.map((column) => column.name),
    releaseColumns(protocol, header.kind),
    where,
  );
  if (table.rowCount !== header.rowCount) {
    throw invalid(`it has ${table.rowCount} rows where the header says ${header.rowCount}`, where);
  }
  checkPseudonyms(table, featurePseudonyms, where);
  for (const column of table.columns) checkValues(column, header, protocol, where);
  return table;
}

/** The names of the rows of a table that was taken in. */
export function pseudonymsOf(bytes: Uint8Array): Set<string> {
  return new Set(textValues(tableFromArrow(bytes), PSEUDONYM_COLUMN).map((value) => value ?? ''));
}

function readTable(bytes: Uint8Array, where: string): FeatureTable {
  try {
    return tableFromArrow(bytes);
  } catch (error) {
    throw invalid(isConcordError(error) ? error.what : 'it cannot be read', where, error);
  }
}

function checkNames(names: readonly string[], due: readonly string[], where: string): void {
  const extra = names.filter((name) => !due.includes(name));
  if (extra.length > 0) {
    throw new ContractError(
      'COLUMN_NOT_IN_PROTOCOL',
      `the protocol does not let these columns leave: ${listed(extra)}`,
      where,
      'Release only the columns of the protocol. Nothing of the table was kept.',
    );
  }
  const missing = due.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new ContractError(
      'COLUMN_MISSING',
      `columns of the protocol are missing: ${listed(missing)}`,
      where,
      'Release every column of the protocol, empty where nothing is known.',
    );
  }
  if (names.some((name, index) => name !== due[index])) throw invalid('its columns are in another order', where);
}

function checkPseudonyms(table: FeatureTable, known: ReadonlySet<string> | null, where: string): void {
  const column = table.columns[0];
  if (column.kind !== 'text') throw invalid(`column "${PSEUDONYM_COLUMN}" is not text`, where);
  const seen = new Set<string>();
  for (const value of column.values) {
    if (value === null || value.trim() === '') throw invalid('a row has no pseudonym', where);
    if (!isPseudonym(value)) throw invalid('a row is named by something that is no pseudonym', where);
    if (seen.has(value)) throw invalid('two rows have the same pseudonym', where);
    if (known !== null && !known.has(value)) {
      throw invalid('a row has a pseudonym that is not among those of the features', where);
    }
    seen.add(value);
  }
}

function checkValues(column: Column, header: TableHeader, protocol: StudyProtocol, where: string): void {
  const { name } = column;
  const isText = name === PSEUDONYM_COLUMN || (header.kind === 'features' && isTextFact(name, protocol));
  if (column.kind !== (isText ? 'text' : 'number')) {
    throw invalid(`column "${name}" is not ${isText ? 'text' : 'numbers'}`, where);
  }
  if (column.kind === 'text') {
    if (name !== PSEUDONYM_COLUMN) checkTexts(name, column.values, where);
    return;
  }
  if (areDates(column.values)) throw invalid(`column "${name}" holds calendar dates`, where);
  if (column.values.some((value) => value === Infinity || value === -Infinity)) {
    throw invalid(`column "${name}" has a number that is not finite`, where);
  }
  if (header.kind === 'features') checkCovariate(column, protocol, where);
  const outcome =
    header.kind === 'outcomes' ? protocol.outcome.columns.find((candidate) => candidate.name === name) : undefined;
  if (outcome === undefined) return;
  const isRight =
    outcome.role === 'time' ? (value: number) => value >= 0 : (value: number) => value === 0 || value === 1;
  if (!column.values.every((value) => Number.isNaN(value) || isRight(value))) {
    throw invalid(`column "${name}" has a value that is no ${outcome.role === 'time' ? 'time' : '0 or 1'}`, where);
  }
}

/** Nothing can be harmonised by a covariate that some patients lack. */
function checkCovariate({ name, values }: Column, protocol: StudyProtocol, where: string): void {
  const covariate = covariatesOf(protocol).find((candidate) => candidate.name === name);
  if (covariate === undefined) return;
  const last = covariate.kind === 'categorical' ? covariate.levels.length - 1 : Infinity;
  const isLevel = (value: number) => Number.isInteger(value) && value >= 0 && value <= last;
  for (const value of values) {
    if (typeof value === 'number' && (covariate.kind === 'categorical' ? isLevel(value) : Number.isFinite(value)))
      continue;
    throw invalid(`column "${name}" has a value that is ${last === Infinity ? 'no number' : 'no level'}`, where);
  }
}

function checkTexts(name: string, values: readonly (string | null)[], where: string): void {
  for (const value of values) {
    const problem = value === null ? null : textProblem(value, maximumTextLength);
    if (problem !== null) throw invalid(`column "${name}" holds a text that ${problem}`, where);
  }
}

function isTextFact(name: string, protocol: StudyProtocol): boolean {
  return textColumns.includes(name) && protocol.acquisition.some((fact) => fact === name);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} … (${names.length} in all)` : shown;
}

function invalid(what: string, where: string, cause?: unknown): ContractError {
  return new ContractError(
    'TABLE_INVALID',
    `the table does not hold what it must: ${what}`,
    where,
    'Make the table again with the agent.',
    { cause },
  );
}
