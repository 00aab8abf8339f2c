import type { DatabaseSync } from 'node:sqlite';

import { AgentError } from '../agent-errors.js';
import { inTransaction } from '../store/database.js';
import type { Ledger } from '../store/ledger.js';
import type { Releases } from '../store/releases.js';

/** The desk where a person, or the rule in a person's name, decides what leaves. */
export class Decisions {
  constructor(
    private readonly database: DatabaseSync,
    private readonly releases: Releases,
    private readonly ledger: Ledger,
    private readonly now: () => Date,
  ) {}

  /**
   * @param by who decides, as the ledger keeps it
   * @param seenDigest digest of the table the person looked at; another one is not what was approved
   * @throws {AgentError} RELEASE_UNKNOWN, RELEASE_NOT_HELD, RELEASE_CHANGED
   */
  approve(id: number, by: string, seenDigest: string | null = null): void {
    this.decide(id, 'approved', by, seenDigest, null);
  }

  /** @throws {AgentError} RELEASE_UNKNOWN, RELEASE_NOT_HELD, RELEASE_CHANGED */
  refuse(id: number, by: string, reason: string, seenDigest: string | null = null): void {
    this.decide(id, 'refused', by, seenDigest, reason);
  }

  private decide(
    id: number,
    state: 'approved' | 'refused',
    by: string,
    seenDigest: string | null,
    reason: string | null,
  ): void {
    inTransaction(this.database, () => {
      const release = this.releases.get(id);
      if (release.state !== 'held') {
        throw new AgentError(
          'RELEASE_NOT_HELD',
          `release ${id} is ${release.state}, it does not wait for a decision`,
          `release ${id}`,
          'Open the page to see what waits.',
        );
      }
      if (seenDigest !== null && seenDigest !== release.tableDigest) {
        throw new AgentError(
          'RELEASE_CHANGED',
          'the table is not the one you looked at',
          `release ${id}`,
          'Look at it again, then decide.',
        );
      }
      const at = this.now().toISOString();
      this.releases.decide(id, state, by, at);
      const details = { by, tableDigest: release.tableDigest, ...(reason === null ? {} : { reason }) };
      this.ledger.append(state, `release ${id}`, details);
    });
  }
}
