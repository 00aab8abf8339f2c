import type { Transaction } from '../database/database.js';
import { studyChanged, studyExists, studyUnknown, type Study } from './study.js';
import { StudyStore } from './study.store.js';

/** For tests; knows no roll-back. */
export class MemoryStudyStore extends StudyStore {
  private readonly studies = new Map<string, Study>();

  async get(transaction: Transaction, id: string): Promise<Study> {
    const study = await this.find(transaction, id);
    if (study === null) throw studyUnknown(id);
    return study;
  }

  async find(_transaction: Transaction, id: string): Promise<Study | null> {
    return this.studies.get(id) ?? null;
  }

  async getMany(transaction: Transaction, ids: readonly string[]): Promise<Study[]> {
    return Promise.all(ids.map((id) => this.get(transaction, id)));
  }

  async list(_transaction: Transaction, limit: number, afterId: string | null): Promise<Study[]> {
    const all = [...this.studies.values()].sort(
      (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1),
    );
    const start = afterId === null ? 0 : all.findIndex((study) => study.id === afterId) + 1;
    return afterId !== null && start === 0 ? [] : all.slice(start, start + limit);
  }

  async create(_transaction: Transaction, study: Study): Promise<void> {
    if (this.studies.has(study.id)) throw studyExists(study.id);
    this.studies.set(study.id, study);
  }

  async save(_transaction: Transaction, study: Study): Promise<Study> {
    if (this.studies.get(study.id)?.version !== study.version) throw studyChanged(study.id);
    const saved = { ...study, version: study.version + 1 };
    this.studies.set(study.id, saved);
    return saved;
  }
}
