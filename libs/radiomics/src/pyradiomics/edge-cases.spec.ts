import { fileProvenance, type Mask, type Triple, type Volume } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { extractPyradiomics, type PyradiomicsResult } from './extract.js';
import { parsePyradiomicsParameters } from './parameters.js';

const kernels = createKernels();
const SHAPE: Triple = [6, 5, 4];
const COUNT = 120;

function volumeOf(value: (n: number) => number, shift = 0): Volume {
  return {
    shape: SHAPE,
    affine: Float64Array.of(1, 0, 0, shift, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    data: Float64Array.from({ length: COUNT }, (_, n) => value(n)),
    unit: 'arbitrary',
    provenance: fileProvenance([], []),
  };
}

function maskOf(voxels: readonly number[], shift = 0): Mask {
  const data = new Uint8Array(COUNT);
  for (const at of voxels) data[at] = 1;
  return { shape: SHAPE, affine: volumeOf(() => 0, shift).affine, data, label: 'region' };
}

const ALL = Array.from({ length: COUNT }, (_, n) => n);
const wave = volumeOf((n) => 100 * Math.sin(n) + 0.5);

function extract(volume: Volume, mask: Mask, parameters: unknown = {}): PyradiomicsResult {
  return extractPyradiomics(volume, mask, parsePyradiomicsParameters(parameters), kernels);
}

describe('regions that PyRadiomics refuses', () => {
  it.each([
    ['no voxel', maskOf([]), {}, 'EMPTY_MASK'],
    ['a single voxel', maskOf([40]), {}, 'REGION_TOO_SMALL'],
    ['a line where a plane is asked for', maskOf([40, 41]), {}, 'REGION_TOO_SMALL'],
    ['a plane where a volume is asked for', maskOf([40, 41, 46]), { minimumROIDimensions: 3 }, 'REGION_TOO_SMALL'],
    ['as many voxels as minimumROISize', maskOf([40, 41, 46, 47]), { minimumROISize: 4 }, 'REGION_TOO_SMALL'],
    ['nothing left by resegmentRange', maskOf(ALL), { resegmentRange: [1000, 2000] }, 'REGION_TOO_SMALL'],
    ['another grid', maskOf(ALL, 0.4), {}, 'GEOMETRY_MISMATCH'],
    ['a region beyond the image', maskOf(ALL, 3), { resampledPixelSpacing: [2, 2, 2] }, 'REGION_OUTSIDE_IMAGE'],
    ['bins far too narrow', maskOf(ALL), { binWidth: 1e-9 }, 'TOO_MANY_GREY_LEVELS'],
  ])('%s', (_, mask, setting, code) => {
    expect(() => extract(wave, mask, { setting })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('an image that holds something else than numbers', () => {
    const broken = volumeOf((n) => (n === 3 ? NaN : n));
    expect(() => extract(broken, maskOf([40, 41, 46]))).toThrow(
      expect.objectContaining({ code: 'NONFINITE_VOXEL' }) as Error,
    );
  });
});

describe('masks on another grid', () => {
  it('are taken as they are within geometryTolerance', () => {
    const { columns } = extract(wave, maskOf(ALL, 0.4), { setting: { geometryTolerance: 0.5 } });
    expect(columns['original_firstorder_Mean']).toBe(extract(wave, maskOf(ALL)).columns['original_firstorder_Mean']);
    expect(() => extract(wave, maskOf(ALL, 0.4), { setting: { geometryTolerance: 0.3 } })).toThrow('mm apart');
  });

  it('are put on that of the image by correctMask, and described', () => {
    const inner = ALL.filter((n) => n % 6 > 1);
    const { columns } = extract(wave, maskOf(inner, -1), { setting: { correctMask: true } });
    const moved = extract(wave, maskOf(inner.map((n) => n - 1)));
    expect(columns['original_firstorder_Mean']).toBe(moved.columns['original_firstorder_Mean']);
    expect(columns['diagnostics_Mask-corrected_VoxelNum']).toBe(inner.length);
  });

  it('that count their voxels the other way give the same', () => {
    const region = [40, 41, 46, 71, 77];
    const affine = Float64Array.of(-1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1);
    const flipped = maskOf(region.map((n) => n - (n % 6) + 5 - (n % 6)));
    expect(extract(wave, { ...flipped, affine }).columns['original_firstorder_Mean']).toBe(
      extract(wave, maskOf(region)).columns['original_firstorder_Mean'],
    );
  });
});

describe('regions without variation', () => {
  it('get PyRadiomics’ conventions, and no value where there is none', () => {
    const flat = extract(
      volumeOf(() => 7),
      maskOf(ALL),
    );
    expect(flat.columns).toMatchObject({
      original_firstorder_Skewness: 0,
      original_firstorder_Kurtosis: 0,
      original_glcm_Correlation: 1,
      original_glcm_Imc1: 0,
      original_glcm_Imc2: 0,
      original_glcm_MCC: 1,
      original_ngtdm_Coarseness: 1e6,
      original_ngtdm_Strength: 0,
    });
    expect(Object.values(flat.columns)).not.toContain(NaN);
  });

  it.each([
    ['LBP2D', { lbp2DMethod: 'var' }, 'lbp-2D'],
    ['LBP3D', {}, 'lbp-3D-k'],
    ['Square', {}, 'square'],
  ])('have no value in %s where the filter has none', (type, settings, image) => {
    const { columns } = extract(
      volumeOf(() => (type === 'Square' ? 0 : 7.5)),
      maskOf([37, 38, 43, 44, 67]),
      { imageType: { [type]: settings }, featureClass: { firstorder: ['Mean'], glcm: ['Contrast'] } },
    );
    expect([columns[`${image}_firstorder_Mean`], columns[`${image}_glcm_Contrast`]]).toEqual([null, null]);
  });

  it('without neighbours have no co-occurrence, and the warning says so', () => {
    const { columns, warnings } = extract(wave, maskOf([0, 15, 86]));
    expect(columns['original_glcm_Contrast']).toBeNull();
    expect(columns['original_firstorder_Mean']).not.toBeNull();
    expect(warnings.join()).toContain('have no value on this region: original_glcm_Autocorrelation');
  });
});

it('leaves out diagnostics when additionalInfo is off', () => {
  const { columns } = extract(wave, maskOf(ALL), { setting: { additionalInfo: false } });
  expect(Object.keys(columns).filter((name) => name.startsWith('diagnostics'))).toEqual([]);
});

it('truncates resampled whole numbers to the range of their type', () => {
  const steps: Volume = { ...volumeOf((n) => (n % 6 < 3 ? 0 : 200)), storedAs: 'uint8' };
  const { columns } = extract(steps, maskOf(ALL), { setting: { resampledPixelSpacing: [0.7, 1, 2] } });
  // The spline swings below 0 and above 200: the one is cut off by the type, the other is not.
  expect(columns['diagnostics_Image-interpolated_Minimum']).toBe(0);
  expect(columns['diagnostics_Image-interpolated_Maximum']).toBeGreaterThan(200);
});
