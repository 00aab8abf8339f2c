import type { Transaction } from '../database/database.js';
import type { Study } from './study.js';

/** Where studies are kept. Reads outside a transaction pass the database's client. */
export abstract class StudyStore {
  /** @throws {HubError} STUDY_UNKNOWN */
  abstract get(transaction: Transaction, id: string): Promise<Study>;
  abstract find(transaction: Transaction, id: string): Promise<Study | null>;
  /**
   * In the order of the ids.
   *
   * @throws {HubError} STUDY_UNKNOWN
   */
  abstract getMany(transaction: Transaction, ids: readonly string[]): Promise<Study[]>;
  /** Newest first; at most `limit` after the study of that id. */
  abstract list(transaction: Transaction, limit: number, afterId: string | null): Promise<Study[]>;
  /** @throws {HubError} STUDY_EXISTS */
  abstract create(transaction: Transaction, study: Study): Promise<void>;
  /**
   * @param study what was read, changed; its version as read
   * @returns it with the next version
   * @throws {HubError} STUDY_CHANGED if it was written since
   */
  abstract save(transaction: Transaction, study: Study): Promise<Study>;
}
