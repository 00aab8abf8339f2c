import { readdirSync, readFileSync } from 'node:fs';
import { attachMask } from './attach.js';
import { readDicomSeries } from './dicom/series.js';
import type { NamedBytes } from './dicom/group-series.js';
import { readSegmentation } from './dicom/segmentation.js';
import { readNifti } from './formats/nifti.js';
import { readNrrd } from './formats/nrrd.js';
import { compareGrids, shearDegrees } from './geometry.js';
import { ImagingError } from './imaging-error.js';
import { maskFromVolume, masksFromVolume } from './mask.js';
import { connectedLesions } from './regions/lesions.js';
import type { GridGeometry, Mask, Volume } from './volume.js';

/** Cases on which programs for radiomics differ, each with what is done here: a table of behaviour, not of code. */
const root = new URL('../golden/synthetic/', import.meta.url);
const file = (name: string): Buffer => readFileSync(new URL(name, root));
const folder = (name: string): NamedBytes[] =>
  readdirSync(new URL(`${name}/`, root)).map((own) => ({ name: own, bytes: file(`${name}/${own}`) }));
const truth = JSON.parse(file('expected.json').toString()) as {
  ct: { affine: number[]; voxels: number[] };
  nifti: { affine: number[]; voxels: number[] };
  leftHanded: number[];
  pet: number[];
  seg: Record<string, number[]>;
};

/** The refusal as one line, or what came instead. */
function answer(read: () => { readonly shape: readonly number[] }): string {
  try {
    return `read ${read().shape.join(' x ')}`;
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    return `${error.code}: ${error.what}`;
  }
}

const image: GridGeometry = {
  shape: [4, 4, 2],
  affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1),
};
function maskOn(change: (affine: Float64Array) => void = () => undefined, inside = [5, 6, 21]): Mask {
  const affine = Float64Array.from(image.affine);
  change(affine);
  return {
    shape: image.shape,
    affine,
    label: '1',
    data: Uint8Array.from({ length: 32 }, (_, n) => Number(inside.includes(n))),
  };
}
const labels = (...data: number[]): Volume => ({
  ...readNifti(file('nifti/int16-qform.nii')),
  shape: [data.length, 1, 1],
  data: Int16Array.from(data),
});
const gridError = (volume: GridGeometry, affine: readonly number[]): number =>
  compareGrids(volume, { shape: volume.shape, affine: Float64Array.from(affine) }).maxCornerErrorMm;

describe('direction cosines', () => {
  it('are kept, whatever they are', () => {
    expect(gridError(readDicomSeries(folder('ct/explicit')), truth.ct.affine)).toBeLessThan(1e-9);
    expect(gridError(readNrrd(file('nrrd/int16.nrrd')), truth.nifti.affine)).toBeLessThan(1e-9);
  });

  it('that a gantry tilted are refused in degrees, and kept as a sheared grid only when asked for', () => {
    expect(answer(() => readDicomSeries(folder('ct-tilted')))).toMatch(/^TILT: .* 12\.0 degrees/);
    const kept = readDicomSeries(folder('ct-tilted'), { tilt: 'keep' });
    expect(shearDegrees(kept)).toBeCloseTo(12, 2);
    expect(kept.provenance.warnings.join()).toContain('12.0 degrees');
  });
});

describe('a mask on another grid', () => {
  const shifted = maskOn((affine) => (affine[3] += 0.3));
  it.each([
    ['reject', /^GEOMETRY_MISMATCH: .* 0\.300 mm apart/],
    ['snap', /^read 4 x 4 x 2$/],
    ['resample', /^read 4 x 4 x 2$/],
  ] as const)('less than half a voxel off, by the policy %s', (policy, expected) => {
    expect(answer(() => attachMask(shifted, image, policy))).toMatch(expected);
  });

  it('says how far off it was, and what resampling did to its volume', () => {
    const snapped = attachMask(shifted, image, 'snap');
    expect(snapped).toMatchObject({ how: 'snapped', data: shifted.data });
    expect(snapped.maxCornerErrorMm).toBeCloseTo(0.3, 12);
    const far = attachMask(
      maskOn((affine) => (affine[3] += 1)),
      image,
      'resample',
    );
    expect(far).toMatchObject({ how: 'resampled', maxCornerErrorMm: 1, volumeChangeMm3: 0 });
  });

  it('of the same size with flipped axes is re-ordered exactly, with another spacing refused', () => {
    const flipped = maskOn((affine) => affine.set([-1, 0, 0, 3]));
    expect(attachMask(flipped, image)).toMatchObject({ how: 'reordered', maxCornerErrorMm: 0 });
    const coarse = maskOn((affine) => (affine[10] = 2));
    expect(answer(() => attachMask(coarse, image))).toMatch(/^GEOMETRY_MISMATCH: .* 1\.000 mm apart/);
  });
});

