import { ImagingError } from '../imaging-error.js';

/** How a DICOM file spells its elements and pixels. */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly isExplicit: boolean;
  readonly isLittleEndian: boolean;
  readonly isDeflated: boolean;
  readonly pixels: 'native' | 'rle' | 'compressed';
  readonly isLossy: boolean;
}

const COMPRESSED: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.4.50': 'JPEG Baseline',
  '1.2.840.10008.1.2.4.51': 'JPEG Extended',
  '1.2.840.10008.1.2.4.57': 'JPEG Lossless',
  '1.2.840.10008.1.2.4.70': 'JPEG Lossless SV1',
  '1.2.840.10008.1.2.4.80': 'JPEG-LS Lossless',
  '1.2.840.10008.1.2.4.81': 'JPEG-LS Near-Lossless',
  '1.2.840.10008.1.2.4.90': 'JPEG 2000 Lossless',
  '1.2.840.10008.1.2.4.91': 'JPEG 2000',
  '1.2.840.10008.1.2.4.201': 'HTJ2K Lossless',
  '1.2.840.10008.1.2.4.202': 'HTJ2K Lossless RPCL',
  '1.2.840.10008.1.2.4.203': 'HTJ2K',
};
const LOSSY = /\.(50|51|81|91|203)$/;

/** @throws {ImagingError} `UNSUPPORTED_SYNTAX` if the UID names no syntax whose elements can be read */
export function transferSyntaxOf(uid: string): TransferSyntax {
  const base = { uid, isExplicit: true, isLittleEndian: true, isDeflated: false, isLossy: false } as const;
  switch (uid) {
    case '1.2.840.10008.1.2':
      return { ...base, name: 'Implicit VR Little Endian', isExplicit: false, pixels: 'native' };
    case '1.2.840.10008.1.2.1':
      return { ...base, name: 'Explicit VR Little Endian', pixels: 'native' };
    case '1.2.840.10008.1.2.1.99':
      return { ...base, name: 'Deflated Explicit VR Little Endian', isDeflated: true, pixels: 'native' };
    case '1.2.840.10008.1.2.2':
      return { ...base, name: 'Explicit VR Big Endian', isLittleEndian: false, pixels: 'native' };
    case '1.2.840.10008.1.2.5':
      return { ...base, name: 'RLE Lossless', pixels: 'rle' };
  }
  const name = COMPRESSED[uid];
  if (name) return { ...base, name, pixels: 'compressed', isLossy: LOSSY.test(uid) };
  throw unsupportedSyntax(/^[\d.]{1,64}$/.test(uid) ? uid : 'of an invalid UID');
}

export function unsupportedSyntax(name: string): ImagingError {
  return new ImagingError(
    'UNSUPPORTED_SYNTAX',
    `the transfer syntax is ${name}`,
    'the DICOM file',
    'Export the series uncompressed (Explicit VR Little Endian), or convert it, for example with dcmdjpeg or gdcmconv --raw.',
  );
}
