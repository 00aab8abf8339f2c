import { invariant } from '@concord/errors';

import type { Transaction } from '../database/database.js';
import type { Assessment } from './assessment.js';
import { AssessmentStore } from './assessment.store.js';

/** For tests; knows no roll-back. */
export class MemoryAssessmentStore extends AssessmentStore {
  private readonly assessments: Assessment[] = [];

  async list(_transaction: Transaction, studyId: string): Promise<Assessment[]> {
    const found = this.assessments.filter((assessment) => assessment.studyId === studyId);
    return found.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async add(_transaction: Transaction, assessment: Assessment): Promise<void> {
    const { studyId, scheme } = assessment;
    const isThere = this.assessments.some((other) => other.studyId === studyId && other.scheme === scheme);
    invariant(!isThere, 'a study is assessed twice by one scheme');
    this.assessments.push(assessment);
  }
}
