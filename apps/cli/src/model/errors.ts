import { ConcordError } from '@concord/errors';

/** A folder or file that holds no model of Concord. */
export class NotAModelError extends ConcordError {
  readonly code = 'NOT_A_MODEL';
}

/** Too few patients have all that is needed. */
export class NoPatientsLeftError extends ConcordError {
  readonly code = 'NO_PATIENTS_LEFT';
}
