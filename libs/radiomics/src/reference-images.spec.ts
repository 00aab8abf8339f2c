import type { Volume } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { extractFeatures, PRESETS, type FeatureVector } from './index.js';
import { isWithinTolerance, maskOf, readCsv, volumeOf } from './spec-support.js';

/**
 * Reads a gzipped NIfTI-1 file written on a little-endian machine, index space only: enough for the reference images,
 * and independent of libs/imaging.
 */
function readReferenceNifti(path: string): Volume {
  const bytes = gunzipSync(readFileSync(path));
  const shape = [42, 44, 46].map((at) => bytes.readInt16LE(at)) as [number, number, number];
  const spacing = [80, 84, 88].map((at) => bytes.readFloatLE(at)) as [number, number, number];
  const types = { 2: Uint8Array, 4: Int16Array, 8: Int32Array, 16: Float32Array, 64: Float64Array, 512: Uint16Array };
  const type = types[bytes.readInt16LE(70) as keyof typeof types];
  const from = bytes.byteOffset + bytes.readFloatLE(108);
  const count = shape[0] * shape[1] * shape[2];
  const stored = new type(bytes.buffer.slice(from, from + count * type.BYTES_PER_ELEMENT));
  const slope = bytes.readFloatLE(112) || 1;
  const intercept = bytes.readFloatLE(116) || 0;
  return volumeOf(
    shape,
    spacing,
    Float64Array.from(stored, (value) => value * slope + intercept),
  );
}

function extractFrom(image: string, mask: string, preset: string): FeatureVector {
  const volume = readReferenceNifti(image);
  const region = maskOf(
    volume,
    readReferenceNifti(mask).data.map((value) => (value > 0.5 ? 1 : 0)),
  );
  return extractFeatures(volume, region, PRESETS[preset]);
}

const ibsi1 = referenceData('ibsi', 'ibsi1');
const onCtPhantom = ibsi1 === null ? describe.skip : describe;

onCtPhantom(`the CT phantom of IBSI 1${ibsi1 === null ? ' (reference data absent)' : ''}`, () => {
  const rows = ibsi1 === null ? [] : readCsv(readFileSync(`${ibsi1}/reference_values.csv`, 'utf8'));

  it.each(['C', 'D', 'E'])('configuration %s matches every reference value of our families', (configuration) => {
    const image = `${ibsi1}/ct_phantom/phantom.nii.gz`;
    const { values, diagnostics } = extractFrom(image, `${ibsi1}/ct_phantom/mask.nii.gz`, `ibsi1-${configuration}`);
    const { interpolated, resegmented } = diagnostics;
    const computed: Record<string, number | null> = {
      int_mask_vox_count_interp_roi: interpolated.intensityVoxelCount,
      int_mask_mean_int_interp_roi: interpolated.mean,
      int_mask_min_int_interp_roi: interpolated.minimum,
      int_mask_max_int_interp_roi: interpolated.maximum,
      int_mask_vox_count_reseg_roi: resegmented.intensityVoxelCount,
      int_mask_mean_int_reseg_roi: resegmented.mean,
      morph_mask_vox_count_reseg_roi: resegmented.morphologyVoxelCount,
      int_mask_bb_dim_z_reseg_roi: resegmented.intensityBox[2],
      ...Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])),
    };
    const references = rows.filter(
      (row) => row['dataset'] === `config_${configuration}` && row['reference_value'] !== '',
    );
    const compared = references.filter((row) => row['tag'] in computed);
    expect(compared).toHaveLength(146 + 8);
    const wrong = compared.filter((row) => {
      const value = computed[row['tag']];
      // Counts have more than 3 digits in the reference; the rounding rule is for the others.
      if (row['family'].startsWith('Diagnostics') && Number.isInteger(value)) {
        return Math.abs(value! - Number(row['reference_value'])) > Number(row['tolerance']);
      }
      return value === null || !isWithinTolerance(value, Number(row['reference_value']), Number(row['tolerance']));
    });
    expect(wrong.map((row) => [row['tag'], computed[row['tag']], row['reference_value']])).toEqual([]);
  });
});

const validation = referenceData('ibsi', 'ibsi1_validation');
const onPatients = validation === null ? describe.skip : describe;

onPatients(`IBSI 1 validation, STS_025${validation === null ? ' (reference data absent)' : ''}`, () => {
  const rows = validation === null ? [] : readCsv(readFileSync(`${validation}/consensus.csv`, 'utf8'));

  it.each([
    ['CT', 'ibsi1-validation-ct', 93],
    ['MR_T1', 'ibsi1-validation-mr', 78],
    ['PET', 'ibsi1-validation-pet', 82],
  ])('%s agrees with every value on which five or more of nine implementations agree', (modality, preset, count) => {
    const folder = `${validation}/images/STS_025/${modality}`;
    const { values } = extractFrom(`${folder}_image.nii.gz`, `${folder}_mask.nii.gz`, preset);
    const agreed = rows.filter(
      (row) =>
        row['modality'] === modality &&
        row['id'] === 'STS_025' &&
        Number(row['teams_agreeing']) >= 5 &&
        row['tag'] in values,
    );
    expect(agreed).toHaveLength(count);
    const wrong = agreed.filter((row) => {
      const [value, consensus] = [values[row['tag']].value, Number(row['consensus'])];
      const tolerance = Math.max(0.005, Number(row['spread'])); // the rule of the data's README
      return value === null || Math.abs(value - consensus) > tolerance * Math.abs(consensus);
    });
    expect(wrong.map((row) => row['tag'])).toEqual([]);
  });
});
