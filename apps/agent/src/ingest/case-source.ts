import type { StudyProtocol } from '@concord/contracts';

import type { Problem } from '../agent-errors.js';

/** One patient as the page shows it. It stays at the site: `place` is a path below the source, or a row of its file. */
export interface CaseView {
  readonly caseKey: string;
  readonly place: string;
  readonly state: 'found' | 'ok' | 'refused';
  readonly problem: Problem | null;
  readonly warnings: readonly string[];
}

/** What was measured on one patient, by name; a value that could not be measured is absent or NaN. */
export interface CaseVector {
  readonly patientId: string;
  readonly features: Readonly<Record<string, number | null>>;
  readonly acquisition: Readonly<Record<string, string | number | null>>;
}

export interface SourceProgress {
  readonly phase: 'reading' | 'extracting' | 'idle';
  readonly caseCount: number;
  readonly doneCount: number;
  readonly refusedCount: number;
  /** Estimate for the cases still to be measured, or null. */
  readonly secondsLeft: number | null;
  /** Why the source as a whole cannot be used, or null. */
  readonly problem: Problem | null;
}

/** Where a site's cases come from. One broken case never stops the others. */
export abstract class CaseSource {
  abstract readonly kind: 'images' | 'table';

  /** Rises whenever the cases or their vectors have changed. */
  abstract readonly revision: number;

  /** Looks for cases and, with a protocol, measures those that are not measured yet. Cheap where nothing changed. */
  abstract work(protocol: StudyProtocol | null, signal: AbortSignal): Promise<void>;

  /**
   * Every patient that can be used, or null while some are not yet measured.
   *
   * @throws {AgentError} TABLE_NOT_USABLE if the protocol needs what the source lacks
   */
  abstract vectors(protocol: StudyProtocol): readonly CaseVector[] | null;

  abstract cases(): readonly CaseView[];

  abstract progress(): SourceProgress;

  /** Ends whatever still runs for it. */
  close(): void {}
}
