import { ConcordError } from '@concord/errors';

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
