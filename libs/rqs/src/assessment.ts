import type { Policy } from './scheme.js';
import type { GroupScore } from './score-points.js';
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
  /** What would earn more, and who can supply it; absent at the maximum. */
  readonly nextPoint?: { readonly gain: number; readonly action: string; readonly by: string };
}

export interface Assessment {
  /** `rqs1`, `rqs2` or `metrics`. */
  readonly scheme: string;
  readonly schemeVersion: string;
  readonly policy: Policy;
  /** Sum of the items' points: -8 to 36 for RQS 1.0, 0 to 56 for RQS 2.0, of weights for METRICS. */
  readonly total: number;
  readonly percent: number;
  /** Points earned by items above zero. */
  readonly provenPoints: number;
  /** The most that applies to this study. */
  readonly maxPoints: number;
  /** Total if every unreviewed statement were accepted. */
  readonly totalWithClaims: number;
  readonly items: readonly AssessedItem[];
  /** Reasons why claims on independence are void for the whole study; empty when none. */
  readonly hardStops: readonly string[];
  /** RQS 2.0: points by level, and the highest level up to which every item has a point (0 for none). */
  readonly readiness?: { readonly completeThrough: number; readonly levels: readonly GroupScore[] };
  /** METRICS: the band of the percentage. */
  readonly band?: string;
}

/** A reporting guideline answered from records and accepted statements; nothing is added up. */
export interface ChecklistAssessment {
  readonly scheme: string;
  readonly schemeVersion: string;
  readonly reportedCount: number;
  readonly applicableCount: number;
  readonly items: readonly ChecklistAnswer[];
}

export interface ChecklistAnswer {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly section: string;
  readonly state: AnswerState;
  readonly reason: string;
  readonly evidence: readonly EvidenceRef[];
}
