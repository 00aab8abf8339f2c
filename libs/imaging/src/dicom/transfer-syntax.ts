import { ImagingError } from '../imaging-error.js';

/** A compression of frames that is decoded here. */
export type Codec = 'rle' | 'jpeg' | 'jpegLossless' | 'jpegLs' | 'jpeg2000' | 'htj2k';

/** How a DICOM file spells its elements and pixels. */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly isExplicit: boolean;
  readonly isLittleEndian: boolean;
  readonly isDeflated: boolean;
  /** `native` pixels are not compressed; `unread` ones are, in a way that is refused when pixels are asked for. */
  readonly pixels: 'native' | 'unread' | Codec;
  readonly isLossy: boolean;
}

const COMPRESSED: Readonly<Record<string, readonly [name: string, pixels: 'unread' | Codec]>> = {
  '5': ['RLE Lossless', 'rle'],
  '4.50': ['JPEG Baseline', 'jpeg'],
  '4.51': ['JPEG Extended', 'unread'],
  '4.57': ['JPEG Lossless', 'jpegLossless'],
  '4.70': ['JPEG Lossless SV1', 'jpegLossless'],
  '4.80': ['JPEG-LS Lossless', 'jpegLs'],
  '4.81': ['JPEG-LS Near-Lossless', 'jpegLs'],
  '4.90': ['JPEG 2000 Lossless', 'jpeg2000'],
  '4.91': ['JPEG 2000', 'jpeg2000'],
  '4.92': ['JPEG 2000 Part 2 Lossless', 'unread'],
  '4.93': ['JPEG 2000 Part 2', 'unread'],
  '4.100': ['MPEG2', 'unread'],
  '4.102': ['MPEG-4', 'unread'],
  '4.103': ['MPEG-4 BD', 'unread'],
  '4.110': ['JPEG XL Lossless', 'unread'],
  '4.112': ['JPEG XL', 'unread'],
  '4.201': ['HTJ2K Lossless', 'htj2k'],
  '4.202': ['HTJ2K Lossless RPCL', 'htj2k'],
  '4.203': ['HTJ2K', 'htj2k'],
};
const ROOT = '1.2.840.10008.1.2.';
/** Syntaxes that may lose something; 91 and 203 need not, so the header's own word is reported beside it. */
const LOSSY = /\.4\.(50|51|81|91|93|100|102|103|112|203)$/;

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
  }
  const known = uid.startsWith(ROOT) ? COMPRESSED[uid.slice(ROOT.length)] : undefined;
  if (known) return { ...base, name: known[0], pixels: known[1], isLossy: LOSSY.test(uid) };
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
