export {
  aucEstimates,
  aucSums,
  hanleyMcNeilVariance,
  inverseLogit,
  withinSiteAuc,
  type AucEstimates,
  type AucSums,
} from './auc.js';
export * from './binary/calibration-statistics.js';
export { modelBasedConcordance } from './binary/case-mix.js';
export {
  calibrationDistances,
  loessCalibration,
  splineCalibration,
  type CalibrationDistances,
  type LoessCalibration,
  type SplineCalibration,
} from './binary/flexible-calibration.js';
export type { CohortDetails } from './binary/cohort-details.js';
export { compareScores, type ComparedScore, type ScoreComparison } from './binary/compare-scores.js';
export { siteDifferences, type SiteDifferences, type SiteMembership } from './binary/site-differences.js';
export { LEAST_CELL, type SubgroupCohort, type Subgrouping, type SubgroupReport } from './binary/subgroup-report.js';
export { mcNemar, type McNemar } from './binary/mcnemar.js';
export { membershipModel, standardizedMeanDifference, type Membership } from './binary/membership.js';
export {
  aucHomogeneity,
  comparePairedAuc,
  compareUnpairedAuc,
  type PairedAuc,
  type UnpairedAuc,
} from './binary/paired-auc.js';
export { precisionRecall, type PrecisionRecall } from './binary/precision-recall.js';
export {
  categoricalNri,
  continuousNri,
  idi,
  type CategoricalReclassification,
  type DiscriminationImprovement,
  type Reclassification,
} from './binary/reclassification.js';
export {
  closestThresholds,
  partialAuc,
  rocBetweenScores,
  youdenThresholds,
  type ExploratoryThreshold,
  type PartialAuc,
} from './binary/roc-summary.js';
export { groupInteraction, type GroupInteraction } from './binary/subgroups.js';
export { closedTest, updateModel, type ClosedTest, type ModelUpdating, type UpdatedModel } from './binary/updating.js';
export { valProb, type ValProb } from './binary/val-prob.js';
export { bootstrapIntervals, type BootstrapIntervals } from './bootstrap.js';
export { calibrate, logitsOf, type Calibration } from './calibration.js';
export {
  calibrationCurve,
  type CalibrationCurve,
  type CalibrationGroup,
  type CalibrationPoint,
} from './calibration-curve.js';
export { fisherExact, pearsonChiSquared, rateDifference, type FisherTest, type TwoByTwo } from './contingency.js';
export {
  decisionCurve,
  DEFAULT_DECISION_THRESHOLDS,
  netBenefits,
  type DecisionPoint,
  type NetBenefit,
} from './decision-curve.js';
export { cumulativeIncidence, incidencePoint, type CumulativeIncidence } from './competing/cumulative-incidence.js';
export {
  fineGrayRows,
  fitFineGray,
  fitFineGrayRows,
  type FineGrayFit,
  type FineGrayRows,
} from './competing/fine-gray.js';
export { grayTest, type GrayTest } from './competing/gray-test.js';
export type { CompetingHorizon } from './competing/competing-horizon.js';
export {
  validateCompeting,
  type CompetingCohortValidation,
  type CompetingValidation,
  type CompetingValidationInput,
} from './competing/validate-competing.js';
export type { CurvePoints } from './survival/curve-points.js';
export type { SurvivalSubgroups } from './survival/survival-subgroups.js';
export {
  developmentSizeBinary,
  developmentSizeSurvival,
  validationSize,
  widthAchieved,
  type BinaryDevelopment,
  type DevelopmentSize,
  type SurvivalDevelopment,
  type ValidationCriterion,
  type ValidationPlan,
  type ValidationSize,
} from './design/sample-size.js';
export { sampleAdequacy, type AdequacyItem } from './design/adequacy.js';
export { ValidationInputError } from './errors.js';
export { holm } from './holm.js';
export {
  estimate,
  estimateWithoutInterval,
  notEstimable,
  plainEstimate,
  testEstimate,
  type Estimate,
} from './estimate.js';
export { bootstrapAuc, bootstrapNetBenefit, drawRows, type BootstrapInterval } from './fast-bootstrap.js';
export { devianceOf, fitLogistic, type LogisticFit } from './logistic-fit.js';
export { metaAnalyse, type MetaAnalysis } from './meta-analysis.js';
export { aucFromHistograms, scoreHistogram, type AucBounds, type ScoreHistogram } from './pooling/histogram-auc.js';
export {
  federatedReport,
  type FederatedReport,
  type LabelledEstimate,
  type NamedSums,
} from './pooling/federated-report.js';
export {
  calibrationSums,
  edgesFrom,
  scoreSums,
  type CalibrationStep,
  type CalibrationSums,
  type ScoreSums,
  type SumsPlan,
  type WithheldSums,
} from './pooling/score-sums.js';
export { internalExternal, type HeldOutSite } from './pooling/internal-external.js';
export { curveFromTables, eventTable, mergeTables, type EventTable } from './pooling/event-tables.js';
export {
  addSums,
  coxSiteSums,
  fitFromSums,
  logisticSums,
  type NewtonSums,
  type SumsFit,
} from './pooling/newton-sums.js';
export {
  EXACT_SEARCH,
  leaveOneOut,
  METAFOR_SEARCH,
  predictionInterval,
  randomEffects,
  tau2Interval,
  type HeterogeneityEstimator,
  type MeanTest,
  type RandomEffects,
  type Tau2Search,
} from './pooling/random-effects.js';
export { randomInterceptLogistic, type RandomIntercept } from './pooling/random-intercept.js';
export { poolMeasure, siteValueOf, type PooledMeasure, type SiteValue } from './pooling/pooled-measure.js';
export { poolImputations, type RubinPooled } from './pooling/rubin.js';
export { exactProportion, proportion } from './proportion.js';
export { riskHistogram, rocPoints, type RiskHistogram, type RocPoint } from './risk-distribution.js';
export { splineColumns, splineKnots, splineRow } from './spline.js';
export { thresholdMetrics, type ThresholdMetrics, type ThresholdProportions } from './threshold-metrics.js';
export {
  validateBinary,
  type AcrossSites,
  type BinaryValidation,
  type BinaryValidationInput,
  type CohortValidation,
  type SiteValidation,
} from './validate-binary.js';
export {
  binaryPerformance,
  bootstrapOptimism,
  type BinaryPerformance,
  type BootstrapOptimism,
  type Pipeline,
} from './optimism.js';
export { ascendingIndex } from './order.js';
export { censoringAt, censoringCurve, type CensoringCurve } from './survival/censoring.js';
export { concordance, concordanceEstimate, type Concordance, type ConcordanceOptions } from './survival/concordance.js';
export { baselineHazard, hazardAt, type BaselineHazard } from './survival/cox-baseline.js';
export { fitCox, type CoxFit, type CoxInput, type CoxSettings } from './survival/cox-fit.js';
export { robustCovariance, scoreResiduals } from './survival/cox-residuals.js';
export { proportionalHazardsTest, type ProportionalHazardsTest } from './survival/cox-zph.js';
export {
  kaplanMeier,
  medianFollowUp,
  medianSurvival,
  restrictedMean,
  survivalAt,
  survivalPoint,
  type KaplanMeier,
  type RestrictedMean,
  type SurvivalPoint,
} from './survival/kaplan-meier.js';
export {
  logRank,
  logRankFromTables,
  pairwiseLogRank,
  trendTest,
  type LogRank,
  type PairwiseLogRank,
} from './survival/log-rank.js';
export { separation, type Separation } from './survival/prognostic-index.js';
export {
  coxSlope,
  flexibleSurvivalCalibration,
  observedExpectedAt,
  poissonCalibration,
  type CoxSlope,
  type FlexibleSurvivalCalibration,
  type ObservedExpectedAt,
  type PoissonCalibration,
} from './survival/survival-calibration.js';
export { checkSurvival, survivalRows, type SurvivalData } from './survival/survival-data.js';
export { competingNetBenefit, survivalNetBenefit, type SurvivalNetBenefit } from './survival/survival-decision.js';
export {
  aucAt,
  brierAt,
  censoringSurvival,
  markerOrder,
  weightedCohort,
  type AtHorizon,
  type AucOptions,
  type CausesData,
  type WeightedCohort,
} from './survival/time-dependent.js';
export type { HorizonGroup, HorizonValidation } from './survival/horizon-validation.js';
export { riskGroupReport, type RiskGroup, type RiskGroupReport } from './survival/risk-groups.js';
export type { SlopeEstimates } from './survival/survival-estimates.js';
export {
  validateSurvival,
  type SurvivalCohortValidation,
  type SurvivalValidation,
  type SurvivalValidationInput,
} from './survival/validate-survival.js';
