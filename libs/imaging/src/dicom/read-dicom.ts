import { constants, inflateRawSync } from 'node:zlib';
import { ImagingError } from '../imaging-error.js';
import { corrupt, tagName, tooLarge, truncated, type DicomDataset, type DicomElement } from './dataset.js';
import { checkPixelBudget } from './pixel-budget.js';
import { transferSyntaxOf, type TransferSyntax } from './transfer-syntax.js';

export const PIXEL_DATA = 0x7fe00010;
const CHARACTER_SET = 0x00080005;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED_LENGTH = 0xffffffff;
const MAX_DEPTH = 32;
/** Elements, items and fragments kept of one data set and its items: each takes some 200 bytes, whatever its length. */
const MAX_KEPT = 300_000;
/** And those that are only passed over, in sequences that nobody asked for. */
const MAX_PASSED = 5_000_000;
/** A deflated file may always unpack to this, and beyond to twenty times its own size: a scan packs to a third. */
const SURE_INFLATED_BYTES = 2 ** 26;
const MAX_INFLATED_BYTES = 2 ** 31;
const MAX_INFLATE_RATIO = 20;
const HEADER_BYTES = 2 ** 14;
const INFLATE_CHUNK = 2 ** 20;
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SHORT_VRS = new Set(
  [
    'AE',
    'AS',
    'AT',
    'CS',
    'DA',
    'DS',
    'DT',
    'FD',
    'FL',
    'IS',
    'LO',
    'LT',
    'PN',
    'SH',
    'SL',
    'SS',
    'ST',
    'TM',
    'UI',
  ].concat(['UL', 'US']),
);
const IMPLICIT = transferSyntaxOf('1.2.840.10008.1.2');

/**
 * Reads a DICOM Part 10 file: explicit or implicit VR, little or big endian, deflated. Values stay where they are; see
 * the accessors of `dataset.ts`. Reading ends after the pixels.
 *
 * @param options.isHeaderOnly stop before the pixels, so that the first part of a file is enough
 * @throws {ImagingError} `NO_PREAMBLE`, `TRUNCATED`, `CORRUPT`, `TOO_LARGE` (nested over 32 deep, over 300,000 elements,
 *   deflated over 20 to 1, pixels as no scan has) or `UNSUPPORTED_SYNTAX`; compressed pixels are no reason here, they
 *   are refused when decoded
 */
export function readDicom(bytes: Uint8Array, options: { isHeaderOnly?: boolean } = {}): DicomDataset {
  if (bytes.length < 132 || String.fromCharCode(...bytes.subarray(128, 132)) !== 'DICM') {
    throw new ImagingError(
      'NO_PREAMBLE',
      'this is no DICOM file: the mark DICM is missing',
      'the file',
      'Give DICOM Part 10 files; raw data sets can be wrapped with dcmconv.',
    );
  }
  const { uid, end } = readTransferSyntaxUid(bytes);
  const syntax = transferSyntaxOf(uid);
  if (syntax.isDeflated) {
    return readDeflated(bytes.subarray(end), syntax, options.isHeaderOnly ?? false);
  }
  return parse(bytes, end, syntax, options.isHeaderOnly ?? false);
}

/**
 * The items of a sequence; none if it is absent. Sequences are parsed here, when asked for.
 *
 * @throws {ImagingError} as `readDicom`
 */
export function itemsOf(dataset: DicomDataset, tag: number): readonly DicomDataset[] {
  const element = dataset.elements.get(tag);
  if (!element || element.length === 0) return [];
  if (!['SQ', 'UN', ''].includes(element.vr)) throw corrupt(`element ${tagName(tag)} is no sequence, where one is due`);
  // A sequence whose VR was lost (UN) is encoded implicitly, whatever the file's syntax (PS3.5, 6.2.2).
  const syntax = element.vr === 'UN' ? IMPLICIT : dataset.syntax;
  const source = { bytes: dataset.bytes, syntax, left: allowance() };
  const cursor = new Cursor(source, element.offset, element.offset + element.length, dataset.depth);
  return cursor.readItems(dataset.charset);
}

function parse(bytes: Uint8Array, start: number, syntax: TransferSyntax, isHeaderOnly: boolean): DicomDataset {
  const cursor = new Cursor({ bytes, syntax, left: allowance() }, start, bytes.length, 0);
  const dataset = cursor.readDataset('end', '', isHeaderOnly);
  const pixels = dataset.elements.get(PIXEL_DATA);
  if (pixels) checkPixelBudget(dataset, pixels);
  return dataset;
}

