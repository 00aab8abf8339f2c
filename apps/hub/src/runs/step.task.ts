import type { StudyProtocol } from '@concord/contracts';

import type { StepKind } from './run.graph.js';

/** Everything a step computes from: no database, no clock, no randomness but the protocol's seed. */
export interface StepTask {
  readonly kind: StepKind;
  readonly site: string | null;
  readonly protocol: StudyProtocol;
  readonly protocolDigest: string;
  /** Role → bytes. */
  readonly inputs: Readonly<Record<string, Uint8Array>>;
  /** Role → digest. */
  readonly digests: Readonly<Record<string, string>>;
  /** Facts of the database that a report shows; empty for all other steps. */
  readonly context: StepContext;
}

/** What only the database knows: times, places in the audit log, versions. */
export interface StepContext {
  readonly record: Readonly<Record<string, unknown>>;
  /** An empty folder of its own, for the child process that runs a model. */
  readonly workFolder: string;
}

/** Role → bytes. Equal tasks give equal bytes (a report, which shows times, apart). */
export type StepResult = Readonly<Record<string, Uint8Array>>;
