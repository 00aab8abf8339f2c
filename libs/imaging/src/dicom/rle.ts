import { corrupt } from './dataset.js';
import { truncatedPixels } from './pixel-format.js';

/**
 * Unpacks one frame of DICOM RLE (PS3.5 annex G): a segment for each byte of each sample, the highest byte first.
 *
 * @param count samples in the frame: pixels times colours
 * @returns little endian, colours of a pixel side by side
 * @throws {ImagingError} `CORRUPT` if a segment does not fill its plane exactly
 */
export function unpackRle(frame: Uint8Array, count: number, bytesPerSample: number, samplesPerPixel = 1): Uint8Array {
  if (frame.length < 64) throw truncatedPixels('the compressed frame is too short');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const stride = bytesPerSample * samplesPerPixel;
  if (view.getUint32(0, true) !== stride || stride > 15) {
    throw corrupt('an RLE frame has another number of segments than bytes');
  }
  const output = new Uint8Array(count * bytesPerSample);
  for (let segment = 0; segment < stride; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < stride ? view.getUint32(8 + 4 * segment, true) : frame.length;
    if (start < 64 || start > end || end > frame.length) throw corrupt('an RLE segment lies outside its frame');
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    unpackSegment(frame.subarray(start, end), output, sample * bytesPerSample + byte, stride);
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
