import type { Digest } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Release } from './release.js';

/** Where it is kept what came; the tables themselves are objects. Nothing is ever changed or deleted. */
export abstract class ReleaseStore {
  /** Of these studies, by site and sequence. */
  abstract list(transaction: Transaction, studyIds: readonly string[]): Promise<Release[]>;
  abstract findMessage(transaction: Transaction, messageDigest: Digest): Promise<Release | null>;
  /** Throws if there is one of that study, site and sequence, or of that message digest. */
  abstract add(transaction: Transaction, release: Release): Promise<void>;
  /** Sites of these studies whose predictions by the locked model are recorded, as `predictionKey` names them. */
  abstract predictedSites(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Pooled fits of these studies, by study, where sums of sites came to one. */
  abstract pooledDigests(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>>;
  /** Of the studies that are locked. */
  abstract lockDigests(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>>;
}

export function predictionKey(studyId: string, siteCode: string): string {
  return `${studyId}/${siteCode}`;
}
