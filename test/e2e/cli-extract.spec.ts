import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { tableFromCsv, textValues, type FeatureTable } from '@concord/tables';
import { referenceData } from '@concord/testing';

import { concord } from './lib/installation.js';

const SLOW_MS = 60_000;
const ABSENT = ' (the reference data are not beside the checkout)';

/** Rows of a table as text, by column name; missing cells are empty. */
function rowsOf(table: FeatureTable): Record<string, string>[] {
  const columns = table.columns.map(({ name }) => [name, textValues(table, name)] as const);
  return Array.from({ length: table.rowCount }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? ''])),
  );
}

/** Runs `concord extract` and reads the values it prints, by tag. */
async function extract(...words: readonly string[]): Promise<Record<string, number>> {
  const { code, out, err } = await concord('extract', ...words, '--layout', 'long', '--quiet');
  if (code !== 0) throw new Error(`concord extract ended with ${code}: ${err}`);
  const rows = rowsOf(tableFromCsv(Buffer.from(out))).filter(({ status }) => status === 'ok');
  return Object.fromEntries(rows.map(({ tag, value }) => [tag, Number(value)]));
}

/** Values of reference rows that are not met. */
function misses(
  values: Record<string, number>,
  references: readonly { readonly tag: string; readonly value: number; readonly tolerance: number }[],
): string[] {
  return references
    .filter(({ tag, value, tolerance }) => !(Math.abs((values[tag] ?? NaN) - value) <= tolerance))
    .map(({ tag, value }) => `${tag}: ${values[tag]}, not ${value}`);
}

const ibsi1 = referenceData('ibsi', 'ibsi1');

(ibsi1 === null ? describe.skip : describe)(
  `concord extract on the CT phantom of IBSI${ibsi1 === null ? ABSENT : ''}`,
  () => {
    const phantom = join(ibsi1 ?? '', 'ct_phantom');
    const dicom = ['--rtstruct', join(phantom, 'dicom/mask/DCM_RS_00060.dcm'), '--roi', 'GTV-1'];

    it.each(['C', 'D', 'E'])(
      'meets every reference value of configuration %s from DICOM and its structure set',
      async (configuration) => {
        const values = await extract(join(phantom, 'dicom/image'), ...dicom, '--preset', `ibsi1-${configuration}`);
        const table = rowsOf(tableFromCsv(readFileSync(join(ibsi1 ?? '', 'reference_values.csv'))));
        const references = table
          .filter(
            ({ dataset, tag, reference_value: value }) =>
              dataset === `config_${configuration}` && value !== '' && tag in values,
          )
          .map(({ tag, reference_value: text, tolerance }) => {
            const value = Number(text);
            // References have three digits; what was rounded away counts with the tolerance.
            const rounding = value === 0 ? 0 : 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
            return { tag, value, tolerance: Number(tolerance) + rounding * (1 + 1e-9) };
          });
        expect(references.length).toBeGreaterThanOrEqual(146);
        expect(misses(values, references)).toEqual([]);
      },
      SLOW_MS,
    );

    it(
      'gives from NIfTI what it gives from DICOM, where the region is the same',
      async () => {
        const nifti = await extract(
          join(phantom, 'phantom.nii.gz'),
          '--mask',
          join(phantom, 'mask.nii.gz'),
          '--preset',
          'ibsi1-C',
        );
        const fromDicom = await extract(join(phantom, 'dicom/image'), ...dicom, '--preset', 'ibsi1-C');
        const tags = Object.keys(nifti).filter((tag) => /^(stat|ih|cm|rlm|morph_vol)/.test(tag));
        expect(tags.length).toBeGreaterThan(100);
        // The outline and the mask of voxels differ in a few voxels on its edge.
        const references = tags.map((tag) => ({
          tag,
          value: nifti[tag] ?? NaN,
          tolerance: 0.02 * Math.abs(nifti[tag] ?? NaN),
        }));
        expect(misses(fromDicom, references)).toEqual([]);
      },
      SLOW_MS,
    );
  },
);

