import type { AuditEntry } from '../api/study-query.js';

type Link = Pick<AuditEntry, 'sequence' | 'hash' | 'previousHash'>;

/**
 * The first entry of a page of the log that does not follow the one before it; null if all do. The hashes themselves are
 * not computed again here: `concord verify` does that.
 */
export function brokenLink(entries: readonly Link[]): number | null {
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before === undefined) continue;
    if (entry.previousHash !== before.hash || entry.sequence !== before.sequence + 1) return entry.sequence;
  }
  return null;
}
