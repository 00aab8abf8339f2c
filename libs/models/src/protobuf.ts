import { OnnxFormatError } from './errors.js';

/** One field of a protobuf message: a number (wire type 0), eight or four bytes (1, 5) or bytes (2). */
export interface WireField {
  readonly field: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** Of a varint; a negative int64 comes as such. */
  readonly value: bigint;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();

/** How many more fields may be read of a file: what bounds the time that reading takes. */
export interface FieldBudget {
  left: number;
}

/**
 * Reads the fields of one message, not going into nested ones.
 *
 * @param budget shared by all messages of a file; counted down
 * @throws {OnnxFormatError} if the bytes end inside a field, or hold groups or more fields than the budget
 */
export function readFields(bytes: Uint8Array, budget: FieldBudget): WireField[] {
  const fields: WireField[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    if (at < bytes.length && bytes[at] < 0x80) return BigInt(bytes[at++]);
    const [value, next] = readVarint(bytes, at);
    at = next;
    return value;
  };
  const take = (length: number): Uint8Array => {
    if (length < 0 || length > bytes.length - at) throw truncated();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = Math.floor(key / 8);
    const wire = key & 7;
    if (field < 1) throw truncated();
    if (--budget.left < 0) throw tooMany();
    if (wire === 0) fields.push({ field, wire, value: varint(), bytes: NOTHING });
    else if (wire === 1) fields.push({ field, wire, value: view.getBigInt64(skip(8), true), bytes: take(8) });
    else if (wire === 2) fields.push({ field, wire, value: 0n, bytes: take(Number(varint())) });
    else if (wire === 5) fields.push({ field, wire, value: BigInt(view.getInt32(skip(4), true)), bytes: take(4) });
    else throw truncated();
  }
  return fields;

  function skip(length: number): number {
    if (length > bytes.length - at) throw truncated();
    return at;
  }
}

function truncated(): OnnxFormatError {
  return new OnnxFormatError(
    'the bytes are not a whole protobuf message',
    'ONNX file',
    'Export the model again; the file is cut off, or is not ONNX.',
  );
}

function tooMany(): OnnxFormatError {
  return new OnnxFormatError(
    'it is cut into more fields than Concord reads',
    'ONNX file',
    'Export constants as raw data and lists packed, or use a smaller model.',
  );
}

function readVarint(bytes: Uint8Array, start: number): [value: bigint, next: number] {
  let value = 0n;
  let at = start;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (at >= bytes.length) break;
    const byte = bytes[at++];
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [BigInt.asIntN(64, value), at];
  }
  throw truncated();
}

/** Repeated whole numbers, packed or not. @throws {OnnxFormatError} if a packed list is cut off */
export function readIntegers(fields: readonly WireField[], field: number): bigint[] {
  const values: bigint[] = [];
  for (const { field: number, wire, value, bytes } of fields) {
    if (number !== field) continue;
    if (wire !== 2) values.push(value);
    for (let at = 0; wire === 2 && at < bytes.length;) {
      const [next, end] = readVarint(bytes, at);
      values.push(next);
      at = end;
    }
  }
  return values;
}

export function readText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A field with a whole number. */
export function integerField(field: number, value: number | bigint): Uint8Array {
  return concat([varintBytes(field * 8), varintBytes(value)]);
}

/** A field with bytes, text or a nested message. */
export function bytesField(field: number, content: Uint8Array | string | readonly Uint8Array[]): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const whole = bytes instanceof Uint8Array ? bytes : concat(bytes);
  return concat([varintBytes(field * 8 + 2), varintBytes(whole.length), whole]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Whole numbers without keys, as packed lists hold them. */
export function packedIntegers(values: readonly number[]): Uint8Array {
  return concat(values.map(varintBytes));
}

function varintBytes(value: number | bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}
