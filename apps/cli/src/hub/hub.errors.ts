import { ConcordError } from '@concord/errors';

/** An error as GraphQL carries it; the hub puts code, what, where and fix beside the message. */
export interface GraphqlError {
  readonly message: string;
  readonly extensions?: Partial<HubRefusal>;
}

/** A refusal as the hub's routes send it. */
export interface HubRefusal {
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly fix: string;
}

/** The hub refused something, and said why. */
export class HubError extends ConcordError {
  private constructor(
    readonly code: string,
    what: string,
    where: string,
    fix: string,
  ) {
    super(what, where, fix);
  }

  static from({ message, extensions }: GraphqlError): HubError {
    return new HubError(
      extensions?.code ?? 'HUB_ERROR',
      extensions?.what ?? message,
      extensions?.where ?? 'hub',
      extensions?.fix ?? 'Look at the hub’s log.',
    );
  }
}

/** No answer came, or one that is not a hub's. */
export class HubUnreachableError extends ConcordError {
  readonly code = 'HUB_UNREACHABLE';
}

/** The hub holds no study of that id. */
export class StudyUnknownError extends ConcordError {
  readonly code = 'STUDY_UNKNOWN';
}

/** The file of the token is absent, empty or holds something else. */
export class TokenFileError extends ConcordError {
  readonly code = 'TOKEN_FILE';
}

/** What the hub sent is not what its digests or signatures say. */
export class FetchedBundleError extends ConcordError {
  readonly code = 'BUNDLE_INVALID';
}

/** The study has not come to its report yet. */
export class ReportNotReadyError extends ConcordError {
  readonly code = 'REPORT_NOT_READY';
}
