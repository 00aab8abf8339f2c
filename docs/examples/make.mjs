// Makes the images of this folder: a synthetic ball in HU with a bright and a dark half, and its mask. Node only, no clock, no randomness.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const [nx, ny, nz] = [24, 24, 16];
const spacing = [1.5, 1.5, 2.5];

function nifti(datatype, bytesPerVoxel, write) {
  const bytes = Buffer.alloc(352 + nx * ny * nz * bytesPerVoxel);
  bytes.writeInt32LE(348, 0);
  [3, nx, ny, nz, 1, 1, 1, 1].forEach((n, i) => bytes.writeInt16LE(n, 40 + 2 * i));
  bytes.writeInt16LE(datatype, 70);
  bytes.writeInt16LE(8 * bytesPerVoxel, 72);
  [1, ...spacing, 0, 0, 0, 0].forEach((x, i) => bytes.writeFloatLE(x, 76 + 4 * i));
  bytes.writeFloatLE(352, 108);
  bytes.writeFloatLE(1, 112);
  bytes[123] = 2; // mm
  bytes.writeInt16LE(1, 254); // sform
  for (let row = 0; row < 3; row++) bytes.writeFloatLE(spacing[row], 280 + 16 * row + 4 * row);
  bytes.write('n+1\0', 344, 'latin1');
  for (let k = 0, n = 0; k < nz; k++)
    for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++, n++) write(bytes, 352 + n * bytesPerVoxel, i, j, k);
  return gzipSync(bytes);
}

const distance = (i, j, k) => Math.hypot((i - 11.5) * 1.5, (j - 11.5) * 1.5, (k - 7.5) * 2.5);
const texture = (i, j, k) => ((i * 7 + j * 13 + k * 29 + i * j) % 23) * 3;
const hu = (i, j, k) => (distance(i, j, k) < 12 ? (i < 12 ? 90 : 40) + texture(i, j, k) : -80 + texture(j, k, i));

const here = new URL('.', import.meta.url);
writeFileSync(
  new URL('ball.nii.gz', here),
  nifti(4, 2, (b, at, i, j, k) => b.writeInt16LE(hu(i, j, k), at)),
);
writeFileSync(
  new URL('ball-mask.nii.gz', here),
  nifti(2, 1, (b, at, i, j, k) => b.writeUInt8(distance(i, j, k) < 11 ? (i < 12 ? 1 : 2) : 0, at)),
);
