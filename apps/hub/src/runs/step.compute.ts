import type { StudyProtocol } from '@concord/contracts';

import type { StepKind } from './run.graph.js';
import { assess } from './steps/assess.js';
import { fit } from './steps/fit.js';
import { harmonizeDevelopment, harmonizeSite } from './steps/harmonize.js';
import { leakAudit } from './steps/leak-audit.js';
import { lock } from './steps/lock.js';
import { predict } from './steps/predict.js';
import { report } from './steps/report.js';
import { measureEffects } from './steps/scanner-effects.js';
import { validate } from './steps/validate.js';

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

/** Runs one step. Called in a worker thread of the hub, or directly by tests. */
export async function computeStep(task: StepTask): Promise<StepResult> {
  switch (task.kind) {
    case 'harmonize-development':
      return harmonizeDevelopment(task);
    case 'fit':
      return fit(task);
    case 'lock':
      return lock(task);
    case 'harmonize-site':
      return harmonizeSite(task);
    case 'scanner-effects':
      return measureEffects(task);
    case 'predict':
      return predict(task);
    case 'validate':
      return validate(task);
    case 'leak-audit':
      return leakAudit(task);
    case 'assess':
      return assess(task);
    case 'report':
      return report(task);
  }
}
