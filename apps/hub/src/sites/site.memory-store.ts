import type { Digest } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Invitation, Site, SiteKey } from './site.js';
import { siteExists } from './site-errors.js';
import { SiteStore, type SiteChange } from './site.store.js';

/** For tests; knows no roll-back. */
export class MemorySiteStore extends SiteStore {
  private readonly sites = new Map<string, Site>();
  private readonly invitations = new Map<string, Invitation>();

  async find(_transaction: Transaction, key: SiteKey): Promise<Site | null> {
    return this.sites.get(nameOf(key)) ?? null;
  }

  async list(_transaction: Transaction, studyIds: readonly string[]): Promise<Site[]> {
    const found = [...this.sites.values()].filter((site) => studyIds.includes(site.studyId));
    return found.sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  async create(_transaction: Transaction, site: Site): Promise<void> {
    if (this.sites.has(nameOf(site))) throw siteExists(site.code);
    this.sites.set(nameOf(site), site);
  }

  async change(_transaction: Transaction, key: SiteKey, change: SiteChange): Promise<void> {
    this.update(key, () => change);
  }

  async passCounter(_transaction: Transaction, key: SiteKey, counter: number, at: Date): Promise<boolean> {
    return this.update(key, (site) =>
      counter > site.requestCounter ? { requestCounter: counter, lastContactAt: at } : null,
    );
  }

  async takeSequence(_transaction: Transaction, key: SiteKey, sequence: number): Promise<boolean> {
    return this.update(key, (site) => (sequence === site.sequence + 1 ? { sequence } : null));
  }

  async invite(_transaction: Transaction, invitation: Invitation): Promise<void> {
    for (const earlier of this.invitations.values()) {
      const isSame = earlier.studyId === invitation.studyId && earlier.siteCode === invitation.siteCode;
      if (isSame && earlier.usedAt === null && earlier.expiresAt > invitation.createdAt) {
        this.invitations.set(earlier.id, { ...earlier, expiresAt: invitation.createdAt });
      }
    }
    this.invitations.set(invitation.id, invitation);
  }

  async findInvitation(_transaction: Transaction, secretDigest: Digest): Promise<Invitation | null> {
    return [...this.invitations.values()].find((found) => found.secretDigest === secretDigest) ?? null;
  }

  async useInvitation(_transaction: Transaction, id: string, at: Date): Promise<boolean> {
    const invitation = this.invitations.get(id);
    if (invitation === undefined || invitation.usedAt !== null) return false;
    this.invitations.set(id, { ...invitation, usedAt: at });
    return true;
  }

  private update(key: SiteKey, changeOf: (site: Site) => Partial<Site> | null): boolean {
    const site = this.sites.get(nameOf(key));
    const change = site === undefined ? null : changeOf(site);
    if (site === undefined || change === null) return false;
    this.sites.set(nameOf(key), { ...site, ...change });
    return true;
  }
}

function nameOf({ studyId, code }: SiteKey): string {
  return `${studyId}/${code}`;
}
