export { elasticNetPath, fitElasticNetLogistic, type ElasticNetFit, type ElasticNetInput } from './elastic-net.js';
export {
  LockRecordError,
  ModelConvergenceError,
  ModelFeatureError,
  ModelInputError,
  OnnxFormatError,
  OnnxRefusedError,
} from './errors.js';
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
export { chooseThreshold, type ChosenThreshold, type ThresholdRule } from './threshold.js';
