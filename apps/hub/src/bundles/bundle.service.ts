import { Injectable } from '@nestjs/common';

import { bundleDigest, signBytes, type BundleManifest, type BundleRelease, type BundleStep } from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import { HubSecrets } from '../auth/hub-keys.js';
import { Database } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import type { StepOutputs } from '../runs/run.graph.js';

/** A study's records as one document that anyone can check without the hub (`verifyBundle`). */
@Injectable()
export class BundleService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly secrets: HubSecrets,
  ) {}

  /** @throws {HubError} STUDY_UNKNOWN, or INPUT_INVALID before the study is frozen */
  async manifest(studyId: string): Promise<BundleManifest> {
    const study = await this.database.client.study.findUnique({
      where: { id: studyId },
      include: { sites: true, releases: true, lock: true, run: { include: { steps: true } } },
    });
    if (study === null) throw new HubError('STUDY_UNKNOWN', 'there is no such study', studyId, 'Check the id.');
    if (study.protocolDigest === null) {
      throw new HubError('INPUT_INVALID', 'the study is not frozen', studyId, 'Freeze its protocol first.');
    }
    const audit = await this.audit.list(studyId);
    const { sign } = this.secrets.keys;
    const manifest = {
      format: 'concord.bundle/1' as const,
      studyId,
      protocol: study.protocol,
      protocolDigest: study.protocolDigest,
      hubSignKey: sign.publicKey,
      sites: study.sites
        .filter((site) => site.signKey !== null)
        .map(({ code, signKey }) => ({ code, signKey: signKey ?? '' }))
        .sort(byText((site) => site.code)),
      releases: study.releases
        .map((row): BundleRelease => ({
          site: row.siteCode,
          sequence: row.sequence,
          kind: row.kind,
          tableDigest: row.tableDigest,
          header: base64url(row.header),
          signature: base64url(row.signature),
        }))
        .sort(byText((release) => `${release.site}/${release.sequence}`)),
      steps: (study.run?.steps ?? [])
        .filter((step) => step.state === 'done')
        .map((step): BundleStep => {
          const [kind = step.name, site = null] = step.name.split(':');
          const { name, inputDigest } = step;
          const inputs = step.inputs as Record<string, string>;
          return { name, kind, site, inputs, inputDigest, outputs: step.outputs as StepOutputs };
        })
        .sort(byText((step) => step.name)),
      lock: study.lock === null ? null : { digest: study.lock.digest, lockedAt: study.lock.lockedAt.toISOString() },
      audit,
    };
    return { ...manifest, hubSignature: base64url(signBytes(sign, Buffer.from(bundleDigest(manifest)))) };
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function byText<T>(key: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
