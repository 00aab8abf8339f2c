export {
  InferenceCrashedError,
  InferenceFailedError,
  InferenceMemoryError,
  InferenceRefusedError,
  InferenceTimeoutError,
} from './errors.js';
export { runOnnx, runOnnxTensor, type OnnxOutput, type OnnxRun } from './run-onnx.js';
export { embedPatch, segmentPatch, type DeepFeatures, type PatchMask, type PatchRun } from './image-patch.js';
