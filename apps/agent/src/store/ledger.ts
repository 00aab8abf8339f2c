import type { DatabaseSync } from 'node:sqlite';

import { CHAIN_START, chainHash, firstBrokenLink, type ChainLink } from '@concord/contracts';

import { inTransaction } from './database.js';

export type LedgerAction =
  | 'joined'
  | 'protocol accepted'
  | 'orders refused'
  | 'prepared'
  | 'kept back'
  | 'superseded'
  | 'approved'
  | 'refused'
  | 'sealed'
  | 'sent'
  | 'acknowledged'
  | 'sending again'
  | 'certificate shown'
  | 'withdrawn'
  | 'harmonized';

/** One thing that happened; never a patient's value. */
export interface LedgerEntry extends ChainLink {
  readonly sequence: number;
  readonly at: string;
  readonly action: LedgerAction;
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The site's own record of all that left and why. Entries are chained by hash: none can be changed or taken out. */
export class Ledger {
  constructor(
    private readonly database: DatabaseSync,
    private readonly now: () => Date,
  ) {}

  append(action: LedgerAction, subject: string, details: Readonly<Record<string, unknown>>): void {
    inTransaction(this.database, () => {
      const last = this.database.prepare('SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1').get() as
        { sequence: number; hash: string } | undefined;
      const content = { sequence: (last?.sequence ?? 0) + 1, at: this.now().toISOString(), action, subject, details };
      const previousHash = last?.hash ?? CHAIN_START;
      this.database
        .prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(
          content.sequence,
          content.at,
          action,
          subject,
          JSON.stringify(details),
          previousHash,
          chainHash(previousHash, content),
        );
    });
  }

  entries(): LedgerEntry[] {
    const rows = this.database.prepare('SELECT * FROM ledger ORDER BY sequence').all();
    return rows.map((row) => ({ ...row, details: JSON.parse(row['details'] as string) as unknown })) as LedgerEntry[];
  }

  /** The newest entry with this action, or null. */
  latest(action: LedgerAction): LedgerEntry | null {
    return this.entries().findLast((entry) => entry.action === action) ?? null;
  }
}

/** @returns the index of the first entry that was changed, dropped or moved, or -1 */
export function firstBrokenEntry(entries: readonly LedgerEntry[]): number {
  return firstBrokenLink(entries, ({ sequence, at, action, subject, details }) => ({
    sequence,
    at,
    action,
    subject,
    details,
  }));
}
