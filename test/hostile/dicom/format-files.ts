import { gzipSync } from 'node:zlib';

import { bomb, noise } from './bytes.js';
import { hostile } from './hostile-file.js';

const VOXELS = 16 * 16 * 4;

/** A NIfTI-1 file of 16 x 16 x 4 voxels of int16; its header may be changed. */
export function nifti(
  change: (header: Buffer) => void = () => undefined,
  voxels: Buffer = Buffer.alloc(2 * VOXELS, 1),
): Buffer {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  [3, 16, 16, 4, 1, 1, 1, 1].forEach((size, axis) => header.writeInt16LE(size, 40 + 2 * axis));
  header.writeInt16LE(4, 70);
  header.writeInt16LE(16, 72);
  [1, 0.8, 0.9, 2.5].forEach((mm, axis) => header.writeFloatLE(mm, 76 + 4 * axis));
  header.writeFloatLE(352, 108);
  header.writeInt8(2, 123);
  header.writeInt16LE(1, 254);
  [0.8, 0.9, 2.5].forEach((mm, axis) => header.writeFloatLE(mm, 280 + 20 * axis));
  header.write('n+1\0', 344, 'latin1');
  change(header);
  return Buffer.concat([header, voxels]);
}

function nifti2(sizes: readonly bigint[]): Buffer {
  const header = Buffer.alloc(544);
  header.writeInt32LE(540, 0);
  header.write('n+2\0\r\n\u001a\n', 4, 'latin1');
  header.writeInt16LE(4, 12);
  [3n, ...sizes, 1n, 1n, 1n, 1n].forEach((size, axis) => header.writeBigInt64LE(size, 16 + 8 * axis));
  header.writeBigInt64LE(544n, 168);
  header.writeInt32LE(1, 348);
  [1, 1, 1].forEach((mm, axis) => header.writeDoubleLE(mm, 400 + 40 * axis));
  return Buffer.concat([header, Buffer.alloc(2 * VOXELS)]);
}

const sized =
  (x: number, y: number, z: number, frames = 1) =>
  (header: Buffer): void =>
    [x, y, z, frames].forEach((size, axis) => header.writeInt16LE(size, 42 + 2 * axis));
const float =
  (at: number, value: number) =>
  (header: Buffer): void =>
    void header.writeFloatLE(value, at);

export const niftiFiles = [
  ...hostile('nifti', '.nii', [
    ['32767-cubed', 'TOO_LARGE', () => nifti(sized(32767, 32767, 32767))],
    [
      'frames-32767',
      'UNSUPPORTED_DIMENSIONS',
      () =>
        nifti((header) => {
          header.writeInt16LE(4, 40);
          sized(1024, 1024, 4, 32767)(header);
        }),
    ],
    ['64-bit-product', 'TOO_LARGE', () => nifti2([2n ** 32n, 2n ** 32n, 1n])],
    ['64-bit-size', 'TOO_LARGE', () => nifti2([2n ** 62n, 1n, 1n])],
    ['size-negative', 'CORRUPT', () => nifti(sized(-16, -16, 4))],
    ['voxels-missing', 'TRUNCATED', () => nifti(sized(1024, 1024, 1000))],
    ['offset-1e9', 'TRUNCATED', () => nifti(float(108, 1e9))],
    ['offset-negative', 'CORRUPT', () => nifti(float(108, -352))],
    ['offset-nan', 'CORRUPT', () => nifti(float(108, NaN))],
    ['offset-in-the-header', 'CORRUPT', () => nifti(float(108, 0))],
    ['axis-nan', 'NO_GEOMETRY', () => nifti(float(280, NaN))],
    ['axis-zero', 'NO_GEOMETRY', () => nifti(float(280, 0))],
    ['origin-infinite', 'NO_GEOMETRY', () => nifti(float(292, Infinity))],
    ['no-form', 'NO_GEOMETRY', () => nifti((header) => void header.writeInt16LE(0, 254))],
    ['type-unknown', 'UNSUPPORTED_PIXELS', () => nifti((header) => void header.writeInt16LE(9999, 70))],
    ['rank-12000', 'CORRUPT', () => nifti((header) => void header.writeInt16LE(12000, 40))],
    ['cut', 'TRUNCATED', () => nifti().subarray(0, 1000)],
    ['header-cut', 'TRUNCATED', () => nifti().subarray(0, 347)],
  ]),
  ...hostile('nifti', '.nii.gz', [
    ['bomb-behind-a-small-header', 'CORRUPT', () => bomb(nifti(), 2 ** 32, 'gzip')],
    ['bomb-that-is-claimed', 'TOO_LARGE', () => bomb(nifti(sized(1024, 1024, 800)), 2 ** 31, 'gzip')],
    ['claims-more-than-deflate-can', 'TRUNCATED', () => gzipSync(nifti(sized(1024, 1024, 500)))],
    ['stream-cut', 'TRUNCATED', () => gzipSync(nifti(undefined, noise(2 * VOXELS))).subarray(0, 1500)],
    [
      'stream-broken',
      'CORRUPT',
      () => {
        const packed = gzipSync(nifti(undefined, noise(2 * VOXELS)));
        return packed.fill(0xff, packed.length - 8, packed.length - 4); // the checksum
      },
    ],
    ['stream-of-noise', 'CORRUPT', () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), noise(1000)])],
    ['packed-twice', 'NOT_NIFTI', () => gzipSync(gzipSync(nifti()))],
  ]),
];

