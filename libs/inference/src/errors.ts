import { ConcordError } from '@concord/errors';

/** What was asked of the run cannot be: a wrong digest, input or folder; nothing was started. */
export class InferenceRefusedError extends ConcordError {
  readonly code = 'INFERENCE_REFUSED';
}

/** The model did not answer in time; its process was killed. */
export class InferenceTimeoutError extends ConcordError {
  readonly code = 'INFERENCE_TIMEOUT';
}

/** The model asked for more memory than it may have. */
export class InferenceMemoryError extends ConcordError {
  readonly code = 'INFERENCE_OUT_OF_MEMORY';
}

/** The runtime refused the model or its input, or the model's answer is unusable. */
export class InferenceFailedError extends ConcordError {
  readonly code = 'INFERENCE_FAILED';
}

/** The process ended without an answer. */
export class InferenceCrashedError extends ConcordError {
  readonly code = 'INFERENCE_CRASHED';
}
