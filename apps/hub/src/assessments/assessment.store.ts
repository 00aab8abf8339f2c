import type { Transaction } from '../database/database.js';
import type { Assessment } from './assessment.js';

/** Where assessments are kept, one a study and scheme. None is ever changed or deleted. */
export abstract class AssessmentStore {
  /** Oldest first. */
  abstract list(transaction: Transaction, studyId: string): Promise<Assessment[]>;
  /** Throws if the study has one of that scheme. */
  abstract add(transaction: Transaction, assessment: Assessment): Promise<void>;
}
