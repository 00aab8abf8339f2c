/** Message types of Arrow's IPC format, in FlatBuffers numbering. */
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
/** A column of nulls needs no bytes at all. */
const MAX_NULL_ROWS = 1_000_000;
const MAX_FIELDS = 1_000_000;

/**
 * Whether the footer of an Arrow file lists only blocks that lie inside the file and are what they should be.
 *
 * Arrow's own reader trusts the footer: one that claims 2^31 record batches, or calls a schema a record batch, keeps
 * it busy for ever. So the claims are read here first. A footer is a FlatBuffer (version, schema, dictionaries,
 * recordBatches); a block is a struct of 24 bytes (offset, metadata length, body length).
 *
 * @param start where the footer starts in `bytes`
 * @param end where it ends
 * @throws {RangeError} if an offset points outside the file
 */
export function isFooterSound(bytes: Uint8Array, start: number, end: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const areBlocksSound = (field: number, messageType: number): boolean => {
    const reference = fieldPosition(view, start, field);
    if (reference === null) return true;
    const vector = reference + view.getUint32(reference, true);
    const count = view.getUint32(vector, true);
    if (vector < start || vector + 4 + count * 24 > end) return false;
    for (let block = vector + 4; block < vector + 4 + count * 24; block += 24) {
      const offset = Number(view.getBigInt64(block, true));
      const metadataLength = view.getInt32(block + 8, true);
      const bodyLength = Number(view.getBigInt64(block + 16, true));
      if (offset < 8 || metadataLength < 16 || bodyLength < 0 || offset + metadataLength + bodyLength > start)
        return false;
      if (!isMessageSound(view, offset, metadataLength, bodyLength, messageType)) return false;
    }
    return true;
  };
  const schema = fieldPosition(view, start, 1);
  if (schema === null || !isSchemaSound(view, schema + view.getUint32(schema, true))) return false;
  return areBlocksSound(2, DICTIONARY_BATCH) && areBlocksSound(3, RECORD_BATCH);
}

/** A schema is (endianness, fields, customMetadata); a field (name, nullable, typeType, type, dictionary, children, customMetadata). */
function isSchemaSound(view: DataView, schema: number): boolean {
  let fieldCount = 0;
  const areFieldsSound = (reference: number | null, depth: number): boolean => {
    if (reference === null) return true;
    if (depth > 4) return false;
    return elementsOf(view, reference).every(
      (field) =>
        ++fieldCount <= MAX_FIELDS &&
        isMetadataSound(view, positionIn(view, field, 6)) &&
        areFieldsSound(positionIn(view, field, 5), depth + 1),
    );
  };
  return isMetadataSound(view, positionIn(view, schema, 2)) && areFieldsSound(positionIn(view, schema, 1), 0);
}

function isMetadataSound(view: DataView, reference: number | null): boolean {
  if (reference === null) return true;
  return elementsOf(view, reference).every((pair) =>
    [0, 1].every((field) => {
      const text = positionIn(view, pair, field);
      if (text === null) return true;
      const start = text + view.getUint32(text, true);
      return start + 4 + view.getUint32(start, true) <= view.byteLength;
    }),
  );
}

/** The tables that a vector of offsets names. */
export function elementsOf(view: DataView, reference: number): number[] {
  const vector = reference + view.getUint32(reference, true);
  const count = view.getUint32(vector, true);
  if (vector + 4 + count * 4 > view.byteLength) throw new RangeError('a vector is longer than the file');
  return Array.from({ length: count }, (_, index) => {
    const element = vector + 4 + 4 * index;
    return element + view.getUint32(element, true);
  });
}

/** A message repeats its length and its body's, after a continuation mark: (version, headerType, header, bodyLength). */
function isMessageSound(
  view: DataView,
  offset: number,
  metadataLength: number,
  bodyLength: number,
  type: number,
): boolean {
  if (view.getInt32(offset, true) !== -1 || view.getInt32(offset + 4, true) !== metadataLength - 8) return false;
  const typePosition = fieldPosition(view, offset + 8, 1);
  const bodyPosition = fieldPosition(view, offset + 8, 3);
  const bodyClaim = bodyPosition === null ? 0 : Number(view.getBigInt64(bodyPosition, true));
  if (typePosition === null || view.getUint8(typePosition) !== type || bodyClaim !== bodyLength) return false;
  const header = fieldPosition(view, offset + 8, 2);
  if (header === null) return false;
  let batch = header + view.getUint32(header, true);
  if (type === DICTIONARY_BATCH) {
    const data = positionIn(view, batch, 1);
    if (data === null) return false;
    batch = data + view.getUint32(data, true);
  }
  return isBatchSound(view, batch, bodyLength);
}

/** A record batch is (length, nodes: (length, nullCount), buffers: (offset, length)): none larger than its body. */
function isBatchSound(view: DataView, batch: number, bodyLength: number): boolean {
  const int64 = (position: number): number => Number(view.getBigInt64(position, true));
  const maxLength = Math.max(bodyLength * 8, MAX_NULL_ROWS);
  const length = positionIn(view, batch, 0);
  if (length !== null && (int64(length) < 0 || int64(length) > maxLength)) return false;
  const pairs = (field: number, isSound: (first: number, second: number) => boolean): boolean => {
    const reference = positionIn(view, batch, field);
    if (reference === null) return true;
    const vector = reference + view.getUint32(reference, true);
    const count = view.getUint32(vector, true);
    if (vector + 4 + count * 16 > view.byteLength) return false;
    for (let index = 0; index < count; index++) {
      const position = vector + 4 + 16 * index;
      if (!isSound(int64(position), int64(position + 8))) return false;
    }
    return true;
  };
  return (
    pairs(1, (rows, nulls) => rows >= 0 && rows <= maxLength && nulls >= 0 && nulls <= rows) &&
    pairs(2, (first, size) => first >= 0 && size >= 0 && first + size <= bodyLength)
  );
}

/** Where a field of the FlatBuffer at `start` lies, or null if it is left out. */
function fieldPosition(view: DataView, start: number, field: number): number | null {
  return positionIn(view, start + view.getUint32(start, true), field);
}

/** Where a field of a table lies, or null if it is left out. */
export function positionIn(view: DataView, table: number, field: number): number | null {
  const fieldTable = table - view.getInt32(table, true);
  const entry = 4 + 2 * field;
  if (entry + 2 > view.getUint16(fieldTable, true)) return null;
  const offset = view.getUint16(fieldTable + entry, true);
  return offset === 0 ? null : table + offset;
}
