import type { EncodedFrame, FrameDecoder } from '../decode/frame-decoder.js';
import { checkCodestream } from '../decode/codestream.js';
import { decodeJpegLossless } from '../decode/jpeg-lossless.js';
import { ImagingError } from '../imaging-error.js';
import { corrupt, unsignedOf, valueBytes, type DicomDataset } from './dataset.js';
import { frameCountOf, truncatedPixels, unsupportedPixels, type PixelFormat } from './pixel-format.js';
import { PIXEL_DATA } from './read-dicom.js';
import { unpackRle } from './rle.js';
import { unsupportedSyntax } from './transfer-syntax.js';

export type StoredValues = Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/**
 * Values as they lie in a file, colours side by side: the stored bits of each are `words[n] << left >> right`, with `>>>`
 * for unsigned ones. Other bits may hold overlays.
 */
export interface StoredFrame {
  readonly words: StoredValues;
  readonly left: number;
  readonly right: number;
  readonly isSigned: boolean;
}

/** One frame of a file. */
export interface FrameSource {
  readonly dataset: DicomDataset;
  readonly format: PixelFormat;
  /** Which frame of the file, from 0. */
  readonly index: number;
  /** Names the file in errors. */
  readonly where: string;
}

/**
 * Reads the stored values of frames, compressed ones by the decoder.
 *
 * @param onFrame takes a frame; called in any order, once for each; the words may be a view of the file
 * @throws {ImagingError} `TRUNCATED`, `CORRUPT`, `UNSUPPORTED_SYNTAX`, and what the decoder refuses
 */
export function readFrames(
  frames: readonly FrameSource[],
  decoder: FrameDecoder | undefined,
  onFrame: (index: number, frame: StoredFrame) => void,
): void {
  const encoded: number[] = [];
  frames.forEach((frame, index) => {
    const { pixels } = frame.dataset.syntax;
    if (pixels === 'native' || pixels === 'rle') {
      onFrame(
        index,
        inFile(frame.where, () => storedFrame(frame)),
      );
    } else encoded.push(index);
  });
  if (encoded.length === 0) return;
  const take = (n: number, samples: Uint8Array): void => {
    onFrame(encoded[n], frameOfWords(samples, frames[encoded[n]].format, true));
  };
  const encodedAt = (n: number): EncodedFrame => encodedFrame(frames[encoded[n]]);
  if (decoder) decoder.decode(encoded.length, encodedAt, take);
  else encoded.forEach((_, n) => take(n, decodeHere(encodedAt(n))));
}

/** Names the file in an error that arose while it was read. */
export function inFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    throw new ImagingError(error.code, error.what, name, error.fix, { cause: error });
  }
}

/** A frame that is not compressed, or by RLE. @throws {ImagingError} as `readFrames` */
function storedFrame({ dataset, format, index }: FrameSource): StoredFrame {
  const count = format.rows * format.columns * format.samplesPerPixel;
  const width = format.bitsAllocated / 8;
  if (dataset.syntax.pixels === 'rle') {
    const packed = fragmentsOf(dataset, index);
    return frameOfWords(unpackRle(packed, count, width, format.samplesPerPixel), format, true);
  }
  if (dataset.syntax.pixels !== 'native') throw unsupportedSyntax(dataset.syntax.name);
  const frame = frameOfWords(nativeBytes(dataset, index, count * width), format, dataset.syntax.isLittleEndian);
  const isByPlane = format.isPlanar && format.samplesPerPixel === 3;
  return isByPlane ? { ...frame, words: interleaved(frame.words, count / 3) } : frame;
}

/** The values of a frame, masked to the stored bits and sign-extended; the words themselves where all bits are stored. */
export function maskedValues({ words, left, right, isSigned }: StoredFrame): StoredValues {
  if (left === 32 - 8 * words.BYTES_PER_ELEMENT && right === left) return words;
  const values = words.slice();
  if (isSigned) for (let index = 0; index < words.length; index++) values[index] = (words[index] << left) >> right;
  else for (let index = 0; index < words.length; index++) values[index] = (words[index] << left) >>> right;
  return values;
}

/** The bytes of one frame of native pixels, `size` of them. @throws {ImagingError} `TRUNCATED` or `CORRUPT` */
function nativeBytes(dataset: DicomDataset, index: number, size: number): Uint8Array {
  const element = dataset.elements.get(PIXEL_DATA);
  if (!element) throw truncatedPixels('the file has no pixels');
  if (element.fragments) throw corrupt('pixels are in fragments, which this transfer syntax does not have');
  const bytes = valueBytes(dataset, PIXEL_DATA);
  const whole = size * frameCountOf(dataset);
  if (!bytes || bytes.length < whole) throw truncatedPixels('the pixels end early');
  if (bytes.length > whole + 1) throw corrupt('there are more pixels than rows times columns times frames');
  // Big endian words of two pixels of 8 bits each.
  const isSwapped = !dataset.syntax.isLittleEndian && element.vr === 'OW' && unsignedOf(dataset, 0x00280100) === 8;
  const pixels = isSwapped ? Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16() : bytes;
  return pixels.subarray(index * size, (index + 1) * size);
}

