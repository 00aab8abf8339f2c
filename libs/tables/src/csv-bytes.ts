import { isIdName, isMissing } from './csv-cells.js';
import { decimalValue } from './double-text.js';

const [QUOTE, COMMA, MINUS, POINT, ZERO, LF, CR] = [34, 44, 45, 46, 48, 10, 13];

/** What the quick way through a CSV file found. */
export interface PlainCells {
  readonly rowCount: number;
  /** Numbers of a column, or null where its cells must be looked at as text. */
  readonly columns: readonly (Float64Array | null)[];
  /** The cells of a column, trimmed. */
  cellsOf(column: number): string[];
}

/**
 * Reads cells of a table of plain numbers straight from its bytes: no quotes, decimal points, one delimiter. Columns that
 * hold anything else are left for the reader of text. Null where the file is not so plain, or mostly not numbers: then
 * the careful reader must take it, errors included.
 *
 * @param text the same file, one character a byte
 * @param start where the first row begins
 */
export function plainCells(
  bytes: Uint8Array,
  text: string,
  start: number,
  names: readonly string[],
  delimiter: string,
): PlainCells | null {
  if (bytes.includes(QUOTE) || (delimiter !== ',' && bytes.includes(COMMA))) return null;
  const starts = rowStarts(bytes, start);
  if (starts === null) return null;
  const rowCount = starts.length;
  const columns = names.map((name) => (isIdName(name) ? null : new Float64Array(rowCount)));
  const scanner = new Scanner(bytes, text, delimiter.charCodeAt(0));
  let textColumns = columns.filter((column) => column === null).length;
  for (let row = 0; row < rowCount; row++) {
    scanner.position = starts[row];
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j];
      if (column === null) scanner.skip();
      else if (scanner.number()) column[row] = scanner.value;
      else {
        columns[j] = null;
        if (++textColumns > 20 + columns.length / 10) return null;
        scanner.skip();
      }
      if (!scanner.ends(j === columns.length - 1)) return null;
    }
  }
  const cellsOf = (column: number): string[] =>
    Array.from(starts, (from) => {
      scanner.position = from;
      for (let j = 0; j < column; j++) {
        scanner.skip();
        scanner.position++;
      }
      const at = scanner.position;
      scanner.skip();
      return text.slice(at, scanner.position).trim();
    });
  return { rowCount, columns, cellsOf };
}

/** Where rows that are not blank begin; null for line ends of a kind of their own. */
function rowStarts(bytes: Uint8Array, start: number): Uint32Array | null {
  const starts: number[] = [];
  for (let at = start; at < bytes.length;) {
    const next = bytes.indexOf(LF, at);
    const end = next < 0 ? bytes.length : next;
    const isBlank = end === at || (end === at + 1 && bytes[at] === CR);
    if (!isBlank) starts.push(at);
    at = end + 1;
  }
  let carriage = bytes.indexOf(CR);
  while (carriage >= 0) {
    if (bytes[carriage + 1] !== LF) return null;
    carriage = bytes.indexOf(CR, carriage + 1);
  }
  return Uint32Array.from(starts);
}

/** Walks over cells; each step leaves it behind the cell, on its delimiter or line end. */
class Scanner {
  position = 0;
  value = NaN;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly text: string,
    private readonly delimiter: number,
  ) {}

  private isEnd(byte: number | undefined): boolean {
    return byte === this.delimiter || byte === LF || byte === CR || byte === undefined;
  }

  skip(): void {
    const { bytes } = this;
    while (!this.isEnd(bytes[this.position])) this.position++;
  }

  /** Steps over a delimiter; false where the row has more or fewer cells than it should. */
  ends(isLast: boolean): boolean {
    if ((this.bytes[this.position] === this.delimiter) === isLast) return false;
    this.position++;
    return true;
  }

  /** Reads a cell as a number or as missing; false, without moving, where it is neither. */
  number(): boolean {
    const { bytes } = this;
    const from = this.position;
    let at = from;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    let head = 0;
    let tail = 0;
    let digits = 0;
    let shift = 0;
    let point = -1;
    let byte = bytes[at];
    for (; ; byte = bytes[++at]) {
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        if (digits < 9) {
          head = head * 10 + digit;
          if (head > 0) digits++;
        } else {
          tail = tail * 10 + digit;
          shift++;
        }
      } else if (byte === POINT && point < 0) point = at;
      else break;
    }
    if (!this.isEnd(byte)) return this.exponential(from, at);
    const length = at - first - (point < 0 ? 0 : 1);
    if (length === 0) return this.missing(from, at);
    // Identifiers: leading zeros, and more digits than a double keeps.
    if (bytes[first] === ZERO && length > 1 && point !== first + 1) return false;
    if (point < 0 && length > 15) return false;
    const scale = point < 0 ? 0 : at - point - 1;
    let value = shift <= 8 && scale <= 22 ? decimalValue(head, tail, shift, scale) : NaN;
    if (value !== value) value = Number(this.text.slice(first, at));
    this.value = isNegative ? -value : value;
    this.position = at;
    return true;
  }

  private exponential(from: number, at: number): boolean {
    this.position = at;
    this.skip();
    const cell = this.text.slice(from, this.position);
    if (/^-?(?:[1-9]\d*|0)?(?:\.\d*)?[eE][+-]?\d+$/.test(cell) && /\d\.?\d*e/i.test(cell)) {
      this.value = Number(cell);
      return true;
    }
    return this.missing(from, this.position);
  }

  private missing(from: number, end: number): boolean {
    if (end !== from && !isMissing(this.text.slice(from, end))) {
      this.position = from;
      return false;
    }
    this.value = NaN;
    this.position = end;
    return true;
  }
}
