import { ConcordError } from '@concord/errors';

/** What the hub answered when it refused, or why it could not be reached: the hub's own code, what, where and fix. */
export class HubProblem extends ConcordError {
  constructor(
    readonly code: string,
    what: string,
    where: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(what, where, fix, options);
  }

  /** The token is not known (any more): only another one helps. */
  get needsToken(): boolean {
    return this.code === 'UNAUTHENTICATED';
  }

  /** Reads the body of an error reply, or `extensions` of a GraphQL error. */
  static from(body: unknown, where: string): HubProblem {
    const {
      code,
      what,
      fix,
      where: place,
    } = (body ?? {}) as Partial<Record<'code' | 'what' | 'where' | 'fix', string>>;
    return new HubProblem(
      code ?? 'REPLY_UNREADABLE',
      what ?? 'the hub answered something that this page does not understand',
      place ?? where,
      fix ?? 'Load the page again; if that does not help, look into the hub’s log.',
    );
  }

  static unreachable(where: string, cause: unknown): HubProblem {
    const fix = 'Check your connection; the page tries again by itself.';
    return new HubProblem('HUB_UNREACHABLE', 'the hub does not answer', where, fix, { cause });
  }
}

/** Any error as a problem that can be shown. An error of the page itself is said to be one. */
export function problemOf(error: unknown): HubProblem {
  if (error instanceof HubProblem) return error;
  const what = error instanceof Error ? error.message : 'something failed';
  return new HubProblem('PAGE_FAILED', what, 'this page', 'Load the page again; if it fails again, please report it.', {
    cause: error,
  });
}
