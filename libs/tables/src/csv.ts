import { cellReader, columnFromCells, isMissing, type DecimalMark } from './csv-cells.js';
import { decodeCsv, detectDelimiter, splitRecords, type CsvEncoding } from './csv-text.js';
import { featureTable, type Column, type FeatureTable } from './feature-table.js';
import { CsvFormatError } from './table-errors.js';

/** Whatever is left out is recognised from the file. */
export interface CsvOptions {
  readonly delimiter?: string;
  readonly decimal?: DecimalMark;
  readonly encoding?: CsvEncoding;
  /** Columns that stay text whatever they hold. */
  readonly textColumns?: readonly string[];
}

/** What was recognised, for the report. */
export interface CsvFormat {
  readonly delimiter: string;
  readonly decimal: DecimalMark;
  readonly encoding: CsvEncoding;
}

/**
 * Reads a CSV file as hospitals and spreadsheets write it: delimited by comma, semicolon or tab; decimal point or
 * comma; byte order mark; any line end; UTF-8, UTF-16 or Windows-1252; gzip.
 *
 * The first record names the columns. Empty, NA, N/A, NaN and #N/A are missing. A column is numbers when every value
 * is one, unless it is an identifier: named like one and whole, or with leading zeros, or too long for a double.
 *
 * @throws {CsvFormatError} if the text is no table; the error names the line, never a value
 * @throws {CsvDecimalError} if points could be decimal points or thousands
 * @throws {TableShapeError} if two columns share a name
 * @throws {TableTooLargeError} above 400 MiB of text
 */
export function readCsv(
  input: string | Uint8Array,
  options: CsvOptions = {},
): { table: FeatureTable; format: CsvFormat; warnings: string[] } {
  const { text, encoding } = decodeCsv(input, options.encoding);
  const delimiter = options.delimiter ?? detectDelimiter(text);
  const { records, lines } = splitRecords(text.replace(/^"?sep=."?\r?\n/, ''), delimiter);
  if (records.length === 0) {
    throw new CsvFormatError('there is no header', 'the CSV file', 'Name the columns in the first line.');
  }
  const header = records[0];
  checkWidths(records, lines, header.length);
  const warnings: string[] = [];
  const reader = cellReader(records, delimiter, options.decimal);
  const columns: Column[] = [];
  for (let index = 0; index < header.length; index++) {
    const cells = new Array<string>(records.length - 1);
    for (let row = 1; row < records.length; row++) cells[row - 1] = records[row][index];
    const name = header[index].trim() || `unnamed_${index + 1}`;
    if (header[index].trim() === '') {
      // Spreadsheets leave a delimiter at the end of every line; R and pandas leave the row names unnamed.
      if (cells.every(isMissing)) continue;
      warnings.push(`column ${index + 1} has no name and is called "${name}"`);
    }
    columns.push(columnFromCells(name, cells, reader, options.textColumns?.includes(name) ?? false, warnings));
  }
  const format = { delimiter, decimal: reader.decimal, encoding };
  return { table: featureTable(columns, records.length - 1), format, warnings };
}

/** As `readCsv`, the table alone. */
export function tableFromCsv(input: string | Uint8Array, options: CsvOptions = {}): FeatureTable {
  return readCsv(input, options).table;
}

/**
 * Writes CSV: comma, LF, UTF-8, a header; doubles in the shortest form that reads back as the same double, infinities
 * as `Inf`; missing is an empty cell.
 */
export function tableToCsv(table: FeatureTable): string {
  const { columns, rowCount } = featureTable(table.columns, table.rowCount);
  const lines = [columns.map(({ name }) => quoted(name)).join(',')];
  for (let row = 0; row < rowCount; row++) {
    const cells = columns.map((source) =>
      source.kind === 'text' ? quoted(source.values[row] ?? '') : numberText(source.values[row]),
    );
    // A line of one empty cell would be a blank line, which readers skip.
    lines.push(cells.length === 1 && cells[0] === '' ? '""' : cells.join(','));
  }
  return lines.join('\n') + '\n';
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '';
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  return String(value);
}

function checkWidths(records: readonly string[][], lines: readonly number[], width: number): void {
  const wrong = records.findIndex((record) => record.length !== width);
  if (wrong < 0) return;
  throw new CsvFormatError(
    `a line has ${records[wrong].length} cells where the header has ${width}`,
    `line ${lines[wrong]}`,
    'Quote cells that hold the delimiter, and name row names too; or say which delimiter it is.',
  );
}
