// Statistics before and after, and repeatability.
import { harmonize } from '@concord/harmonization';
import { measureRepeatability, measureScannerEffect, measureSeparation } from '@concord/scanner-effects';
import { inputOf, numbers, texts } from './case.mjs';
import { combatInput } from './models.mjs';

/** Of all features, or of the first 300 where the file holds a part; ComBat is fitted on all. */
export function diagnostics(data, state) {
  const input = combatInput(data, 'sva', 'par_adj');
  const all = state === 'after' ? harmonize(input).features : input.features;
  const features = all.slice(0, data.info.id.startsWith('r01') ? 300 : all.length);
  const effect = measureScannerEffect({ features, batch: input.batch, covariates: input.covariates });
  const separation = measureSeparation({ features, batch: input.batch });
  return JSON.stringify({
    sites: effect.batches,
    pairs: effect.pairs.map((pair) => pair.join('-')),
    per_feature: perFeature(effect.features),
    summary: summary(effect, separation),
    features: features.map(({ name }) => name),
  });
}

function perFeature(features) {
  const of = (key, part) => features.map((feature) => feature[key]?.[part] ?? null);
  const ofPairs = (part) => features.map(({ kolmogorovSmirnov }) => kolmogorovSmirnov.map((test) => test?.[part] ?? null));
  const names = {
    anova: ['anova', 'F'],
    welch: ['welch', 'F'],
    kruskalWallis: ['kruskal', 'H'],
    brownForsythe: ['levene_median', 'F'],
    levene: ['levene_mean', 'F'],
    bartlett: ['bartlett', 'K2'],
    fligner: ['fligner', 'chi2'],
    partial: ['partial', 'F'],
  };
  return {
    ...Object.fromEntries(
      Object.entries(names).flatMap(([ours, [theirs, statistic]]) => [
        [`${theirs}_${statistic}`, of(ours, 'statistic')],
        [`${theirs}_p`, of(ours, 'p')],
      ]),
    ),
    eta2: features.map(({ etaSquared }) => etaSquared),
    partial_R2: features.map(({ partialRSquared }) => partialRSquared),
    icc_site: features.map(({ iccBatch }) => iccBatch),
    ks_D: ofPairs('statistic'),
    ks_p: ofPairs('p'),
    cohen_d: features.map(({ cohenD }) => cohenD),
  };
}

function summary({ summary: found, pca }, separation) {
  return {
    n_features: found.featureCount,
    bh05_anova: found.anova.count,
    bh05_kruskal: found.kruskalWallis.count,
    bh05_levene_median: found.brownForsythe.count,
    bh05_fligner: found.fligner.count,
    bh05_partial: found.partial.count,
    mean_eta2: found.meanEtaSquared,
    mean_icc_site: found.meanIccBatch,
    mean_abs_cohen_d: found.meanAbsCohenD,
    silhouette_mean: separation.silhouette,
    silhouette_by_site: separation.silhouetteByBatch,
    pca_explained: pca.explained,
    pca_eta2_site: pca.etaSquared,
    permanova_pseudoF: separation.permanova.pseudoF,
    permanova_R2: separation.permanova.rSquared,
    lda_loo_accuracy_10pc: separation.discriminant.accuracy,
    lda_loo_balanced_accuracy_10pc: separation.discriminant.balancedAccuracy,
  };
}

export function reliability(data) {
  const result = measureRepeatability({
    features: inputOf(data).features,
    subject: texts(data, 'subject_id', data.rows),
    occasion: Array.from(numbers(data, 'time', data.rows), String),
  });
  return JSON.stringify({
    sessions: result.occasions.length,
    features: result.features.map((f) => ({
      feature: f.feature,
      MSR: f.meanSquares.subjects,
      MSC: f.meanSquares.occasions,
      MSE: f.meanSquares.error,
      MSW: f.meanSquares.within,
      icc_1_1: f.icc11.value,
      icc_1_1_ci: f.icc11.interval,
      icc_2_1: f.icc21.value,
      icc_2_1_ci: f.icc21.interval,
      icc_3_1: f.icc31.value,
      icc_3_1_ci: f.icc31.interval,
      icc_1_k: f.icc1k,
      icc_2_k: f.icc2k,
      icc_3_k: f.icc3k,
      within_sd: f.withinSd,
      repeatability_coefficient: f.repeatabilityCoefficient,
      wcv_of_grand_mean: f.withinCv,
      friedman_p: f.friedmanP,
      first_two_sessions: firstTwo(f.firstTwo),
    })),
  });
}

function firstTwo(pair) {
  return {
    ccc_n: pair.ccc,
    ccc_n1: pair.cccUnbiased,
    pearson: pair.pearson,
    spearman: pair.spearman,
    ba_bias: pair.bias.value,
    ba_sd: pair.differenceSd,
    ba_loa: pair.limits,
    ba_bias_ci: pair.bias.interval,
    ba_loa_se: pair.limitSe,
    paired_t_p: pair.pairedTP,
    wilcoxon_p: pair.wilcoxonP,
  };
}
