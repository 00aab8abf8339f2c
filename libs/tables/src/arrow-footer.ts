/** Message types of Arrow's IPC format, in FlatBuffers numbering. */
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;

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
  return areBlocksSound(2, DICTIONARY_BATCH) && areBlocksSound(3, RECORD_BATCH);
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
  return typePosition !== null && view.getUint8(typePosition) === type && bodyClaim === bodyLength;
}

/** Where a field of the FlatBuffer at `start` lies, or null if it is left out. */
function fieldPosition(view: DataView, start: number, field: number): number | null {
  const table = start + view.getUint32(start, true);
  const fieldTable = table - view.getInt32(table, true);
  const entry = 4 + 2 * field;
  if (entry + 2 > view.getUint16(fieldTable, true)) return null;
  const offset = view.getUint16(fieldTable + entry, true);
  return offset === 0 ? null : table + offset;
}
