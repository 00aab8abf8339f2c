import { DEFAULT_READING, type Reading } from '@concord/imaging';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegionSource } from './case-list.js';
import { frameDecoder, readImage, readRegions } from './read-case.js';

const GOLDEN = new URL('../../../../libs/imaging/golden/', import.meta.url);
const golden = (path: string): string => fileURLToPath(new URL(path, GOLDEN));
afterAll(() => frameDecoder.close());

const reading = (choice: Partial<Reading>): Reading => ({ ...DEFAULT_READING, ...choice });
const seg = (name: string): RegionSource => ({ kind: 'seg', path: golden(`dicom/${name}.dcm`), segment: null });

/** The regions of a case, or the code of its refusal. */
function outcome(path: string, choice: Partial<Reading>, region?: RegionSource): string {
  try {
    const own = reading(choice);
    const image = readImage(golden(path), own, region);
    if (region === undefined) return image.volume.shape.join(' x ');
    return [...readRegions(region, image, undefined, own).masks]
      .map(({ data }) => data.reduce((sum, value) => sum + value, 0))
      .join();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('a choice of reading', () => {
  it.each<[Partial<Reading>, string, string, string]>([
    [{ tilt: 'keep' }, 'synthetic/ct-tilted', 'TILT', '6 x 5 x 3'],
    [{ colour: 'luminance', frame: 1 }, 'dicom/ultrasound/coloured.dcm', 'UNSUPPORTED_PIXELS', '16 x 12 x 1'],
    [{ frame: 2 }, 'dicom/ultrasound/rgb.dcm', 'UNSUPPORTED_DIMENSIONS', '16 x 12 x 1'],
    [{ pixelMm: [0.2, 0.3] }, 'dicom/ultrasound/single.dcm', 'NO_GEOMETRY', '16 x 12 x 1'],
    [{ part: 2 }, 'dicom/folders/echoes', 'UNSUPPORTED_FILE', '4 x 3 x 3'],
    [{ part: 2 }, 'dicom/enhanced/mr-b.dcm', 'UNSUPPORTED_FILE', '4 x 3 x 2'],
    [{ part: 2 }, 'synthetic/nifti/4d.nii.gz', 'UNSUPPORTED_DIMENSIONS', '6 x 5 x 4'],
    [{ part: 2 }, 'formats/list-first.nrrd', 'UNSUPPORTED_DIMENSIONS', '5 x 4 x 3'],
  ])('%j reads %s, which is else refused', (choice, path, refused, shape) => {
    const without = 'colour' in choice ? { frame: 1 } : {};
    expect(outcome(path, without)).toBe(refused);
    expect(outcome(path, choice)).toBe(shape);
  });

  it('takes no volume that is not there', () => {
    expect(outcome('dicom/folders/echoes', { part: 3 })).toBe('UNSUPPORTED_FILE');
    expect(outcome('dicom/regions/ct', { part: 2 })).toBe('UNSUPPORTED_FILE');
    expect(outcome('dicom/regions/ct', { part: 1 })).toBe('6 x 5 x 4');
    expect(() => readImage(golden('dicom/regions/ct'), reading({ part: 2 }))).toThrow(/none has the number 2/);
    expect(() => readImage(golden('synthetic/nifti/4d.nii.gz'), reading({ part: 3 }))).toThrow(
      'there is no volume 3; it holds 2',
    );
  });

  it('fills a gap', () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-reading-'));
    for (const slice of [0, 1, 3]) copyFileSync(golden(`dicom/regions/ct/${slice}.dcm`), join(folder, `${slice}.dcm`));
    expect(() => readImage(folder)).toThrow(expect.objectContaining({ code: 'NONUNIFORM' }) as Error);
    const { volume } = readImage(folder, reading({ gaps: 'interpolate' }));
    expect(volume.shape).toEqual([6, 5, 4]);
    expect(volume.provenance.warnings.join()).toMatch(/1 missing slices were interpolated/);
    rmSync(folder, { recursive: true });
  });

  it('refuses what was compressed with loss', () => {
    expect(outcome('dicom/ultrasound/jpeg-grey.dcm', { frame: 1 })).toBe('16 x 12 x 1');
    expect(outcome('dicom/ultrasound/jpeg-grey.dcm', { frame: 1, lossy: 'refuse' })).toBe('LOSSY');
  });

  it('divides the activity of PET by what is asked for', () => {
    const pet = (suv: Reading['suv']) => readImage(golden('synthetic/pet'), reading({ suv })).volume;
    expect(pet('bodyWeight').unit).toBe('SUV');
    expect(outcome('synthetic/pet', { suv: 'bodySurfaceArea' })).toBe('PET_HEADER'); // no height in its header
  });

  it('says which fractions are inside, and what to do with another grid', () => {
    expect(outcome('dicom/regions/ct', {}, seg('regions/fractional'))).toBe('UNSUPPORTED_OBJECT');
    const [few, many] = [0.9, 0.25].map((fractionAtLeast) =>
      Number(outcome('dicom/regions/ct', { fractionAtLeast }, seg('regions/fractional'))),
    );
    expect(few).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(few);
    expect(outcome('dicom/regions/ct', {}, seg('regions/coarse'))).toBe('SEG_OFF_GRID');
    expect(Number(outcome('dicom/regions/ct', { offGrid: 'resample' }, seg('regions/coarse')))).toBeGreaterThan(0);
    // What is said of one case goes before the settings.
    const strict = { ...seg('regions/coarse'), grid: 'reject' } as RegionSource;
    expect(outcome('dicom/regions/ct', { offGrid: 'resample' }, strict)).toBe('SEG_OFF_GRID');
  });
});

it('takes of several volumes the one that the region was drawn on, and none that it does not name', () => {
  expect(outcome('dicom/folders/echoes', {}, seg('drawn-on/echo-2-seg'))).toBe('3');
  expect(outcome('dicom/folders/echoes', {}, seg('drawn-on/silent-seg'))).toBe('UNSUPPORTED_FILE');
  const second = readImage(golden('dicom/folders/echoes'), DEFAULT_READING, seg('drawn-on/echo-2-seg')).volume;
  expect(second.data).toEqual(readImage(`${golden('dicom/folders/echoes')}#2`).volume.data);
});
