import type { DatabaseSync } from 'node:sqlite';

import { inTransaction } from './database.js';
import type { Ledger } from './ledger.js';

export type TrafficKind = 'join' | 'poll' | 'status' | 'certificate' | 'chunk' | 'message';

export interface TrafficRow {
  readonly kind: TrafficKind;
  readonly requestCount: number;
  readonly byteCount: number;
}

/** Which bytes of which release a chunk carries. */
export interface ChunkPlace {
  readonly releaseId: number;
  readonly byteOffset: number;
}

/**
 * Counts requests, and the bytes of their bodies, before they are sent: what may have left is never missing here, even
 * if the process dies on the way. Requests go out one at a time.
 */
export class Traffic {
  constructor(
    private readonly database: DatabaseSync,
    private readonly ledger: Ledger,
  ) {}

  /** Takes the next request counter, on disk before the request can leave. */
  begin(kind: TrafficKind, byteCount: number, place: ChunkPlace | null = null): number {
    return inTransaction(this.database, () => {
      const counter = this.counter() + 1;
      this.setCounter(counter);
      this.add(kind, 1, byteCount);
      this.database
        .prepare('INSERT INTO openRequest VALUES (?, ?, ?, ?, ?)')
        .run(counter, kind, byteCount, place?.releaseId ?? null, place?.byteOffset ?? null);
      return counter;
    });
  }

  /**
   * @param outcome `answered` or what else became of it; `not connected`: no byte left, so nothing is counted
   */
  end(counter: number, outcome: 'answered' | 'no answer' | 'not connected' | 'agent stopped'): void {
    inTransaction(this.database, () => {
      const open = this.database.prepare('SELECT * FROM openRequest WHERE counter = ?').get(counter) as
        { kind: TrafficKind; byteCount: number; releaseId: number | null; byteOffset: number | null } | undefined;
      if (!open) return;
      this.database.prepare('DELETE FROM openRequest WHERE counter = ?').run(counter);
      if (outcome === 'not connected') this.add(open.kind, -1, -open.byteCount);
      else if (open.kind === 'chunk') {
        const { byteCount, byteOffset } = open;
        this.ledger.append('sent', `release ${open.releaseId ?? 0}`, { byteCount, byteOffset, outcome });
      }
    });
  }

  /** After a crash: requests that were under way count as sent, and the ledger says that their answer is unknown. */
  closeInterrupted(): void {
    for (const row of this.database.prepare('SELECT counter FROM openRequest').all()) {
      this.end(row['counter'] as number, 'agent stopped');
    }
  }

  /** Jumps ahead after the hub has seen higher counters than this database knows (it was restored from a copy). */
  skip(count: number): void {
    inTransaction(this.database, () => this.setCounter(this.counter() + count));
  }

  rows(): TrafficRow[] {
    return this.database.prepare('SELECT * FROM traffic ORDER BY kind').all() as unknown as TrafficRow[];
  }

  private counter(): number {
    const row = this.database.prepare("SELECT value FROM facts WHERE name = 'requestCounter'").get();
    return row ? Number(row['value']) : 0;
  }

  private setCounter(counter: number): void {
    this.database.prepare("INSERT OR REPLACE INTO facts VALUES ('requestCounter', ?)").run(String(counter));
  }

  private add(kind: TrafficKind, requestCount: number, byteCount: number): void {
    this.database
      .prepare(
        `INSERT INTO traffic VALUES (?1, ?2, ?3) ON CONFLICT (kind)
         DO UPDATE SET requestCount = requestCount + ?2, byteCount = byteCount + ?3`,
      )
      .run(kind, requestCount, byteCount);
  }
}
