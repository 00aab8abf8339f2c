export { elasticNetPath, fitElasticNetLogistic, type ElasticNetFit, type ElasticNetInput } from './elastic-net.js';
export {
  coxElasticNetPath,
  fitCoxModel,
  fitElasticNetCox,
  type CoxElasticNetFit,
  type CoxElasticNetInput,
} from './cox-elastic-net.js';
export type { CoxModel } from './cox-model.js';
export { adjustedRand, clusterQuality, type ClusterQuality } from './clusters/cluster-quality.js';
export { consensusClusters, type ConsensusClusters } from './clusters/consensus.js';
export {
  cutTree,
  euclideanDistances,
  hierarchicalClusters,
  type Dendrogram,
  type Linkage,
} from './clusters/hierarchical.js';
export { assignNearest, kMeans, type KMeans } from './clusters/k-means.js';
export { fitStandardization, standardizedRows, type Standardization } from './clusters/standardize.js';
export {
  LockRecordError,
  ModelConvergenceError,
  ModelFeatureError,
  ModelInputError,
  OnnxFormatError,
  OnnxRefusedError,
} from './errors.js';
export { fitClusters, type ClusterSettings } from './clusters/fit-clusters.js';
export {
  crossFit,
  fitModel,
  foldsFor,
  MODEL_KINDS,
  type FitData,
  type FitSettings,
  type FittedModel,
  type ModelKind,
} from './fit-model.js';
export { fitFirth, type FirthFit } from './firth.js';
export { stratifiedFolds } from './folds.js';
export {
  linearPredictor,
  predictLogistic,
  type CrossValidationPoint,
  type LogisticModel,
  type NamedColumn,
} from './logistic-model.js';
export { digestOf, lockRecord, type LockParts, type LockRecord } from './lock.js';
export { logisticToOnnx, onnxFeatures } from './logistic-to-onnx.js';
export {
  checkOnnx,
  DEFAULT_ONNX_LIMITS,
  inspectOnnx,
  type OnnxLimits,
  type OnnxPort,
  type OnnxSummary,
} from './onnx-guard.js';
export {
  buildNomogram,
  nomogramPoints,
  outcomeRuler,
  type Nomogram,
  type NomogramAxis,
  type NomogramPredictor,
  type PatientPoints,
} from './nomogram.js';
export { calibrateScores, fitLinearSvm, type LinearSvm, type SvmModel } from './linear-svm.js';
export { modelToOnnx, onnxInput } from './model-to-onnx.js';
export type { OnnxExport } from './onnx-writer.js';
export {
  predictWith,
  svmScores,
  type ClusterModel,
  type LogisticCoefficients,
  type LogisticFitModel,
  type PredictionModel,
} from './prediction.js';
export {
  parseSignature,
  signatureScores,
  type SignatureModel,
  type SignatureTerm,
  type SignatureTransform,
} from './signature.js';
export type { ForestSettings } from './trees/grow-forest.js';
export { fitForest, type ForestFit, type ForestModel } from './trees/random-forest.js';
export {
  fitSurvivalForest,
  type SurvivalForestFit,
  type SurvivalForestModel,
  type SurvivalForestSettings,
} from './trees/survival-forest.js';
export type { Tree } from './trees/tree.js';
export { byQuotient, oneWayIcc, selectMrmr, selectReliable, type RepeatedMeasurements } from './selection.js';
export { profileIntervals } from './profile-intervals.js';
export { chooseThreshold, type ChosenThreshold, type ThresholdRule } from './threshold.js';
