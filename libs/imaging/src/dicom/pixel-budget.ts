import { ImagingError } from '../imaging-error.js';
import { corrupt, decimalOf, textOf, truncated, unsignedOf, type DicomDataset, type DicomElement } from './dataset.js';

const MAX_FRAME_BYTES = 2n ** 27n;
const MAX_BYTES = 2n ** 32n;
/** Two bytes of RLE stand for at most 128. */
const MAX_RLE_RATIO = 64n;

/**
 * Compares the pixels that a header claims with the bytes that are there, before anything is made for them. Products are
 * whole numbers of any size: rows, columns and frames may each be as large as their fields allow.
 *
 * @param pixels the element of the pixels
 * @throws {ImagingError} `CORRUPT` for a number of frames that is none, or frames of RLE that cannot come of their bytes;
 *   `TRUNCATED` if pixels or compressed frames are missing, `TOO_LARGE` for frames over 128 MiB or 4 GiB in all
 */
export function checkPixelBudget(dataset: DicomDataset, pixels: DicomElement): void {
  const number = (tag: number, ifAbsent: number): bigint => BigInt(unsignedOf(dataset, tag) ?? ifAbsent);
  const frames = decimalOf(dataset, 0x00280008) ?? 1;
  if (!Number.isSafeInteger(frames) || frames < 0) throw corrupt('the number of frames is not a whole number');
  const count = BigInt(Math.max(1, frames));
  const bitsInFrame = number(0x00280010, 0) * number(0x00280011, 0) * number(0x00280002, 1) * number(0x00280100, 0);
  // Halved colours take half the room, but no less.
  const isHalved = /_42[02]$/.test(textOf(dataset, 0x00280004) ?? '');
  const claimed = (bitsInFrame * count) / (isHalved ? 16n : 8n);
  if (bitsInFrame / 8n > MAX_FRAME_BYTES || claimed > MAX_BYTES) {
    throw new ImagingError(
      'TOO_LARGE',
      `it claims ${claimed} bytes of pixels`,
      'the DICOM file',
      'No scan is that large: fetch the file again from the archive, or leave it out.',
    );
  }
  if (!pixels.fragments) {
    if (dataset.syntax.pixels === 'native' && claimed > pixels.length) throw truncated('the pixels end early');
    return;
  }
  if (dataset.syntax.pixels === 'unread') return; // a film is one fragment; it is refused when pixels are asked for
  // The first fragment is the table of offsets; each frame has one of its own at least.
  const [, ...parts] = pixels.fragments;
  if (BigInt(parts.length) < count) throw truncated('there are fewer compressed frames than the header says');
  if (dataset.syntax.pixels !== 'rle') return;
  const packed = parts.reduce((sum, { length }) => sum + BigInt(length), 0n);
  if (claimed > packed * MAX_RLE_RATIO) throw corrupt('its RLE frames cannot hold as many pixels as it claims');
}
