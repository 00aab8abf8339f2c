import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';

import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import type { StudyChangeModel } from './study.model.js';

const POLL_MS = 1000;
const WATCHER_LIMIT = 200;

/** One short text for each part of a study; it differs when the part changed. */
type Fingerprint = Record<'study' | 'sites' | 'run' | 'audit', string>;

/** Tells watchers that a study changed, by looking at the durable rows: no event can be lost. */
@Injectable()
export class StudyChanges {
  private watcherCount = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Begins with one event that says all may have changed. Ends when the watcher goes. */
  async *watch(studyId: string): AsyncGenerator<StudyChangeModel> {
    if (this.watcherCount >= WATCHER_LIMIT) {
      throw new HubError(
        'QUERY_REFUSED',
        `${WATCHER_LIMIT} watch already`,
        'studyChanged',
        'Close other pages, or read the study again from time to time.',
      );
    }
    this.watcherCount++;
    try {
      let seen: Fingerprint | null = null;
      for (;;) {
        const now = await this.fingerprint(studyId);
        const what = keysOf(now).filter((part) => now[part] !== seen?.[part]);
        if (what.length > 0) yield { studyId, at: this.clock.now(), what };
        seen = now;
        await sleep(POLL_MS, undefined, { ref: false });
      }
    } finally {
      this.watcherCount--;
    }
  }

  private async fingerprint(studyId: string): Promise<Fingerprint> {
    const [row] = await this.database.client.$queryRaw<[Fingerprint]>`SELECT
      (SELECT concat(version, state) FROM "Study" WHERE id = ${studyId}) AS study,
      (SELECT coalesce(string_agg(concat(code, sequence, "joinedAt", status), ' ' ORDER BY code), '') FROM "Site"
        WHERE "studyId" = ${studyId}) AS sites,
      (SELECT coalesce(string_agg(concat(name, s.state, attempt), ' ' ORDER BY name), '') FROM "Step" s
        JOIN "Run" r ON r.id = s."runId" WHERE r."studyId" = ${studyId}) AS run,
      (SELECT coalesce(max(sequence), 0)::text FROM "AuditEntry" WHERE chain = ${studyId}) AS audit`;
    return row;
  }
}

function keysOf(fingerprint: Fingerprint): (keyof Fingerprint)[] {
  return Object.keys(fingerprint) as (keyof Fingerprint)[];
}
