import { Injectable } from '@nestjs/common';

import { isDigest, type AuditRecord, type Digest } from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import type { Principal } from '../auth/principal.js';
import { Database, type Transaction } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import { ObjectStore } from '../objects/object.store.js';
import { institutionalOf } from './person.js';
import { QualityService } from './quality.service.js';
import {
  ACTIONS,
  checkAuthor,
  checkContest,
  checkOption,
  checkReviewer,
  historyOf,
  itemOf,
  nextId,
  standingClaim,
} from './review.js';

export interface StatementInput {
  readonly item: string;
  readonly option: string;
  readonly statement: string;
  readonly attachmentDigest?: Digest | null;
}

/** What one step of a review writes into the audit log; it is stored nowhere else. */
interface Said {
  readonly action: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
}

/** Statements, reviews, objections and withdrawals: each is one entry of the study's audit log. */
@Injectable()
export class ReviewService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly objects: ObjectStore,
    private readonly quality: QualityService,
  ) {}

  /** @throws {HubError} INPUT_INVALID, OBJECT_MISSING, INSTITUTION_UNKNOWN, STUDY_UNKNOWN, STUDY_DRAFT */
  async state(studyId: string, input: StatementInput, person: Principal): Promise<void> {
    const { institution } = institutionalOf(person);
    const { item, option } = input;
    const attachmentDigest = input.attachmentDigest ?? null;
    checkOption(itemOf(item), option);
    const statement = sentenceIn(input.statement, 'statement');
    if (attachmentDigest !== null) await this.objects.get(attachmentDigest); // there, and whole
    await this.say(studyId, person, (entries) => ({
      action: ACTIONS.stated,
      subject: nextId(entries, ACTIONS.stated, 'statement'),
      details: { item, option, statement, attachmentDigest, institution },
    }));
  }

  /** @throws {HubError} CLAIM_UNKNOWN, CLAIM_WITHDRAWN, FORBIDDEN to all but its author */
  async withdrawStatement(studyId: string, claimId: string, reason: string, person: Principal): Promise<void> {
    const details = { reason: sentenceIn(reason, 'reason') };
    await this.say(studyId, person, (entries) => {
      checkAuthor(standingClaim(historyOf(entries), claimId), person.name);
      return { action: ACTIONS.claimWithdrawn, subject: claimId, details };
    });
  }

  /** @throws {HubError} CLAIM_UNKNOWN, CLAIM_WITHDRAWN, CLAIM_OWN, CLAIM_INSTITUTION, INSTITUTION_UNKNOWN, INPUT_INVALID */
  async review(
    studyId: string,
    claimId: string,
    verdict: 'accept' | 'contest',
    reason: string,
    person: Principal,
  ): Promise<void> {
    const reviewer = institutionalOf(person);
    const details = { verdict, reason: sentenceIn(reason, 'reason'), institution: reviewer.institution };
    await this.say(studyId, person, (entries) => {
      checkReviewer(standingClaim(historyOf(entries), claimId), reviewer);
      return { action: ACTIONS.reviewed, subject: claimId, details };
    });
  }

  /** @throws {HubError} NOT_ASSESSED, INSTITUTION_UNKNOWN, INPUT_INVALID */
  async contest(studyId: string, item: string, reason: string, person: Principal): Promise<void> {
    const { institution } = institutionalOf(person);
    const details = { item: itemOf(item).id, reason: sentenceIn(reason, 'reason'), institution };
    await this.quality.get(studyId);
    await this.say(studyId, person, (entries) => ({
      action: ACTIONS.contested,
      subject: nextId(entries, ACTIONS.contested, 'objection'),
      details,
    }));
  }

  /** @throws {HubError} CONTEST_UNKNOWN, FORBIDDEN to all but who raised it */
  async liftContest(studyId: string, contestId: string, reason: string, person: Principal): Promise<void> {
    const details = { reason: sentenceIn(reason, 'reason') };
    await this.say(studyId, person, (entries) => {
      checkContest(historyOf(entries), contestId, person.name);
      return { action: ACTIONS.contestLifted, subject: contestId, details };
    });
  }

  /** @throws {HubError} NOT_ASSESSED, EVIDENCE_UNKNOWN, EVIDENCE_WITHDRAWN, INPUT_INVALID */
  async withdrawEvidence(studyId: string, digest: Digest, reason: string, person: Principal): Promise<void> {
    const details = { reason: sentenceIn(reason, 'reason') };
    const { origins } = await this.quality.get(studyId);
    const origin = origins.get(digest);
    if (!isDigest(digest) || origin === undefined || !(origin.isObject || origin.site !== null)) {
      const fix = 'Take the digest from the list of records of an item; a statement is withdrawn by its author.';
      throw new HubError('EVIDENCE_UNKNOWN', 'no record of this study has this digest', `study ${studyId}`, fix);
    }
    await this.say(studyId, person, (entries) => {
      if (historyOf(entries).withdrawals.some((withdrawal) => withdrawal.digest === digest)) {
        const what = 'the record was withdrawn already';
        throw new HubError('EVIDENCE_WITHDRAWN', what, `record ${digest.slice(0, 12)}`, 'See the audit log.');
      }
      return { action: ACTIONS.evidenceWithdrawn, subject: digest, details: { ...details, record: origin.what } };
    });
  }

  /** Reads the log, decides and writes, while nobody else writes to it. */
  private async say(
    studyId: string,
    { name }: Principal,
    decide: (entries: readonly AuditRecord[]) => Said,
  ): Promise<void> {
    await this.database.transaction(async (transaction: Transaction) => {
      await requireFrozen(transaction, studyId);
      const said = decide(await this.audit.hold(transaction, studyId));
      await this.audit.append(transaction, { chain: studyId, actor: name, ...said });
    });
  }
}

/** @throws {HubError} STUDY_UNKNOWN, NOT_ASSESSED for a draft, about which there is nothing to say */
export async function requireFrozen(transaction: Transaction, studyId: string): Promise<void> {
  const study = await transaction.study.findUnique({ where: { id: studyId }, select: { state: true } });
  if (study === null) {
    throw new HubError('STUDY_UNKNOWN', 'there is no such study', `study ${studyId}`, 'Look its id up in the list.');
  }
  if (study.state === 'draft') {
    const what = 'the study is a draft: there is nothing to state or review yet';
    throw new HubError('NOT_ASSESSED', what, `study ${studyId}`, 'Freeze its protocol first.');
  }
}

const LONGEST = 2000;

function sentenceIn(text: string, where: string): string {
  const said = text.trim();
  if (said.length >= 10 && said.length <= LONGEST) return said;
  const what = `the ${where} has ${said.length} characters`;
  throw new HubError('INPUT_INVALID', what, where, `Say it in 10 to ${LONGEST} characters: others will read it.`);
}
