import {
  bomb,
  BIG_ENDIAN,
  DEFLATED,
  dataset,
  element,
  EXPLICIT,
  IMPLICIT,
  implicitElement,
  item,
  ITEM_END,
  long,
} from './bytes.js';
import { noise, part10, PIXEL_DATA, SEQUENCE_END, short, slice, sliceWith, syntaxOf, UNDEFINED } from './bytes.js';
import { hostile } from './hostile-file.js';

const PARTS = 600_000;
const nested = (depth: number, open: Buffer): Buffer => Buffer.alloc(depth * open.length, open);
const openSequence = Buffer.concat([
  element(0x00081140, 'SQ', Buffer.alloc(0), UNDEFINED),
  item(Buffer.alloc(0), UNDEFINED),
]);
const inSequence = (content: Buffer): Buffer =>
  slice({ 0x00081140: Buffer.concat([element(0x00081140, 'SQ', Buffer.alloc(0), UNDEFINED), content]) });
const manyElements = (): Buffer =>
  Buffer.concat(
    Array.from({ length: PARTS >> 16 }, (_, group) => {
      const elements = Buffer.alloc(8 * 65536);
      for (let n = 0; n < 65536; n++) short(0x0011 + 2 * group, n, 0x4f4c, 0).copy(elements, 8 * n);
      return elements;
    }),
  );
const cut = (at: number): Buffer => slice().subarray(0, Math.round(slice().length * at));

/** The meta header: what stands before the data set (the class of CVE-2026-5437). */
export const metaFiles = hostile('meta', '.dcm', [
  [
    'length-out-of-bounds',
    'TRUNCATED',
    () => part10(EXPLICIT, element(0x00020001, 'OB', short(1), 0xfffffff0), dataset()),
  ],
  [
    'group-length-out-of-bounds',
    'CORRUPT',
    () => {
      const length = element(0x00020000, 'UL', long(0x7fffffff));
      return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), length, slice().subarray(132)]);
    },
  ],
  ['ends-in-uid', 'TRUNCATED', () => slice().subarray(0, 146)],
  ['ends-after-mark', 'TRUNCATED', () => slice().subarray(0, 132)],
  ['without-mark', 'UNSUPPORTED_FILE', () => slice().fill(0x41, 128, 132)],
  ['without-syntax', 'CORRUPT', () => part10(null, dataset())],
  ['two-syntaxes', 'CORRUPT', () => part10(EXPLICIT, element(0x00020010, 'UI', IMPLICIT), dataset())],
  ['unknown-syntax', 'UNSUPPORTED_SYNTAX', () => slice({}, '1.2.3.4.5')],
  ['uid-of-64-kilobytes', 'UNSUPPORTED_SYNTAX', () => slice({}, '1.'.repeat(32000))],
  ['uid-of-control-characters', 'UNSUPPORTED_SYNTAX', () => slice({}, '\u001b[2J\u0007')],
  [
    'nested-sequences',
    'TOO_LARGE',
    () =>
      part10(
        null,
        nested(
          1000,
          Buffer.concat([element(0x00020102, 'SQ', Buffer.alloc(0), UNDEFINED), item(Buffer.alloc(0), UNDEFINED)]),
        ),
      ),
  ],
]);

/** Lengths that lie, nesting, repetition and representations that do not exist. */
export const structureFiles = hostile('structure', '.dcm', [
  ['element-of-4-gigabytes', 'TRUNCATED', () => sliceWith(0x00091010, 'UN', 'x', 0xfffffffe)],
  ['pixels-of-4-gigabytes', 'TRUNCATED', () => sliceWith(PIXEL_DATA, 'OW', 'x', 0xfffffffe)],
  ['sequence-beyond-the-file', 'TRUNCATED', () => sliceWith(0x00081140, 'SQ', item(Buffer.alloc(0)), 0x7fffffff)],
  ['item-beyond-the-file', 'TRUNCATED', () => inSequence(item(Buffer.alloc(8), 0x7ffffff0))],
  [
    'item-of-odd-content',
    'CORRUPT',
    () => inSequence(Buffer.concat([item(Buffer.alloc(5), UNDEFINED), ITEM_END, SEQUENCE_END])),
  ],
  ['sequence-without-end', 'CORRUPT', () => inSequence(item(Buffer.alloc(0)))],
  ['sequence-without-items', 'CORRUPT', () => inSequence(element(0x00081150, 'UI', '1.2'))],
  ['item-outside-a-sequence', 'CORRUPT', () => part10(EXPLICIT, item(Buffer.alloc(0)), dataset())],
  ['end-outside-a-sequence', 'CORRUPT', () => part10(EXPLICIT, SEQUENCE_END, ITEM_END, dataset())],
  ['nested-200000-deep', 'TOO_LARGE', () => part10(EXPLICIT, nested(200_000, openSequence))],
  [
    'nested-in-unknown',
    'TOO_LARGE',
    () => {
      const open = Buffer.concat([
        element(0x00091010, 'UN', Buffer.alloc(0), UNDEFINED),
        item(Buffer.alloc(0), UNDEFINED),
      ]);
      const inner = Buffer.concat([
        implicitElement(0x00091010, Buffer.alloc(0), UNDEFINED),
        item(Buffer.alloc(0), UNDEFINED),
      ]);
      return part10(EXPLICIT, open, nested(100_000, inner));
    },
  ],
  ['600000-elements', 'TOO_LARGE', () => part10(EXPLICIT, manyElements(), dataset())],
  [
    '6-million-elements-unasked',
    'TOO_LARGE',
    () =>
      inSequence(
        Buffer.concat([item(Buffer.alloc(0), UNDEFINED), Buffer.alloc(8 * 6_000_000, short(0x0011, 1, 0x4f4c, 0))]),
      ),
  ],
  ['element-twice', 'CORRUPT', () => slice({ 0x00280010: Buffer.alloc(20, element(0x00280010, 'US', short(16))) })],
  ['representation-unknown', 'CORRUPT', () => sliceWith(0x00080070, 'ZZ', 'x')],
  ['representation-of-zeros', 'CORRUPT', () => sliceWith(0x00080070, '\0\0', 'x')],
  ['text-without-length', 'CORRUPT', () => sliceWith(0x00080070, 'UT', 'x', UNDEFINED)],
  [
    'implicit-said-explicit',
    'CORRUPT',
    () => part10(EXPLICIT, implicitElement(0x00080060, Buffer.from('CT')), dataset()),
  ],
  ['explicit-said-implicit', 'TRUNCATED', () => slice({}, IMPLICIT)],
  ['little-said-big', 'TRUNCATED', () => slice({}, BIG_ENDIAN)],
  ['noise', 'CORRUPT', () => part10(EXPLICIT, noise(100_000))],
  ['cut-at-a-quarter', 'TRUNCATED', () => cut(0.25)],
  ['cut-at-a-third', 'TRUNCATED', () => cut(0.333)],
  ['cut-at-half', 'TRUNCATED', () => cut(0.5)],
  ['cut-at-nine-tenths', 'TRUNCATED', () => cut(0.9)],
  ['cut-before-the-last-byte', 'TRUNCATED', () => slice().subarray(0, -1)],
  ['text-of-20-megabytes', 'TOO_LARGE', () => sliceWith(0x00280030, 'UT', Buffer.alloc(2e7, '1'))],
  [
    '2-million-decimals',
    'NO_GEOMETRY',
    () => sliceWith(0x00280030, 'UT', Buffer.concat([Buffer.alloc(2 ** 22 - 2, '1\\'), Buffer.from('1 ')])),
  ],
]);

