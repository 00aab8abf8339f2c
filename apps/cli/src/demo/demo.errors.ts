import { ConcordError } from '@concord/errors';

/** An error as GraphQL carries it; the hub puts code, what, where and fix beside the message. */
export interface GraphqlError {
  readonly message: string;
  readonly extensions?: {
    readonly code?: string;
    readonly what?: string;
    readonly where?: string;
    readonly fix?: string;
  };
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

export class HubUnreachableError extends ConcordError {
  readonly code = 'HUB_UNREACHABLE';
}

/** A process of the demo ended, or did not start. */
export class DemoProcessError extends ConcordError {
  readonly code = 'DEMO_PROCESS';
}

/** The demo's result is not what its generator put in: the product is broken. */
export class DemoTruthError extends ConcordError {
  readonly code = 'DEMO_TRUTH';
}

/** The table or options of the demo cannot make a study. */
export class DemoInputError extends ConcordError {
  readonly code = 'DEMO_INPUT';
}