/** The header of a deflated file mostly unpacks from its first part. */
function readDeflated(packed: Uint8Array, syntax: TransferSyntax, isHeaderOnly: boolean): DicomDataset {
  if (isHeaderOnly) {
    try {
      return parse(inflate(packed.subarray(0, HEADER_BYTES), true), 0, syntax, true);
    } catch (error) {
      const isCut = error instanceof ImagingError && error.code === 'TRUNCATED';
      if (!isCut || packed.length <= HEADER_BYTES) throw error;
    }
  }
  return parse(inflate(packed, isHeaderOnly), 0, syntax, isHeaderOnly);
}

function readTransferSyntaxUid(bytes: Uint8Array): { uid: string; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const explicit = transferSyntaxOf('1.2.840.10008.1.2.1');
  let uid = '';
  let position = 132;
  while (position + 8 <= bytes.length && view.getUint16(position, true) === 2) {
    const cursor = new Cursor({ bytes, syntax: explicit, left: allowance() }, position, bytes.length, 0);
    const { tag, element } = cursor.readElement();
    if (tag === 0x00020000) checkMetaLength(view, element, bytes.length);
    if (tag === 0x00020010) {
      if (uid !== '') throw corrupt('the file names its transfer syntax twice');
      uid = String.fromCharCode(...bytes.subarray(element.offset, element.offset + Math.min(element.length, 64)));
    }
    position = cursor.position;
  }
  // eslint-disable-next-line no-control-regex -- UIDs are padded with NUL
  uid = uid.replace(/[\u0000 ]+$/, '');
  if (position === bytes.length) throw truncated();
  if (uid === '') throw corrupt('the file does not name its transfer syntax');
  return { uid, end: position };
}

/** The length of the meta header is not needed here, but one that leads out of the file is an attack on readers. */
function checkMetaLength(view: DataView, { offset, length }: DicomElement, fileLength: number): void {
  const isInside = length === 4 && offset + 4 + view.getUint32(offset, true) <= fileLength;
  if (!isInside) throw corrupt('the meta header says that it is longer than the file');
}

/** What all cursors on a file share. */
interface Source {
  readonly bytes: Uint8Array;
  readonly syntax: TransferSyntax;
  /** How many more elements, items and fragments may come. */
  readonly left: { kept: number; passed: number };
}

function allowance(): Source['left'] {
  return { kept: MAX_KEPT, passed: MAX_PASSED };
}

/** Walks over elements; every length is checked against what is there. */
class Cursor {
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly syntax: TransferSyntax;

