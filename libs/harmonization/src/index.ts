export { applyCombat, type CombatRows, harmonize, type HarmonizedFeatures } from './apply-combat.js';
export type { CovariateCoding } from './coding.js';
export type { Covariate, FeatureColumn } from './columns.js';
export {
  type CombatEstimates,
  type CombatModel,
  type CombatOptions,
  defaultCombatOptions,
  parseCombatModel,
  type PassedThrough,
} from './combat-model.js';
export type { StopRule } from './empirical-bayes.js';
export {
  CombatInputError,
  CombatModelFormatError,
  CovariateAliasedError,
  ModelMismatchError,
  OutcomeAsCovariateError,
  TooFewFeaturesError,
  TooFewSubjectsError,
  UnknownBatchError,
  UnknownLevelError,
} from './errors.js';
export { type CombatInput, fitCombat } from './fit-combat.js';
export { applyToNewSite, type IntervalColumn, type NewSiteEstimates, type NewSiteRows } from './new-site.js';
