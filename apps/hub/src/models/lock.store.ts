import type { Transaction } from '../database/database.js';
import type { Lock } from './lock.js';

/** Where locks are kept, one a study. None is ever changed or deleted. */
export abstract class LockStore {
  /** @returns null before the study is locked */
  abstract find(transaction: Transaction, studyId: string): Promise<Lock | null>;
  /** Throws if the study is locked already. */
  abstract add(transaction: Transaction, lock: Lock): Promise<void>;
}
