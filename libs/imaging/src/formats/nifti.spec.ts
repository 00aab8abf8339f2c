import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compareGrids } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Volume } from '../volume.js';
import { readNifti } from './nifti.js';

const root = new URL('../../golden/synthetic/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as {
  nifti: { affine: number[]; voxels: number[] };
  leftHanded: number[];
};
const golden = (name: string): Buffer => readFileSync(new URL(`nifti/${name}`, root));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const grid = (affine: readonly number[]): GridGeometry => ({ shape: [6, 5, 4], affine: Float64Array.from(affine) });
const cornerErrorMm = (volume: Volume, affine: readonly number[]): number =>
  compareGrids(volume, grid(affine)).maxCornerErrorMm;

// NIfTI-1 keeps its affine in float32: 1e-5 mm at 100 mm.
const TOLERANCE_MM = 3e-5;

it.each(['int16-sform.nii.gz', 'int16-qform.nii', 'float32-big.nii', 'float64-nifti2.nii', 'int64-nifti2-big.nii.gz'])(
  'reads %s as nibabel wrote it',
  (name) => {
    const volume = readNifti(golden(name));
    expect(volume.shape).toEqual([6, 5, 4]);
    expect([...volume.data]).toEqual(truth.nifti.voxels);
    expect(cornerErrorMm(volume, truth.nifti.affine)).toBeLessThan(TOLERANCE_MM);
    expect(volume.provenance.warnings).toEqual([]);
  },
);

it('keeps int16 as int16, and unsigned 16-bit values above 32767', () => {
  expect(readNifti(golden('int16-qform.nii')).data).toBeInstanceOf(Int16Array);
  expect([...readNifti(golden('uint16.nii.gz')).data]).toEqual(truth.nifti.voxels.map(Math.abs));
  const bytes = golden('int16-qform.nii');
  bytes.writeInt16LE(512, 70);
  bytes.writeUInt16LE(65535, 352);
  expect(readNifti(bytes).data[0]).toBe(65535);
});

it('applies scl_slope and scl_inter', () => {
  expect([...readNifti(golden('scaled.nii')).data]).toEqual(truth.nifti.voxels.map((value) => value * 0.25 - 10));
});

it('follows the qform of a left-handed grid', () => {
  expect(cornerErrorMm(readNifti(golden('left-handed-qform.nii')), truth.leftHanded)).toBeLessThan(TOLERANCE_MM);
});

it('takes the sform before the qform, and says by how much they differ', () => {
  const volume = readNifti(golden('forms-differ.nii'));
  expect(cornerErrorMm(volume, truth.nifti.affine)).toBeLessThan(TOLERANCE_MM);
  expect(volume.provenance.warnings).toEqual(['sform and qform differ by up to 3.00 mm; the sform was taken']);
});

it('reads metres and micrometres as millimetres', () => {
  for (const [unit, factor] of [
    [1, 1000],
    [3, 0.001],
  ]) {
    const bytes = golden('int16-qform.nii');
    bytes[123] = unit;
    const volume = readNifti(bytes);
    const affine = truth.nifti.affine.map((value, index) => (index < 12 ? value * factor : value));
    expect(cornerErrorMm(volume, affine)).toBeLessThan(TOLERANCE_MM * factor);
  }
});

it('gives the volume of a 4D file that was asked for, and refuses to guess', () => {
  expect([...readNifti(golden('4d.nii.gz'), { frame: 1 }).data]).toEqual(truth.nifti.voxels.map((value) => value + 1));
  expect(() => readNifti(golden('4d.nii.gz'))).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
  expect(() => readNifti(golden('4d.nii.gz'), { frame: 2 })).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
});

it('refuses files without geometry, of colours, of pairs, cut short or of another format', () => {
  expect(() => readNifti(golden('no-geometry.nii'))).toThrow(refusal('NO_GEOMETRY'));
  const colour = golden('int16-qform.nii');
  colour.writeInt16LE(128, 70);
  expect(() => readNifti(colour)).toThrow(refusal('UNSUPPORTED_PIXELS'));
  const pair = golden('int16-qform.nii');
  pair.write('ni1', 344);
  expect(() => readNifti(pair)).toThrow(refusal('NOT_NIFTI'));
  expect(() => readNifti(golden('../nrrd/int16.nrrd'))).toThrow(refusal('NOT_NIFTI'));
  expect(() => readNifti(golden('int16-qform.nii').subarray(0, 500))).toThrow(refusal('TRUNCATED'));
  expect(() => readNifti(golden('int16-sform.nii.gz').subarray(0, 200))).toThrow(refusal('TRUNCATED'));
  const huge = golden('int16-qform.nii');
  for (const axis of [1, 2, 3]) huge.writeInt16LE(32767, 40 + 2 * axis);
  expect(() => readNifti(huge)).toThrow(refusal('TOO_LARGE'));
});

