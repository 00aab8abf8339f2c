import { ImagingError } from '../imaging-error.js';
import type { EncodedFrame } from './frame-decoder.js';

/** More tiles than this have no use in an image of a patient, and each costs its decoder memory. */
const MAX_TILES = 1024;

/** What the first bytes of a compressed frame promise. */
interface Promised {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly bits: number;
  /** Values are sign-extended by the codec; the JPEG family knows no sign. */
  readonly isSigned: boolean;
}

/**
 * Compares what a compressed frame says about itself with the header of its file, before anything is allocated, and
 * looks for the mark at its end: without it the frame is cut short, which codecs do not notice.
 *
 * @throws {ImagingError} `TRUNCATED`, `CORRUPT`, or `TOO_LARGE` for an image in thousands of tiles
 */
export function checkCodestream(frame: EncodedFrame): void {
  const { bytes, codec, where } = frame;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  if (end < 4 || bytes[end - 2] !== 0xff || bytes[end - 1] !== 0xd9) {
    throw new ImagingError(
      'TRUNCATED',
      'a compressed frame has no mark at its end',
      where,
      'Fetch the file again from the archive; the copy is incomplete.',
    );
  }
  const isWavelet = codec === 'jpeg2000' || codec === 'htj2k';
  const promised = isWavelet ? readSize(bytes, where) : readStartOfFrame(bytes, where);
  if (
    promised.rows !== frame.rows ||
    promised.columns !== frame.columns ||
    promised.components !== frame.samplesPerPixel
  ) {
    throw broken('a compressed frame has another size or other colours than its header says', where);
  }
  if (promised.bits < 1 || promised.bits > frame.bitsAllocated) {
    throw broken('a compressed frame has more bits than its header says', where);
  }
  if (frame.isSigned && !promised.isSigned && promised.bits < frame.bitsStored) {
    throw broken('a compressed frame has fewer bits than signed values need', where);
  }
}

/** SIZ, the first marker segment of JPEG 2000 (ITU-T T.800, A.5.1). */
function readSize(bytes: Uint8Array, where: string): Promised {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 45 || view.getUint32(0) !== 0xff4fff51)
    throw broken('a frame does not start as JPEG 2000 does', where);
  const [x1, y1, x0, y0, tileWidth, tileHeight] = [8, 12, 16, 20, 24, 28].map((at) => view.getUint32(at));
  const components = view.getUint16(40);
  const tiles = Math.ceil(x1 / Math.max(1, tileWidth)) * Math.ceil(y1 / Math.max(1, tileHeight));
  if (tileWidth === 0 || tileHeight === 0 || bytes.length < 42 + 3 * components) {
    throw broken('the header of a JPEG 2000 frame is impossible', where);
  }
  if (tiles > MAX_TILES) {
    const fix = 'Have the archive send the image uncompressed.';
    throw new ImagingError('TOO_LARGE', `a frame is cut into ${tiles} tiles`, where, fix);
  }
  const bits = Array.from({ length: components }, (_, index) => (bytes[42 + 3 * index] & 0x7f) + 1);
  for (let index = 0; index < components; index++) {
    if (bytes[43 + 3 * index] !== 1 || bytes[44 + 3 * index] !== 1)
      throw broken('the colours of a frame are subsampled', where);
  }
  return { rows: y1 - y0, columns: x1 - x0, components, bits: Math.max(0, ...bits), isSigned: bytes[42] > 127 };
}

/** The start of frame of the JPEG family, JPEG-LS included (ITU-T T.81, B.2.2). */
function readStartOfFrame(bytes: Uint8Array, where: string): Promised {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== 0xffd8) throw broken('a frame does not start as JPEG does', where);
  for (let position = 2; position + 10 <= bytes.length;) {
    const marker = view.getUint16(position);
    if (marker === 0xffff) {
      position++; // fill bytes may stand before a marker
      continue;
    }
    const isFrame = marker === 0xfff7 || (marker >= 0xffc0 && marker <= 0xffcf && ![4, 8, 12].includes(marker & 15));
    if (isFrame) {
      const [rows, columns] = [view.getUint16(position + 5), view.getUint16(position + 7)];
      return { rows, columns, components: bytes[position + 9], bits: bytes[position + 4], isSigned: false };
    }
    if (marker < 0xff00 || marker === 0xffda) break;
    position += 2 + view.getUint16(position + 2);
  }
  throw broken('a compressed frame has no header', where);
}

function broken(what: string, where: string): ImagingError {
  return new ImagingError('CORRUPT', what, where, 'Fetch the file again from the archive.');
}
