import { ConcordError } from '@concord/errors';

/** The rows, columns or settings given to a fit cannot be used. */
export class ModelInputError extends ConcordError {
  readonly code = 'MODEL_INPUT_INVALID';
}

/** A model is asked for a prediction on columns that it does not know, or lacks one that it needs. */
export class ModelFeatureError extends ConcordError {
  readonly code = 'MODEL_FEATURES_DIFFER';
}

/** A fit did not settle within its bound of iterations. */
export class ModelConvergenceError extends ConcordError {
  readonly code = 'MODEL_NOT_CONVERGED';
}

/** Bytes that are not a whole ONNX file. */
export class OnnxFormatError extends ConcordError {
  readonly code = 'ONNX_MALFORMED';
}

/** A whole ONNX file that Concord does not run. */
export class OnnxRefusedError extends ConcordError {
  readonly code = 'ONNX_REFUSED';
}

/** A lock record with a part missing or malformed. */
export class LockRecordError extends ConcordError {
  readonly code = 'LOCK_RECORD_INVALID';
}