function nrrd(
  fields: Readonly<Record<string, string | null>> = {},
  data: Buffer = Buffer.alloc(2 * VOXELS, 1),
): Buffer {
  const all: Record<string, string | null> = {
    type: 'short',
    dimension: '3',
    space: 'left-posterior-superior',
    sizes: '16 16 4',
    'space directions': '(0.8,0,0) (0,0.9,0) (0,0,2.5)',
    endian: 'little',
    encoding: 'raw',
    'space origin': '(0,0,0)',
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return Buffer.concat([Buffer.from(`NRRD0004\n${lines.join('\n')}\n\n`, 'latin1'), data]);
}

export const nrrdFiles = hostile('nrrd', '.nrrd', [
  ['sizes-of-2-to-the-64', 'TOO_LARGE', () => nrrd({ sizes: '4294967296 4294967296 1' })],
  ['sizes-negative', 'CORRUPT', () => nrrd({ sizes: '-16 -16 4' })],
  ['sizes-1e300', 'TOO_LARGE', () => nrrd({ sizes: '1e300 1 1' })],
  ['sizes-missing', 'CORRUPT', () => nrrd({ sizes: null })],
  ['dimension-1000', 'UNSUPPORTED_DIMENSIONS', () => nrrd({ dimension: '1000' })],
  ['voxels-missing', 'TRUNCATED', () => nrrd({ sizes: '1024 1024 1000' })],
  [
    'bomb-behind-a-small-header',
    'CORRUPT',
    () => {
      const header = nrrd({ encoding: 'gzip' }, Buffer.alloc(0));
      return Buffer.concat([header, bomb(Buffer.alloc(2 * VOXELS), 2 ** 32, 'gzip')]);
    },
  ],
  [
    'bomb-that-is-claimed',
    'TOO_LARGE',
    () => {
      const header = nrrd({ encoding: 'gzip', sizes: '1024 1024 1000' }, Buffer.alloc(0));
      return Buffer.concat([header, bomb(Buffer.alloc(0), 2 ** 31, 'gzip')]);
    },
  ],
  [
    'text-that-is-claimed',
    'TRUNCATED',
    () => nrrd({ encoding: 'text', sizes: '1024 1024 1000' }, Buffer.from('1 2 3')),
  ],
  ['text-of-noise', 'CORRUPT', () => nrrd({ encoding: 'text' }, noise(5000))],
  ['text-of-one-word', 'CORRUPT', () => nrrd({ encoding: 'text' }, Buffer.alloc(1e7, '9'))],
  ['header-without-end', 'TOO_LARGE', () => Buffer.concat([Buffer.from('NRRD0004\n'), Buffer.alloc(5e6, '# more\n')])],
  ['line-of-5-megabytes', 'TOO_LARGE', () => Buffer.concat([Buffer.from('NRRD0004\n'), Buffer.alloc(5e6, 'x')])],
  ['field-twice', 'CORRUPT', () => nrrd({ Sizes: '1 1 1' })],
  ['byte-skip-of-2-to-the-53', 'TRUNCATED', () => nrrd({ 'byte skip': '9007199254740991' })],
  ['byte-skip-of-minus-2', 'CORRUPT', () => nrrd({ 'byte skip': '-2' })],
  ['line-skip-of-a-billion', 'TRUNCATED', () => nrrd({ 'line skip': '1000000000' })],
  ['data-file-of-the-system', 'NOT_NRRD', () => nrrd({ 'data file': '/etc/passwd' })],
  ['data-file-above', 'NOT_NRRD', () => nrrd({ 'data file': '../../../../etc/passwd' })],
  ['data-file-absent', 'FILE_NOT_READABLE', () => nrrd({ 'data file': 'nowhere.raw' })],
  ['data-files-many', 'NOT_NRRD', () => nrrd({ 'data file': 'slice%08d.raw 1 100000000 1' })],
  ['directions-nan', 'NO_GEOMETRY', () => nrrd({ 'space directions': '(nan,0,0) (0,1,0) (0,0,1)' })],
  ['directions-flat', 'NO_GEOMETRY', () => nrrd({ 'space directions': '(1,0,0) (1,0,0) (0,0,1)' })],
  ['origin-huge', 'NO_GEOMETRY', () => nrrd({ 'space origin': '(1e300,0,0)' })],
  ['endian-missing', 'CORRUPT', () => nrrd({ endian: null })],
]);

const label = (value: number): Buffer => {
  const voxels = Buffer.alloc(4 * VOXELS);
  for (let voxel = 0; voxel < VOXELS; voxel++) voxels.writeFloatLE(value * (voxel % 3), 4 * voxel);
  return nifti((header) => {
    header.writeInt16LE(16, 70);
    header.writeInt16LE(32, 72);
  }, voxels);
};
const many = Buffer.alloc(2 * VOXELS);
for (let voxel = 0; voxel < VOXELS; voxel++) many.writeInt16LE(voxel, 2 * voxel);

export const maskFiles = hostile(
  'mask',
  '.nii',
  [
    ['of-nan', 'MASK_VALUES', () => label(NaN)],
    ['of-infinity', 'MASK_VALUES', () => label(Infinity)],
    ['of-halves', 'MASK_VALUES', () => label(0.5)],
    ['of-1024-labels', 'MASK_VALUES', () => nifti(undefined, many)],
    ['of-nothing', 'EMPTY_MASK', () => nifti(undefined, Buffer.alloc(2 * VOXELS))],
    ['of-another-size', 'GEOMETRY_MISMATCH', () => nifti(sized(16, 16, 3), Buffer.alloc(2 * 16 * 16 * 3, 1))],
    ['elsewhere', 'GEOMETRY_MISMATCH', () => nifti(float(292, 500))],
  ],
  'mask',
);
