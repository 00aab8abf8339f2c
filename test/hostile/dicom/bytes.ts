import { deflateRawSync, gzipSync, constants, type ZlibOptions } from 'node:zlib';

/** Hostile files are made of plain bytes: no library writes what they are. */
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const RLE = '1.2.840.10008.1.2.5';
export const syntaxOf = (last: number): string => `1.2.840.10008.1.2.4.${last}`;

export const UNDEFINED = 0xffffffff;
export const PIXEL_DATA = 0x7fe00010;
const LONG = new Set(['OB', 'OW', 'OF', 'SQ', 'UN', 'UT', 'UC']);

export function short(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16LE(value, 2 * index));
  return bytes;
}

export function long(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}

/** An element in explicit VR, little endian; the length may be a lie. Text is padded to an even length. */
export function element(tag: number, vr: string, value: Buffer | string, claimed?: number): Buffer {
  const bytes =
    typeof value === 'string'
      ? Buffer.from(value.padEnd(value.length + (value.length % 2), vr === 'UI' ? '\0' : ' '))
      : value;
  const length = claimed ?? bytes.length;
  const head = Buffer.concat([short(tag >>> 16, tag & 0xffff), Buffer.from(vr, 'latin1')]);
  return Buffer.concat([head, LONG.has(vr) ? Buffer.concat([short(0), long(length)]) : short(length & 0xffff), bytes]);
}

/** The same in implicit VR. */
export function implicitElement(tag: number, value: Buffer, claimed = value.length): Buffer {
  return Buffer.concat([short(tag >>> 16, tag & 0xffff), long(claimed), value]);
}

export function item(value: Buffer, claimed = value.length): Buffer {
  return Buffer.concat([short(0xfffe, 0xe000), long(claimed), value]);
}

export const ITEM_END = Buffer.concat([short(0xfffe, 0xe00d), long(0)]);
export const SEQUENCE_END = Buffer.concat([short(0xfffe, 0xe0dd), long(0)]);

/** Compressed pixels: a table of offsets, then fragments. */
export function encapsulated(fragments: readonly Buffer[], offsets: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([
    element(PIXEL_DATA, 'OB', Buffer.alloc(0), UNDEFINED),
    item(offsets),
    ...fragments.map((fragment) => item(fragment)),
    SEQUENCE_END,
  ]);
}

/** A Part 10 file of these bytes after a meta header that names the syntax. */
export function part10(uid: string | null, ...body: readonly Buffer[]): Buffer {
  const named = uid === null ? Buffer.alloc(0) : element(0x00020010, 'UI', uid);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), named, ...body]);
}

/** Elements of a CT slice of 16 x 16 pixels of 16 bits, by tag; values may be replaced or, by null, left out. */
export type Changes = Readonly<Record<number, Buffer | null>>;

const SIZE = 16;
const BASE: Readonly<Record<number, Buffer>> = Object.fromEntries(
  [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [0x00080018, 'UI', '1.2.826.0.1.3680043.10.7.1.1'],
    [0x00080060, 'CS', 'CT'],
    [0x00080070, 'LO', 'Nobody'],
    [0x00180050, 'DS', '2.5'],
    [0x0020000d, 'UI', '1.2.826.0.1.3680043.10.7'],
    [0x0020000e, 'UI', '1.2.826.0.1.3680043.10.7.1'],
    [0x00200032, 'DS', '-8\\-8\\100'],
    [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x00200052, 'UI', '1.2.826.0.1.3680043.10.7.2'],
    [0x00280002, 'US', short(1)],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', short(SIZE)],
    [0x00280011, 'US', short(SIZE)],
    [0x00280030, 'DS', '0.9\\0.8'],
    [0x00280100, 'US', short(16)],
    [0x00280101, 'US', short(12)],
    [0x00280102, 'US', short(11)],
    [0x00280103, 'US', short(0)],
    [0x00281052, 'DS', '-1024'],
    [0x00281053, 'DS', '1'],
    [PIXEL_DATA, 'OW', short(...Array.from({ length: SIZE * SIZE }, (_, index) => (index * 37) % 4096))],
  ].map(([tag, vr, value]) => [tag, element(tag as number, vr as string, value as Buffer | string)]),
);

/** The bytes of the data set, in the order of tags. */
export function dataset(changes: Changes = {}): Buffer {
  const all: Record<number, Buffer | null> = { ...BASE, ...changes };
  const tags = Object.keys(all).map(Number);
  return Buffer.concat(tags.sort((a, b) => a - b).flatMap((tag) => all[tag] ?? []));
}

export function slice(changes: Changes = {}, uid = EXPLICIT): Buffer {
  return part10(uid, dataset(changes));
}

/** As `slice`, with one element given as text or numbers. */
export function sliceWith(tag: number, vr: string, value: Buffer | string, claimed?: number): Buffer {
  return slice({ [tag]: element(tag, vr, value, claimed) });
}

/** A stream that unpacks to `size` bytes: a beginning, then zeros, a megabyte of which is packed once and repeated. */
export function bomb(begin: Buffer, size: number, format: 'gzip' | 'raw'): Buffer {
  const zeros = Buffer.alloc(2 ** 20);
  const flushed: ZlibOptions = { level: 9, finishFlush: constants.Z_FULL_FLUSH };
  const head = format === 'gzip' ? gzipSync(begin, flushed) : deflateRawSync(begin, flushed);
  const block = deflateRawSync(zeros, flushed);
  return Buffer.concat([head, ...Array.from({ length: Math.ceil(size / zeros.length) }, () => block)]);
}

/** Bytes that do not pack, the same each time. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
