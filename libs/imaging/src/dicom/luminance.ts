import type { StoredValues } from './pixel-data.js';
import { unsupportedPixels, type PixelFormat } from './pixel-format.js';
import type { TransferSyntax } from './transfer-syntax.js';

/** What to do with colour: refuse it, or take its luminance (ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B). */
export type ColourPolicy = 'refuse' | 'luminance';

/**
 * The grey values of a frame of 8 bits: as stored, of equal red, green and blue, or the luminance.
 *
 * @param values of the frame, colours side by side
 * @returns whole values unless `luminance` was asked for
 * @throws {ImagingError} `UNSUPPORTED_PIXELS` for colour that the policy refuses, for palettes, for over 8 bits
 */
export function greyFrame(
  values: StoredValues,
  format: PixelFormat,
  pixels: TransferSyntax['pixels'],
  policy: ColourPolicy,
): StoredValues | Float32Array {
  const { photometric, samplesPerPixel, bitsAllocated } = format;
  if (bitsAllocated !== 8) throw unsupportedPixels('an ultrasound image of more than 8 bits');
  if (samplesPerPixel === 1) {
    if (photometric === 'MONOCHROME2') return values;
    if (photometric === 'MONOCHROME1') return values.map((value) => 255 - value);
    throw unsupportedPixels('an image with a palette');
  }
  // The JPEG decoder gives red, green and blue whatever was stored; JPEG 2000's undoes its own transforms only.
  const isDecodedToRgb = pixels === 'jpeg' || photometric === 'YBR_RCT' || photometric === 'YBR_ICT';
  if (photometric === 'RGB' || isDecodedToRgb) return ofRgb(values, policy);
  if (photometric === 'YBR_FULL') return ofYbr(values, policy);
  throw unsupportedPixels('an image whose colours are spelled in a way that is not read');
}

function ofRgb(values: StoredValues, policy: ColourPolicy): StoredValues | Float32Array {
  const count = values.length / 3;
  if (policy === 'luminance') {
    return Float32Array.from(
      { length: count },
      (_, n) => 0.299 * values[3 * n] + 0.587 * values[3 * n + 1] + 0.114 * values[3 * n + 2],
    );
  }
  const grey = new Uint8Array(count);
  for (let pixel = 0; pixel < count; pixel++) {
    grey[pixel] = values[3 * pixel];
    if (values[3 * pixel + 1] !== grey[pixel] || values[3 * pixel + 2] !== grey[pixel]) throw coloured();
  }
  return grey;
}

/** Luminance is the first of the three; without colour the others are 128. */
function ofYbr(values: StoredValues, policy: ColourPolicy): StoredValues | Float32Array {
  const count = values.length / 3;
  const grey = new Uint8Array(count);
  for (let pixel = 0; pixel < count; pixel++) {
    grey[pixel] = values[3 * pixel];
    const isGrey = values[3 * pixel + 1] === 128 && values[3 * pixel + 2] === 128;
    if (policy === 'refuse' && !isGrey) throw coloured();
  }
  return grey;
}

function coloured(): Error {
  return unsupportedPixels('a colour image (its red, green and blue differ)');
}
