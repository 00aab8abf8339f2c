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

const forms = new URL('../../golden/formats/', import.meta.url);
const beside = (name: string): Buffer => readFileSync(new URL(name, forms));
const form = JSON.parse(beside('expected.json').toString()) as { affine: number[]; voxels: number[]; other: number[] };

describe('the forms of NRRD that pynrrd and ITK read and write', () => {
  it.each([
    'raw.nhdr',
    'gzip.nhdr',
    'itk.nhdr',
    'text.nrrd',
    'skip-lines.nhdr',
    'skip-to-end.nhdr',
    'skip-gzip.nrrd',
    'skip-gzip-to-end.nrrd',
  ])('%s', (name) => {
    const asked: string[] = [];
    const dataFile = (data: string): Buffer => beside(asked[asked.push(data) - 1]);
    const volume = readNrrd(beside(name), { dataFile });
    expect(volume.data).toEqual(Int16Array.from(form.voxels));
    expect(volume.shape).toEqual([5, 4, 3]);
    volume.affine.forEach((value, index) => expect(value).toBeCloseTo(form.affine[index], 12));
    expect(volume.provenance.sourceDigests).toHaveLength(1 + asked.length);
    expect(asked).toHaveLength(name.endsWith('.nhdr') ? 1 : 0);
  });

  it('reads doubles from text, and 64-bit whole numbers', () => {
    expect(readNrrd(beside('text-double.nrrd')).data).toEqual(Float64Array.from(form.voxels, (value) => value / 7));
    expect(readNrrd(beside('gzip-uint64.nrrd')).data).toEqual(Float64Array.from(form.voxels, Math.abs));
  });

  it.each(['list-first.nrrd', 'list-last.nrrd', 'text-list.nrrd'])(
    '%s holds two images, of which one is asked for',
    (name) => {
      expect([...readNrrd(beside(name), { frame: 0 }).data]).toEqual(form.voxels);
      const second = readNrrd(beside(name), { frame: 1 });
      expect([...second.data]).toEqual(form.other);
      second.affine.forEach((value, index) => expect(value).toBeCloseTo(form.affine[index], 12));
      expect(() => readNrrd(beside(name))).toThrow('it holds 2 volumes');
      expect(() => readNrrd(beside(name), { frame: 2 })).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
    },
  );
});

it('takes no name of a data file that leads out of the folder of the header', () => {
  const header = (name: string): Buffer =>
    Buffer.from(beside('raw.nhdr').toString().replace('raw.raw', name), 'latin1');
  const dataFile = (): Buffer => beside('raw.raw');
  expect(readNrrd(header('./sub/raw.raw'), { dataFile }).shape).toEqual([5, 4, 3]);
  for (const name of ['/etc/passwd', '../raw.raw', 'a/../../b', 'C:\\x', 'a\\b', 'a//b', 'a\0b', '', 'x'.repeat(300)]) {
    expect(() => readNrrd(header(name), { dataFile })).toThrow(refusal('NOT_NRRD'));
  }
  for (const name of ['LIST', 'LIST 2', 'slice%03d.raw 1 3 1']) {
    expect(() => readNrrd(header(name), { dataFile })).toThrow('its voxels lie in several files');
  }
});

it('reads space in the units that it names, and refuses others', () => {
  const inUnits = (units: string): Buffer => edited('encoding: raw', `space units: ${units}\nencoding: raw`);
  const metres = readNrrd(inUnits('"m" "m" "m"'));
  expect(metres.affine[3]).toBeCloseTo(truth.nifti.affine[3] * 1000, 8);
  expect(() => readNrrd(inUnits('"mm" "m" "mm"'))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(inUnits('"furlong" "furlong" "furlong"'))).toThrow(refusal('NO_GEOMETRY'));
});

it('refuses missing data files, other encodings, colours, more dimensions and files without geometry', () => {
  expect(() => readNrrd(edited('encoding: raw', 'encoding: bzip2'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\ndata file: x.raw'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\nbyte skip: 4'))).toThrow(refusal('TRUNCATED'));
  for (const skip of ['byte skip: -2', 'byteskip: 1.5', 'line skip: -1', 'byte skip: x']) {
    expect(() => readNrrd(edited('encoding: raw', `encoding: raw\n${skip}`))).toThrow(refusal('CORRUPT'));
  }
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\nline skip: 9999'))).toThrow(refusal('TRUNCATED'));
  expect(() => readNrrd(edited('encoding: raw', 'encoding: raw\nEncoding: gzip'))).toThrow('says encoding twice');
  expect(() => readNrrd(edited('endian: little\n', ''))).toThrow(refusal('CORRUPT'));
  expect(() => readNrrd(Buffer.from('NIFTI'))).toThrow(refusal('NOT_NRRD'));
  expect(() => readNrrd(edited('type: short', 'type: block'))).toThrow(refusal('UNSUPPORTED_PIXELS'));
  expect(() => readNrrd(edited(/dimension: 3[^]*sizes: 6 5 4/, 'dimension: 5\nsizes: 6 5 4 1 1'))).toThrow(
    refusal('UNSUPPORTED_DIMENSIONS'),
  );
  expect(() => readNrrd(edited('sizes: 6 5 4', 'sizes: 6 5 4 1'))).toThrow(refusal('CORRUPT'));
  expect(() => readNrrd(edited(/space origin: [^\n]*\n/, ''))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(edited(/space directions: \([^)]*\)/, 'space directions: (0,0,0)'))).toThrow(
    refusal('NO_GEOMETRY'),
  );
  expect(() => readNrrd(edited(/space origin: \(/, 'space origin: (1e300,'))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(edited('left-posterior-superior', 'scanner-xyz'))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readNrrd(edited('sizes: 6 5 4', 'sizes: 6 5 0'))).toThrow(refusal('CORRUPT'));
  expect(() => readNrrd(edited('sizes: 6 5 4', 'sizes: 65536 65536 65536'))).toThrow(refusal('TOO_LARGE'));
  const endless = Buffer.concat([Buffer.from('NRRD0004\n'), Buffer.alloc(2 ** 21, '# a comment\n')]);
  expect(() => readNrrd(endless)).toThrow(refusal('TOO_LARGE'));
});

it('refuses text that is no number of its type', () => {
  const text = beside('text.nrrd').toString('latin1');
  const wrong = (to: string): Buffer => Buffer.from(text.replace(/\n\n-?\d+/, `\n\n${to}`), 'latin1');
  expect(readNrrd(wrong('7')).data[0]).toBe(7);
  for (const word of ['1.5', '40000', 'x', 'nan', '9'.repeat(100)]) {
    expect(() => readNrrd(wrong(word))).toThrow(refusal('CORRUPT'));
  }
  expect(() => readNrrd(Buffer.from(text.replace(/\s\S+\s*$/, ''), 'latin1'))).toThrow(refusal('TRUNCATED'));
});

it('finds every file that is cut short', () => {
  for (const name of ['int16.nrrd', 'float64-gzip.nrrd']) {
    const bytes = golden(name);
    for (let length = 8; length < bytes.length; length += 11) {
      expect(() => readNrrd(bytes.subarray(0, length))).toThrow(refusal('TRUNCATED'));
    }
  }
});
