import { ConcordError } from '@concord/errors';

/** What a site's agent refuses or cannot do; the code tells which. */
export type AgentErrorCode =
  | 'CONFIG_INVALID'
  | 'USAGE'
  | 'NOT_JOINED'
  | 'ALREADY_JOINED'
  | 'DATA_DIR_IN_USE'
  | 'FILE_NOT_READABLE'
  | 'FILE_TOO_OPEN'
  | 'HUB_UNREACHABLE'
  | 'HUB_REPLY_UNSIGNED'
  | 'HUB_REPLY_INVALID'
  | 'ORDERS_REFUSED'
  | 'PROTOCOL_CHANGED'
  | 'RELEASE_UNKNOWN'
  | 'RELEASE_NOT_HELD'
  | 'RELEASE_CHANGED'
  | 'LEDGER_BROKEN'
  | 'TABLE_NOT_USABLE'
  | 'CLINICAL_NOT_USABLE'
  | 'SUMS_NOT_USABLE';

/** Nothing left the site because of it; no patient's value is in it. */
export class AgentError extends ConcordError {
  constructor(
    readonly code: AgentErrorCode,
    what: string,
    where: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(what, where, fix, options);
  }
}

/** The hub said no: its code and sentences as it gave them. */
export class HubRefusal extends ConcordError {
  /**
   * @param code the hub's code, for example MESSAGE_REPLAYED
   * @param isSigned whether the refusal carries the hub's signature; one that does not is shown, never acted upon
   */
  constructor(
    readonly code: string,
    what: string,
    where: string,
    fix: string,
    readonly isSigned: boolean,
  ) {
    super(what, where, fix);
  }
}

export interface Problem {
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly fix: string;
  /** Where several rules say no: each with the cell it concerns and what would mend it. */
  readonly findings?: readonly Finding[];
}

export interface Finding {
  readonly rule: string;
  readonly cell: string;
  readonly what: string;
  readonly fix: string;
}

/** Any error as a person may read it; an unexpected one without its text, which could hold a patient's value. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ConcordError) return error.toJSON();
  return {
    code: 'INTERNAL',
    what: `an unexpected ${error instanceof Error ? error.name : typeof error} happened`,
    where: 'inside the agent',
    fix: 'Nothing left the site because of it. Please report it with the steps that led here.',
  };
}
