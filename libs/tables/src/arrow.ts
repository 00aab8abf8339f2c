import type { Data, DataType as ArrowType, Float64, Table, Utf8, Vector } from 'apache-arrow';
import { createRequire } from 'node:module';
import { isFooterSound } from './arrow-footer.js';
import { featureTable, type Column, type FeatureTable, type NumberColumn, type TextColumn } from './feature-table.js';
import { ArrowTypeError, NotArrowError } from './table-errors.js';

const MAGIC = 'ARROW1';
const MAX_ROWS = 1e8;

type Arrow = typeof import('apache-arrow');
const require = createRequire(import.meta.url);
/** Loaded by the first Arrow file: it takes longer to load than all else that a command on CSV files needs. */
const arrow = (): Arrow => require('apache-arrow') as Arrow;

/**
 * Reads an Arrow IPC file ("Feather 2", uncompressed). Text columns may be dictionary-encoded; integers and booleans
 * become numbers, nulls become NaN or null. A column of doubles without nulls is a view on `bytes`.
 *
 * @throws {NotArrowError} if the bytes are no whole Arrow file
 * @throws {ArrowTypeError} if a column holds neither text nor numbers (dates, lists), or integers beyond 2^53
 * @throws {TableShapeError} if two columns share a name
 */
export function tableFromArrow(bytes: Uint8Array): FeatureTable {
  let table: Table;
  let columns: Column[];
  try {
    checkEnds(bytes);
    // Doubles are viewed in place, which needs their alignment.
    table = arrow().tableFromIPC(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
    for (const { data } of table.batches) data.children.forEach(checkSize);
    columns = table.schema.fields.map((field, index) => columnFromVector(field.name, table.getChildAt(index), table));
  } catch (error) {
    if (error instanceof ArrowTypeError || error instanceof NotArrowError) throw error;
    throw broken('its parts contradict each other', error);
  }
  return featureTable(columns, table.numRows);
}

/**
 * Writes an Arrow IPC file of one record batch: text as Utf8, numbers as Float64, NaN as null. The same table gives
 * the same bytes.
 */
export function tableToArrow(table: FeatureTable): Uint8Array {
  const { Field, Float64, RecordBatch, Schema, Struct, Table, Utf8, makeData, tableToIPC } = arrow();
  const { columns, rowCount } = featureTable(table.columns, table.rowCount);
  const schema = new Schema(
    columns.map(({ kind, name }) => new Field(name, kind === 'text' ? new Utf8() : new Float64(), true)),
  );
  const children = columns.map((source) => (source.kind === 'text' ? textData(source) : numberData(source)));
  const data = makeData({ type: new Struct(schema.fields), length: rowCount, nullCount: 0, children });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), 'file');
}

function checkEnds(bytes: Uint8Array): void {
  const text = (start: number): string => String.fromCharCode(...bytes.subarray(start, start + MAGIC.length));
  if (bytes.length < 20 || text(0) !== MAGIC) throw broken('it does not begin as one');
  // The reader would take a file cut short for an empty table.
  if (text(bytes.length - MAGIC.length) !== MAGIC) throw broken('its end is missing');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footerLength = view.getInt32(bytes.length - MAGIC.length - 4, true);
  if (footerLength <= 0 || footerLength > bytes.length - 18) throw broken('its footer has no valid length');
  const end = bytes.length - MAGIC.length - 4;
  if (!isFooterSound(bytes, end - footerLength, end)) throw broken('its footer names parts that are not there');
}

/** Lengths in the file are claims: a column must have the bytes for its values before memory is taken for them. */
function checkSize(data: Data): void {
  const { DataType } = arrow();
  const { type, length } = data;
  const held = (array: ArrayLike<unknown> | undefined): number => array?.length ?? 0;
  let room = held(data.values as ArrayLike<unknown> | undefined);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) room = (data.valueOffsets as Int32Array).length - 1;
  else if (DataType.isBool(type)) room *= 8;
  else if (DataType.isInt(type) && type.bitWidth === 64) room = held(data.values as BigInt64Array);
  else if (DataType.isNull(type)) room = MAX_ROWS;
  if (length > Math.min(Math.max(room, 0), MAX_ROWS)) throw broken('a column is shorter than its file says');
  (data.dictionary?.data as readonly Data[] | undefined)?.forEach(checkSize);
}

