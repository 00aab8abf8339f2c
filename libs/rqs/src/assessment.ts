import type { Policy } from './scheme.js';
import type { EvidenceRef } from './study-facts.js';

/**
 * `PROVEN`: records show it, or a reviewer accepted the statement. `CLAIMED`: stated, not reviewed. `CONTESTED`: a
 * reviewer objects. `NOT_MET`: nothing shows it. Only PROVEN items earn points.
 */
export type AnswerState = 'PROVEN' | 'CLAIMED' | 'CONTESTED' | 'NOT_MET' | 'NOT_APPLICABLE';

export interface AssessedItem {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly points: number;
  readonly minPoints: number;
  readonly maxPoints: number;
  readonly state: AnswerState;
  /** Options that the points stand for. */
  readonly options: readonly string[];
  /** Why, in words a clinician understands. */
  readonly reason: string;
  /** The records the answer stands on. */
  readonly evidence: readonly EvidenceRef[];
  /** Points that statements would add, were they accepted. */
  readonly claimedPoints: number;
  /** What would earn more; absent at the maximum. */
  readonly nextPoint?: { readonly gain: number; readonly action: string };
}

export interface Assessment {
  readonly scheme: 'rqs1';
  readonly schemeVersion: string;
  readonly policy: Policy;
  /** Sum of the items' points, -8 to 36. */
  readonly total: number;
  readonly percent: number;
  /** Points earned by items above zero. */
  readonly provenPoints: number;
  readonly maxPoints: number;
  /** Total if every unreviewed statement were accepted. */
  readonly totalWithClaims: number;
  readonly items: readonly AssessedItem[];
  /** Reasons why claims on independence are void for the whole study; empty when none. */
  readonly hardStops: readonly string[];
}
