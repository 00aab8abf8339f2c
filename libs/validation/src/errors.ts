import { ConcordError } from '@concord/errors';

/** Arguments of a validation do not fit each other: a mistake of the caller, not a property of the cohort. */
export class ValidationInputError extends ConcordError {
  readonly code = 'VALIDATION_INPUT_INVALID';
}
