import { ColumnMissingError, type Column, type FeatureTable } from '@concord/tables';
import { UnsupportedFileError, UsageError } from '../lib/errors.js';

/**
 * The outcome as 0 and 1, NaN where it is missing.
 *
 * @param positive the value that means an event; without it the column must hold 0 and 1 only
 * @throws {UnsupportedFileError} if a value is neither, or no patient has the named value
 */
export function outcomeColumn(table: FeatureTable, name: string, positive: string | undefined): Float64Array {
  const cells = textCells(columnNamed(table, name));
  const outcome = Float64Array.from(cells, (cell) => {
    if (cell === null) return NaN;
    if (positive !== undefined) return Number(cell === positive);
    return cell === '0' ? 0 : cell === '1' ? 1 : -1;
  });
  if (outcome.includes(-1)) {
    const values = [...new Set(cells)].filter((cell) => cell !== null).slice(0, 6);
    const fix = 'Say which value is an event, e.g. --positive yes.';
    throw new UnsupportedFileError(`it holds ${values.join(', ')}, not only 0 and 1`, `column ${name}`, fix);
  }
  if (positive !== undefined && !outcome.includes(1)) {
    throw new UnsupportedFileError(`no patient has the value ${positive}`, `column ${name}`, 'Check --positive.');
  }
  return outcome;
}

/** A score as numbers, NaN where it is missing. @throws {UnsupportedFileError} if it is not a column of numbers */
export function scoreColumn(table: FeatureTable, name: string): Float64Array {
  const column = columnNamed(table, name);
  if (column.kind === 'number') return column.values;
  throw new UnsupportedFileError('it holds text, not scores', `column ${name}`, 'Name a column of numbers in --score.');
}

/** Labels as text, empty where there is none: a group that is called unknown. */
export function labelColumn(table: FeatureTable, name: string): string[] {
  return textCells(columnNamed(table, name)).map((cell) => cell ?? '');
}

/**
 * The event of each patient: 0 none, 1 the event, 2 a competing one (2 and above in the column, or 1 in a column of its
 * own), NaN where it is missing.
 *
 * @throws {UnsupportedFileError} if the column holds something else than whole numbers of 0 or more
 */
export function causesOf(
  table: FeatureTable,
  event: string,
  competing: string | undefined,
): { causes: Float64Array; hasCompeting: boolean } {
  const events = wholeNumbers(table, event);
  const others = competing === undefined ? null : wholeNumbers(table, competing);
  const causes = events.map((value, i) => {
    const other = others?.[i] ?? 0;
    if (Number.isNaN(value) || Number.isNaN(other)) return NaN;
    return value === 1 ? 1 : value >= 2 || other >= 1 ? 2 : 0;
  });
  return { causes, hasCompeting: competing !== undefined || causes.includes(2) };
}

function wholeNumbers(table: FeatureTable, name: string): Float64Array {
  const values = scoreColumn(table, name);
  if (values.every((value) => Number.isNaN(value) || (Number.isInteger(value) && value >= 0))) return values;
  const fix = 'Code 0 for ends of follow-up, 1 for the event, 2 and above for competing events.';
  throw new UnsupportedFileError('it holds other values than 0, 1, 2 …', `column ${name}`, fix);
}

/** The site of each patient. @throws {UnsupportedFileError} if one has none */
export function siteColumn(table: FeatureTable, name: string): string[] {
  const cells = textCells(columnNamed(table, name));
  const missing = cells.filter((cell) => cell === null).length;
  if (missing === 0) return cells.map(String);
  throw new UnsupportedFileError(`${missing} patients have no site`, `column ${name}`, 'Fill it, or leave them out.');
}

/**
 * Locked thresholds from `COL=VALUE`, by score.
 *
 * @throws {UsageError} for another shape, or a column that is no score
 */
export function thresholdsOf(given: readonly string[], scores: readonly string[]): Map<string, number> {
  return new Map(
    given.map((text) => {
      const cut = text.lastIndexOf('=');
      const [name, value] = [text.slice(0, cut), Number(text.slice(cut + 1))];
      if (cut < 1 || text.slice(cut + 1).trim() === '' || !Number.isFinite(value)) {
        throw new UsageError(`${text} is not COLUMN=NUMBER`, '--threshold', 'Write it like --threshold risk=0.31.');
      }
      if (!scores.includes(name)) {
        throw new UsageError(`${name} is no score`, '--threshold', `Scores are ${scores.join(', ')}.`);
      }
      return [name, value] as const;
    }),
  );
}

function columnNamed(table: FeatureTable, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  const names = table.columns.map((candidate) => candidate.name).slice(0, 12);
  throw new ColumnMissingError(`there is no column ${name}`, 'the table', `It begins with ${names.join(', ')}.`);
}

function textCells(column: Column): (string | null)[] {
  if (column.kind === 'text') return column.values.map((cell) => (cell === '' ? null : cell));
  return Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)));
}
