import type { Digest } from '@concord/contracts';
import { invariant } from '@concord/errors';

import type { Transaction } from '../database/database.js';
import type { Release } from './release.js';
import { ReleaseStore } from './release.store.js';

/** For tests; knows no roll-back. */
export class MemoryReleaseStore extends ReleaseStore {
  private readonly releases: Release[] = [];
  readonly locks = new Map<string, Digest>();
  readonly pooled = new Map<string, Digest>();
  /** Named by `predictionKey`. */
  readonly predictions = new Set<string>();

  async list(_transaction: Transaction, studyIds: readonly string[]): Promise<Release[]> {
    const found = this.releases.filter((release) => studyIds.includes(release.studyId));
    return found.sort((a, b) => (a.siteCode < b.siteCode ? -1 : a.siteCode > b.siteCode ? 1 : a.sequence - b.sequence));
  }

  async findMessage(_transaction: Transaction, messageDigest: Digest): Promise<Release | null> {
    return this.releases.find((release) => release.messageDigest === messageDigest) ?? null;
  }

  async add(_transaction: Transaction, release: Release): Promise<void> {
    const { studyId, siteCode, sequence, messageDigest } = release;
    const isThere = this.releases.some(
      (other) =>
        other.messageDigest === messageDigest ||
        (other.studyId === studyId && other.siteCode === siteCode && other.sequence === sequence),
    );
    invariant(!isThere, 'a release is added twice');
    this.releases.push(release);
  }

  async predictedSites(_transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set([...this.predictions].filter((key) => studyIds.includes(key.split('/')[0] ?? '')));
  }

  async pooledDigests(_transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    return new Map([...this.pooled].filter(([studyId]) => studyIds.includes(studyId)));
  }

  async lockDigests(_transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    return new Map([...this.locks].filter(([studyId]) => studyIds.includes(studyId)));
  }
}
