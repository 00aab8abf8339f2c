export { batchDensities, type BatchDensity, batchShifts } from './batch-shapes.js';
export { type BatchCloud, compareScannerEffects, type ScannerEffectComparison } from './compare.js';
export { ScannerEffectInputError } from './errors.js';
export { principalComponents, type PrincipalComponents, project } from './principal-components.js';
export {
  type AdjustedTest,
  type Affected,
  type FeatureEffect,
  measureFeatures,
  measureScannerEffect,
  TEST_NAMES,
  type TestName,
  type ScannerEffect,
  type ScannerEffectInput,
  type ScannerEffectPca,
} from './scanner-effect.js';
export { andersonDarling, kolmogorovSmirnov } from './distribution-tests.js';
export { type Anova, anova, cohenD, hedgesG, kruskalWallis, type TestResult, welch } from './location-tests.js';
export { bartlett, brownForsythe, fligner, levene } from './spread-tests.js';
export { type Factor, varianceShares, type VarianceShares } from './variance-shares.js';
export {
  type FeatureRepeatability,
  measureRepeatability,
  type PairAgreement,
  type Repeatability,
  type RepeatabilityInput,
  type WithInterval,
} from './repeatability.js';
export {
  discriminantPosterior,
  fitDiscriminant,
  leaveOneOutAccuracy,
  type LinearDiscriminant,
} from './linear-discriminant.js';
export { scannerEffectsFromSums, type SumsComparison, type SumsEffect } from './effects-from-sums.js';
export { measureSeparation, type Separation, type SeparationOptions } from './separation.js';
export { type NestedOrder, nestedOrders, type NestedOrders } from './nested-order.js';
export { type BiologyKept, type CovariateKept, measureBiology, type OutcomeKept, pairedAuc } from './biology.js';
export { type AuditedPipeline, type AuditInput, auditLeak, type LeakAudit, validateOnce } from './leak-audit.js';
export { fitForest, forestPosterior, type RandomForest } from './random-forest.js';
export { classifySites, type ClassifierOptions, type SiteClassification } from './site-classifier.js';
export { madeNegative, type Verdict, type VerdictInput, verdictOf } from './verdict.js';
