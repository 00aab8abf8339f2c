import { plainCells } from './csv-bytes.js';
import { cellReader, columnFromCells, isMissing, numberColumn, type DecimalMark } from './csv-cells.js';
import { decodeCsv, detectDelimiter, splitRecords, type CsvEncoding } from './csv-text.js';
import { DoubleWriter, MAX_DOUBLE_TEXT } from './double-text.js';
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
  const plain = options.decimal === ',' ? null : plainTable(input, text, encoding, delimiter, options);
  if (plain !== null) return plain;
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

/** A file of plain numbers in ASCII, read from its bytes; null where it needs the careful way. */
function plainTable(
  input: string | Uint8Array,
  text: string,
  encoding: CsvEncoding,
  delimiter: string,
  options: CsvOptions,
): ReturnType<typeof readCsv> | null {
  if (typeof input === 'string' || encoding !== 'utf-8' || text.length < QUICK_BYTES) return null;
  // One byte a character: positions in text and bytes are the same.
  const bytes = input.length === text.length ? input : Buffer.from(text, 'latin1');
  if (bytes !== input && bytes.length !== Buffer.byteLength(text, 'utf8')) return null;
  const end = text.indexOf('\n');
  const names = text
    .slice(0, end)
    .replace(/\r$/, '')
    .split(delimiter)
    .map((name) => name.trim());
  if (end < 0 || names.includes('') || text.startsWith('sep=')) return null;
  const cells = plainCells(bytes, text, end + 1, names, delimiter);
  if (cells === null) return null;
  const warnings: string[] = [];
  const columns = names.map((name, index) => {
    const values = options.textColumns?.includes(name) ? null : cells.columns[index];
    if (values !== null) return numberColumn(name, values, warnings);
    const isText = options.textColumns?.includes(name) ?? false;
    return columnFromCells(name, cells.cellsOf(index), { decimal: '.', isDeclared: true }, isText, warnings);
  });
  const format = { delimiter, decimal: '.' as const, encoding };
  return { table: featureTable(columns, cells.rowCount), format, warnings };
}

/** Below it, the careful way takes no time worth saving. */
const QUICK_BYTES = 4096;

/** As `readCsv`, the table alone. */
export function tableFromCsv(input: string | Uint8Array, options: CsvOptions = {}): FeatureTable {
  return readCsv(input, options).table;
}

/**
 * Writes CSV: comma, LF, UTF-8, a header; doubles in the shortest form that reads back as the same double, infinities
 * as `Inf`; missing is an empty cell.
 */
export function tableToCsv(table: FeatureTable): string {
  return new TextDecoder().decode(tableToCsvBytes(table));
}

/** As `tableToCsv`, in UTF-8 bytes: what a file needs, and several times as fast for many numbers. */
export function tableToCsvBytes(table: FeatureTable): Uint8Array {
  const { columns, rowCount } = featureTable(table.columns, table.rowCount);
  const header = columns.map(({ name }) => quoted(name)).join(',') + '\n';
  const numberCount = columns.filter(({ kind }) => kind === 'number').length;
  const out = new ByteWriter(3 * header.length + rowCount * (20 * numberCount + 2));
  out.text(header);
  for (let row = 0; row < rowCount; row++) {
    const start = out.at;
    out.reserve((MAX_DOUBLE_TEXT + 1) * numberCount);
    for (let j = 0; j < columns.length; j++) {
      if (j > 0) out.byte(44);
      const source = columns[j];
      if (source.kind === 'number') out.number(source.values[row]);
      else out.text(quoted(source.values[row] ?? ''), (MAX_DOUBLE_TEXT + 1) * numberCount);
    }
    // A line of one empty cell would be a blank line, which readers skip.
    if (columns.length === 1 && out.at === start) out.text('""');
    out.byte(10);
  }
  return out.bytes();
}

/** Bytes that grow; numbers are written without a look at the room, which is reserved a row at a time. */
class ByteWriter {
  at = 0;
  private buffer: Uint8Array;
  private readonly doubles = new DoubleWriter();
  private readonly encoder = new TextEncoder();

  constructor(size: number) {
    this.buffer = new Uint8Array(size + 64);
  }

  reserve(count: number): void {
    if (this.at + count + 64 <= this.buffer.length) return;
    const larger = new Uint8Array(2 * this.buffer.length + count);
    larger.set(this.buffer.subarray(0, this.at));
    this.buffer = larger;
  }

  byte(value: number): void {
    if (this.at === this.buffer.length) this.reserve(1);
    this.buffer[this.at++] = value;
  }

  number(value: number): void {
    this.at = this.doubles.write(value, this.buffer, this.at);
  }

  /** @param after room that is left for what follows */
  text(text: string, after = 0): void {
    this.reserve(3 * text.length + after);
    this.at += this.encoder.encodeInto(text, this.buffer.subarray(this.at)).written;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
