import { readFileSync } from 'node:fs';
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