function columnFromVector(name: string, vector: Vector | null, table: Table): Column {
  const { DataType, Type } = arrow();
  if (!vector || vector.length !== table.numRows) throw broken(`column "${name}" has not one value a row`);
  const type = (DataType.isDictionary(vector.type) ? vector.type.dictionary : vector.type) as ArrowType;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    return { kind: 'text', name, values: Array.from(vector, (value: string | null) => value) };
  }
  if (DataType.isNull(type)) return { kind: 'number', name, values: new Float64Array(vector.length).fill(NaN) };
  if (DataType.isFloat(type) || DataType.isInt(type) || DataType.isBool(type)) return numbersFromVector(name, vector);
  throw new ArrowTypeError(
    `column "${name}" is of type ${Type[type.typeId]}`,
    'the Arrow file',
    'A feature table holds text and numbers: drop or convert the column.',
  );
}

function numbersFromVector(name: string, vector: Vector): NumberColumn {
  const { DataType, Precision } = arrow();
  if (
    DataType.isFloat(vector.type) &&
    vector.type.precision === Precision.DOUBLE &&
    vector.nullCount === 0 &&
    vector.data.length === 1
  ) {
    const values = (vector.data[0].values as Float64Array).subarray(0, vector.length);
    if (values.length !== vector.length) throw broken(`column "${name}" is cut short`);
    return { kind: 'number', name, values };
  }
  const values = new Float64Array(vector.length);
  for (let row = 0; row < values.length; row++) {
    const value = vector.get(row) as number | bigint | boolean | null | undefined;
    if (value === undefined) throw broken(`column "${name}" is cut short`);
    values[row] = value === null ? NaN : Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(values[row])) {
      throw new ArrowTypeError(
        `column "${name}" holds whole numbers beyond 2^53, which a double cannot keep`,
        'the Arrow file',
        'Write the column as text if it is an identifier, else as doubles.',
      );
    }
  }
  return { kind: 'number', name, values };
}

function textData({ values }: TextColumn): Data<Utf8> {
  const { makeData, Utf8 } = arrow();
  const encoded = Buffer.from(values.map((value) => value ?? '').join(''), 'utf8');
  const valueOffsets = new Int32Array(values.length + 1);
  const validity = validityOf(values.length, (row) => values[row] !== null);
  for (let row = 0; row < values.length; row++) {
    valueOffsets[row + 1] = valueOffsets[row] + Buffer.byteLength(values[row] ?? '', 'utf8');
  }
  return makeData({
    type: new Utf8(),
    length: values.length,
    ...validity,
    valueOffsets,
    data: new Uint8Array(encoded),
  });
}

function numberData({ values }: NumberColumn): Data<Float64> {
  const { makeData, Float64 } = arrow();
  const validity = validityOf(values.length, (row) => !Number.isNaN(values[row]));
  // A NaN has many bit patterns: below a null stands always the same zero.
  const data = validity.nullCount === 0 ? values : values.map((value) => (Number.isNaN(value) ? 0 : value));
  return makeData({ type: new Float64(), length: values.length, ...validity, data });
}

function validityOf(
  length: number,
  isPresent: (row: number) => boolean,
): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (isPresent(row)) nullBitmap[row >> 3] |= 1 << (row & 7);
    else nullCount++;
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}

function broken(reason: string, cause?: unknown): NotArrowError {
  return new NotArrowError(
    `these bytes are no whole Arrow IPC file: ${reason}`,
    'the Arrow file',
    'Write the table again in the Arrow IPC file format, uncompressed, and check that the copy is complete.',
    { cause },
  );
}
