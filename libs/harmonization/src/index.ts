export {
  applyCombat,
  applyCombatInPlace,
  type CombatRows,
  harmonize,
  type HarmonizedFeatures,
} from './apply-combat.js';
export { type CovariateCoding, codingOf, type DesignColumn, designColumns } from './coding.js';
export { applyCovbat, type CovbatInput, type CovbatModel, fitCovbat } from './covbat.js';
export type { Covariate, FeatureColumn } from './columns.js';
export {
  type CombatEstimates,
  type CombatModel,
  type CombatOptions,
  defaultCombatOptions,
  type PassedThrough,
} from './combat-model.js';
export type { StopRule } from './empirical-bayes.js';
export {
  CombatInputError,
  CombatModelFormatError,
  CovariateAliasedError,
  ModelMismatchError,
  OutcomeAsCovariateError,
  SumsFormatError,
  type SumsFinding,
  SumsRefusedError,
  TooFewFeaturesError,
  TooFewSubjectsError,
  UnknownBatchError,
  UnknownLevelError,
} from './errors.js';
export { type CombatInput, fitCombat } from './fit-combat.js';
export {
  applyHarmonization,
  fitHarmonization,
  harmonizeNewSite,
  type HarmonizationInput,
  type HarmonizationModel,
  type HarmonizationRows,
  type MethodModel,
  throughTransforms,
  type TransformedModel,
} from './harmonization.js';
export {
  applyLongitudinal,
  fitLongitudinal,
  type LongitudinalInput,
  type LongitudinalModel,
  type LongitudinalRows,
} from './longitudinal.js';
export { applyToNewSite, type NewSiteEstimates, type NewSiteRows } from './new-site.js';
export {
  applySeveral,
  type BatchVariable,
  fitSeveral,
  type SeveralInput,
  type SeveralModel,
  type SeveralRows,
} from './several.js';
export type { SplineBasis } from './spline.js';
export {
  type FeatureTransform,
  fitTransforms,
  invertValues,
  type TransformKind,
  transformValues,
} from './transforms.js';
export {
  type BatchSums,
  type Codebook,
  type PartialSums,
  type PartSums,
  type SiteRows,
  type SiteSums,
  siteSums,
} from './batch-sums.js';
export { type CombatBlock, combatOfBlocks, fitCombatBlock } from './combat-blocks.js';
export { combatFromSums } from './combat-from-sums.js';
export { modelParts } from './model-part.js';
export { finishCombat } from './finish-combat.js';
export { type PooledFit, type PoolOptions, poolSums, type SumTotals, totalSums } from './pooled-fit.js';
export { parseCombatModel, parseHarmonizationModel, parsePooledFit, type Sealed, sealModel } from './model-file.js';
export {
  type ReleasedSet,
  type ReleaseInput,
  releaseSums,
  SUMS_RULES,
  sumsFindings,
  type SumsRule,
} from './disclosure.js';
export { decodeSums, encodeSums } from './sums-encoding.js';
export { type SumsFile, sumsFromJson, sumsToJson } from './sums-file.js';
export { siteCodebook, uniteSums } from './unite-sums.js';
export { type BatchDescription, correctionSizes, type IntervalColumn } from './intervals.js';
export {
  type CategoricalBalance,
  type ContinuousBalance,
  cramersV,
  type FeatureFlags,
  featureFlags,
  type Identifiability,
  identifiability,
} from './identifiability.js';
export { type PriorFit, priorFit, type QuantilePlot } from './prior-fit.js';
export { withUsedLevels } from './used-levels.js';
