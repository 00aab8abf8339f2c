import { inflateRawSync } from 'node:zlib';
import { ImagingError } from '../imaging-error.js';
import { corrupt, type DicomDataset, type DicomElement } from './dataset.js';
import { transferSyntaxOf, type TransferSyntax } from './transfer-syntax.js';

export const PIXEL_DATA = 0x7fe00010;
const CHARACTER_SET = 0x00080005;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED_LENGTH = 0xffffffff;
const MAX_DEPTH = 32;
const MAX_INFLATED_BYTES = 2 ** 31;
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const IMPLICIT = transferSyntaxOf('1.2.840.10008.1.2');

/**
 * Reads a DICOM Part 10 file: explicit or implicit VR, little or big endian, deflated. Values stay where they are; see
 * the accessors of `dataset.ts`. Reading ends after the pixels.
 *
 * @param options.isHeaderOnly stop before the pixels, so that the first part of a file is enough
 * @throws {ImagingError} `NO_PREAMBLE`, `TRUNCATED`, `CORRUPT`, `TOO_LARGE` (nested over 32 deep) or
 *   `UNSUPPORTED_SYNTAX`; compressed pixels are no reason here, they are refused when decoded
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
    return parse(inflate(bytes.subarray(end)), 0, syntax, options.isHeaderOnly ?? false);
  }
  return parse(bytes, end, syntax, options.isHeaderOnly ?? false);
}

/** The items of a sequence; none if it is absent. Sequences of a known length are parsed here, when asked for. */
export function itemsOf(dataset: DicomDataset, tag: number): readonly DicomDataset[] {
  const element = dataset.elements.get(tag);
  if (!element || element.length === 0) return [];
  if (element.items) return element.items;
  // A sequence whose VR was lost (UN) is encoded implicitly, whatever the file's syntax (PS3.5, 6.2.2).
  const syntax = element.vr === 'UN' ? IMPLICIT : dataset.syntax;
  const cursor = new Cursor(dataset.bytes, element.offset, element.offset + element.length, syntax, dataset.depth);
  return cursor.readItems(false, dataset.charset);
}

function parse(bytes: Uint8Array, start: number, syntax: TransferSyntax, isHeaderOnly: boolean): DicomDataset {
  const cursor = new Cursor(bytes, start, bytes.length, syntax, 0);
  return cursor.readDataset('end', '', isHeaderOnly);
}

function readTransferSyntaxUid(bytes: Uint8Array): { uid: string; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const explicit = transferSyntaxOf('1.2.840.10008.1.2.1');
  let uid = '';
  let position = 132;
  while (position + 8 <= bytes.length && view.getUint16(position, true) === 2) {
    const cursor = new Cursor(bytes, position, bytes.length, explicit, 0);
    const { tag, element } = cursor.readElement('');
    if (tag === 0x00020010) {
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

/** Walks over elements; every length is checked against what is there. */
class Cursor {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly end: number,
    private readonly syntax: TransferSyntax,
    private readonly depth: number,
  ) {
    if (depth > MAX_DEPTH) {
      throw new ImagingError(
        'TOO_LARGE',
        `sequences are nested over ${MAX_DEPTH} deep`,
        'the DICOM file',
        'No image needs that: leave the file out.',
      );
    }
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Elements up to the end of the bytes, or to an item delimiter. */
  readDataset(until: 'end' | 'delimiter', charset: string, isHeaderOnly = false): DicomDataset {
    const elements = new Map<number, DicomElement>();
    let ownCharset = charset;
    for (;;) {
      if (this.position === this.end && until === 'end') break;
      if (isHeaderOnly && this.peekTag() >= PIXEL_DATA) break;
      const { tag, element } = this.readElement(ownCharset);
      if (tag === ITEM_END && until === 'delimiter') break;
      if (tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END) throw corrupt('an item stands outside a sequence');
      elements.set(tag, element);
      if (tag === CHARACTER_SET) ownCharset = this.charsetOf(element, charset);
      if (tag === PIXEL_DATA && this.depth === 0) break;
    }
    return { bytes: this.bytes, elements, syntax: this.syntax, depth: this.depth, charset: ownCharset };
  }

  readElement(charset: string): { tag: number; element: DicomElement } {
    const tag = this.peekTag();
    this.position += 4;
    let vr = '';
    let length: number;
    if (!this.syntax.isExplicit || tag >>> 16 === 0xfffe) {
      length = this.uint32();
    } else {
      this.need(4);
      vr = String.fromCharCode(this.bytes[this.position], this.bytes[this.position + 1]);
      if (!/^[A-Z]{2}$/.test(vr)) throw corrupt('an element has no value representation');
      this.position += 2;
      if (LONG_VRS.has(vr)) {
        this.position += 2;
        length = this.uint32();
      } else {
        length = this.view.getUint16(this.position, this.syntax.isLittleEndian);
        this.position += 2;
      }
    }
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
    const syntax = vr === 'UN' ? IMPLICIT : this.syntax;
    const inner = new Cursor(this.bytes, this.position, this.end, syntax, this.depth);
    const items = inner.readItems(true, charset);
    this.position = inner.position;
    return { tag, element: { vr, offset, length: this.position - offset, items } };
  }

  /** Items up to the end of the bytes, or to a sequence delimiter. */
  readItems(isDelimited: boolean, charset: string): DicomDataset[] {
    const items: DicomDataset[] = [];
    for (;;) {
      if (!isDelimited && this.position === this.end) return items;
      const tag = this.peekTag();
      this.position += 4;
      const length = this.uint32();
      if (tag === SEQUENCE_END) return items;
      if (tag !== ITEM) throw corrupt('a sequence holds something that is no item');
      if (length === UNDEFINED_LENGTH) {
        const inner = new Cursor(this.bytes, this.position, this.end, this.syntax, this.depth + 1);
        items.push(inner.readDataset('delimiter', charset));
        this.position = inner.position;
      } else {
        this.need(length);
        const inner = new Cursor(this.bytes, this.position, this.position + length, this.syntax, this.depth + 1);
        items.push(inner.readDataset('end', charset));
        this.position += length;
      }
    }
  }

  private readFragments(): Uint8Array[] {
    const fragments: Uint8Array[] = [];
    for (;;) {
      const tag = this.peekTag();
      this.position += 4;
      const length = this.uint32();
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

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') throw truncated();
    throw corrupt('the deflated data set cannot be unpacked', error);
  }
}

function truncated(): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    'the file ends before its contents do',
    'the DICOM file',
    'Fetch the file again from the archive; the copy is incomplete.',
  );
}
