import { invariant } from '@concord/errors';

import type { Transaction } from '../database/database.js';
import type { Lock } from './lock.js';
import { LockStore } from './lock.store.js';

/** For tests; knows no roll-back. */
export class MemoryLockStore extends LockStore {
  private readonly locks = new Map<string, Lock>();

  async find(_transaction: Transaction, studyId: string): Promise<Lock | null> {
    return this.locks.get(studyId) ?? null;
  }

  async add(_transaction: Transaction, lock: Lock): Promise<void> {
    invariant(!this.locks.has(lock.studyId), 'a study is locked twice');
    this.locks.set(lock.studyId, lock);
  }
}
