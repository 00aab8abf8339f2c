import type { AssessedItem, EvidenceRef, Policy, StaleItem } from '@concord/rqs';

import type { EvidenceModel, QualityItemModel, QualityModel } from './quality.model.js';
import type { Quality } from './quality.service.js';
import { standingOf } from './review.js';

/** The quality of a study as GraphQL shows it, by one reading of the disputed items. */
export function qualityView(quality: Quality, policy: Policy): QualityModel {
  const { today, frozen, stale, history } = quality;
  const [now, then] = [today[policy], frozen[policy]];
  return {
    policy,
    total: now.total,
    frozenTotal: then.total,
    totalWithClaims: now.totalWithClaims,
    maxPoints: now.maxPoints,
    isStale: stale.length > 0,
    hardStops: [...now.hardStops],
    items: now.items.map((item) =>
      itemView(
        quality,
        item,
        then.items.find(({ id }) => id === item.id),
      ),
    ),
    statements: history.claims.map((claim) => ({
      ...claim,
      at: new Date(claim.at),
      standing: standingOf(claim),
      reviews: claim.reviews.map((review) => ({ ...review })),
    })),
    objections: history.contests.map((contest) => ({ ...contest, at: new Date(contest.at) })),
    withdrawals: history.withdrawals.map((withdrawal) => ({ ...withdrawal, at: new Date(withdrawal.at) })),
    assessment: today,
  };
}

function itemView(quality: Quality, item: AssessedItem, frozen: AssessedItem | undefined): QualityItemModel {
  const { id, number, title, points, minPoints, maxPoints, claimedPoints, state, options, reason, nextPoint } = item;
  const told = { id, number, title, points, minPoints, maxPoints, claimedPoints, state, reason };
  const stale = quality.stale.find((candidate) => candidate.id === id);
  return {
    ...told,
    options: [...options],
    frozenPoints: frozen?.points ?? points,
    nextAction: nextPoint?.action ?? null,
    evidence: item.evidence.map((ref) => evidenceView(quality, ref)),
    stale: stale === undefined ? [] : stale.records.map((record) => staleWords(quality, record)),
  };
}

function evidenceView({ origins }: Quality, { kind, id, digest }: EvidenceRef): EvidenceModel {
  const origin = origins.get(digest);
  const found = { at: origin?.at ?? null, site: origin?.site ?? null, signature: origin?.signature ?? null };
  const place = { origin: origin?.what ?? null, auditSequence: origin?.auditSequence ?? null };
  return { kind, id, digest, ...found, ...place, isObject: origin?.isObject ?? false };
}

/** What became of one record: withdrawn by whom and why, made from one that was, or replaced. */
function staleWords({ history }: Quality, record: StaleItem['records'][number]): string {
  const name = record.kind === record.id ? record.kind : `${record.kind} ${record.id}`;
  const withdrawal = history.withdrawals.find(({ digest }) => digest === record.digest);
  if (withdrawal !== undefined) return `The ${name} was withdrawn by ${withdrawal.by}: ${withdrawal.reason}`;
  if (record.now !== null) return `The ${name} was replaced since the report.`;
  const last = history.withdrawals.at(-1);
  return last === undefined
    ? `The ${name} is not on record any more.`
    : `The ${name} was made from a record that was withdrawn by ${last.by}: ${last.reason}`;
}
