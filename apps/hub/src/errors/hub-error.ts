import { ConcordError } from '@concord/errors';

/** Everything the hub itself says no with; `error-reply.ts` maps each to HTTP and GraphQL. */
export type HubErrorCode =
  | 'CONFIG_INVALID'
  | 'DATA_DIR_IN_USE'
  | 'MIGRATION_CHANGED'
  | 'MIGRATION_UNFINISHED'
  | 'OBJECT_MISSING'
  | 'OBJECT_CORRUPT'
  | 'OBJECT_STORE_UNFIT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'STUDY_UNKNOWN'
  | 'STUDY_EXISTS'
  | 'STUDY_CHANGED'
  | 'SITE_EXISTS'
  | 'TITLE_NOT_CONFIRMED'
  | 'INPUT_INVALID'
  | 'INSTITUTION_UNKNOWN'
  | 'PERSON_EXISTS'
  | 'NOT_ASSESSED'
  | 'CLAIM_UNKNOWN'
  | 'CLAIM_WITHDRAWN'
  | 'CLAIM_OWN'
  | 'CLAIM_INSTITUTION'
  | 'CONTEST_UNKNOWN'
  | 'EVIDENCE_UNKNOWN'
  | 'EVIDENCE_WITHDRAWN'
  | 'SCORE_SEALED'
  | 'SCORES_OPENED'
  | 'QUERY_REFUSED';

/** A request or a setting that the hub refuses; nothing was changed by it. */
export class HubError extends ConcordError {
  constructor(
    readonly code: HubErrorCode,
    what: string,
    where: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(what, where, fix, options);
  }
}
