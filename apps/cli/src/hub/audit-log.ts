import { auditContent, firstBrokenLink, type AuditRecord } from '@concord/contracts';

import type { HubClient } from './hub-client.js';
import { allPages, field, type Page } from './study-records.js';

export interface AuditLog {
  readonly entries: readonly AuditRecord[];
  /** Sequence number of the first entry that does not fit its hash or the one before; null if all do. */
  readonly firstBroken: number | null;
}

/** A study's whole audit log, every hash computed again here. @throws {StudyUnknownError} */
export async function readAudit(hub: HubClient, studyId: string): Promise<AuditLog> {
  const rows = await allPages(async (after) => {
    const { audit } = await field<{ audit: Page<Omit<AuditRecord, 'chain'>> }>(
      hub,
      studyId,
      `audit(first: 100, after: $after) {
         edges { node { sequence at actor action subject details previousHash hash } }
         pageInfo { hasNextPage endCursor }
       }`,
      after,
    );
    return audit;
  });
  const entries = rows.map((row) => ({ chain: studyId, ...row }));
  return { entries, firstBroken: firstBroken(entries) };
}

function firstBroken(entries: readonly AuditRecord[]): number | null {
  const misplaced = entries.findIndex((entry, index) => entry.sequence !== index + 1);
  if (misplaced >= 0) return misplaced + 1;
  const index = firstBrokenLink(entries, auditContent);
  return index < 0 ? null : index + 1;
}
