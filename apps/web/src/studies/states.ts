import type { Step, StudyState } from '../api/study-query.js';

interface Look {
  readonly label: string;
  readonly sign: string;
  readonly tone: 'good' | 'busy' | 'wait' | 'bad' | 'none';
}

/** The four stations of a study, in order. */
export const STATES: Readonly<Record<StudyState, Look & { readonly meaning: string }>> = {
  draft: { label: 'draft', sign: '✎', tone: 'none', meaning: 'The protocol is written.' },
  frozen: { label: 'frozen', sign: '❄', tone: 'busy', meaning: 'Sites release under the frozen protocol.' },
  locked: { label: 'locked', sign: '■', tone: 'busy', meaning: 'The model is fixed; validation outcomes open.' },
  validated: { label: 'validated', sign: '✓', tone: 'good', meaning: 'The report stands.' },
};

export const STEP_LOOKS: Readonly<Record<Step['state'], Look>> = {
  waiting: { label: 'waits', sign: '·', tone: 'none' },
  queued: { label: 'runs', sign: '▸', tone: 'busy' },
  done: { label: 'done', sign: '✓', tone: 'good' },
  failed: { label: 'failed', sign: '✗', tone: 'bad' },
};
