import type { Transaction } from '../database/database.js';
import type { Lock } from './lock.js';
import { LockStore } from './lock.store.js';

export class PrismaLockStore extends LockStore {
  async find(transaction: Transaction, studyId: string): Promise<Lock | null> {
    const row = await transaction.lock.findUnique({ where: { studyId } });
    return row === null ? null : { ...row, record: row.record as object }; // written from an object only
  }

  async add(transaction: Transaction, lock: Lock): Promise<void> {
    await transaction.lock.create({ data: { ...lock } });
  }
}
