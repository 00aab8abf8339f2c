import { DicomValueError } from '../errors.js';
import type { Dataset, DicomValue } from './dataset.js';
import { DICTIONARY, type Keyword, type ValueRepresentation } from './dictionary.js';

const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const LONG_FORM = new Set<ValueRepresentation>(['OB', 'OW', 'SQ', 'UT']);
const BINARY_SIZE: Partial<Record<ValueRepresentation, number>> = { AT: 4, FD: 8, SL: 4, SS: 2, UL: 4, US: 2 };
const MAX_LENGTH: Partial<Record<ValueRepresentation, number>> = {
  AE: 16,
  AS: 4,
  CS: 16,
  DA: 8,
  DS: 16,
  DT: 26,
  IS: 12,
  LO: 64,
  PN: 64,
  SH: 16,
  TM: 14,
  UI: 64,
};

interface Element {
  readonly tag: number;
  readonly vr: ValueRepresentation;
  readonly value: DicomValue;
}

/**
 * Writes a DICOM Part 10 file: preamble, file meta information, data set in explicit VR little endian.
 *
 * Text is written in UTF-8; the data set names `ISO_IR 192`. Sequences and items have defined lengths.
 *
 * @param dataset must hold SOPClassUID and SOPInstanceUID
 * @param implementationUid of the writing program, a UID without patient information
 * @throws {DicomValueError} if a value is longer than its representation allows, or of another type
 * @see DICOM PS3.10 section 7.1, PS3.5 section 7
 */
export function writePart10(dataset: Dataset, implementationUid: string): Uint8Array {
  const metaBody = encodeElements([
    { tag: 0x00020001, vr: 'OB', value: Uint8Array.of(0, 1) },
    { tag: 0x00020002, vr: 'UI', value: dataset.SOPClassUID ?? '' },
    { tag: 0x00020003, vr: 'UI', value: dataset.SOPInstanceUID ?? '' },
    { tag: 0x00020010, vr: 'UI', value: EXPLICIT_VR_LITTLE_ENDIAN },
    { tag: 0x00020012, vr: 'UI', value: implementationUid },
    { tag: 0x00020013, vr: 'SH', value: 'CONCORD_PHANTOM' },
  ]);
  const groupLength = encodeElements([{ tag: 0x00020000, vr: 'UL', value: metaBody.length }]);
  const preamble = Buffer.alloc(132);
  preamble.write('DICM', 128, 'latin1');
  return Buffer.concat([preamble, groupLength, metaBody, encodeDataset(dataset)]);
}

/** The bytes of a data set in explicit VR little endian, elements in ascending order of their tags. */
export function encodeDataset(dataset: Dataset): Uint8Array {
  const elements: Element[] = [...(dataset.extra ?? [])];
  for (const [keyword, value] of Object.entries(dataset)) {
    if (keyword === 'extra') continue;
    const [tag, vr] = DICTIONARY[keyword as Keyword]; // the type of Dataset admits no other key
    elements.push({ tag, vr, value: value as DicomValue });
  }
  return encodeElements(elements.sort((a, b) => a.tag - b.tag));
}

function encodeElements(elements: readonly Element[]): Buffer {
  return Buffer.concat(elements.flatMap(encodeElement));
}

function encodeElement(element: Element): Uint8Array[] {
  const { tag, vr } = element;
  const body = encodeValue(element);
  const isOdd = body.length % 2 === 1;
  const length = body.length + (isOdd ? 1 : 0);
  const header = Buffer.alloc(LONG_FORM.has(vr) ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, 'latin1');
  if (LONG_FORM.has(vr)) header.writeUInt32LE(length, 8);
  else if (length <= 0xffff) header.writeUInt16LE(length, 6);
  else throw wrongValue(element, `${length} bytes`);
  if (!isOdd) return [header, body];
  return [header, body, Uint8Array.of(vr === 'UI' || vr === 'OB' ? 0 : 0x20)];
}

function encodeValue(element: Element): Uint8Array {
  const { vr, value } = element;
  if (value instanceof Uint8Array) {
    if (vr !== 'OB' && vr !== 'OW') throw wrongValue(element, 'bytes where text or numbers belong');
    return value;
  }
  if (vr === 'SQ') return encodeItems(element);
  const values: readonly (string | number | Dataset)[] = Array.isArray(value) ? value : [value as string | number];
  const size = BINARY_SIZE[vr];
  if (size !== undefined) return encodeNumbers(element, values, size);
  const parts = values.map((part) => (typeof part === 'number' ? decimal(part) : String(part as string)));
  const longest = MAX_LENGTH[vr];
  const tooLong = longest === undefined ? undefined : parts.find((part) => part.length > longest);
  if (tooLong !== undefined) throw wrongValue(element, `a value of ${tooLong.length} characters`);
  return Buffer.from(parts.join('\\'), 'utf8');
}

function encodeItems(element: Element): Buffer {
  if (!Array.isArray(element.value)) throw wrongValue(element, 'no items');
  return Buffer.concat(
    (element.value as readonly Dataset[]).flatMap((item) => {
      const body = encodeDataset(item);
      const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
      header.writeUInt32LE(body.length, 4);
      return [header, body];
    }),
  );
}

function encodeNumbers(element: Element, values: readonly unknown[], size: number): Buffer {
  const { vr } = element;
  const body = Buffer.alloc(values.length * size);
  values.forEach((value, index) => {
    if (typeof value !== 'number') throw wrongValue(element, 'text where a number belongs');
    const at = index * size;
    if (vr === 'US') body.writeUInt16LE(value, at);
    else if (vr === 'SS') body.writeInt16LE(value, at);
    else if (vr === 'UL') body.writeUInt32LE(value, at);
    else if (vr === 'SL') body.writeInt32LE(value, at);
    else if (vr === 'FD') body.writeDoubleLE(value, at);
    else {
      body.writeUInt16LE(value >>> 16, at);
      body.writeUInt16LE(value & 0xffff, at + 2);
    }
  });
  return body;
}

/** A decimal string of at most 16 characters, exact to 1e-6. */
function decimal(value: number): string {
  return String(Number(value.toFixed(6)));
}

function wrongValue(element: Element, what: string): DicomValueError {
  const tag = element.tag.toString(16).padStart(8, '0');
  return new DicomValueError(
    `${what} for value representation ${element.vr}`,
    `element ${tag}`,
    'Give a value the representation allows (DICOM PS3.5 section 6.2).',
  );
}
