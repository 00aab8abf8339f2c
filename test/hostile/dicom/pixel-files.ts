import {
  element,
  encapsulated,
  item,
  long,
  noise,
  PIXEL_DATA,
  RLE,
  SEQUENCE_END,
  short,
  slice,
  syntaxOf,
  UNDEFINED,
} from './bytes.js';
import { type Changes, sliceWith } from './bytes.js';
import { jpeg, jpeg2000, rleFrame } from './codestreams.js';
import { frameGroups } from './frame-groups.js';
import { hostile } from './hostile-file.js';

const size = (rows: number, columns: number, frames = '1'): Changes => ({
  0x00280008: element(0x00280008, 'IS', frames),
  0x00280010: element(0x00280010, 'US', short(rows)),
  0x00280011: element(0x00280011, 'US', short(columns)),
});
const number = (tag: number, value: number): Buffer => sliceWith(tag, 'US', short(value));
const colours = { 0x00280004: element(0x00280004, 'CS', 'PALETTE COLOR') };
const table = (entries: number, bytes: number): Changes => ({
  ...colours,
  ...Object.fromEntries(
    [1, 2, 3].flatMap((n) => [
      [0x00281100 + n, element(0x00281100 + n, 'US', short(entries, 0, 16))],
      [0x00281200 + n, element(0x00281200 + n, 'OW', Buffer.alloc(bytes))],
    ]),
  ),
});
const lookup = (entries: number): Buffer =>
  element(
    0x00283000,
    'SQ',
    item(Buffer.concat([element(0x00283002, 'US', short(entries, 0, 16)), element(0x00283006, 'US', short(1))])),
  );

/** Products of rows, columns, frames and bits that overflow, and bits that contradict one another (CVE-2026-5441 to 5443). */
export const sizeFiles = hostile('size', '.dcm', [
  ['65535-by-65535', 'TOO_LARGE', () => slice(size(65535, 65535))],
  ['2-to-the-31-frames', 'TOO_LARGE', () => slice(size(16, 16, '2147483647'))],
  ['2-to-the-32-frames-of-a-pixel', 'TOO_LARGE', () => slice(size(1, 1, '4294967296'))],
  ['product-of-2-to-the-32', 'TOO_LARGE', () => slice(size(256, 256, '65536'))],
  ['product-of-2-to-the-53', 'TOO_LARGE', () => slice(size(65535, 65535, '9007199254740991'))],
  ['frames-beyond-2-to-the-53', 'CORRUPT', () => slice(size(16, 16, '99999999999999999999'))],
  ['frames-negative', 'CORRUPT', () => slice(size(16, 16, '-1'))],
  ['frames-nan', 'CORRUPT', () => slice(size(16, 16, 'NaN'))],
  ['frames-infinite', 'CORRUPT', () => slice(size(16, 16, '1e400'))],
  ['rows-zero', 'CORRUPT', () => slice(size(0, 16))],
  ['rows-doubled', 'TRUNCATED', () => slice(size(32, 16))],
  ['rows-halved', 'CORRUPT', () => slice(size(8, 16))],
  ['rows-as-text', 'CORRUPT', () => sliceWith(0x00280010, 'LO', '16')],
  ['rows-of-one-byte', 'CORRUPT', () => sliceWith(0x00280010, 'US', Buffer.alloc(1))],
  ['rows-missing', 'UNSUPPORTED_OBJECT', () => slice({ 0x00280010: null })],
  ['columns-missing', 'CORRUPT', () => slice({ 0x00280011: null })],
  ['samples-65535', 'TRUNCATED', () => number(0x00280002, 65535)],
  ['bits-allocated-zero', 'UNSUPPORTED_PIXELS', () => number(0x00280100, 0)],
  ['bits-allocated-65535', 'TRUNCATED', () => number(0x00280100, 65535)],
  ['bits-allocated-8', 'CORRUPT', () => number(0x00280100, 8)],
  ['bits-stored-above-allocated', 'CORRUPT', () => number(0x00280101, 40)],
  ['bits-stored-zero', 'CORRUPT', () => number(0x00280101, 0)],
  ['high-bit-255', 'CORRUPT', () => number(0x00280102, 255)],
  ['pixels-missing', 'TRUNCATED', () => slice({ [PIXEL_DATA]: null })],
  ['pixels-empty', 'TRUNCATED', () => sliceWith(PIXEL_DATA, 'OW', '')],
]);

