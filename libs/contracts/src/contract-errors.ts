import { ConcordError } from '@concord/errors';

/** Everything the hub can say no with to a site; the code tells which. */
export type ContractErrorCode =
  | 'MESSAGE_MALFORMED'
  | 'MESSAGE_REPLAYED'
  | 'REQUEST_REPLAYED'
  | 'SIGNATURE_INVALID'
  | 'SITE_UNKNOWN'
  | 'SEAL_BROKEN'
  | 'DIGEST_MISMATCH'
  | 'PROTOCOL_STALE'
  | 'PROTOCOL_INVALID'
  | 'STUDY_STATE'
  | 'TOKEN_UNKNOWN'
  | 'TOKEN_USED'
  | 'TOKEN_EXPIRED'
  | 'COLUMN_NOT_IN_PROTOCOL'
  | 'COLUMN_MISSING'
  | 'TABLE_INVALID'
  | 'CERTIFICATE_INVALID'
  | 'CERTIFICATE_MISSING'
  | 'RELEASE_NOT_WANTED'
  | 'OUTCOME_BEFORE_LOCK'
  | 'UPLOAD_OFFSET'
  | 'UPLOAD_TOO_LARGE'
  | 'BUNDLE_INVALID';

/** A message between site and hub that is refused; nothing was changed by it. */
export class ContractError extends ConcordError {
  constructor(
    readonly code: ContractErrorCode,
    what: string,
    where: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(what, where, fix, options);
  }
}
