import { invariant } from '@concord/errors';
import { refOf, type Answer } from './answer.js';
import type { AnswerState, AssessedItem, Assessment } from './assessment.js';
import { acceptedBy, claimStanding } from './claims.js';
import type { SchemeItem } from './scheme.js';
import type { ClaimFact, StudyFacts } from './study-facts.js';
import { supplierOf } from './suppliers.js';

/** Puts records, statements and objections together. */
export function conclude(item: SchemeItem, answer: Answer, facts: StudyFacts): AssessedItem {
  const claims = facts.claims.filter((claim) => isAbout(claim, item));
  const standing = (wanted: string) => claims.filter((claim) => claimStanding(claim) === wanted);
  const accepted = standing('accepted');
  const objected = standing('contested');
  const contests = facts.contests.filter((contest) => contest.item === item.id);
  const shown = best(item, [...answer.options, ...accepted.map((claim) => claim.option)]);
  const waiting = standing('waiting').map((claim) => claim.option);
  const claimed = best(item, [...shown, ...waiting, ...(answer.awaiting ?? [])]);
  const options = contests.length > 0 ? best(item, []) : shown;
  const points = pointsOf(item, options);
  const claimedPoints = contests.length > 0 ? 0 : pointsOf(item, claimed) - points;
  // An objection to a statement takes away what the statement gave, and no more.
  const isContested = contests.length > 0 || (objected.length > 0 && points <= Math.max(0, item.minPoints));
  const isEarned = points > Math.max(0, item.minPoints);
  const reasons = [
    ...contests.map((contest) => `Contested: ${contest.reason}.`),
    answer.reason,
    ...accepted.map((claim) => `Statement of ${claim.signer} accepted by ${acceptedBy(claim).join(' and ')}.`),
    ...objected.map((claim) => `The statement of ${claim.signer} is contested: ${lastObjection(claim)}.`),
    ...(claimedPoints > 0 ? ['A statement awaits review.'] : []),
  ];
  const all = [
    ...answer.evidence,
    ...claims.filter((claim) => claim.state === 'standing').map(refOf),
    ...contests.map(refOf),
  ];
  const evidence = all.filter((ref, index) => all.findIndex((other) => other.digest === ref.digest) === index);
  return {
    id: item.id,
    number: Number(item.number),
    title: item.title,
    points,
    minPoints: item.minPoints,
    maxPoints: item.maxPoints,
    state: stateOf(isContested, isEarned, claimedPoints > 0),
    options,
    reason: reasons.join(' '),
    evidence,
    claimedPoints,
    ...nextOf(item, points, answer, contests.length > 0),
  };
}

function lastObjection(claim: ClaimFact): string {
  return claim.reviews.findLast((review) => review.verdict === 'contest')?.reason ?? '';
}

function nextOf(
  item: SchemeItem,
  points: number,
  answer: Answer,
  isContested: boolean,
): Pick<AssessedItem, 'nextPoint'> {
  if (points === item.maxPoints) return {};
  if (isContested) return { nextPoint: { gain: Math.max(0, pointsOf(item, best(item, answer.options)) - points), action: 'answer the objection', by: 'the author' } }; // prettier-ignore
  const gain = Math.min(answer.next?.gain ?? item.maxPoints - points, item.maxPoints - points);
  if (!(gain > 0) || !answer.next) return {};
  return { nextPoint: { gain, action: answer.next.action, by: supplierOf(item, (answer.awaiting ?? []).length > 0) } };
}

function stateOf(isContested: boolean, isEarned: boolean, isClaimed: boolean): AnswerState {
  if (isContested) return 'CONTESTED';
  if (isEarned) return 'PROVEN';
  return isClaimed ? 'CLAIMED' : 'NOT_MET';
}

/** Statements stand alone only where no record could show it; elsewhere predicates ask for them beside a record. */
function isAbout(claim: ClaimFact, item: SchemeItem): boolean {
  const standsAlone = item.evidence.mode === 'human' || (item.id === 'rqs1.01' && claim.option === 'public');
  return standsAlone && claim.item === item.id && item.options.some((option) => option.id === claim.option);
}

/** All options of a multiple-choice item; the one with most points of a single-choice item, or its lowest. */
function best(item: SchemeItem, options: readonly string[]): string[] {
  if (item.selection === 'multi') return item.options.map((o) => o.id).filter((id) => options.includes(id));
  const sorted = item.options.filter((option) => options.includes(option.id)).sort((a, b) => b.points - a.points);
  const chosen = sorted[0] ?? [...item.options].sort((a, b) => a.points - b.points)[0];
  invariant(chosen, `item ${item.id} has options`);
  return [chosen.id];
}

/** Points of these options together. */
export function pointsOf(item: SchemeItem, options: readonly string[]): number {
  return item.options.reduce((sum, option) => sum + (options.includes(option.id) ? option.points : 0), 0);
}

/** An item that this study is not asked. */
export function notApplicable({ id, number, title, minPoints, maxPoints }: SchemeItem, reason: string): AssessedItem {
  const base = { id, number: Number(number), title, minPoints, maxPoints, points: 0, claimedPoints: 0 };
  return { ...base, state: 'NOT_APPLICABLE', options: [], reason, evidence: [] };
}

/** Totals of an assessment; weights have four decimals, sums of doubles more. */
export function totalsOf(
  { total, percent }: { readonly total: number; readonly percent: number },
  items: readonly AssessedItem[],
): Pick<Assessment, 'total' | 'percent' | 'provenPoints' | 'totalWithClaims'> {
  const sum = (pick: (item: AssessedItem) => number): number =>
    Math.round(items.reduce((points, item) => points + pick(item), 0) * 1e4) / 1e4;
  return {
    total,
    percent,
    provenPoints: sum((item) => Math.max(0, item.points)),
    totalWithClaims: sum((item) => item.points + item.claimedPoints),
  };
}
