import { Injectable } from '@nestjs/common';

import type { Digest, Receipt } from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import type { Transaction } from '../database/database.js';
import { siteUnknown } from '../sites/site-errors.js';
import type { SiteKey } from '../sites/site.js';
import { SiteStore } from '../sites/site.store.js';
import { StudyStore } from '../studies/study.store.js';
import { MessageReplayedError, receiptOf, type Release, type ReleaseFacts } from './release.js';
import { predictionKey, ReleaseStore } from './release.store.js';

/** What the database knows of a site's releases, read and written together. */
@Injectable()
export class ReleaseRecords {
  constructor(
    private readonly studies: StudyStore,
    private readonly sites: SiteStore,
    private readonly releases: ReleaseStore,
    private readonly audit: AuditService,
  ) {}

  /** @throws {ContractError} SITE_UNKNOWN */
  async facts(transaction: Transaction, key: SiteKey): Promise<ReleaseFacts> {
    const site = await this.sites.find(transaction, key);
    if (site === null) throw siteUnknown(key);
    const study = await this.studies.get(transaction, key.studyId);
    const ofStudy = await this.releases.list(transaction, [key.studyId]);
    const locks = await this.releases.lockDigests(transaction, [key.studyId]);
    const pooled = await this.releases.pooledDigests(transaction, [key.studyId]);
    const predicted = await this.releases.predictedSites(transaction, [key.studyId]);
    return {
      study,
      site,
      releases: ofStudy.filter((release) => release.siteCode === key.code),
      lockDigest: locks.get(key.studyId) ?? null,
      pooledDigest: pooled.get(key.studyId) ?? null,
      hasPredictions: predicted.has(predictionKey(key.studyId, key.code)),
    };
  }

  async receiptOfMessage(transaction: Transaction, messageDigest: Digest): Promise<(Receipt & SiteKey) | null> {
    const release = await this.releases.findMessage(transaction, messageDigest);
    return release === null ? null : { ...receiptOf(release), studyId: release.studyId, code: release.siteCode };
  }

  /** @throws {MessageReplayedError} if another message took its number meanwhile */
  async write(transaction: Transaction, release: Release): Promise<void> {
    const { studyId, siteCode, sequence, kind, tableDigest, messageDigest, byteCount, rowCount } = release;
    if (!(await this.sites.takeSequence(transaction, { studyId, code: siteCode }, sequence))) {
      throw new MessageReplayedError(sequence, siteCode, null);
    }
    await this.releases.add(transaction, release);
    await this.audit.append(transaction, {
      chain: studyId,
      actor: `site:${siteCode}`,
      action: 'release.received',
      subject: siteCode,
      details: { sequence, kind, tableDigest, messageDigest, byteCount, rowCount },
    });
  }
}
