import { ConcordError } from '@concord/errors';

/** Columns disagree in length or name, a patient has no batch, or there are fewer than two batches. */
export class ScannerEffectInputError extends ConcordError {
  readonly code = 'SCANNER_EFFECT_INPUT_INVALID';
}
