import { elementsOf, positionIn } from './arrow-footer.js';

/** Reads bytes of a file. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** Where the values of one column lie in the file, in each record batch. */
export interface ArrowColumnLayout {
  readonly name: string;
  /** Doubles, text, or something that only a reader of whole files takes. */
  readonly kind: 'number' | 'text' | 'other';
  readonly parts: readonly ArrowPart[];
}

export interface ArrowPart {
  readonly rowCount: number;
  readonly nullCount: number;
  /** Offset in the file and length of each buffer: validity, (text: offsets,) values. */
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
}

export interface ArrowLayout {
  readonly rowCount: number;
  readonly columns: readonly ArrowColumnLayout[];
}

const MAGIC = 'ARROW1';
const [FLOAT, UTF8, BOOL] = [3, 5, 6];
const [INT, DECIMAL, DATE] = [2, 7, 8];

/**
 * The places of columns in an Arrow IPC file, from its footer and the heads of its record batches: nothing of the values
 * is read. Null for a file that is not sound, is compressed, or holds nested or dictionary-coded columns.
 */
export function arrowLayout(read: ReadBytes, size: number): ArrowLayout | null {
  if (size < 20 || latin(read(0, 6)) !== MAGIC || latin(read(size - 6, 6)) !== MAGIC) return null;
  const tail = read(size - 10, 4);
  const footerLength = new DataView(tail.buffer, tail.byteOffset, 4).getInt32(0, true);
  if (footerLength <= 0 || footerLength > size - 18) return null;
  const footer = viewOf(read(size - 10 - footerLength, footerLength));
  try {
    return layoutOf(read, footer, size - 10 - footerLength);
  } catch (error) {
    // An offset that points outside what was read.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function layoutOf(read: ReadBytes, footer: DataView, end: number): ArrowLayout | null {
  const root = footer.getUint32(0, true);
  const schema = positionIn(footer, root, 1);
  if (schema === null) return null;
  const fields = fieldsOf(footer, schema + footer.getUint32(schema, true));
  const dictionaries = positionIn(footer, root, 2);
  const batches = positionIn(footer, root, 3);
  const hasDictionaries =
    dictionaries !== null && footer.getUint32(dictionaries + footer.getUint32(dictionaries, true), true) > 0;
  if (fields === null || hasDictionaries || batches === null) return null;
  const vector = batches + footer.getUint32(batches, true);
  const parts: ArrowPart[][] = fields.map(() => []);
  let rowCount = 0;
  for (let b = 0; b < footer.getUint32(vector, true); b++) {
    const block = vector + 4 + 24 * b;
    const offset = Number(footer.getBigInt64(block, true));
    const metadata = footer.getInt32(block + 8, true);
    const body = Number(footer.getBigInt64(block + 16, true));
    if (offset < 8 || metadata < 16 || body < 0 || offset + metadata + body > end) return null;
    const rows = readBatch(viewOf(read(offset, metadata)), fields, offset + metadata, body, parts);
    if (rows === null) return null;
    rowCount += rows;
  }
  return { rowCount, columns: fields.map(({ name, kind }, i) => ({ name, kind, parts: parts[i] })) };
}

interface FieldFacts {
  readonly name: string;
  readonly kind: ArrowColumnLayout['kind'];
  readonly bufferCount: number;
}

/** A field is (name, nullable, typeType, type, dictionary, children, customMetadata). */
function fieldsOf(view: DataView, schema: number): FieldFacts[] | null {
  const fields = positionIn(view, schema, 1);
  if (fields === null) return null;
  const facts = elementsOf(view, fields).map((field): FieldFacts | null => {
    const children = positionIn(view, field, 5);
    const isNested = children !== null && view.getUint32(children + view.getUint32(children, true), true) > 0;
    const [nameAt, typeAt, type] = [0, 2, 3].map((slot) => positionIn(view, field, slot));
    if (isNested || nameAt === null || typeAt === null || positionIn(view, field, 4) !== null) return null;
    const text = nameAt + view.getUint32(nameAt, true);
    const name = new TextDecoder().decode(bytesOf(view, text + 4, view.getUint32(text, true)));
    const typeId = view.getUint8(typeAt);
    if (typeId === UTF8) return { name, kind: 'text', bufferCount: 3 };
    if (![FLOAT, INT, BOOL, DECIMAL, DATE].includes(typeId)) return null;
    const precision = type === null ? null : positionIn(view, type + view.getUint32(type, true), 0);
    const isDouble = typeId === FLOAT && precision !== null && view.getInt16(precision, true) === 2;
    return { name, kind: isDouble ? 'number' : 'other', bufferCount: 2 };
  });
  return facts.every((fact) => fact !== null) ? facts : null;
}

/** A message is (version, headerType, header, bodyLength); a record batch (length, nodes, buffers, compression). */
function readBatch(
  view: DataView,
  fields: readonly FieldFacts[],
  bodyStart: number,
  bodyLength: number,
  parts: ArrowPart[][],
): number | null {
  const message = 8 + view.getUint32(8, true);
  const header = positionIn(view, message, 2);
  if (view.getInt32(0, true) !== -1 || header === null) return null;
  const batch = header + view.getUint32(header, true);
  const [length, nodes, buffers, compression] = [0, 1, 2, 3].map((slot) => positionIn(view, batch, slot));
  if (nodes === null || buffers === null || compression !== null) return null;
  const rowCount = length === null ? 0 : Number(view.getBigInt64(length, true));
  const [nodeAt, bufferAt] = [nodes, buffers].map((at) => at + view.getUint32(at, true));
  const bufferCount = fields.reduce((sum, field) => sum + field.bufferCount, 0);
  if (view.getUint32(nodeAt, true) !== fields.length || view.getUint32(bufferAt, true) !== bufferCount) return null;
  let next = bufferAt + 4;
  for (const [i, field] of fields.entries()) {
    const node = nodeAt + 4 + 16 * i;
    const own = Array.from({ length: field.bufferCount }, () => {
      const [offset, size] = [Number(view.getBigInt64(next, true)), Number(view.getBigInt64(next + 8, true))];
      next += 16;
      return {
        offset: bodyStart + offset,
        length: size,
        isInside: offset >= 0 && size >= 0 && offset + size <= bodyLength,
      };
    });
    const needed = field.kind === 'number' ? 8 * rowCount : 0;
    const isSound = own.every(({ isInside }) => isInside) && own[own.length - 1].length >= needed;
    if (Number(view.getBigInt64(node, true)) !== rowCount || !isSound) return null;
    const nullCount = Number(view.getBigInt64(node + 8, true));
    parts[i].push({ rowCount, nullCount, buffers: own.map(({ offset, length: size }) => ({ offset, length: size })) });
  }
  return rowCount;
}

/** The values of a column of doubles, NaN where they are missing. */
export function readDoubles(read: ReadBytes, { parts }: ArrowColumnLayout): Float64Array {
  const values = new Float64Array(parts.reduce((sum, { rowCount }) => sum + rowCount, 0));
  const bytes = new Uint8Array(values.buffer);
  let row = 0;
  for (const { rowCount, nullCount, buffers } of parts) {
    bytes.set(read(buffers[1].offset, 8 * rowCount), 8 * row);
    if (nullCount > 0) {
      const present = read(buffers[0].offset, Math.ceil(rowCount / 8));
      for (let k = 0; k < rowCount; k++) if (((present[k >> 3] >> (k & 7)) & 1) === 0) values[row + k] = NaN;
    }
    row += rowCount;
  }
  return values;
}

/** The values of a column of text, null where they are missing. */
export function readTexts(read: ReadBytes, { parts }: ArrowColumnLayout): (string | null)[] {
  const decoder = new TextDecoder();
  return parts.flatMap(({ rowCount, nullCount, buffers: [validity, offsets, data] }) => {
    const present = nullCount > 0 ? read(validity.offset, Math.ceil(rowCount / 8)) : null;
    const places = rowCount === 0 ? null : viewOf(read(offsets.offset, 4 * (rowCount + 1)));
    const bytes = read(data.offset, data.length);
    return Array.from({ length: rowCount }, (_, k) => {
      if (present !== null && ((present[k >> 3] >> (k & 7)) & 1) === 0) return null;
      return decoder.decode(bytes.subarray(places!.getInt32(4 * k, true), places!.getInt32(4 * k + 4, true)));
    });
  });
}

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  if (at + length > view.byteLength) throw new RangeError('a text is longer than the file');
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}
