import { featureTable, type Column, type FeatureTable } from './feature-table.js';
import { appendVarint, i32, i64, list, struct, text, thriftBytes, type ThriftValue } from './thrift.js';

const MAGIC = new TextEncoder().encode('PAR1');
const DOUBLE = 5;
const BYTE_ARRAY = 6;
const OPTIONAL = 1;
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;
const UTF8 = 0;

interface ColumnChunk {
  readonly column: Column;
  readonly offset: number;
  readonly size: number;
  readonly missing: number;
}

/**
 * Writes a Parquet file (format 2.x) of one row group: text as UTF-8 strings, numbers as doubles, a page a column, plain
 * and uncompressed; NaN and null are nulls. The same table gives the same bytes.
 *
 * @throws {TableShapeError} if columns differ in length, share a name or have none
 * @see Apache Parquet, parquet.thrift and Encodings.md
 */
export function tableToParquet(table: FeatureTable): Uint8Array {
  const { columns, rowCount } = featureTable(table.columns, table.rowCount);
  const parts: Uint8Array[] = [MAGIC];
  let offset = MAGIC.length;
  const chunks = columns.map((column): ColumnChunk => {
    const page = pageOf(column);
    const header = pageHeader(rowCount, page.bytes.length);
    parts.push(header, page.bytes);
    const chunk = { column, offset, size: header.length + page.bytes.length, missing: page.missing };
    offset += chunk.size;
    return chunk;
  });
  const footer = thriftBytes(fileMetadata(chunks, rowCount));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  return joined([...parts, footer, length, MAGIC]);
}

function pageOf(column: Column): { bytes: Uint8Array; missing: number } {
  const isThere =
    column.kind === 'text'
      ? column.values.map((value) => value !== null)
      : Array.from(column.values, (value) => !Number.isNaN(value));
  const levels = definitionLevels(isThere);
  const values = column.kind === 'text' ? textsOf(column.values) : doublesOf(column.values);
  return { bytes: joined([levels, ...values]), missing: isThere.filter((there) => !there).length };
}

/** 1 where there is a value: runs of a count and a level, after their length in bytes. */
function definitionLevels(isThere: readonly boolean[]): Uint8Array {
  const runs: number[] = [];
  for (let start = 0, end = 0; start < isThere.length; start = end) {
    while (end < isThere.length && isThere[end] === isThere[start]) end++;
    appendVarint(runs, 2 * (end - start));
    runs.push(isThere[start] ? 1 : 0);
  }
  const bytes = new Uint8Array(4 + runs.length);
  new DataView(bytes.buffer).setUint32(0, runs.length, true);
  bytes.set(runs, 4);
  return bytes;
}

function doublesOf(values: Float64Array): Uint8Array[] {
  const present = values.filter((value) => !Number.isNaN(value));
  const view = new DataView(new ArrayBuffer(8 * present.length));
  present.forEach((value, n) => view.setFloat64(8 * n, value, true));
  return [new Uint8Array(view.buffer)];
}

function textsOf(values: readonly (string | null)[]): Uint8Array[] {
  const encoder = new TextEncoder();
  return values.flatMap((value) => {
    if (value === null) return [];
    const utf8 = encoder.encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, utf8.length, true);
    return [length, utf8];
  });
}

function pageHeader(rowCount: number, size: number): Uint8Array {
  const data = struct([1, i32(rowCount)], [2, i32(PLAIN)], [3, i32(RLE)], [4, i32(RLE)]);
  return thriftBytes(struct([1, i32(0)], [2, i32(size)], [3, i32(size)], [5, data]));
}

function fileMetadata(chunks: readonly ColumnChunk[], rowCount: number): ThriftValue {
  const root = struct([4, text('table')], [5, i32(chunks.length)]);
  const total = chunks.reduce((sum, { size }) => sum + size, 0);
  const group = struct(
    [1, list(chunks.map((chunk) => chunkMetadata(chunk, rowCount)))],
    [2, i64(total)],
    [3, i64(rowCount)],
  );
  return struct(
    [1, i32(2)],
    [2, list([root, ...chunks.map(({ column }) => schemaOf(column))])],
    [3, i64(rowCount)],
    [4, list([group])],
    [6, text('concord')],
  );
}

function schemaOf({ kind, name }: Column): ThriftValue {
  if (kind === 'number') return struct([1, i32(DOUBLE)], [3, i32(OPTIONAL)], [4, text(name)]);
  const isString = struct([1, struct()]);
  return struct([1, i32(BYTE_ARRAY)], [3, i32(OPTIONAL)], [4, text(name)], [6, i32(UTF8)], [10, isString]);
}

function chunkMetadata({ column, offset, size, missing }: ColumnChunk, rowCount: number): ThriftValue {
  const metadata = struct(
    [1, i32(column.kind === 'text' ? BYTE_ARRAY : DOUBLE)],
    [2, list([i32(PLAIN), i32(RLE)])],
    [3, list([text(column.name)])],
    [4, i32(UNCOMPRESSED)],
    [5, i64(rowCount)],
    [6, i64(size)],
    [7, i64(size)],
    [9, i64(offset)],
    [12, struct([3, i64(missing)])],
  );
  return struct([2, i64(offset)], [3, metadata]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