const validation = referenceData('ibsi', 'ibsi1_validation');

(validation === null ? describe.skip : describe)(
  `concord extract on a patient with sarcoma, STS_025${validation === null ? ABSENT : ''}`,
  () => {
    it.each([
      ['CT', 'ibsi1-validation-ct', 116],
      ['MR_T1', 'ibsi1-validation-mr', 96],
      ['PET', 'ibsi1-validation-pet', 105],
    ])(
      'agrees on %s with what five or more of nine implementations agree on',
      async (modality, preset, count) => {
        const images = join(validation ?? '', 'images/STS_025');
        const [image, mask] = ['image', 'mask'].map((name) => join(images, `${modality}_${name}.nii.gz`));
        const values = await extract(image ?? '', '--mask', mask ?? '', '--preset', preset);
        const agreed = rowsOf(tableFromCsv(readFileSync(join(validation ?? '', 'consensus.csv'))))
          .filter(
            (row) => row['modality'] === modality && row['id'] === 'STS_025' && Number(row['teams_agreeing']) >= 5,
          )
          .filter(({ tag = '' }) => tag in values)
          .map(({ tag = '', consensus, spread }) => {
            const value = Number(consensus);
            return { tag, value, tolerance: Math.max(0.005, Number(spread)) * Math.abs(value) }; // the rule of the data
          });
        expect(agreed.length).toBeGreaterThanOrEqual(count);
        expect(misses(values, agreed)).toEqual([]);
      },
      SLOW_MS,
    );

    it.each([
      ['CT', 'ibsi1-validation-ct'],
      ['MR_T1', 'ibsi1-validation-mr'],
      ['PET', 'ibsi1-validation-pet'],
    ])(
      'gives from the DICOM series of %s and its structure set nearly what it gives from NIfTI',
      async (modality, preset) => {
        const series = join(validation ?? '', 'dicom/STS_025', modality);
        const images = join(validation ?? '', 'images/STS_025');
        const words = ['--preset', preset];
        const dicom = await extract(join(series, 'image'), '--rtstruct', join(series, 'mask/RS.dcm'), ...words);
        const nifti = await extract(
          join(images, `${modality}_image.nii.gz`),
          ...['--mask', join(images, `${modality}_mask.nii.gz`), ...words],
        );
        const references = ['stat_mean', 'stat_median', 'morph_vol_approx', 'ih_entropy'].map((tag) => ({
          ...{ tag, value: nifti[tag] ?? NaN, tolerance: 0.03 * Math.abs(nifti[tag] ?? NaN) },
        }));
        expect(misses(dicom, references)).toEqual([]);
      },
      SLOW_MS,
    );
  },
);

const pyradiomics = referenceData('pyradiomics');

(pyradiomics === null ? describe.skip : describe)(
  `concord extract on NRRD${pyradiomics === null ? ABSENT : ''}`,
  () => {
    it(
      'gives the first-order statistics of PyRadiomics on its case brain1',
      async () => {
        const [image, mask] = ['image', 'label'].map((name) => join(pyradiomics ?? '', `brain1_${name}.nrrd`));
        const values = await extract(image ?? '', '--mask', mask ?? '', '--preset', 'ibsi1-phantom');
        const { plain } = JSON.parse(
          readFileSync(join(pyradiomics ?? '', 'brain1_recomputed_8ed5793.json'), 'utf8'),
        ) as {
          plain: { features: Record<string, number> };
        };
        const names = {
          stat_mean: 'Mean',
          stat_var: 'Variance',
          stat_skew: 'Skewness',
          stat_p10: '10Percentile',
          stat_max: 'Maximum',
        };
        const references = Object.entries(names).map(([tag, name]) => {
          const value = plain.features[`original_firstorder_${name}`] ?? NaN;
          return { tag, value, tolerance: 1e-12 * Math.abs(value) };
        });
        expect(misses(values, references)).toEqual([]);
      },
      SLOW_MS,
    );
  },
);
