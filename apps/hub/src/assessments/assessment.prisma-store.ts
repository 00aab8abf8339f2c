import type { Transaction } from '../database/database.js';
import type { Assessment } from './assessment.js';
import { AssessmentStore } from './assessment.store.js';

export class PrismaAssessmentStore extends AssessmentStore {
  async list(transaction: Transaction, studyId: string): Promise<Assessment[]> {
    return transaction.assessment.findMany({
      where: { studyId },
      orderBy: { createdAt: 'asc' },
      omit: { id: true },
    });
  }

  async add(transaction: Transaction, assessment: Assessment): Promise<void> {
    const id = `${assessment.studyId}/${assessment.scheme}`;
    await transaction.assessment.create({ data: { ...assessment, id } });
  }
}
