import { ConcordError } from '@concord/errors';

/** The run of a study cannot do this now. */
export class RunStateError extends ConcordError {
  readonly code = 'RUN_STATE';
}

/** A table that a step reads does not hold what the protocol says. */
export class StepInputError extends ConcordError {
  readonly code = 'STEP_INPUT';
}

/** The records of a study give a queued step other inputs than those it was queued with. */
export class StepChangedError extends ConcordError {
  readonly code = 'STEP_CHANGED';

  constructor(name: string) {
    super(
      'its inputs are not those that it was queued with',
      `step ${name}`,
      'Somebody changed the database by hand: restore it from its backup.',
    );
  }
}

/** The process that computed a step ended before it could say how, at every try. */
export class StepLostError extends ConcordError {
  readonly code = 'STEP_LOST';

  constructor(name: string, tryCount: number) {
    super(
      `it was begun ${tryCount} times, and each time the process that computed it ended or took too long`,
      `step ${name}`,
      'Give the worker more memory, or share fewer features; then make the study anew.',
    );
  }
}
