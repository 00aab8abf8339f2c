export {
  aucEstimates,
  aucSums,
  hanleyMcNeilVariance,
  inverseLogit,
  withinSiteAuc,
  type AucEstimates,
  type AucSums,
} from './auc.js';
export { bootstrapIntervals, type BootstrapIntervals } from './bootstrap.js';
export { calibrate, type Calibration } from './calibration.js';
export {
  calibrationCurve,
  type CalibrationCurve,
  type CalibrationGroup,
  type CalibrationPoint,
} from './calibration-curve.js';
export { decisionCurve, DEFAULT_DECISION_THRESHOLDS, type DecisionPoint } from './decision-curve.js';
export { ValidationInputError } from './errors.js';
export { estimate, estimateWithoutInterval, notEstimable, type Estimate } from './estimate.js';
export { fitLogistic, type LogisticFit } from './logistic-fit.js';
export { metaAnalyse, type MetaAnalysis } from './meta-analysis.js';
export { proportion } from './proportion.js';
export { riskHistogram, rocPoints, type RiskHistogram, type RocPoint } from './risk-distribution.js';
export { thresholdMetrics, type ThresholdMetrics } from './threshold-metrics.js';
export {
  validateBinary,
  type BinaryValidation,
  type BinaryValidationInput,
  type CohortValidation,
  type SiteValidation,
} from './validate-binary.js';