  constructor(
    private readonly source: Source,
    public position: number,
    private readonly end: number,
    private readonly depth: number,
  ) {
    if (depth > MAX_DEPTH) throw tooLarge(`sequences are nested over ${MAX_DEPTH} deep`);
    const { bytes, syntax } = source;
    this.bytes = bytes;
    this.syntax = syntax;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Elements up to the end of the bytes, or to an item delimiter. */
  readDataset(until: 'end' | 'delimiter', charset: string, isHeaderOnly = false): DicomDataset {
    const elements = new Map<number, DicomElement>();
    let ownCharset = charset;
    for (;;) {
      if (this.position === this.end && until === 'end') break;
      if (isHeaderOnly && this.peekTag() >= PIXEL_DATA) break;
      this.countKept();
      const { tag, element } = this.readElement();
      if (tag === ITEM_END && until === 'delimiter') break;
      if (tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END) throw corrupt('an item stands outside a sequence');
      if (elements.has(tag)) throw corrupt(`element ${tagName(tag)} comes twice`);
      elements.set(tag, element);
      if (tag === CHARACTER_SET) ownCharset = this.charsetOf(element, charset);
      if (tag === PIXEL_DATA && this.depth === 0) break;
    }
    return { bytes: this.bytes, elements, syntax: this.syntax, depth: this.depth, charset: ownCharset };
  }

  readElement(): { tag: number; element: DicomElement } {
    const tag = this.peekTag();
    this.position += 4;
    const { vr, length } = this.readLength(tag);
    const offset = this.position;
    if (tag >>> 16 === 0xfffe) return { tag, element: { vr, offset, length: 0 } };
    if (length !== UNDEFINED_LENGTH) {
      this.need(length);
      this.position += length;
      return { tag, element: { vr, offset, length } };
    }
    if (tag === PIXEL_DATA) {
      const fragments = this.readFragments();
      return { tag, element: { vr, offset, length: this.position - offset, fragments } };
    }
    if (!['SQ', 'UN', ''].includes(vr)) throw corrupt(`element ${tagName(tag)} does not say how long it is`);
    const source = vr === 'UN' ? { ...this.source, syntax: IMPLICIT } : this.source;
    const inner = new Cursor(source, this.position, this.end, this.depth);
    const end = inner.passItems();
    this.position = inner.position;
    return { tag, element: { vr, offset, length: end - offset } };
  }

  private readLength(tag: number): { vr: string; length: number } {
    if (!this.syntax.isExplicit || tag >>> 16 === 0xfffe) return { vr: '', length: this.uint32() };
    this.need(4);
    const vr = String.fromCharCode(this.bytes[this.position], this.bytes[this.position + 1]);
    this.position += 4;
    if (LONG_VRS.has(vr)) return { vr, length: this.uint32() };
    if (!SHORT_VRS.has(vr)) throw corrupt(`element ${tagName(tag)} has no value representation`);
    return { vr, length: this.view.getUint16(this.position - 2, this.syntax.isLittleEndian) };
  }

  /** Items up to the end of the bytes. */
  readItems(charset: string): DicomDataset[] {
    const items: DicomDataset[] = [];
    while (this.position < this.end) {
      this.countKept();
      const { tag, length } = this.readItemHead();
      if (tag !== ITEM) throw corrupt('a sequence holds something that is no item');
      const isOpen = length === UNDEFINED_LENGTH;
      if (!isOpen) this.need(length);
      const inner = new Cursor(this.source, this.position, isOpen ? this.end : this.position + length, this.depth + 1);
      items.push(inner.readDataset(isOpen ? 'delimiter' : 'end', charset));
      this.position = inner.position;
    }
    return items;
  }

  /** Goes to the end of a sequence of undefined length, and says where its items end. */
  passItems(): number {
    for (;;) {
      this.countPassed();
      const start = this.position;
      const { tag, length } = this.readItemHead();
      if (tag === SEQUENCE_END) return start;
      if (tag !== ITEM) throw corrupt('a sequence holds something that is no item');
      if (length !== UNDEFINED_LENGTH) {
        this.need(length);
        this.position += length;
        continue;
      }
      const inner = new Cursor(this.source, this.position, this.end, this.depth + 1);
      while (inner.readElement().tag !== ITEM_END) this.countPassed();
      this.position = inner.position;
    }
  }

  private readItemHead(): { tag: number; length: number } {
    const tag = this.peekTag();
    this.position += 4;
    return { tag, length: this.uint32() };
  }

  private readFragments(): Uint8Array[] {
    const fragments: Uint8Array[] = [];
    for (;;) {
      this.countKept();
      const { tag, length } = this.readItemHead();
      if (tag === SEQUENCE_END) return fragments;
      if (tag !== ITEM) throw corrupt('compressed pixels are not in items');
      this.need(length);
      fragments.push(this.bytes.subarray(this.position, this.position + length));
      this.position += length;
    }
  }

  private peekTag(): number {
    this.need(8);
    const group = this.view.getUint16(this.position, this.syntax.isLittleEndian);
    return group * 0x10000 + this.view.getUint16(this.position + 2, this.syntax.isLittleEndian);
  }

  private uint32(): number {
    this.need(4);
    const value = this.view.getUint32(this.position, this.syntax.isLittleEndian);
    this.position += 4;
    return value;
  }

  private countKept(): void {
    if (--this.source.left.kept < 0) throw tooLarge(`it has over ${MAX_KEPT} elements, items and fragments`);
  }

  private countPassed(): void {
    if (--this.source.left.passed < 0) throw tooLarge(`its sequences hold over ${MAX_PASSED} elements and items`);
  }

  private need(count: number): void {
    if (this.position + count > this.end) throw truncated();
  }

  private charsetOf(element: DicomElement, inherited: string): string {
    const text = String.fromCharCode(
      ...this.bytes.subarray(element.offset, element.offset + Math.min(element.length, 256)),
    );
    const names = text.split('\\').map((name) => name.trim());
    return names.find((name) => name !== '') ?? inherited;
  }
}

/** @param isPart take what the first part of a stream gives */
function inflate(packed: Uint8Array, isPart: boolean): Uint8Array {
  const bound = Math.min(MAX_INFLATED_BYTES, Math.max(SURE_INFLATED_BYTES, packed.length * MAX_INFLATE_RATIO));
  try {
    return inflateRawSync(packed, {
      maxOutputLength: bound,
      chunkSize: INFLATE_CHUNK,
      finishFlush: isPart ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw truncated();
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(`the deflated data set unpacks to over ${MAX_INFLATE_RATIO} times its size`);
    throw corrupt('the deflated data set cannot be unpacked', error);
  }
}
