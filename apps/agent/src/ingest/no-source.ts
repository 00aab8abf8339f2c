import { CaseSource, type SourceProgress } from './case-source.js';

/** Stands where no source is set: the page says so, and nothing can leave. */
export class NoSource extends CaseSource {
  readonly revision = 0;

  constructor(readonly kind: 'images' | 'table' = 'images') {
    super();
  }

  override async work(): Promise<void> {}

  override vectors(): null {
    return null;
  }

  override cases(): readonly [] {
    return [];
  }

  override progress(): SourceProgress {
    const problem = {
      code: 'SOURCE_MISSING',
      what: 'no source of cases is set',
      where: 'CONCORD_AGENT_SOURCE',
      fix: 'Set it to images:FOLDER or table:FILE and start the agent again.',
    };
    return { phase: 'idle', caseCount: 0, doneCount: 0, refusedCount: 0, secondsLeft: null, problem };
  }
}
