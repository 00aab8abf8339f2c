import type { GridGeometry } from '@concord/imaging';
import { gzipSync } from 'node:zlib';

const HEADER_BYTES = 352;
const SFORM_SCANNER = 1;
const FLOAT64 = 64;
const MILLIMETRES = 2;

/** A NIfTI-1 image of 64-bit reals, gzipped where the name ends in `.gz`; axes and origin as they are, in RAS. */
export function niftiFile(name: string, { shape, affine }: GridGeometry, data: Float64Array): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + 8 * data.length);
  bytes.writeInt32LE(348, 0);
  [3, ...shape, 1, 1, 1, 1].forEach((n, i) => bytes.writeInt16LE(n, 40 + 2 * i));
  bytes.writeInt16LE(FLOAT64, 70);
  bytes.writeInt16LE(64, 72);
  const spacing = [0, 1, 2].map((axis) => Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]));
  [1, ...spacing].forEach((mm, i) => bytes.writeFloatLE(mm, 76 + 4 * i));
  bytes.writeFloatLE(HEADER_BYTES, 108);
  bytes.writeFloatLE(1, 112);
  bytes[123] = MILLIMETRES;
  bytes.writeInt16LE(SFORM_SCANNER, 254);
  for (let row = 0; row < 3; row++) {
    const sign = row < 2 ? -1 : 1; // LPS to RAS
    for (let column = 0; column < 4; column++) {
      bytes.writeFloatLE(sign * affine[4 * row + column], 280 + 16 * row + 4 * column);
    }
  }
  bytes.write('n+1\0', 344, 'latin1');
  for (let n = 0; n < data.length; n++) bytes.writeDoubleLE(data[n], HEADER_BYTES + 8 * n);
  return name.endsWith('.gz') ? gzipSync(bytes) : bytes;
}
