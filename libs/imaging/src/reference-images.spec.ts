import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKernels } from '@concord/kernels';
import { referenceData } from '@concord/testing';
import { readRtstruct } from './dicom/rtstruct.js';
import type { NamedBytes } from './dicom/group-series.js';
import { readDicomSeries } from './dicom/series.js';
import { readNifti } from './formats/nifti.js';
import { readNrrd } from './formats/nrrd.js';
import { attachMask } from './attach.js';
import { compareGrids } from './geometry.js';
import { listLabels, maskFromVolume } from './mask.js';
import { resampleMask, resampleVolume } from './resample/resample.js';
import type { Volume } from './volume.js';

const filesOf = (folder: string): NamedBytes[] =>
  readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));

const cases = [
  [
    'the IBSI CT phantom',
    ['ibsi1', 'ct_phantom', 'dicom'],
    ['ibsi1', 'ct_phantom', 'phantom.nii.gz'],
    ['ibsi1', 'ct_phantom', 'mask.nii.gz'],
    'HU',
  ],
  ...['CT', 'MR_T1', 'PET'].map((kind) => [
    `STS_025 ${kind}`,
    ['ibsi1_validation', 'dicom', 'STS_025', kind],
    ['ibsi1_validation', 'images', 'STS_025', `${kind}_image.nii.gz`],
    ['ibsi1_validation', 'images', 'STS_025', `${kind}_mask.nii.gz`],
    { CT: 'HU', MR_T1: 'arbitrary', PET: 'SUV' }[kind],
  ]),
] as [string, string[], string[], string[], string][];

const skipped = ' (skipped: no reference data)';
const isThere = referenceData('ibsi', 'ibsi1', 'ct_phantom', 'dicom') !== null;
(isThere ? describe : describe.skip).each(cases)(`%s${isThere ? '' : skipped}`, (_, dicom, nifti, label, unit) => {
  const path = (parts: string[]): string => referenceData('ibsi', ...parts) ?? '';
  const volume = isThere ? readDicomSeries(filesOf(join(path(dicom), 'image'))) : null;

  it('is in DICOM what its NIfTI twin is, voxel by voxel', () => {
    const twin = readNifti(readFileSync(path(nifti)));
    expect(volume?.shape).toEqual(twin.shape);
    expect(volume?.unit).toBe(unit);
    if (!volume) return;
    // The twin keeps its affine in float32, and PET was rescaled in it: one rounding of slope and one of product.
    expect(compareGrids(volume, twin).maxCornerErrorMm).toBeLessThan(1e-4);
    const tolerance = unit === 'SUV' ? 2 ** -23 : 0;
    const differing = volume.data.findIndex(
      (value, index) => !(Math.abs(value - twin.data[index]) <= tolerance * Math.abs(value)),
    );
    expect(differing).toBe(-1);
  });

  it('has in its RTSTRUCT the voxels of its NIfTI mask', () => {
    if (!volume) return;
    const [{ bytes }] = filesOf(join(path(dicom), 'mask'));
    const drawn = readRtstruct(bytes, volume);
    const twin = attachMask(maskFromVolume(readNifti(readFileSync(path(label))), 'all'), volume);
    const both = drawn.data.reduce((sum, value, index) => sum + (value & twin.data[index]), 0);
    const dice = (2 * both) / (drawn.data.reduce((a, b) => a + b) + twin.data.reduce((a, b) => a + b));
    expect(dice).toBeGreaterThanOrEqual(0.999);
  });
});

const brain = referenceData('pyradiomics', 'brain1_image.nrrd');
(brain ? describe : describe.skip)(`PyRadiomics' brain1${brain ? '' : skipped}`, () => {
  const baseline = referenceData('pyradiomics', 'brain1_upstream_baseline.json') ?? '';

  it('is read with the size, spacing and region that PyRadiomics records', () => {
    const volume = readNrrd(readFileSync(brain ?? ''));
    const labels = readNrrd(readFileSync(referenceData('pyradiomics', 'brain1_label.nrrd') ?? ''));
    expect(volume.shape).toEqual([256, 256, 25]);
    expect(listLabels(labels)).toEqual([1]);
    const mask = attachMask(maskFromVolume(labels, 1), volume);
    expect(mask.data.reduce((a, b) => a + b)).toBe(4137);
    expect(readFileSync(baseline, 'utf8')).toContain('4137');
  });
});

const kernels = createKernels();
const ibsiTable = referenceData('ibsi', 'ibsi1', 'reference_values.csv');
(ibsiTable ? describe : describe.skip)(`the interpolated IBSI CT phantom${ibsiTable ? '' : skipped}`, () => {
  const phantom = (name: string): Volume =>
    readNifti(readFileSync(referenceData('ibsi', 'ibsi1', 'ct_phantom', name) ?? ''));

  it.each([
    ['config_B', [2, 2, null], 'linear'],
    ['config_C', [2, 2, 2], 'linear'],
    ['config_E', [2, 2, 2], 'cubic'],
  ] as const)('has in %s the sizes, counts and intensities that IBSI publishes', (config, spacing, method) => {
    const image = resampleVolume(phantom('phantom.nii.gz'), spacing, { method, round: true }, kernels);
    const mask = resampleMask(maskFromVolume(phantom('mask.nii.gz'), 'all'), spacing, {}, kernels);
    const inside = image.data.filter((_, index) => mask.data[index] === 1);
    const statistics = (values: Float64Array): number[] => [
      values.reduce((sum, value) => sum + value, 0) / values.length,
      values.reduce((least, value) => Math.min(least, value)),
      values.reduce((most, value) => Math.max(most, value)),
    ];
    const [mean, least, most] = statistics(image.data);
    const [meanInside, leastInside, mostInside] = statistics(inside);
    const own: Record<string, number> = {
      img_dim_x_interp_img: image.shape[0],
      img_dim_y_interp_img: image.shape[1],
      img_dim_z_interp_img: image.shape[2],
      mean_int_interp_img: mean,
      min_int_interp_img: least,
      max_int_interp_img: most,
      int_mask_vox_count_interp_roi: inside.length,
      int_mask_mean_int_interp_roi: meanInside,
      int_mask_min_int_interp_roi: leastInside,
      int_mask_max_int_interp_roi: mostInside,
    };
    const rows = readFileSync(ibsiTable ?? '', 'utf8')
      .split(/\r?\n/)
      .map((line) => line.split(','))
      .filter((row) => row[0] === config && row[3] in own);
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      // Published to three digits, with a tolerance; the count is exact.
      const [value, tolerance] = [Number(row.at(-2)), Number(row.at(-1))];
      const rounded = row[3].includes('count') ? own[row[3]] : Number(own[row[3]].toPrecision(3));
      const published = row[3].includes('count') ? value : Number(value.toPrecision(3));
      const allowed = row[3].includes('count') ? 0 : tolerance;
      expect([row[3], Math.abs(rounded - published) <= allowed]).toEqual([row[3], true]);
    }
  });
});
