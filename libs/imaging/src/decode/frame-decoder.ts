import type { Codec } from '../dicom/transfer-syntax.js';

/** Codecs that a decoder of frames knows; RLE is unpacked where it is read. */
export type FrameCodec = Exclude<Codec, 'rle'>;

/** What a compressed frame must hold, as the header of its file says. */
export interface FrameDescription {
  readonly codec: FrameCodec;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly isSigned: boolean;
}

export interface EncodedFrame extends FrameDescription {
  readonly bytes: Uint8Array;
  /** Names the file in errors. */
  readonly where: string;
}

/**
 * Decodes compressed frames. An application makes one (`startFrameDecoder`) and passes it to what reads images, since
 * codecs for untrusted bytes must run where they can be ended.
 */
export interface FrameDecoder {
  /**
   * Decodes frames, several at a time, and waits for all of them.
   *
   * @param count how many frames there are
   * @param frameOf gives a frame when its turn comes, so that not all need be held at once
   * @param onFrame takes the samples of a frame: little endian, colours of a pixel side by side, exactly as many bytes
   *   as the description says; called in any order, but once for each frame
   * @throws {ImagingError} `DECODE_TIMEOUT` after 5 s on a frame, `CORRUPT` if it cannot be decoded or holds something
   *   else than described, `TRUNCATED`, `TOO_LARGE` if decoding takes too much memory
   */
  decode(
    count: number,
    frameOf: (index: number) => EncodedFrame,
    onFrame: (index: number, samples: Uint8Array) => void,
  ): void;
}

/** The bytes that a decoded frame takes. */
export function decodedSize({ rows, columns, samplesPerPixel, bitsAllocated }: FrameDescription): number {
  return (rows * columns * samplesPerPixel * bitsAllocated) / 8;
}
