import type { SchemeItem } from './scheme.js';
import type { ClaimFact, ReviewFact, StudyFacts } from './study-facts.js';

/** Items whose statements only another institution may accept: validation at other institutions. */
const OTHER_INSTITUTION: readonly string[] = ['rqs1.12', 'rqs2.21', 'metrics.27'];

/** Where a statement stands; only `accepted` earns points, and `waiting` is shown as claimed. */
export type ClaimStanding = 'accepted' | 'waiting' | 'contested' | 'withdrawn';

/** @returns why this person may not review the statement, or null: nobody reviews his own, item 12 needs another institution */
export function whyNotReviewer(
  claim: Pick<ClaimFact, 'item' | 'signer' | 'institution'>,
  reviewer: Pick<ReviewFact, 'reviewer' | 'institution'>,
): string | null {
  if (reviewer.reviewer === claim.signer) return 'nobody reviews a statement of his own';
  if (OTHER_INSTITUTION.includes(claim.item) && reviewer.institution === claim.institution) {
    return 'a statement on validation at other institutions needs a reviewer of another institution';
  }
  return null;
}

/** Where a statement stands: reviews of people who may not review it are passed over, of each other one the last counts. */
export function claimStanding(claim: ClaimFact): ClaimStanding {
  if (claim.state === 'withdrawn') return 'withdrawn';
  const verdicts = new Map(
    claim.reviews
      .filter((review) => whyNotReviewer(claim, review) === null)
      .map(({ reviewer, verdict }) => [reviewer, verdict]),
  );
  const last = [...verdicts.values()];
  if (last.includes('contest')) return 'contested';
  return last.includes('accept') ? 'accepted' : 'waiting';
}

/** @returns who accepted it, in the order of their last words */
export function acceptedBy(claim: ClaimFact): string[] {
  const accepting = claim.reviews.filter((r) => r.verdict === 'accept' && whyNotReviewer(claim, r) === null);
  return [...new Set(accepting.map((review) => review.reviewer))];
}

/** @returns the statements on an item that were accepted, and those that wait for review */
export function statementsOn(facts: StudyFacts, { id }: SchemeItem): { given: ClaimFact[]; waiting: ClaimFact[] } {
  const claims = facts.claims.filter((claim) => claim.item === id);
  return {
    given: claims.filter((claim) => claimStanding(claim) === 'accepted'),
    waiting: claims.filter((claim) => claimStanding(claim) === 'waiting'),
  };
}
