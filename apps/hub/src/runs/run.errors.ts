import { ConcordError } from '@concord/errors';

/** The run of a study cannot do this now. */
export class RunStateError extends ConcordError {
  readonly code = 'RUN_STATE';
}

/** A table that a step reads does not hold what the protocol says. */
export class StepInputError extends ConcordError {
  readonly code = 'STEP_INPUT';
}