describe('a region', () => {
  it('of an absent label is refused with the labels there are', () => {
    expect(answer(() => maskFromVolume(labels(0, 3, 5), 4))).toBe(
      'MASK_LABEL_ABSENT: label 4 is not in the mask; it holds 3, 5',
    );
  });

  it('that is empty is refused', () => {
    expect(answer(() => maskFromVolume(labels(0, 0), 'union'))).toMatch(/^EMPTY_MASK/);
    expect(answer(() => attachMask(maskOn(undefined, []), image))).toMatch(/^EMPTY_MASK/);
  });

  it('of one voxel is a region', () => {
    expect(answer(() => attachMask(maskOn(undefined, [9]), image))).toBe('read 4 x 4 x 2');
  });

  it('of several labels is taken as one, each, together, or in connected parts', () => {
    const several = labels(0, 1, 2, 0, 2);
    expect([...maskFromVolume(several, 2).data]).toEqual([0, 0, 1, 0, 1]);
    expect(masksFromVolume(several)).toHaveLength(2);
    expect([...maskFromVolume(several, 'union').data]).toEqual([0, 1, 1, 0, 1]);
    expect(connectedLesions(maskFromVolume(several, 'union')).map(({ voxels }) => [...voxels])).toEqual([[1, 2], [4]]);
    expect(answer(() => maskFromVolume(several, 'all'))).toMatch(/^MASK_LABEL_AMBIGUOUS: .* 1, 2$/);
  });

  it('is read alone from a segmentation of several, which have frames of their own', () => {
    const grid = readDicomSeries(folder('ct/explicit'));
    for (const segment of [1, 2]) {
      expect([...readSegmentation(file('seg.dcm'), grid, { segment }).data]).toEqual(truth.seg[segment]);
    }
  });
});

describe('slices and frames', () => {
  const slices = folder('ct/explicit');

  it('may be a single one, whose thickness stands for the distance to the next', () => {
    const single = readDicomSeries(slices.slice(0, 1));
    expect(single.shape).toEqual([6, 5, 1]);
    expect(single.provenance.warnings.join()).toContain('a single slice');
  });

  it('that are missing are refused with their place', () => {
    const depth = (one: NamedBytes): number => readDicomSeries([one]).affine[11];
    const [bottom, , , top] = [...slices].sort((a, b) => depth(a) - depth(b));
    const inner = slices.find((one) => one !== bottom && one !== top);
    expect(answer(() => readDicomSeries(slices.filter((one) => one !== inner)))).toMatch(
      /^NONUNIFORM: slices are 2\.50 mm apart, but 5\.00 mm after slice [12]/,
    );
  });

  it('that lie where others lie are refused with their number', () => {
    const copy = Buffer.from(slices[1].bytes);
    copy[copy.length - 1] ^= 1;
    expect(answer(() => readDicomSeries([...slices, { name: 'copy', bytes: copy }]))).toMatch(
      /^DUPLICATE: 1 of 5 slices/,
    );
    expect(readDicomSeries([...slices, slices[0]]).provenance.warnings.join()).toContain('given twice');
  });

  it('over time are read one by one, by index; colours are refused', () => {
    const four = file('nifti/4d.nii.gz');
    expect([...readNifti(four, { frame: 1 }).data]).toEqual(truth.nifti.voxels.map((value) => value + 1));
    expect(answer(() => readNifti(four))).toBe('UNSUPPORTED_DIMENSIONS: it holds 2 volumes');
    const colour = file('nifti/int16-qform.nii');
    colour.writeInt16LE(128, 70);
    expect(answer(() => readNifti(colour))).toMatch(/^UNSUPPORTED_PIXELS/);
    const list = readFileSync(new URL('../golden/formats/list-first.nrrd', import.meta.url));
    expect(answer(() => readNrrd(list))).toBe('UNSUPPORTED_DIMENSIONS: it holds 2 volumes');
    expect(answer(() => readNrrd(list, { frame: 1 }))).toBe('read 5 x 4 x 3');
    const enhanced = readFileSync(new URL('../golden/dicom/enhanced/ct.dcm', import.meta.url));
    expect(answer(() => readDicomSeries([{ name: 'enhanced', bytes: enhanced }]))).toMatch(/^read \d+ x \d+ x \d+$/);
  });
});

describe('stored values', () => {
  it('are rescaled, slice by slice where slopes differ', () => {
    expect([...readDicomSeries(folder('ct/explicit')).data]).toEqual(truth.ct.voxels);
    const pet = readDicomSeries(folder('pet'));
    pet.data.forEach((value, index) => expect(value).toBeCloseTo(truth.pet[index], 9));
    expect([...readNifti(file('nifti/scaled.nii')).data]).toEqual(truth.nifti.voxels.map((value) => value * 0.25 - 10));
  });

  it('are the same in either byte order, packed or not, and lie where sform, qform or space say', () => {
    for (const name of ['nifti/float32-big.nii', 'nifti/int16-sform.nii.gz', 'nifti/int16-qform.nii']) {
      const volume = readNifti(file(name));
      expect([...volume.data]).toEqual(truth.nifti.voxels);
      expect(gridError(volume, truth.nifti.affine)).toBeLessThan(3e-5); // NIfTI-1 keeps float32
    }
    for (const name of ['nrrd/int16.nrrd', 'nrrd/float64-gzip.nrrd', 'nrrd/ras-big.nrrd']) {
      const volume = readNrrd(file(name));
      expect([...volume.data]).toEqual(truth.nifti.voxels);
      expect(gridError(volume, truth.nifti.affine)).toBeLessThan(1e-9);
    }
    expect(gridError(readNifti(file('nifti/left-handed-qform.nii')), truth.leftHanded)).toBeLessThan(3e-5);
    const differ = readNifti(file('nifti/forms-differ.nii'));
    expect(differ.provenance.warnings).toEqual(['sform and qform differ by up to 3.00 mm; the sform was taken']);
    const left = Buffer.from(
      file('nrrd/int16.nrrd').toString('latin1').replace('left-posterior-superior', 'left-anterior-superior'),
      'latin1',
    );
    const mirrored = truth.nifti.affine.map((value, index) => (index >= 4 && index < 8 ? -value : value));
    expect(gridError(readNrrd(left), mirrored)).toBeLessThan(1e-9);
  });
});