/** The compressed bytes of a frame. @throws {ImagingError} `UNSUPPORTED_SYNTAX`, `TRUNCATED`, `CORRUPT` */
function encodedFrame({ dataset, format, index, where }: FrameSource): EncodedFrame {
  return inFile(where, () => {
    const { pixels, name } = dataset.syntax;
    if (pixels === 'native' || pixels === 'rle' || pixels === 'unread') throw unsupportedSyntax(name);
    if (format.bitsAllocated > 16) throw unsupportedPixels('a compressed image of more than 16 bits a pixel');
    if (format.highBit !== format.bitsStored - 1) throw corrupt('compressed pixels do not end at the lowest bit');
    return { ...format, codec: pixels, bytes: fragmentsOf(dataset, index), where };
  });
}

/** Only our own decoder may run outside a thread: it cannot hang. */
function decodeHere(frame: EncodedFrame): Uint8Array {
  if (frame.codec !== 'jpegLossless') throw unsupportedSyntax('compressed, and nothing to decode it was given');
  checkCodestream(frame);
  try {
    const { samples } = decodeJpegLossless(frame.bytes);
    return frame.bitsAllocated === 8 ? Uint8Array.from(samples) : new Uint8Array(samples.buffer);
  } catch (error) {
    const fix = 'Fetch the file again from the archive.';
    throw new ImagingError('CORRUPT', 'a compressed frame cannot be decoded', frame.where, fix, { cause: error });
  }
}

/** The fragments of a frame, joined. @throws {ImagingError} `TRUNCATED` or `CORRUPT` if they cannot be told apart */
function fragmentsOf(dataset: DicomDataset, index: number): Uint8Array {
  const [table, ...fragments] = dataset.elements.get(PIXEL_DATA)?.fragments ?? [];
  const count = frameCountOf(dataset);
  if (!table || fragments.length < count) throw truncatedPixels('a compressed frame is missing');
  if (count === 1) return joined(fragments);
  if (fragments.length === count) return fragments[index];
  const starts = frameStarts(table, fragments, dataset.syntax.isLittleEndian);
  const isAscending = starts.every((start, n) => start > (n === 0 ? -1 : starts[n - 1]));
  if (starts.length !== count || !isAscending) throw corrupt('which fragments make a frame cannot be told');
  return joined(fragments.slice(starts[index], starts[index + 1]));
}

/** Positions of the fragments that begin a frame: by the offset table, else by the mark that JPEG begins with. */
function frameStarts(table: Uint8Array, fragments: readonly Uint8Array[], isLittleEndian: boolean): number[] {
  if (table.length === 0) {
    return fragments.flatMap(([a, b], n) => (a === 0xff && (b === 0xd8 || b === 0x4f) ? [n] : []));
  }
  const places = new Map<number, number>();
  fragments.reduce((offset, { length }, n) => {
    places.set(offset, n);
    return offset + 8 + length;
  }, 0);
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  return Array.from({ length: table.length >> 2 }, (_, n) => places.get(view.getUint32(4 * n, isLittleEndian)) ?? -1);
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

/** Planes of colours as pixels. */
function interleaved(planes: StoredValues, pixelCount: number): StoredValues {
  const pixels = planes.slice();
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    for (let colour = 0; colour < 3; colour++) pixels[3 * pixel + colour] = planes[colour * pixelCount + pixel];
  }
  return pixels;
}

function frameOfWords(bytes: Uint8Array, format: PixelFormat, isLittleEndian: boolean): StoredFrame {
  const { bitsStored, highBit, isSigned } = format;
  const count = format.rows * format.columns * format.samplesPerPixel;
  const words = wordsOf(bytes, count, format, isLittleEndian);
  return { words, left: 31 - highBit, right: 32 - bitsStored, isSigned };
}

function wordsOf(bytes: Uint8Array, count: number, format: PixelFormat, isLittleEndian: boolean): StoredValues {
  const { bitsAllocated, isSigned } = format;
  if (bitsAllocated === 8) {
    // Not the bytes themselves: the slice of a Buffer is a view, and writing to it would change the file.
    const { buffer, byteOffset } = bytes;
    return isSigned ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(buffer, byteOffset, count);
  }
  const width = bitsAllocated / 8;
  let source = bytes;
  if (!isLittleEndian) {
    source = Uint8Array.from(bytes);
    for (let start = 0; start < source.length; start += width) source.subarray(start, start + width).reverse();
  } else if (bytes.byteOffset % width !== 0) {
    source = Uint8Array.from(bytes); // not slice: a Buffer's is a view
  }
  const { buffer, byteOffset } = source;
  if (bitsAllocated === 16) {
    return isSigned ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  }
  return isSigned ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}
