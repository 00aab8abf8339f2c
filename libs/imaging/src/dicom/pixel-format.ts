import { ImagingError } from '../imaging-error.js';
import { corrupt, decimalOf, textOf, unsignedOf, type DicomDataset } from './dataset.js';

/** How the stored values of a frame are spelled. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
  readonly samplesPerPixel: 1 | 3;
  /** Colours lie plane after plane, where the syntax leaves the choice. */
  readonly isPlanar: boolean;
  /** `MONOCHROME2`, `RGB`, `YBR_FULL_422` … */
  readonly photometric: string;
}

/**
 * The pixel format of the frames of a file.
 *
 * @throws {ImagingError} `UNSUPPORTED_PIXELS` for odd bit depths or numbers of colours, `CORRUPT` if it contradicts itself
 */
export function pixelFormatOf(dataset: DicomDataset): PixelFormat {
  const rows = unsignedOf(dataset, 0x00280010) ?? 0;
  const columns = unsignedOf(dataset, 0x00280011) ?? 0;
  const bitsAllocated = unsignedOf(dataset, 0x00280100) ?? 0;
  const bitsStored = unsignedOf(dataset, 0x00280101) ?? bitsAllocated;
  const highBit = unsignedOf(dataset, 0x00280102) ?? bitsStored - 1;
  const samplesPerPixel = unsignedOf(dataset, 0x00280002) ?? 1;
  if (samplesPerPixel !== 1 && samplesPerPixel !== 3) {
    throw unsupportedPixels(`an image with ${samplesPerPixel} samples a pixel`);
  }
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw unsupportedPixels(`an image with ${bitsAllocated} bits a pixel`);
  }
  if (rows === 0 || columns === 0) throw corrupt('the image has no rows or no columns');
  if (bitsStored < 1 || highBit >= bitsAllocated || highBit + 1 < bitsStored) {
    throw corrupt('the numbers of bits allocated and stored contradict one another');
  }
  return {
    rows,
    columns,
    bitsAllocated,
    bitsStored,
    highBit,
    isSigned: unsignedOf(dataset, 0x00280103) === 1,
    samplesPerPixel,
    isPlanar: unsignedOf(dataset, 0x00280006) === 1,
    photometric: textOf(dataset, 0x00280004) ?? 'MONOCHROME2',
  };
}

/** As `pixelFormatOf`, of a grey image. @throws {ImagingError} `UNSUPPORTED_PIXELS` for colour or a palette */
export function greyFormatOf(dataset: DicomDataset): PixelFormat {
  const format = pixelFormatOf(dataset);
  if (format.samplesPerPixel !== 1 || format.photometric === 'PALETTE COLOR') throw unsupportedPixels('a colour image');
  return format;
}

/** The number of frames the header names. @throws {ImagingError} `CORRUPT` if that is no positive whole number */
export function frameCountOf(dataset: DicomDataset): number {
  const count = decimalOf(dataset, 0x00280008) ?? 1;
  if (!Number.isSafeInteger(count) || count < 1) throw corrupt('the number of frames is not a positive whole number');
  return count;
}

export function unsupportedPixels(what: string): ImagingError {
  return new ImagingError(
    'UNSUPPORTED_PIXELS',
    `this is ${what}, which is not read`,
    'the DICOM file',
    'Give a series of grey images.',
  );
}

export function truncatedPixels(what: string): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    what,
    'the DICOM file',
    'Fetch the file again from the archive; the copy is incomplete.',
  );
}