/** Palettes and lookup tables whose descriptors reach beyond their data (CVE-2026-5444 and -5445): none is applied. */
export const tableFiles = hostile('table', '.dcm', [
  ['palette-without-data', 'UNSUPPORTED_PIXELS', () => slice(colours)],
  ['palette-of-65536-in-2-bytes', 'UNSUPPORTED_PIXELS', () => slice(table(0, 2))],
  ['palette-of-65535-in-no-byte', 'UNSUPPORTED_PIXELS', () => slice(table(65535, 0))],
  ['modality-table-of-65536-in-2-bytes', 'UNSUPPORTED_PIXELS', () => slice({ 0x00283000: lookup(0) })],
  ['modality-table-of-65535-in-2-bytes', 'UNSUPPORTED_PIXELS', () => slice({ 0x00283000: lookup(65535) })],
]);

const plane = (value: number): Buffer => Buffer.from([129, value, 129, value]); // 2 runs of 128 are 16 x 16 pixels
const rle = (frame: Buffer, changes: Changes = {}): Buffer =>
  slice({ ...changes, [PIXEL_DATA]: encapsulated([frame]) }, RLE);
const packed = (last: number, frame: Buffer, changes: Changes = {}): Buffer =>
  slice({ ...changes, [PIXEL_DATA]: encapsulated([frame]) }, syntaxOf(last));
const eightBits: Changes = {
  0x00280100: element(0x00280100, 'US', short(8)),
  0x00280101: element(0x00280101, 'US', short(8)),
  0x00280102: element(0x00280102, 'US', short(7)),
};
const square = { width: 16, height: 16 };

/** Compressed frames that claim, hold or point to something else than they are. */
export const codecFiles = hostile('codec', '.dcm', [
  ['rle-bomb', 'CORRUPT', () => rle(rleFrame([plane(0), plane(1)]), size(8000, 8000))],
  ['rle-too-short', 'CORRUPT', () => rle(rleFrame([Buffer.from([129, 0]), plane(1)]))],
  ['rle-run-beyond-the-plane', 'CORRUPT', () => rle(rleFrame([Buffer.from([129, 0, 200, 0, 129, 0]), plane(1)]))],
  ['rle-offsets-out-of-bounds', 'CORRUPT', () => rle(rleFrame([plane(0), plane(1)], [2, 64, 0xfffffff0]))],
  ['rle-offsets-backwards', 'CORRUPT', () => rle(rleFrame([plane(0), plane(1)], [2, 68, 64]))],
  ['rle-offset-in-the-header', 'CORRUPT', () => rle(rleFrame([plane(0), plane(1)], [2, 0, 68]))],
  ['rle-4-billion-segments', 'CORRUPT', () => rle(rleFrame([plane(0), plane(1)], [0xffffffff]))],
  ['rle-header-cut', 'TRUNCATED', () => rle(rleFrame([plane(0), plane(1)]).subarray(0, 40))],
  ['jpeg-of-65535-by-65535', 'CORRUPT', () => packed(50, jpeg(0xc0, 65535, 65535), eightBits)],
  ['jpeg-without-end', 'TRUNCATED', () => packed(50, jpeg(0xc0, 16, 16, 8, Buffer.alloc(0)), eightBits)],
  [
    'jpeg-huge-on-both-sides',
    'TOO_LARGE',
    () => packed(50, jpeg(0xc0, 65535, 65535), { ...eightBits, ...size(65535, 65535) }),
  ],
  [
    'jpeg-of-noise',
    'CORRUPT',
    () => packed(50, Buffer.concat([short(0xd8ff), noise(200).map((b) => b & 0x7f), short(0xd9ff)]), eightBits),
  ],
  ['jpeg-of-12-bits', 'UNSUPPORTED_SYNTAX', () => packed(51, jpeg(0xc1, 16, 16, 12))],
  ['jpeg-lossless-of-noise', 'CORRUPT', () => packed(70, jpeg(0xc3, 16, 16, 16))],
  [
    'jpeg-lossless-of-32-bits',
    'UNSUPPORTED_PIXELS',
    () => packed(70, jpeg(0xc3, 16, 16, 16), { 0x00280100: element(0x00280100, 'US', short(32)) }),
  ],
  ['jpeg-lossless-of-65535-by-65535', 'CORRUPT', () => packed(70, jpeg(0xc3, 65535, 65535, 16))],
  ['jpeg-ls-of-65535-by-65535', 'CORRUPT', () => packed(80, jpeg(0xf7, 65535, 65535, 16))],
  ['jpeg-2000-of-2-to-the-31', 'CORRUPT', () => packed(90, jpeg2000({ width: 2 ** 31, height: 2 ** 31 }))],
  ['jpeg-2000-of-16384-components', 'CORRUPT', () => packed(90, jpeg2000({ ...square, components: 16384 }))],
  [
    'jpeg-2000-in-billions-of-tiles',
    'TOO_LARGE',
    () => packed(90, jpeg2000({ width: 65535, height: 65535, tile: [1, 1] }), size(65535, 65535)),
  ],
  ['jpeg-2000-in-tiles-of-nothing', 'CORRUPT', () => packed(90, jpeg2000({ ...square, tile: [0, 0] }))],
  ['jpeg-2000-without-end', 'TRUNCATED', () => packed(90, jpeg2000(square).subarray(0, -2))],
  ['htj2k-of-2-to-the-31', 'CORRUPT', () => packed(201, jpeg2000({ width: 2 ** 31, height: 2 ** 31 }, 0x4000))],
  ['htj2k-of-another-size', 'CORRUPT', () => packed(201, jpeg2000({ width: 17, height: 16 }, 0x4000))],
]);

