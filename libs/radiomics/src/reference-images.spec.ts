import { attachMask, maskFromVolume, readNifti, readNrrd, type Mask, type Volume } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { PRESETS } from './index.js';
import { extractFeatures, isWithinTolerance, readCsv } from './spec-support.js';

function readCase(image: string, mask: string): { volume: Volume; mask: Mask } {
  const volume = readNifti(readFileSync(image));
  return { volume, mask: attachMask(maskFromVolume(readNifti(readFileSync(mask)), 1), volume) };
}

const ibsi1 = referenceData('ibsi', 'ibsi1');
const onCtPhantom = ibsi1 === null ? describe.skip : describe;

onCtPhantom(`the CT phantom of IBSI 1${ibsi1 === null ? ' (reference data absent)' : ''}`, () => {
  const rows = ibsi1 === null ? [] : readCsv(readFileSync(`${ibsi1}/reference_values.csv`, 'utf8'));

  let phantom: ReturnType<typeof readCase>;

  beforeAll(() => {
    phantom = readCase(`${ibsi1}/ct_phantom/phantom.nii.gz`, `${ibsi1}/ct_phantom/mask.nii.gz`);
  });

  it.each([
    ['A', 346],
    ['B', 346],
    ['C', 210],
    ['D', 210],
    ['E', 210],
  ])('configuration %s matches every reference value of our families', (configuration, count) => {
    const { values, diagnostics } = extractFeatures(phantom.volume, phantom.mask, {
      ...PRESETS[`ibsi1-${configuration}`],
      diagnostics: 'region',
    });
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
    expect(compared).toHaveLength(count + 8);
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
    ['CT', 'ibsi1-validation-ct', 149],
    ['MR_T1', 'ibsi1-validation-mr', 123],
    ['PET', 'ibsi1-validation-pet', 118],
  ])('%s agrees with every value on which five or more of nine implementations agree', (modality, preset, count) => {
    const folder = `${validation}/images/STS_025/${modality}`;
    const patient = readCase(`${folder}_image.nii.gz`, `${folder}_mask.nii.gz`);
    const { values } = extractFeatures(patient.volume, patient.mask, {
      ...PRESETS[preset],
      diagnostics: 'region',
    });
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

const pyradiomics = referenceData('pyradiomics');
const onBrain = pyradiomics === null ? describe.skip : describe;

/** Where PyRadiomics means the same by another name; its grey levels are FBS 25 from a multiple of 25. */
const PYRADIOMICS_NAMES: Readonly<Record<string, string>> = {
  firstorder_Mean: 'stat_mean',
  firstorder_Variance: 'stat_var',
  firstorder_Skewness: 'stat_skew',
  firstorder_10Percentile: 'stat_p10',
  firstorder_InterquartileRange: 'stat_iqr',
  firstorder_RobustMeanAbsoluteDeviation: 'stat_rmad',
  firstorder_Entropy: 'ih_entropy',
  firstorder_Uniformity: 'ih_uniformity',
  shape_VoxelVolume: 'morph_vol_approx',
  shape_Elongation: 'morph_pca_elongation',
  shape_Flatness: 'morph_pca_flatness',
  glcm_JointEntropy: 'cm_joint_entr_3D_avg',
  glcm_Contrast: 'cm_contrast_3D_avg',
  glcm_Correlation: 'cm_corr_3D_avg',
  glcm_ClusterProminence: 'cm_clust_prom_3D_avg',
  glcm_Idmn: 'cm_inv_diff_mom_norm_3D_avg',
  glcm_InverseVariance: 'cm_inv_var_3D_avg',
  glcm_Imc1: 'cm_info_corr1_3D_avg',
  glcm_Imc2: 'cm_info_corr2_3D_avg',
  glrlm_ShortRunEmphasis: 'rlm_sre_3D_avg',
  glrlm_LongRunHighGrayLevelEmphasis: 'rlm_lrhge_3D_avg',
  glrlm_RunLengthNonUniformity: 'rlm_rlnu_3D_avg',
  glrlm_RunPercentage: 'rlm_r_perc_3D_avg',
  glrlm_GrayLevelVariance: 'rlm_gl_var_3D_avg',
  glrlm_RunEntropy: 'rlm_rl_entr_3D_avg',
  glcm_MCC: 'cm_mcc_3D_avg',
  glszm_SmallAreaEmphasis: 'szm_sze_3D',
  glszm_LargeAreaHighGrayLevelEmphasis: 'szm_lzhge_3D',
  glszm_GrayLevelNonUniformity: 'szm_glnu_3D',
  glszm_SizeZoneNonUniformityNormalized: 'szm_zsnu_norm_3D',
  glszm_ZonePercentage: 'szm_z_perc_3D',
  glszm_ZoneVariance: 'szm_zs_var_3D',
  glszm_ZoneEntropy: 'szm_zs_entr_3D',
  ngtdm_Coarseness: 'ngt_coarseness_3D',
  ngtdm_Contrast: 'ngt_contrast_3D',
  ngtdm_Busyness: 'ngt_busyness_3D',
  ngtdm_Complexity: 'ngt_complexity_3D',
  ngtdm_Strength: 'ngt_strength_3D',
  gldm_SmallDependenceEmphasis: 'ngl_lde_3D',
  gldm_LargeDependenceHighGrayLevelEmphasis: 'ngl_hdhge_3D',
  gldm_DependenceNonUniformity: 'ngl_dcnu_3D',
  gldm_DependenceVariance: 'ngl_dc_var_3D',
  gldm_DependenceEntropy: 'ngl_dc_entr_3D',
};

onBrain(`brain1 of PyRadiomics${pyradiomics === null ? ' (reference data absent)' : ''}`, () => {
  it('gives what PyRadiomics gives, where both mean the same', () => {
    const volume = readNrrd(readFileSync(`${pyradiomics}/brain1_image.nrrd`));
    const label = readNrrd(readFileSync(`${pyradiomics}/brain1_label.nrrd`));
    const reference = JSON.parse(readFileSync(`${pyradiomics}/brain1_recomputed_8ed5793.json`, 'utf8')) as {
      plain: { features: Record<string, number> };
    };
    const { values } = extractFeatures(volume, attachMask(maskFromVolume(label, 1), volume), {
      ...PRESETS['ibsi1-phantom'],
      discretisations: [{ method: 'FBS', width: 25, minimum: 450 }], // the minimum is 468
    });
    for (const [theirs, ours] of Object.entries(PYRADIOMICS_NAMES)) {
      const expected = reference.plain.features[`original_${theirs}`];
      // PyRadiomics adds 2.2e-16 inside its logarithms, and to the products of MCC, which moves them by 1e-12.
      expect([theirs, Math.abs(values[ours].value! / expected - 1) < 4e-12]).toEqual([theirs, true]);
    }
  });
});
