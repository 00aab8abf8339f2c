import type { DatabaseSync } from 'node:sqlite';

import type { Digest, ReleaseKind } from '@concord/contracts';

import { AgentError, type Problem } from '../agent-errors.js';

/**
 * `held`: waits for a person. `approved`: may leave. `sealed`: its message is in the outbox. `acknowledged`: the hub has
 * it. `refused`: a person said no. `superseded`: the cases changed before it was decided. `withdrawn`: no longer wanted.
 */
export type ReleaseState = 'held' | 'approved' | 'refused' | 'superseded' | 'sealed' | 'acknowledged' | 'withdrawn';

/** One table that is to leave, without its bytes. */
export interface ReleaseRow {
  readonly id: number;
  readonly kind: ReleaseKind;
  readonly protocolDigest: Digest;
  readonly lockDigest: Digest | null;
  readonly source: 'images' | 'table';
  readonly state: ReleaseState;
  readonly tableDigest: Digest;
  readonly tableByteCount: number;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly rule: string;
  readonly checks: readonly string[];
  /** Pseudonyms of its patients: of the table's rows, or of those that the sums were formed of. */
  readonly members: readonly string[];
  readonly preparedAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly sequence: number | null;
  readonly messageDigest: Digest | null;
  readonly messageByteCount: number | null;
  readonly acknowledgedAt: string | null;
  readonly problem: Problem | null;
}

export type NewRelease = Pick<
  ReleaseRow,
  | 'kind'
  | 'protocolDigest'
  | 'lockDigest'
  | 'source'
  | 'tableDigest'
  | 'rowCount'
  | 'columnCount'
  | 'rule'
  | 'checks'
  | 'members'
  | 'preparedAt'
>;

const COLUMNS = `id, kind, protocolDigest, lockDigest, source, state, tableDigest, length(tableBytes) AS tableByteCount,
  rowCount, columnCount, rule, checks, members, preparedAt, decidedAt, decidedBy, sequence, messageDigest,
  length(messageBytes) AS messageByteCount, acknowledgedAt, problem`;

/** The releases of this site, oldest first. Callers change state and ledger in one transaction. */
export class Releases {
  constructor(private readonly database: DatabaseSync) {}

  list(): ReleaseRow[] {
    return this.database.prepare(`SELECT ${COLUMNS} FROM releases ORDER BY id`).all().map(rowOf);
  }

  /** @throws {AgentError} RELEASE_UNKNOWN */
  get(id: number): ReleaseRow {
    const row = this.database.prepare(`SELECT ${COLUMNS} FROM releases WHERE id = ?`).get(id);
    if (!row) {
      throw new AgentError('RELEASE_UNKNOWN', `there is no release ${id}`, 'agent', 'Choose one the page lists.');
    }
    return rowOf(row);
  }

  /** @param ownBytes for sums, the Arrow table of the patients they were formed of; it never leaves */
  add(release: NewRelease, tableBytes: Uint8Array, ownBytes: Uint8Array | null): ReleaseRow {
    const { lastInsertRowid } = this.database
      .prepare(
        `INSERT INTO releases (kind, protocolDigest, lockDigest, source, state, tableBytes, tableDigest, rowCount,
         columnCount, rule, checks, members, preparedAt, ownBytes)
         VALUES (?, ?, ?, ?, 'held', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        release.kind,
        release.protocolDigest,
        release.lockDigest,
        release.source,
        tableBytes,
        release.tableDigest,
        release.rowCount,
        release.columnCount,
        release.rule,
        JSON.stringify(release.checks),
        JSON.stringify(release.members),
        release.preparedAt,
        ownBytes,
      );
    return this.get(Number(lastInsertRowid));
  }

  tableBytes(id: number): Uint8Array {
    return this.bytes(id, 'tableBytes');
  }

  /** The site's own patients that sums were formed of. */
  ownBytes(id: number): Uint8Array {
    return this.bytes(id, 'ownBytes');
  }

  messageBytes(id: number): Uint8Array {
    return this.bytes(id, 'messageBytes');
  }

  decide(id: number, state: 'approved' | 'refused', by: string, at: string): void {
    this.database
      .prepare('UPDATE releases SET state = ?, decidedBy = ?, decidedAt = ? WHERE id = ?')
      .run(state, by, at, id);
  }

  setSealed(id: number, sequence: number, messageDigest: Digest, messageBytes: Uint8Array): void {
    this.database
      .prepare(
        "UPDATE releases SET state = 'sealed', sequence = ?, messageDigest = ?, messageBytes = ?, problem = NULL WHERE id = ?",
      )
      .run(sequence, messageDigest, messageBytes, id);
  }

  setState(id: number, state: ReleaseState): void {
    this.database.prepare('UPDATE releases SET state = ? WHERE id = ?').run(state, id);
  }

  setAcknowledged(id: number, at: string): void {
    this.database
      .prepare("UPDATE releases SET state = 'acknowledged', acknowledgedAt = ?, problem = NULL WHERE id = ?")
      .run(at, id);
  }

  setProblem(id: number, problem: Problem | null): void {
    this.database
      .prepare('UPDATE releases SET problem = ? WHERE id = ?')
      .run(problem === null ? null : JSON.stringify(problem), id);
  }

  private bytes(id: number, column: 'tableBytes' | 'messageBytes' | 'ownBytes'): Uint8Array {
    const row = this.database.prepare(`SELECT ${column} AS bytes FROM releases WHERE id = ?`).get(id);
    return row?.['bytes'] as Uint8Array;
  }
}

function rowOf(row: Record<string, unknown>): ReleaseRow {
  const parsed = {
    checks: JSON.parse(row['checks'] as string) as unknown,
    members: JSON.parse(row['members'] as string) as unknown,
    problem: row['problem'] === null ? null : (JSON.parse(row['problem'] as string) as unknown),
  };
  return { ...row, ...parsed } as ReleaseRow;
}