const opened = element(PIXEL_DATA, 'OB', Buffer.alloc(0), UNDEFINED);
const fragments = (content: Buffer, changes: Changes = {}): Buffer =>
  slice({ ...changes, [PIXEL_DATA]: Buffer.concat([opened, content]) }, RLE);
const good = rleFrame([plane(0), plane(1)]);
/** An enhanced CT of three frames of RLE, 2.5 mm apart, the first in two fragments: the table says where each begins. */
export function threeFrames(offsets: Buffer = long(0, 88, 168)): Buffer {
  const [head, tail] = [good.subarray(0, 68), good.subarray(68)];
  const groups = [100, 102.5, 105].map((z) => item(frameGroups(`-8\\-8\\${z}`)));
  return slice(
    {
      ...size(16, 16, '3'),
      0x00080016: element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2.1'),
      0x52009230: element(0x52009230, 'SQ', Buffer.concat(groups)),
      [PIXEL_DATA]: encapsulated([head, tail, good, good], offsets),
    },
    RLE,
  );
}

/** Fragments and their tables of offsets. */
export const fragmentFiles = hostile('fragments', '.dcm', [
  ['without-end', 'TRUNCATED', () => fragments(Buffer.concat([item(Buffer.alloc(0)), item(good)]))],
  [
    'of-undefined-length',
    'TRUNCATED',
    () => fragments(Buffer.concat([item(Buffer.alloc(0)), item(good, UNDEFINED), SEQUENCE_END])),
  ],
  ['beyond-the-file', 'TRUNCATED', () => fragments(Buffer.concat([item(Buffer.alloc(0)), item(good, 0x7fffffff)]))],
  [
    'that-are-no-items',
    'CORRUPT',
    () => fragments(Buffer.concat([item(Buffer.alloc(0)), element(0x00080060, 'CS', 'CT')])),
  ],
  ['table-beyond-the-file', 'TRUNCATED', () => fragments(item(long(0), 0x7ffffff0))],
  ['table-only', 'TRUNCATED', () => fragments(Buffer.concat([item(long(0)), SEQUENCE_END]))],
  ['nothing-at-all', 'TRUNCATED', () => fragments(SEQUENCE_END)],
  [
    '600000',
    'TOO_LARGE',
    () => fragments(Buffer.concat([Buffer.alloc(8 * 600_000, item(Buffer.alloc(0))), SEQUENCE_END])),
  ],
  [
    'fewer-than-frames',
    'TRUNCATED',
    () => slice({ ...size(16, 16, '9'), [PIXEL_DATA]: encapsulated([good, good]) }, RLE),
  ],
  ['offsets-out-of-bounds', 'CORRUPT', () => threeFrames(long(0, 0x7fffffff, 0xfffffff0))],
  ['offsets-backwards', 'CORRUPT', () => threeFrames(long(168, 88, 0))],
  ['offsets-between-items', 'CORRUPT', () => threeFrames(long(0, 3, 7))],
  ['fewer-offsets-than-frames', 'CORRUPT', () => threeFrames(long(0))],
  ['in-a-native-syntax', 'CORRUPT', () => slice({ [PIXEL_DATA]: encapsulated([good]) })],
  ['native-in-a-compressed-syntax', 'TRUNCATED', () => slice({}, RLE)],
]);
