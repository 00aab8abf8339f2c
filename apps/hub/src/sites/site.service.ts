import { randomBytes, randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import {
  canonicalJson,
  certificateDigest,
  formatJoinToken,
  sha256,
  verifyCertificate,
  type JoinReply,
  type JoinRequest,
  type SiteStatus,
} from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import { HubSecrets } from '../auth/hub-keys.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { ObjectStore } from '../objects/object.store.js';
import { StudyStore } from '../studies/study.store.js';
import { checkJoin, expiryOf, newSite, requireOpenToNewSites, type SiteCertificate, type SiteKey } from './site.js';
import { siteUnknown } from './site-errors.js';
import { SiteStore } from './site.store.js';
import { invariant } from '@concord/errors';

export interface JoinOffer {
  /** Shown once; the hub keeps a digest only. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** The stores that sites stand on: five constructor arguments are enough. */
@Injectable()
export class SiteStores {
  constructor(
    readonly studies: StudyStore,
    readonly sites: SiteStore,
    readonly objects: ObjectStore,
  ) {}
}

/** Inviting and joining. */
@Injectable()
export class SiteService {
  constructor(
    private readonly database: Database,
    private readonly stores: SiteStores,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly secrets: HubSecrets,
  ) {}

  /**
   * Makes a join token; a site that lost its keys is invited again under its code.
   *
   * @throws {HubError} STUDY_UNKNOWN, INPUT_INVALID
   * @throws {ContractError} STUDY_STATE if the study is frozen and the site not one of its own
   */
  async invite(studyId: string, code: string, name: string, actor: string): Promise<JoinOffer> {
    const { studies, sites } = this.stores;
    const secret = randomBytes(32).toString('base64url');
    const createdAt = this.clock.now();
    const expiresAt = expiryOf(createdAt);
    await this.database.transaction(async (transaction) => {
      const study = await studies.get(transaction, studyId);
      const site = newSite(studyId, code, name);
      if ((await sites.find(transaction, site)) === null) {
        requireOpenToNewSites(study, code);
        await sites.create(transaction, site);
      } else if (study.state === 'draft') {
        await sites.change(transaction, site, { name: site.name });
      }
      const invitation = { id: randomUUID(), studyId, siteCode: code, secretDigest: sha256(secret), usedAt: null };
      await sites.invite(transaction, { ...invitation, createdAt, expiresAt });
      await this.audit.append(transaction, {
        chain: studyId,
        actor,
        action: 'site.invited',
        subject: code,
        details: { name: site.name, expiresAt: expiresAt.toISOString() },
      });
    });
    const { sign, seal } = this.secrets.keys;
    const token = formatJoinToken({ secret, hubSignKey: sign.publicKey, hubSealKey: seal.publicKey });
    return { token, expiresAt };
  }

  /**
   * Binds a key to the site of a token. Repeated by the same agent it changes nothing and gives the same reply.
   *
   * @throws {ContractError} TOKEN_UNKNOWN, TOKEN_USED, TOKEN_EXPIRED, SIGNATURE_INVALID
   */
  async join(request: JoinRequest): Promise<JoinReply> {
    const { studies, sites } = this.stores;
    return this.database.transaction(async (transaction) => {
      const now = this.clock.now();
      const invitation = await sites.findInvitation(transaction, sha256(request.secret));
      const key = { studyId: invitation?.studyId ?? '', code: invitation?.siteCode ?? '' };
      const site = await sites.find(transaction, key);
      checkJoin(request, invitation, site?.signKey ?? null, now);
      invariant(site !== null, 'an invitation has its site');
      const study = await studies.get(transaction, key.studyId);
      const isFirst = await sites.useInvitation(transaction, invitation.id, now);
      if (isFirst) {
        const { signKey } = request;
        // Under a key that was in use the counter goes on: requests recorded then would be believed again.
        const counter = site.signKey === signKey ? {} : { requestCounter: 0, certificate: null };
        await sites.change(transaction, key, { signKey, joinedAt: now, ...counter });
        await this.audit.append(transaction, {
          chain: key.studyId,
          actor: `site:${key.code}`,
          action: 'site.joined',
          subject: key.code,
          details: { signKey, agentVersion: request.agentVersion },
        });
      } else {
        checkJoin(request, { ...invitation, usedAt: now }, site.signKey, now); // another was faster
      }
      return { studyId: key.studyId, studyTitle: study.title, site: site.code, siteName: site.name };
    });
  }

  /** Keeps what an agent says it does; counts only. */
  async report(key: SiteKey, status: SiteStatus): Promise<void> {
    await this.stores.sites.change(this.database.client, key, { status });
  }

  /**
   * Keeps the conformance certificate of a site; the same one again changes nothing.
   *
   * @param document plain JSON, a `SignedCertificate`
   * @throws {ContractError} CERTIFICATE_INVALID, SIGNATURE_INVALID
   */
  async certify(key: SiteKey, document: unknown): Promise<void> {
    const { sites, objects } = this.stores;
    const site = await sites.find(this.database.client, key);
    if (site === null || site.signKey === null) throw siteUnknown(key);
    const certificate = verifyCertificate(document, site.signKey);
    const kept: SiteCertificate = {
      objectDigest: await objects.put(Buffer.from(canonicalJson(document))),
      digest: certificateDigest(certificate),
      concordVersion: certificate.concordVersion,
      checkedCount: certificate.families.reduce((sum, { checked }) => sum + checked, 0),
    };
    if (site.certificate?.objectDigest === kept.objectDigest) return;
    await this.database.transaction(async (transaction) => {
      await sites.change(transaction, key, { certificate: kept });
      await this.audit.append(transaction, {
        chain: key.studyId,
        actor: `site:${key.code}`,
        action: 'site.certified',
        subject: key.code,
        details: { ...kept },
      });
    });
  }
}
