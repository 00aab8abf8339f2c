import type { AuditRecord, Digest } from '@concord/contracts';
import {
  claimStanding,
  findScheme,
  whyNotReviewer,
  type ClaimFact,
  type ContestFact,
  type SchemeItem,
} from '@concord/rqs';

import { HubError } from '../errors/hub-error.js';
import type { Institutional } from './person.js';

/** A record that a coordinator took back: nothing may stand on it any more. */
export interface Withdrawal {
  readonly digest: Digest;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** One reviewer's own score of a study, from the options that he chose. */
export interface OpenedScore {
  readonly reviewer: string;
  readonly institution: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly salt: string;
  /** Of options and salt, as the audit log held it while the score was sealed. */
  readonly digest: Digest;
}

/** All that people said of a study's quality. Nothing else is stored of it: the audit log is the record. */
export interface ReviewHistory {
  readonly claims: readonly (ClaimFact & { readonly at: string })[];
  readonly contests: readonly (ContestFact & { readonly at: string })[];
  readonly withdrawals: readonly Withdrawal[];
  /** Who has sealed a score that is not opened yet, by scheme. */
  readonly sealed: readonly { readonly scheme: string; readonly reviewer: string; readonly at: string }[];
  readonly opened: readonly { readonly scheme: string; readonly scores: readonly OpenedScore[]; readonly at: string }[];
}

/** What the audit log calls each step; `REVIEW_ACTIONS` are all that `historyOf` reads. */
export const ACTIONS = {
  stated: 'claim.stated',
  claimWithdrawn: 'claim.withdrawn',
  reviewed: 'claim.reviewed',
  contested: 'item.contested',
  contestLifted: 'item.contest-lifted',
  evidenceWithdrawn: 'evidence.withdrawn',
  sealed: 'scores.sealed',
  opened: 'scores.opened',
} as const;

/**
 * Replays the audit log of a study into its statements, reviews, objections and withdrawals. Reading them is always
 * this: whoever has the log (it is in every bundle) gets the same.
 *
 * @param entries of one chain, oldest first; other actions are passed over
 */
export function historyOf(entries: readonly AuditRecord[]): ReviewHistory {
  const claims = new Map<string, ClaimFact & { at: string }>();
  const contests = new Map<string, ContestFact & { at: string }>();
  const withdrawals: Withdrawal[] = [];
  let sealed: ReviewHistory['sealed'] = [];
  const opened: ReviewHistory['opened'][number][] = [];
  for (const { action, actor, subject, details, hash: digest, at } of entries) {
    const said = details as Record<string, never>;
    const claim = claims.get(subject);
    if (action === ACTIONS.stated) {
      const { item, option, statement, attachmentDigest, institution } = said;
      const told = { item, option, statement, attachmentDigest, signer: actor, institution };
      claims.set(subject, { kind: 'statement', id: subject, digest, ...told, state: 'standing', reviews: [], at });
    } else if (action === ACTIONS.claimWithdrawn && claim) {
      claims.set(subject, { ...claim, state: 'withdrawn' });
    } else if (action === ACTIONS.reviewed && claim) {
      const { verdict, reason, institution } = said;
      const id = `${subject}/${claim.reviews.length + 1}`;
      const review = { kind: 'review', id, digest, reviewer: actor, institution, verdict, reason };
      claims.set(subject, { ...claim, reviews: [...claim.reviews, review] });
    } else if (action === ACTIONS.contested) {
      const { item, reason, institution } = said;
      contests.set(subject, { kind: 'objection', id: subject, digest, item, reviewer: actor, institution, reason, at });
    } else if (action === ACTIONS.contestLifted) {
      contests.delete(subject);
    } else if (action === ACTIONS.evidenceWithdrawn) {
      withdrawals.push({ digest: subject, by: actor, at, reason: said['reason'] });
    } else if (action === ACTIONS.sealed) {
      sealed = [...sealed, { scheme: subject, reviewer: actor, at }];
    } else if (action === ACTIONS.opened) {
      sealed = sealed.filter(({ scheme }) => scheme !== subject);
      opened.push({ scheme: subject, scores: said['scores'], at });
    }
  }
  return { claims: [...claims.values()], contests: [...contests.values()], withdrawals, sealed, opened };
}

/** How many statements, or objections, the log has seen: their ids count on. */
export function nextId(entries: readonly AuditRecord[], action: string, word: string): string {
  return `${word}-${entries.filter((entry) => entry.action === action).length + 1}`;
}

/**
 * Finds an item by its id, which begins with the scheme's: `rqs1.12`.
 *
 * @throws {HubError} INPUT_INVALID
 */
export function itemOf(id: string): SchemeItem {
  const scheme = id.split('.')[0];
  const known = ['rqs1', 'rqs2', 'metrics', 'clear', 'tripod-ai'].find((name) => name === scheme);
  const item = known === undefined ? undefined : findScheme(known).items.find((candidate) => candidate.id === id);
  if (item !== undefined) return item;
  throw new HubError(
    'INPUT_INVALID',
    `there is no item ${id}`,
    'item',
    'Name one as the report does, such as rqs1.12.',
  );
}

/** @throws {HubError} INPUT_INVALID if the item has no such option */
export function checkOption(item: SchemeItem, option: string): void {
  const known = item.options.map(({ id }) => id);
  if (known.includes(option)) return;
  const what = `item ${item.number} has no option ${option}`;
  throw new HubError('INPUT_INVALID', what, 'option', `Choose one of: ${known.join(', ')}.`);
}

/** @throws {HubError} CLAIM_UNKNOWN, CLAIM_WITHDRAWN */
export function standingClaim(history: ReviewHistory, id: string): ClaimFact {
  const claim = history.claims.find((candidate) => candidate.id === id);
  if (claim === undefined) {
    throw new HubError('CLAIM_UNKNOWN', 'there is no such statement', `statement ${id}`, 'Read the list again.');
  }
  if (claim.state === 'withdrawn') {
    const fix = 'Its author can state it anew.';
    throw new HubError('CLAIM_WITHDRAWN', 'the statement was withdrawn', `statement ${id}`, fix);
  }
  return claim;
}

/** @throws {HubError} CLAIM_OWN, CLAIM_INSTITUTION */
export function checkReviewer(claim: ClaimFact, { name, institution }: Institutional): void {
  const why = whyNotReviewer(claim, { reviewer: name, institution });
  if (why === null) return;
  const code = claim.signer === name ? 'CLAIM_OWN' : 'CLAIM_INSTITUTION';
  const fix = code === 'CLAIM_OWN' ? 'Ask another person.' : `Ask a reviewer outside ${institution}.`;
  throw new HubError(code, why, `statement ${claim.id}, item ${claim.item}`, fix);
}

/** @throws {HubError} CLAIM_OWN if somebody else made it */
export function checkAuthor(claim: ClaimFact, name: string): void {
  if (claim.signer === name) return;
  const what = `only ${claim.signer}, who made the statement, may withdraw it`;
  throw new HubError('FORBIDDEN', what, `statement ${claim.id}`, 'A reviewer can contest it instead.');
}

/** @throws {HubError} CONTEST_UNKNOWN; FORBIDDEN if somebody else raised it */
export function checkContest(history: ReviewHistory, id: string, name: string): ContestFact {
  const contest = history.contests.find((candidate) => candidate.id === id);
  if (contest === undefined) {
    throw new HubError('CONTEST_UNKNOWN', 'there is no such objection', `objection ${id}`, 'Read the list again.');
  }
  if (contest.reviewer !== name) {
    const what = `only ${contest.reviewer}, who raised the objection, may take it back`;
    throw new HubError('FORBIDDEN', what, `objection ${id}`, `Answer it to ${contest.reviewer}.`);
  }
  return contest;
}

/**
 * A reviewer scores a scheme once, before the scores are opened, and not where he is the author of a statement.
 *
 * @throws {HubError} SCORES_OPENED, SCORE_SEALED, CLAIM_OWN
 */
export function checkSealing(history: ReviewHistory, scheme: string, name: string): void {
  const where = `scores of ${scheme}`;
  if (history.opened.some((pair) => pair.scheme === scheme)) {
    const what = 'both blind scores are open already: a third would not be blind';
    throw new HubError('SCORES_OPENED', what, where, 'Contest an item instead.');
  }
  if (history.sealed.some((score) => score.scheme === scheme && score.reviewer === name)) {
    const fix = 'It opens as soon as a second reviewer has scored.';
    throw new HubError('SCORE_SEALED', 'your score is sealed and cannot be changed', where, fix);
  }
  if (history.claims.some((claim) => claim.signer === name)) {
    const what = 'you signed a statement of this study, and nobody scores his own';
    throw new HubError('CLAIM_OWN', what, where, 'Ask another reviewer.');
  }
}

/** In the words of a list: `accepted`, `waiting`, `contested` or `withdrawn`. */
export const standingOf = claimStanding;
