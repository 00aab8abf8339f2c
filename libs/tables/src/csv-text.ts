import { gunzipSync } from 'node:zlib';
import { CsvFormatError, TableTooLargeError } from './table-errors.js';

/** How the bytes of a CSV file spell its characters. */
export type CsvEncoding = 'utf-8' | 'utf-16le' | 'windows-1252';

/** More than any table of features has, and below what one JavaScript string can hold. */
export const MAX_CSV_BYTES = 400 * 1024 * 1024;

/**
 * Bytes to text: unpacks gzip, drops the byte order mark, and takes for Windows-1252 what is not valid UTF-8.
 *
 * @throws {TableTooLargeError} above `MAX_CSV_BYTES`, also when only the unpacked text is that large
 * @throws {CsvFormatError} if the gzip stream is broken
 */
export function decodeCsv(input: string | Uint8Array, encoding?: CsvEncoding): { text: string; encoding: CsvEncoding } {
  if (typeof input === 'string') return { text: input.replace(/^\uFEFF/, ''), encoding: 'utf-8' };
  const bytes = input[0] === 0x1f && input[1] === 0x8b ? unpacked(input) : input;
  if (bytes.length > MAX_CSV_BYTES) throw tooLarge();
  if (encoding) return { text: new TextDecoder(encoding).decode(bytes), encoding };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeCsv(bytes, 'utf-16le');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    return decodeCsv(bytes, 'windows-1252');
  }
}

function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CSV_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new CsvFormatError(
      'the gzip stream is broken',
      'the compressed CSV file',
      'Check that the copy is complete, or unpack it with gunzip.',
      { cause: error },
    );
  }
}

function tooLarge(): TableTooLargeError {
  return new TableTooLargeError(
    `the text is larger than ${MAX_CSV_BYTES / 1024 / 1024} MiB`,
    'the CSV file',
    'Split it by rows, or use Arrow.',
  );
}

/**
 * Splits text into records of cells (RFC 4180; line ends CRLF, LF or CR; blank lines are skipped). Cells without
 * quotes lose the blanks around them.
 *
 * @returns records, and the line on which each starts, from 1
 * @throws {CsvFormatError} if a quote is left open, or text follows a closing quote
 */
export function splitRecords(
  text: string,
  delimiter: string,
  maxRecords = Infinity,
): { records: string[][]; lines: number[] } {
  const records: string[][] = [];
  const lines: number[] = [];
  const plainEnd = new RegExp(`[${delimiter === '\t' ? '\\t' : delimiter}\\r\\n]`, 'g');
  let position = 0;
  let line = 1;
  let record: string[] = [];
  let recordLine = 1;
  let isQuotedRecord = false;
  while (position <= text.length && records.length < maxRecords) {
    let cell: string;
    if (text[position] === '"') {
      const quoted = quotedCell(text, position, line);
      cell = quoted.cell;
      line += quoted.lineBreaks;
      position = quoted.end;
      isQuotedRecord = true;
    } else {
      plainEnd.lastIndex = position;
      const end = plainEnd.exec(text)?.index ?? text.length;
      cell = text.slice(position, end).trim();
      position = end;
    }
    const next = text[position];
    if (next !== undefined && next !== delimiter && next !== '\r' && next !== '\n') {
      throw new CsvFormatError('text follows a closing quote', `line ${line}`, 'Double the quotes inside a cell.');
    }
    record.push(cell);
    if (next === delimiter) {
      position++;
      continue;
    }
    if (record.length > 1 || cell !== '' || isQuotedRecord) {
      records.push(record);
      lines.push(recordLine);
    }
    position += next === '\r' && text[position + 1] === '\n' ? 2 : 1;
    line++;
    record = [];
    recordLine = line;
    isQuotedRecord = false;
  }
  return { records, lines };
}

function quotedCell(text: string, start: number, line: number): { cell: string; end: number; lineBreaks: number } {
  let position = start + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote < 0) {
      throw new CsvFormatError('a quote is opened and never closed', `line ${line}`, 'Close it, or double it.');
    }
    if (text[quote + 1] !== '"') {
      const raw = text.slice(start + 1, quote);
      const lineBreaks = raw.includes('\n') ? raw.split('\n').length - 1 : 0;
      return { cell: raw.replaceAll('""', '"'), end: quote + 1, lineBreaks };
    }
    position = quote + 2;
  }
}

/**
 * The delimiter of a CSV text: of semicolon, tab and comma the one that cuts the first records into most cells,
 * equally many in each. Comma where there is only one column.
 */
export function detectDelimiter(text: string): string {
  const declared = /^"?sep=(.)"?\r?\n/.exec(text)?.[1];
  if (declared) return declared;
  let best = ',';
  let bestScore = 1;
  for (const delimiter of [';', '\t', ',']) {
    const records = splitRecordsIfPossible(text, delimiter);
    const width = records[0]?.length ?? 0;
    const isEven = records.every((record) => record.length === width);
    const score = width < 2 ? 0 : isEven ? width * 1000 : width;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

function splitRecordsIfPossible(text: string, delimiter: string): string[][] {
  try {
    return splitRecords(text, delimiter, 20).records;
  } catch (error) {
    if (error instanceof CsvFormatError) return [];
    throw error;
  }
}
