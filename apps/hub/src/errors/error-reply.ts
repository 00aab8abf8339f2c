import { HttpException } from '@nestjs/common';

import { ContractError, type ContractErrorCode } from '@concord/contracts';
import { InvariantError, isConcordError } from '@concord/errors';

import { MessageReplayedError } from '../releases/release.js';
import { UploadOffsetError } from '../releases/upload-errors.js';
import { HubError, type HubErrorCode } from './hub-error.js';

/** What a caller is told: over HTTP as the body, over GraphQL as `extensions`. */
export interface ErrorBody {
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly fix: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface ErrorReply {
  readonly status: number;
  readonly body: ErrorBody;
  /** Whether the fault is ours and belongs in the log. */
  readonly isInternal: boolean;
}

/** The one place where an error becomes a reply. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof HubError || error instanceof ContractError) {
    const status = statusOf(error.code);
    return { status, body: { ...error.toJSON(), ...detailsOf(error) }, isInternal: status >= 500 };
  }
  if (isConcordError(error) && !(error instanceof InvariantError)) {
    return { status: 422, body: error.toJSON(), isInternal: false };
  }
  const status = httpStatusOf(error);
  if (status === 404) return plain(404, 'NOT_FOUND', 'there is nothing at this address', 'Check the address.');
  if (status === 413) return plain(413, 'BODY_TOO_LARGE', 'the request is too large', 'Send it in smaller parts.');
  if (status !== null && status < 500) return plain(status, 'BAD_REQUEST', 'the request cannot be read', 'Mend it.');
  return {
    ...plain(500, 'INTERNAL_ERROR', 'the hub failed', 'Try again; if it fails again, look into the hub’s log.'),
    isInternal: true,
  };
}

function statusOf(code: HubErrorCode | ContractErrorCode): number {
  switch (code) {
    case 'UNAUTHENTICATED':
    case 'SIGNATURE_INVALID':
    case 'SITE_UNKNOWN':
      return 401;
    case 'FORBIDDEN':
    case 'TOKEN_UNKNOWN':
    case 'TOKEN_USED':
    case 'TOKEN_EXPIRED':
    case 'OUTCOME_BEFORE_LOCK':
    case 'CERTIFICATE_MISSING':
    case 'INSTITUTION_UNKNOWN':
    case 'CLAIM_OWN':
    case 'CLAIM_INSTITUTION':
      return 403;
    case 'STUDY_UNKNOWN':
    case 'OBJECT_MISSING':
    case 'CLAIM_UNKNOWN':
    case 'CONTEST_UNKNOWN':
    case 'EVIDENCE_UNKNOWN':
      return 404;
    case 'STUDY_EXISTS':
    case 'STUDY_CHANGED':
    case 'STUDY_STATE':
    case 'SITE_EXISTS':
    case 'MESSAGE_REPLAYED':
    case 'REQUEST_REPLAYED':
    case 'PROTOCOL_STALE':
    case 'RELEASE_NOT_WANTED':
    case 'UPLOAD_OFFSET':
    case 'PERSON_EXISTS':
    case 'NOT_ASSESSED':
    case 'CLAIM_WITHDRAWN':
    case 'EVIDENCE_WITHDRAWN':
    case 'SCORE_SEALED':
    case 'SCORES_OPENED':
      return 409;
    case 'UPLOAD_TOO_LARGE':
      return 413;
    case 'INPUT_INVALID':
    case 'QUERY_REFUSED':
    case 'MESSAGE_MALFORMED':
      return 400;
    case 'TITLE_NOT_CONFIRMED':
    case 'SEAL_BROKEN':
    case 'DIGEST_MISMATCH':
    case 'PROTOCOL_INVALID':
    case 'COLUMN_NOT_IN_PROTOCOL':
    case 'COLUMN_MISSING':
    case 'TABLE_INVALID':
    case 'CERTIFICATE_INVALID':
    case 'BUNDLE_INVALID':
      return 422;
    case 'OBJECT_CORRUPT':
    case 'OBJECT_STORE_UNFIT':
    case 'CONFIG_INVALID':
    case 'DATA_DIR_IN_USE':
    case 'MIGRATION_CHANGED':
    case 'MIGRATION_UNFINISHED':
      return 500;
  }
}

function detailsOf(error: Error): Pick<ErrorBody, 'details'> {
  if (error instanceof MessageReplayedError) return { details: { receipt: error.receipt } };
  if (error instanceof UploadOffsetError) return { details: { receivedByteCount: error.receivedByteCount } };
  return {};
}

/** Of Nest's own exceptions and of the body parsers' (http-errors). */
function httpStatusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 ? status : null;
}

function plain(status: number, code: string, what: string, fix: string): ErrorReply {
  return { status, body: { code, what, where: 'request', fix }, isInternal: false };
}
