import { readFileSync } from 'node:fs';
import { compareGrids } from '../geometry.js';
import { readNrrd } from './nrrd.js';

const root = new URL('../../golden/synthetic/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as {
  nifti: { affine: number[]; voxels: number[] };
};
const golden = (name: string): Buffer => readFileSync(new URL(`nrrd/${name}`, root));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

/** The file with a piece of its header replaced. */
function edited(from: string | RegExp, to: string): Buffer {
  const text = golden('int16.nrrd').toString('latin1');
  expect(text).toMatch(from);
  return Buffer.from(text.replace(from, to), 'latin1');
}

it.each(['int16.nrrd', 'float64-gzip.nrrd', 'int32.nrrd', 'ras-big.nrrd'])('reads %s as written, in LPS', (name) => {
  const volume = readNrrd(golden(name));
  expect(volume.shape).toEqual([6, 5, 4]);
  expect([...volume.data]).toEqual(truth.nifti.voxels);
  const affine = Float64Array.from(truth.nifti.affine);
  expect(compareGrids(volume, { shape: volume.shape, affine }).maxCornerErrorMm).toBeLessThan(1e-10);
});

it('reads the left-handed space LAS, its y turned round', () => {
  const volume = readNrrd(edited('left-posterior-superior', 'left-anterior-superior'));
  const expected = truth.nifti.affine.map((value, index) => (index >= 4 && index < 8 ? -value : value));
  volume.affine.forEach((value, index) => expect(value).toBeCloseTo(expected[index], 10));
});

it('refuses detached data, other encodings, colours, more dimensions and files without geometry', () => {
  expect(() => readNrrd(edited('encoding: raw', 'encoding: bzip2'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\ndata file: x.raw'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\nbyte skip: 4'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(Buffer.from('NIFTI'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('type: short', 'type: block'))).toThrow(refusal('UNSUPPORTED_PIXELS'));
  expect(() => readNrrd(edited(/dimension: 3[^]*sizes: 6 5 4/, 'dimension: 4\nsizes: 6 5 4 1'))).toThrow(
    refusal('UNSUPPORTED_DIMENSIONS'),
  );
  expect(() => readNrrd(edited(/space origin: [^\n]*\n/, ''))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(edited('left-posterior-superior', 'scanner-xyz'))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(edited('sizes: 6 5 4', 'sizes: 6 5 0'))).toThrow(refusal('CORRUPT'));
});

it('finds every file that is cut short', () => {
  for (const name of ['int16.nrrd', 'float64-gzip.nrrd']) {
    const bytes = golden(name);
    for (let length = 8; length < bytes.length; length += 11) {
      expect(() => readNrrd(bytes.subarray(0, length))).toThrow(refusal('TRUNCATED'));
    }
  }
});
