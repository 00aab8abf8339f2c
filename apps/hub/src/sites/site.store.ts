import type { Digest } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Invitation, Site, SiteKey } from './site.js';

/** What can be written of a site besides its two counters. */
export type SiteChange = Partial<
  Pick<Site, 'name' | 'role' | 'signKey' | 'joinedAt' | 'status' | 'certificate' | 'requestCounter'>
>;

/** Where sites and their invitations are kept. */
export abstract class SiteStore {
  abstract find(transaction: Transaction, key: SiteKey): Promise<Site | null>;
  /** Of these studies, by code. */
  abstract list(transaction: Transaction, studyIds: readonly string[]): Promise<Site[]>;
  /** @throws {HubError} SITE_EXISTS */
  abstract create(transaction: Transaction, site: Site): Promise<void>;
  abstract change(transaction: Transaction, key: SiteKey, change: SiteChange): Promise<void>;
  /** @returns false, and changes nothing, if a request with that counter or a higher one was seen */
  abstract passCounter(transaction: Transaction, key: SiteKey, counter: number, at: Date): Promise<boolean>;
  /** @returns false, and changes nothing, unless the sequence is the one that is due */
  abstract takeSequence(transaction: Transaction, key: SiteKey, sequence: number): Promise<boolean>;

  /** Makes the site's earlier unused invitations expire. */
  abstract invite(transaction: Transaction, invitation: Invitation): Promise<void>;
  abstract findInvitation(transaction: Transaction, secretDigest: Digest): Promise<Invitation | null>;
  /** @returns false if it was used already */
  abstract useInvitation(transaction: Transaction, id: string, at: Date): Promise<boolean>;
}