it('refuses impossible geometry, offsets and slopes', () => {
  const changed = (edit: (bytes: Buffer) => void, name = 'int16-qform.nii'): Buffer => {
    const bytes = golden(name);
    edit(bytes);
    return bytes;
  };
  const code = (expected: string, edit: (bytes: Buffer) => void, name?: string): void =>
    expect(() => readNifti(changed(edit, name))).toThrow(refusal(expected));
  for (const wrong of [0, -1, NaN, Infinity, 1e30]) code('NO_GEOMETRY', (bytes) => bytes.writeFloatLE(wrong, 80));
  code('NO_GEOMETRY', (bytes) => bytes.writeFloatLE(NaN, 256)); // quaternion
  code('NO_GEOMETRY', (bytes) => bytes.fill(0, 280, 296), 'forms-differ.nii'); // a row of the sform
  for (const wrong of [0, 351, 352.5, -352, NaN]) code('CORRUPT', (bytes) => bytes.writeFloatLE(wrong, 108));
  code('TRUNCATED', (bytes) => bytes.writeFloatLE(1e9, 108));
  code('CORRUPT', (bytes) => bytes.writeInt16LE(-3, 42));
  code('CORRUPT', (bytes) => bytes.writeInt16LE(9, 40));
  const nifti2 = golden('float64-nifti2.nii');
  nifti2.writeDoubleLE(1e308, 176);
  expect(() => readNifti(nifti2)).toThrow(refusal('CORRUPT'));
  const lost = changed((bytes) => bytes.writeFloatLE(NaN, 256), 'forms-differ.nii');
  expect(readNifti(lost).provenance.warnings).toEqual(['the qform is impossible; the sform was taken']);
  const odd = changed((bytes) => (bytes[123] = 5));
  expect(readNifti(odd).provenance.warnings).toEqual(['its unit of length is not known and was taken for mm']);
});

it('multiplies sizes of 64 bits without overflow', () => {
  const bytes = golden('float64-nifti2.nii');
  for (const axis of [1, 2, 3]) bytes.writeBigInt64LE(2n ** 32n, 16 + 8 * axis);
  expect(() => readNifti(bytes)).toThrow(refusal('TOO_LARGE'));
  bytes.writeBigInt64LE(2n ** 62n, 24);
  expect(() => readNifti(bytes)).toThrow(refusal('TOO_LARGE'));
  bytes.writeBigInt64LE(-(2n ** 62n), 24);
  expect(() => readNifti(bytes)).toThrow(refusal('CORRUPT'));
});

it('refuses gzip streams that hold far more than the header says, less, or a bomb, before they are unpacked', () => {
  const whole = gunzipSync(golden('int16-sform.nii.gz'));
  const pack = (bytes: Buffer): Buffer => gzipSync(bytes, { level: 9 });
  expect(readNifti(pack(Buffer.concat([whole, Buffer.alloc(1000)]))).shape).toEqual([6, 5, 4]);
  expect(() => readNifti(pack(Buffer.concat([whole, Buffer.alloc(2 ** 22)])))).toThrow('far more than its header says');
  expect(() => readNifti(pack(whole.subarray(0, 500)))).toThrow(refusal('TRUNCATED'));
  const claims = (sizes: number[], packedBytes: number): Buffer => {
    const header = Buffer.from(whole.subarray(0, 352));
    sizes.forEach((size, axis) => header.writeInt16LE(size, 42 + 2 * axis));
    return gzipSync(Buffer.concat([header, Buffer.alloc(packedBytes)]), { level: 0 });
  };
  // 200 MiB and 600 MiB from 100 kB: over 1032 to 1 is beyond deflate. From 2 MB it is possible, but no image.
  expect(() => readNifti(claims([1024, 1024, 100], 1e5))).toThrow(refusal('TRUNCATED'));
  expect(() => readNifti(claims([1024, 1024, 300], 1e5))).toThrow(refusal('TRUNCATED'));
  expect(() => readNifti(claims([1024, 1024, 300], 2e6))).toThrow(refusal('TOO_LARGE'));
  const broken = golden('int16-sform.nii.gz');
  broken[broken.length >> 1] ^= 0xff;
  expect(() => readNifti(broken)).toThrow(refusal('CORRUPT'));
});

it('answers corrupt headers with an image or a refusal, never with another error', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('int16-qform.nii', 'float64-nifti2.nii'),
      fc.nat(343),
      fc.nat(255),
      (name, position, value) => {
        const bytes = golden(name);
        bytes[position] = value;
        try {
          expect(readNifti(bytes).data.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ImagingError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
