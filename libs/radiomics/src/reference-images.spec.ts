import { attachMask, maskFromVolume, readNrrd } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { PRESETS } from './index.js';
import { extractFeatures } from './spec-support.js';

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
