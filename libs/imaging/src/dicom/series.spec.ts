import { readdirSync, readFileSync } from 'node:fs';
import { compareGrids, shearDegrees, spacingMm } from '../geometry.js';
import { groupSeries, type NamedBytes } from './group-series.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/synthetic/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as {
  ct: { shape: [number, number, number]; affine: number[]; voxels: number[] };
  tilted: number[];
  pet: number[];
};
const file = (name: string): NamedBytes => ({ name, bytes: readFileSync(new URL(name, root)) });
const folder = (name: string): NamedBytes[] =>
  readdirSync(new URL(name, root)).map((child) => file(`${name}/${child}`));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

describe('readDicomSeries', () => {
  it.each(['explicit', 'implicit', 'big-endian', 'deflated', 'rle'])(
    'reads the oblique CT in %s exactly, slices in the order of their place',
    (syntax) => {
      const volume = readDicomSeries(folder(`ct/${syntax}`));
      expect(volume.shape).toEqual(truth.ct.shape);
      expect(volume.data).toEqual(Int16Array.from(truth.ct.voxels));
      // 12 digits in the header.
      const affine = Float64Array.from(truth.ct.affine);
      expect(compareGrids(volume, { shape: volume.shape, affine }).maxCornerErrorMm).toBeLessThan(1e-9);
      expect(spacingMm(volume).map((value) => value.toFixed(6))).toEqual(['0.700000', '0.900000', '2.500000']);
      expect(volume.unit).toBe('HU');
    },
  );

  it('gives the same volume whatever the order of the files', () => {
    const files = folder('ct/explicit');
    expect(readDicomSeries([...files].reverse())).toEqual(readDicomSeries(files));
  });

  it('tells the facts of the acquisition and nothing about the patient', () => {
    const { provenance } = readDicomSeries(folder('ct/implicit'));
    expect(provenance.acquisition).toEqual({
      modality: 'CT',
      manufacturer: 'Nobody',
      model: 'Model N',
      kernel: 'B30f',
      sliceThicknessMm: 1.25,
      kvp: 120,
    });
    expect(provenance.transferSyntax).toBe('Implicit VR Little Endian');
    expect(provenance.sourceDigests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
    expect(provenance.isLossy).toBe(false);
    expect(JSON.stringify(provenance)).not.toMatch(/synthetic|1\.2\.826/i);
  });

  it('rescales PET by the slope of each slice, negative values too', () => {
    const volume = readDicomSeries(folder('pet'));
    expect(volume.unit).toBe('SUV');
    expect(volume.data).toEqual(Float64Array.from(truth.pet));
  });

  it('refuses a gantry tilt, and keeps it as a sheared grid when told to', () => {
    expect(() => readDicomSeries(folder('ct-tilted'))).toThrow(refusal('TILT'));
    const volume = readDicomSeries(folder('ct-tilted'), { tilt: 'keep' });
    expect(shearDegrees(volume)).toBeCloseTo(12, 6);
    const affine = Float64Array.from(truth.tilted);
    expect(compareGrids(volume, { shape: volume.shape, affine }).maxCornerErrorMm).toBeLessThan(1e-9);
    expect(volume.provenance.warnings.join()).toContain('12.0 degrees');
  });

  it('refuses a series with a slice missing, and says where', () => {
    const files = folder('ct/explicit').filter(({ name }) => !name.endsWith('3.dcm'));
    expect(() => readDicomSeries(files)).toThrow(refusal('NONUNIFORM'));
    expect(() => readDicomSeries(files)).toThrow(/5\.00 mm after slice 1/);
  });

  it('drops a file given twice with a warning, and refuses two slices at one place', () => {
    const files = folder('ct/explicit');
    const twice = readDicomSeries([...files, { ...files[1], name: 'copy' }]);
    expect(twice.data).toEqual(Int16Array.from(truth.ct.voxels));
    expect(twice.provenance.warnings).toEqual(['1 files were given twice and count once']);
    expect(() => readDicomSeries([...files, file('ct/implicit/1.dcm')])).toThrow(refusal('DUPLICATE'));
  });

  it('refuses no files, several series and no place in space', () => {
    expect(() => readDicomSeries([])).toThrow(refusal('EMPTY_SERIES'));
    expect(() => readDicomSeries([file('ct/explicit/0.dcm'), file('seg.dcm')])).toThrow(refusal('UNSUPPORTED_OBJECT'));
    expect(() => readDicomSeries([file('rtstruct.dcm')])).toThrow(refusal('UNSUPPORTED_OBJECT'));
  });

  it('refuses slices of several frames of reference, and of several series', () => {
    const files = folder('ct/explicit');
    const renamed = (tag: number[], { name, bytes }: NamedBytes): NamedBytes => {
      const copy = Buffer.from(bytes);
      const at = copy.indexOf(Buffer.from([...tag, 0x55, 0x49]));
      copy[at + 8 + copy.readUInt16LE(at + 6) - 2] ^= 1; // another last digit
      return { name, bytes: copy };
    };
    const withSpace = [...files.slice(1), renamed([0x20, 0, 0x52, 0], files[0])];
    expect(() => readDicomSeries(withSpace)).toThrow(refusal('FRAME_OF_REFERENCE'));
    const withSeries = [...files.slice(1), renamed([0x20, 0, 0x0e, 0], files[0])];
    expect(() => readDicomSeries(withSeries)).toThrow(refusal('MIXED_SERIES'));
  });

  it('names the file that was cut short', () => {
    const { name, bytes } = file('ct/explicit/2.dcm');
    const files = [file('ct/explicit/0.dcm'), { name, bytes: bytes.subarray(0, bytes.length - 3) }];
    expect(() => readDicomSeries(files)).toThrow(refusal('TRUNCATED'));
    expect(() => readDicomSeries(files)).toThrow(/2\.dcm/);
  });
});

describe('groupSeries', () => {
  it('sorts a folder of images, a segmentation, contours and a note by their headers', () => {
    const files = [...folder('ct/deflated'), file('seg.dcm'), file('rtstruct.dcm'), file('README.md')];
    const { series, skipped } = groupSeries(files);
    expect(series.map(({ modality, files: own }) => [modality, own.length])).toEqual([
      ['CT', 4],
      ['SEG', 1],
      ['RTSTRUCT', 1],
    ]);
    expect(series[0].frameOfReferenceUid).toBe(series[1].frameOfReferenceUid);
    expect(skipped.map(({ name, error }) => [name, error.code])).toEqual([['README.md', 'NO_PREAMBLE']]);
  });

  it('needs no more of a file than its header', () => {
    const files = folder('ct/explicit').map(({ name, bytes }) => ({
      name,
      bytes: bytes.subarray(0, bytes.length - 60),
    }));
    expect(groupSeries(files).series[0].files).toHaveLength(4);
  });
});
