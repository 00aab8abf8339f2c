import { ImagingError } from '../imaging-error.js';
import type { TransferSyntax } from './transfer-syntax.js';

/** Where an element's value lies in the bytes of its data set. */
export interface DicomElement {
  /** Two letters; empty in implicit VR. */
  readonly vr: string;
  readonly offset: number;
  readonly length: number;
  /** Fragments of encapsulated pixels, the offset table first. */
  readonly fragments?: readonly Uint8Array[];
}

/** A parsed data set; values stay in `bytes` until an accessor reads them. Tags are numbers, `0x00100020`. */
export interface DicomDataset {
  readonly bytes: Uint8Array;
  readonly elements: ReadonlyMap<number, DicomElement>;
  readonly syntax: TransferSyntax;
  readonly depth: number;
  /** Specific Character Set, of the data set or of the one around it. */
  readonly charset: string;
}

/** No text of a header is longer; the points of the longest contours are. */
const MAX_TEXT_BYTES = 2 ** 22;
const MAX_LIST_BYTES = 2 ** 24;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** Values of these are binary whole numbers of two or four bytes; none is said in implicit VR. */
const WHOLE_VRS = new Set(['', 'UN', 'US', 'UL', 'SS', 'SL', 'OW', 'OL', 'AT']);

/** The bytes of an element, or null if it is absent or empty. */
export function valueBytes(dataset: DicomDataset, tag: number): Uint8Array | null {
  const element = dataset.elements.get(tag);
  if (!element || element.length === 0) return null;
  return dataset.bytes.subarray(element.offset, element.offset + element.length);
}

/**
 * Text as it stands in the file, without padding; null if the element is absent or empty.
 *
 * @throws {ImagingError} `TOO_LARGE` over 4 MiB
 */
export function textOf(dataset: DicomDataset, tag: number): string | null {
  const bytes = valueBytes(dataset, tag);
  if (!bytes) return null;
  if (bytes.length > MAX_TEXT_BYTES) throw tooLarge(`element ${tagName(tag)} holds over 4 MiB of text`);
  const text = decode(bytes, dataset.charset)
    // eslint-disable-next-line no-control-regex -- DICOM pads UIDs with NUL
    .replace(/\u0000+$/, '')
    .trim();
  return text === '' ? null : text;
}

/** The values of a text element with several, split at the backslash. */
export function textsOf(dataset: DicomDataset, tag: number): string[] {
  return (textOf(dataset, tag)?.split('\\') ?? []).map((part) => part.trim());
}

/**
 * Numbers written as text (DS, IS).
 *
 * @throws {ImagingError} `CORRUPT` if a value is no finite number
 */
export function decimalsOf(dataset: DicomDataset, tag: number): number[] {
  return textsOf(dataset, tag).map((text) => {
    const value = DECIMAL.test(text) ? Number(text) : NaN;
    if (!Number.isFinite(value)) throw corrupt(`element ${tagName(tag)} holds text where a number is due`);
    return value;
  });
}

export function decimalOf(dataset: DicomDataset, tag: number): number | null {
  return decimalsOf(dataset, tag)[0] ?? null;
}

/**
 * The first value of an element of US or UL, told apart by its length where the VR is implicit.
 *
 * @throws {ImagingError} `CORRUPT` if it is no whole number of two or four bytes
 */
export function unsignedOf(dataset: DicomDataset, tag: number): number | null {
  const bytes = valueBytes(dataset, tag);
  if (!bytes) return null;
  const vr = dataset.elements.get(tag)?.vr ?? '';
  const isLong = vr === 'UL' || vr === 'SL' || vr === 'OL' || (vr === '' && bytes.length === 4);
  if (!WHOLE_VRS.has(vr) || bytes.length < (isLong ? 4 : 2)) {
    throw corrupt(`element ${tagName(tag)} holds no whole number, where one is due`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return isLong ? view.getUint32(0, dataset.syntax.isLittleEndian) : view.getUint16(0, dataset.syntax.isLittleEndian);
}

/**
 * All values of an element of UL, such as frame positions.
 *
 * @throws {ImagingError} `CORRUPT` if they are no whole numbers of four bytes, `TOO_LARGE` over 16 MiB
 */
export function unsignedLongsOf(dataset: DicomDataset, tag: number): number[] {
  const bytes = valueBytes(dataset, tag);
  if (!bytes) return [];
  if (bytes.length > MAX_LIST_BYTES) throw tooLarge(`element ${tagName(tag)} holds over 16 MiB of numbers`);
  if (!WHOLE_VRS.has(dataset.elements.get(tag)?.vr ?? '') || bytes.length % 4 !== 0) {
    throw corrupt(`element ${tagName(tag)} holds no whole numbers, where they are due`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length >> 2 }, (_, index) =>
    view.getUint32(4 * index, dataset.syntax.isLittleEndian),
  );
}

export function tagName(tag: number): string {
  const hex = tag.toString(16).padStart(8, '0').toUpperCase();
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}

export function corrupt(what: string, cause?: unknown): ImagingError {
  return new ImagingError('CORRUPT', what, 'the DICOM file', 'Fetch the file again from the archive.', { cause });
}

export function truncated(what = 'the file ends before its contents do'): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    what,
    'the DICOM file',
    'Fetch the file again from the archive; the copy is incomplete.',
  );
}

export function tooLarge(what: string): ImagingError {
  return new ImagingError('TOO_LARGE', what, 'the DICOM file', 'No image needs that: leave the file out.');
}

function decode(bytes: Uint8Array, charset: string): string {
  const encoding =
    {
      'ISO_IR 192': 'utf-8',
      'ISO_IR 100': 'iso-8859-1',
      'ISO_IR 101': 'iso-8859-2',
      'ISO_IR 109': 'iso-8859-3',
      'ISO_IR 110': 'iso-8859-4',
      'ISO_IR 144': 'iso-8859-5',
      'ISO_IR 127': 'iso-8859-6',
      'ISO_IR 126': 'iso-8859-7',
      'ISO_IR 138': 'iso-8859-8',
      'ISO_IR 13': 'shift_jis',
      'ISO_IR 166': 'windows-874',
      GB18030: 'gb18030',
      GBK: 'gbk',
      'ISO 2022 IR 87': 'iso-2022-jp',
      'ISO 2022 IR 149': 'euc-kr',
    }[charset] ?? 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
