export {
  InferenceCrashedError,
  InferenceFailedError,
  InferenceMemoryError,
  InferenceRefusedError,
  InferenceTimeoutError,
} from './errors.js';
export { runOnnx, type OnnxRun } from './run-onnx.js';
