import { ImagingError } from '../imaging-error.js';
import { corrupt, unsignedOf, valueBytes, type DicomDataset } from './dataset.js';
import { PIXEL_DATA } from './read-dicom.js';
import { unsupportedSyntax } from './transfer-syntax.js';

/** How the stored values of one slice are spelled. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
}

/**
 * The pixel format of a single-frame grey image.
 *
 * @throws {ImagingError} `UNSUPPORTED_PIXELS` for colour, several frames or odd bit depths, `CORRUPT` if it contradicts itself
 */
export function pixelFormatOf(dataset: DicomDataset): PixelFormat {
  const rows = unsignedOf(dataset, 0x00280010) ?? 0;
  const columns = unsignedOf(dataset, 0x00280011) ?? 0;
  const bitsAllocated = unsignedOf(dataset, 0x00280100) ?? 0;
  const bitsStored = unsignedOf(dataset, 0x00280101) ?? bitsAllocated;
  const highBit = unsignedOf(dataset, 0x00280102) ?? bitsStored - 1;
  const isSigned = unsignedOf(dataset, 0x00280103) === 1;
  if ((unsignedOf(dataset, 0x00280002) ?? 1) !== 1) throw unsupportedPixels('a colour image');
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw unsupportedPixels(`an image with ${bitsAllocated} bits a pixel`);
  }
  if (rows === 0 || columns === 0) throw corrupt('the image has no rows or no columns');
  if (bitsStored < 1 || highBit >= bitsAllocated || highBit + 1 < bitsStored) {
    throw corrupt('the numbers of bits allocated and stored contradict one another');
  }
  return { rows, columns, bitsAllocated, bitsStored, highBit, isSigned };
}

/**
 * The stored values of one frame, masked to the stored bits and sign-extended.
 *
 * @throws {ImagingError} `UNSUPPORTED_SYNTAX` if they are compressed otherwise than RLE, `TRUNCATED` if they end early
 */
export function storedValues(
  dataset: DicomDataset,
  format: PixelFormat,
): Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array {
  const count = format.rows * format.columns;
  const bytes = frameBytes(dataset, count, format.bitsAllocated / 8);
  const words = wordsOf(bytes, count, format, dataset.syntax.isLittleEndian || dataset.syntax.pixels === 'rle');
  const lowBit = format.highBit + 1 - format.bitsStored;
  const spareBits = format.bitsAllocated - format.bitsStored;
  if (spareBits === 0) return words;
  // Bits outside the stored ones may hold overlays: shift them out on the left, then back with the sign.
  const left = 32 - format.bitsAllocated + spareBits - lowBit;
  const right = 32 - format.bitsStored;
  const values = words.slice();
  if (format.isSigned) for (let index = 0; index < count; index++) values[index] = (words[index] << left) >> right;
  else for (let index = 0; index < count; index++) values[index] = (words[index] << left) >>> right;
  return values;
}

/** The bytes of native pixels, or of one RLE frame unpacked to little endian. */
function frameBytes(dataset: DicomDataset, count: number, bytesPerPixel: number): Uint8Array {
  const size = count * bytesPerPixel;
  const element = dataset.elements.get(PIXEL_DATA);
  if (!element) throw truncatedPixels('the file has no pixels');
  if (dataset.syntax.pixels === 'compressed') throw unsupportedSyntax(dataset.syntax.name);
  if (dataset.syntax.pixels === 'rle') {
    if (!element.fragments || element.fragments.length < 2) throw truncatedPixels('the compressed frame is missing');
    return unpackRle(joined(element.fragments.slice(1)), count, bytesPerPixel);
  }
  if (element.fragments) throw corrupt('pixels are in fragments, which this transfer syntax does not have');
  const bytes = valueBytes(dataset, PIXEL_DATA);
  if (!bytes || bytes.length < size) throw truncatedPixels('the pixels end early');
  if (bytes.length > size + 1) throw corrupt('there are more pixels than rows times columns');
  return bytes.subarray(0, size);
}

function wordsOf(
  bytes: Uint8Array,
  count: number,
  format: PixelFormat,
  isLittleEndian: boolean,
): Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array {
  const { bitsAllocated, isSigned } = format;
  if (bitsAllocated === 8) return isSigned ? new Int8Array(bytes.buffer, bytes.byteOffset, count) : bytes;
  const width = bitsAllocated / 8;
  let source = bytes;
  if (!isLittleEndian) {
    source = Uint8Array.from(bytes);
    for (let start = 0; start < source.length; start += width) source.subarray(start, start + width).reverse();
  } else if (bytes.byteOffset % width !== 0) {
    source = bytes.slice();
  }
  const { buffer, byteOffset } = source;
  if (bitsAllocated === 16) {
    return isSigned ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  }
  return isSigned ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}

/**
 * Unpacks one frame of DICOM RLE (PS3.5 annex G): a segment for each byte of a pixel, the highest first.
 *
 * @throws {ImagingError} `CORRUPT` if a segment does not fill its plane exactly
 */
export function unpackRle(frame: Uint8Array, count: number, bytesPerPixel: number): Uint8Array {
  if (frame.length < 64) throw truncatedPixels('the compressed frame is too short');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint32(0, true) !== bytesPerPixel)
    throw corrupt('an RLE frame has another number of segments than bytes');
  const output = new Uint8Array(count * bytesPerPixel);
  for (let segment = 0; segment < bytesPerPixel; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < bytesPerPixel ? view.getUint32(8 + 4 * segment, true) : frame.length;
    if (start < 64 || start > end || end > frame.length) throw corrupt('an RLE segment lies outside its frame');
    unpackSegment(frame.subarray(start, end), output, bytesPerPixel - 1 - segment, bytesPerPixel);
  }
  return output;
}

function unpackSegment(packed: Uint8Array, output: Uint8Array, first: number, stride: number): void {
  let target = first;
  let source = 0;
  while (target < output.length) {
    if (source + 1 >= packed.length) throw corrupt('an RLE segment does not fill its plane');
    const control = packed[source++];
    if (control === 128) continue;
    const run = control < 128 ? control + 1 : 257 - control;
    if (target + (run - 1) * stride >= output.length) throw corrupt('an RLE segment overfills its plane');
    if (control < 128) {
      if (source + run > packed.length) throw corrupt('an RLE segment does not fill its plane');
      for (let step = 0; step < run; step++, target += stride) output[target] = packed[source++];
    } else {
      const value = packed[source++];
      for (let step = 0; step < run; step++, target += stride) output[target] = value;
    }
  }
}

function joined(fragments: readonly Uint8Array[]): Uint8Array {
  if (fragments.length === 1) return fragments[0];
  const whole = new Uint8Array(fragments.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const fragment of fragments) {
    whole.set(fragment, offset);
    offset += fragment.length;
  }
  return whole;
}

export function unsupportedPixels(what: string): ImagingError {
  return new ImagingError(
    'UNSUPPORTED_PIXELS',
    `this is ${what}, which is not read`,
    'the DICOM file',
    'Give a series of grey single-frame images.',
  );
}

function truncatedPixels(what: string): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    what,
    'the DICOM file',
    'Fetch the file again from the archive; the copy is incomplete.',
  );
}