/** What unpacks to far more than it is (the class of CVE-2026-5438 and -5439). */
export const deflatedFiles = hostile('deflated', '.dcm', [
  ['bomb-of-a-gigabyte', 'TOO_LARGE', () => part10(DEFLATED, bomb(dataset(), 2 ** 30, 'raw'))],
  [
    'bomb-in-an-element',
    'TOO_LARGE',
    () => part10(DEFLATED, bomb(element(0x00091010, 'UN', Buffer.alloc(0), 2 ** 31 - 2), 2 ** 31, 'raw')),
  ],
  ['noise', 'CORRUPT', () => part10(DEFLATED, noise(1000, 5))],
  ['nothing', 'TRUNCATED', () => part10(DEFLATED, Buffer.alloc(0))],
  ['not-ended', 'TRUNCATED', () => part10(DEFLATED, bomb(dataset().subarray(0, 300), 0, 'raw'))],
]);

/** Numbers that cannot be: geometry, rescaling. */
export const valueFiles = hostile('value', '.dcm', [
  ['spacing-negative', 'NO_GEOMETRY', () => sliceWith(0x00280030, 'DS', '-0.9\\0.8')],
  ['spacing-zero', 'NO_GEOMETRY', () => sliceWith(0x00280030, 'DS', '0\\0')],
  ['spacing-nan', 'CORRUPT', () => sliceWith(0x00280030, 'DS', 'NaN\\NaN')],
  ['spacing-infinite', 'CORRUPT', () => sliceWith(0x00280030, 'DS', '1e999\\1')],
  ['spacing-huge', 'NO_GEOMETRY', () => sliceWith(0x00280030, 'DS', '1e300\\1e300')],
  ['spacing-tiny', 'NO_GEOMETRY', () => sliceWith(0x00280030, 'DS', '1e-300\\1e-300')],
  ['spacing-hexadecimal', 'CORRUPT', () => sliceWith(0x00280030, 'DS', '0x1\\0x1')],
  ['spacing-one-number', 'NO_GEOMETRY', () => sliceWith(0x00280030, 'DS', '0.9')],
  ['position-missing', 'NO_GEOMETRY', () => slice({ 0x00200032: null })],
  ['position-huge', 'NO_GEOMETRY', () => sliceWith(0x00200032, 'DS', '1e300\\0\\0')],
  ['orientation-zero', 'BAD_IOP', () => sliceWith(0x00200037, 'DS', '0\\0\\0\\0\\0\\0')],
  ['orientation-parallel', 'BAD_IOP', () => sliceWith(0x00200037, 'DS', '1\\0\\0\\1\\0\\0')],
  ['orientation-nan', 'CORRUPT', () => sliceWith(0x00200037, 'DS', 'nan\\0\\0\\0\\1\\0')],
  ['thickness-negative', 'NO_GEOMETRY', () => sliceWith(0x00180050, 'DS', '-2.5')],
  ['slope-nan', 'CORRUPT', () => sliceWith(0x00281053, 'DS', 'NaN')],
  ['slope-zero', 'CORRUPT', () => sliceWith(0x00281053, 'DS', '0')],
  ['slope-huge', 'CORRUPT', () => sliceWith(0x00281053, 'DS', '1e308')],
  [
    'x-ray',
    'UNSUPPORTED_OBJECT',
    () =>
      slice({
        0x00080016: element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.1'),
        0x00080060: element(0x00080060, 'CS', 'CR'),
      }),
  ],
  ['video', 'UNSUPPORTED_SYNTAX', () => slice({}, syntaxOf(102))],
]);
