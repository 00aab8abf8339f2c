import type { Column } from './feature-table.js';
import { CsvDecimalError } from './table-errors.js';

export type DecimalMark = '.' | ',';

const MISSING = new Set(['', 'NA', 'N/A', 'NaN', 'nan', '#N/A', '#NV']);
const POINT_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const COMMA_NUMBER = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const LEADING_ZERO = /^[+-]?0\d/;
/** More digits than a double keeps. */
const TOO_LONG = /^[+-]?\d{16,}$/;
const ID_WORDS = new Set(['id', 'ids', 'uid', 'pid', 'mrn', 'identifier', 'accession', 'barcode', 'pseudonym']);
const ID_NAMES = new Set(['case', 'patient', 'subject', 'pseudonym', 'patientnr', 'fallnummer', 'patientennummer']);

export function isMissing(cell: string): boolean {
  return MISSING.has(cell);
}

/** How numbers are written in a file: its decimal mark, and whether points beside commas were met. */
export interface CellReader {
  readonly decimal: DecimalMark;
  readonly isDeclared: boolean;
}

/**
 * The decimal mark of a file: a comma if a cell reads as a number with one and the delimiter is another; in a file
 * delimited by commas a quoted `1,234` may be a thousand, so there a decimal comma must be declared.
 */
export function cellReader(records: readonly string[][], delimiter: string, declared?: DecimalMark): CellReader {
  if (declared) return { decimal: declared, isDeclared: true };
  if (delimiter === ',') return { decimal: '.', isDeclared: false };
  const hasComma = records.some(
    (record, row) => row > 0 && record.some((cell) => cell.includes(',') && COMMA_NUMBER.test(cell)),
  );
  return { decimal: hasComma ? ',' : '.', isDeclared: false };
}

/**
 * One column of cells, as numbers if they are numbers and no identifiers.
 *
 * @param warnings receives sentences about what looks odd, without values
 * @throws {CsvDecimalError} if its points could be decimal points or thousands
 */
export function columnFromCells(
  name: string,
  cells: readonly string[],
  reader: CellReader,
  isText: boolean,
  warnings: string[],
): Column {
  const asText = (): Column => ({ kind: 'text', name, values: cells.map((cell) => (MISSING.has(cell) ? null : cell)) });
  if (isText) return asText();
  const present = cells.filter((cell) => !MISSING.has(cell));
  const decimal = decimalOf(name, present, reader);
  if (decimal === null && reader.decimal === '.' && present.every((cell) => COMMA_NUMBER.test(cell))) {
    warnings.push(
      `column "${name}" holds numbers with commas and stays text: declare a decimal comma if they are that`,
    );
  }
  if (
    decimal === null ||
    present.some((cell) => LEADING_ZERO.test(cell) || (TOO_LONG.test(cell) && String(Number(cell)) !== cell))
  )
    return asText();
  const values = new Float64Array(cells.length);
  let isWhole = true;
  for (let row = 0; row < cells.length; row++) {
    values[row] = MISSING.has(cells[row]) ? NaN : toNumber(cells[row], decimal);
    isWhole &&= Number.isNaN(values[row]) || Number.isInteger(values[row]);
  }
  if (isWhole && isIdName(name)) return asText();
  return numberColumn(name, values, warnings);
}

/** A column of numbers, with a warning where some look like codes of missing ones. */
export function numberColumn(name: string, values: Float64Array, warnings: string[]): Column {
  if (values.includes(999) || values.includes(-9)) {
    warnings.push(`column "${name}" holds 999 or -9, which often stand for missing`);
  }
  return { kind: 'number', name, values };
}

function decimalOf(name: string, present: readonly string[], reader: CellReader): DecimalMark | null {
  const isNumber = (pattern: RegExp): boolean => present.every((cell) => pattern.test(cell) || INFINITE.test(cell));
  if (reader.decimal === ',' && isNumber(COMMA_NUMBER)) return ',';
  if (!isNumber(POINT_NUMBER)) return null;
  if (reader.decimal === '.') return '.';
  if (reader.isDeclared) return null;
  if (present.every((cell) => !cell.includes('.') || /^[+-]?\d{1,3}\.\d{3}$/.test(cell))) {
    throw new CsvDecimalError(
      `column "${name}" holds points and other columns decimal commas: thousands or decimals?`,
      `column "${name}"`,
      'Write all numbers with the same decimal mark and without thousands, or declare the mark.',
    );
  }
  return '.';
}

function toNumber(cell: string, decimal: DecimalMark): number {
  if (INFINITE.test(cell)) return cell.startsWith('-') ? -Infinity : Infinity;
  return Number(decimal === ',' ? cell.replace(',', '.') : cell);
}

/** Whether a column is named like an identifier: `patient_id`, `PatientID`, `MRN`, `case`. */
export function isIdName(name: string): boolean {
  // PyRadiomics names a feature, the inverse difference, original_glcm_Id.
  if (/glcm/i.test(name)) return false;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter(Boolean);
  return ID_NAMES.has(words.join('')) || ID_WORDS.has(words.at(-1) ?? '');
}
