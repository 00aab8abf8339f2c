import { ConcordError } from '@concord/errors';

/** A pseudonym cannot be made of this key or id. */
export class InvalidKeyError extends ConcordError {
  readonly code = 'PSEUDONYM_KEY_INVALID';
}
