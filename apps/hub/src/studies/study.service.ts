import { Injectable } from '@nestjs/common';

import { digestOf } from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database, type Transaction } from '../database/database.js';
import { SiteStore } from '../sites/site.store.js';
import { freezeStudy, newStudy, withProtocol, type Study } from './study.js';
import { StudyStore } from './study.store.js';

/** What a coordinator does with a study before it runs. */
@Injectable()
export class StudyService {
  constructor(
    private readonly database: Database,
    private readonly studies: StudyStore,
    private readonly sites: SiteStore,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async find(id: string): Promise<Study | null> {
    return this.studies.find(this.database.client, id);
  }

  /** @throws {HubError} STUDY_UNKNOWN */
  async get(id: string): Promise<Study> {
    return this.studies.get(this.database.client, id);
  }

  /** Newest first. */
  async list(limit: number, afterId: string | null): Promise<Study[]> {
    return this.studies.list(this.database.client, limit, afterId);
  }

  /** @throws {HubError} STUDY_EXISTS, INPUT_INVALID */
  async create(id: string, title: string, actor: string): Promise<Study> {
    const study = newStudy(id, title, this.clock.now());
    await this.database.transaction(async (transaction) => {
      await this.studies.create(transaction, study);
      await this.record(transaction, study, actor, 'study.created', { title: study.title });
    });
    return study;
  }

  /** @throws {HubError} STUDY_UNKNOWN, STUDY_CHANGED; {ContractError} STUDY_STATE, PROTOCOL_INVALID */
  async writeProtocol(id: string, protocol: unknown, expectedVersion: number, actor: string): Promise<Study> {
    return this.database.transaction(async (transaction) => {
      const changed = withProtocol(await this.studies.get(transaction, id), protocol, expectedVersion);
      const details = { version: changed.version + 1, protocolDigest: digestOf(changed.protocol) };
      return this.save(transaction, changed, actor, 'study.protocol-written', details);
    });
  }

  /** @throws {HubError} STUDY_UNKNOWN, TITLE_NOT_CONFIRMED; {ContractError} STUDY_STATE, PROTOCOL_INVALID */
  async freeze(id: string, confirmTitle: string, actor: string): Promise<Study> {
    return this.database.transaction(async (transaction) => {
      const study = await this.studies.get(transaction, id);
      const sites = await this.sites.list(transaction, [id]);
      const codes = sites.map((site) => site.code);
      const frozen = freezeStudy(study, confirmTitle, codes, this.clock.now());
      for (const { code, role } of frozen.protocol?.sites ?? []) {
        await this.sites.change(transaction, { studyId: id, code }, { role });
      }
      const details = { protocolDigest: frozen.protocolDigest };
      return this.save(transaction, frozen, actor, 'study.frozen', details);
    });
  }

  private async save(
    transaction: Transaction,
    study: Study,
    actor: string,
    action: string,
    details: Record<string, unknown>,
  ): Promise<Study> {
    const saved = await this.studies.save(transaction, study);
    await this.record(transaction, study, actor, action, details);
    return saved;
  }

  private record(
    transaction: Transaction,
    { id }: Study,
    actor: string,
    action: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    return this.audit.append(transaction, { chain: id, actor, action, subject: id, details });
  }
}
