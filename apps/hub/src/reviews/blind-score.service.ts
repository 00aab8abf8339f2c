import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { digestOf } from '@concord/contracts';
import { findScheme, scorePoints } from '@concord/rqs';

import { AuditService } from '../audit/audit.service.js';
import type { Principal } from '../auth/principal.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import { institutionalOf } from './person.js';
import { requireFrozen } from './review.service.js';
import { ACTIONS, checkSealing, historyOf, type OpenedScore } from './review.js';

/**
 * Two reviewers score a study without seeing each other's answers. The first is sealed: the log has only a salted
 * digest of it. With the second both are opened, into the log, and can be held against their digests.
 */
@Injectable()
export class BlindScoreService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param options chosen options by item, as `RECORD.json` has them
   * @throws {HubError} STUDY_UNKNOWN, NOT_ASSESSED, INSTITUTION_UNKNOWN, SCORE_SEALED, SCORES_OPENED, CLAIM_OWN,
   *   INPUT_INVALID; what `scorePoints` throws for an illegal answer, naming the item
   */
  async seal(studyId: string, scheme: string, options: unknown, person: Principal): Promise<void> {
    const { name, institution } = institutionalOf(person);
    const chosen = checkedOptions(scheme, options);
    await this.database.transaction(async (transaction) => {
      await requireFrozen(transaction, studyId);
      checkSealing(historyOf(await this.audit.hold(transaction, studyId)), scheme, name);
      const others = await transaction.sealedScore.findMany({ where: { studyId, scheme } });
      const salt = randomBytes(16).toString('hex');
      const digest = digestOf({ options: chosen, salt });
      const own: OpenedScore = { reviewer: name, institution, options: chosen, salt, digest };
      const entry = { chain: studyId, actor: name, subject: scheme };
      await this.audit.append(transaction, { ...entry, action: ACTIONS.sealed, details: { digest, institution } });
      if (others.length === 0) {
        const sealedAt = this.clock.now();
        await transaction.sealedScore.create({ data: { studyId, scheme, ...own, options: chosen, sealedAt } });
        return;
      }
      const [other] = others.map((row): OpenedScore => ({
        reviewer: row.reviewer,
        institution: row.institution,
        options: row.options as OpenedScore['options'],
        salt: row.salt,
        digest: row.digest,
      }));
      await transaction.sealedScore.deleteMany({ where: { studyId, scheme } });
      const opened = { ...entry, actor: 'hub', action: ACTIONS.opened, details: { scores: [other, own] } };
      await this.audit.append(transaction, opened);
    });
  }
}

/** @throws {HubError} INPUT_INVALID; what `scorePoints` throws */
function checkedOptions(scheme: string, options: unknown): Record<string, string[]> {
  const found = findScheme(scheme);
  if (found.kind !== 'points') {
    throw new HubError('INPUT_INVALID', `${scheme} is not scored by points`, 'scheme', 'Score rqs1 or rqs2.');
  }
  const isRecord = typeof options === 'object' && options !== null && !Array.isArray(options);
  const isChosen = isRecord && Object.values(options).every(isTexts);
  if (!isChosen) {
    const fix = 'Send {"rqs1.01": ["documented"], …}: for each item the options that hold.';
    throw new HubError('INPUT_INVALID', 'the answers are not lists of options by item', 'options', fix);
  }
  const chosen = options as Record<string, string[]>;
  scorePoints(found, { options: chosen });
  return chosen;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
