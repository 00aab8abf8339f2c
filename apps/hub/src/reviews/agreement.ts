import { cohenKappa, findScheme, scorePoints, type Kappa } from '@concord/rqs';
import { measureRepeatability } from '@concord/scanner-effects';

import type { OpenedScore } from './review.js';

/** Two opened scores of one study. */
export interface OpenedPair {
  readonly studyId: string;
  readonly scores: readonly OpenedScore[];
}

export interface Agreement {
  readonly reviewers: readonly string[];
  readonly totals: readonly number[];
  readonly items: readonly ItemAgreement[];
  /** Studies that the same two reviewers scored by this scheme: kappa and ICC are over these. */
  readonly studyCount: number;
  /** ICC(A,1) of the totals, two-way random, absolute agreement; null with the reason. */
  readonly icc: {
    readonly value: number | null;
    readonly interval: readonly number[] | null;
    readonly reason: string | null;
  };
}

export interface ItemAgreement {
  readonly id: string;
  readonly number: number | string;
  readonly title: string;
  /** Points of each reviewer, in the order of `reviewers`. */
  readonly points: readonly number[];
  readonly kappa: Kappa;
}

/**
 * How far two reviewers agree: on this study, and over all studies that both have scored.
 *
 * @param pair the study that is shown; @param all every opened pair of the scheme on this hub, that one among them
 */
export function agreementOf(schemeId: string, pair: OpenedPair, all: readonly OpenedPair[]): Agreement {
  const scheme = findScheme(schemeId);
  if (scheme.kind !== 'points') throw new RangeError(`${schemeId} is not scored by points`);
  const reviewers = pair.scores.map(({ reviewer }) => reviewer);
  const scoresOf = ({ scores }: OpenedPair) =>
    reviewers.map((name) => scores.find(({ reviewer }) => reviewer === name)).filter((score) => score !== undefined);
  const shared = all.map(scoresOf).filter((scores) => scores.length === 2);
  const points = (scores: readonly OpenedScore[]) => scores.map(({ options }) => scorePoints(scheme, { options }));
  const here = points(scoresOf(pair));
  const everywhere = shared.map(points);
  return {
    reviewers,
    totals: here.map(({ total }) => total),
    items: (here[0]?.items ?? []).map(({ id, number, title }, index) => ({
      id,
      number,
      title,
      points: here.map(({ items }) => items[index]?.points ?? 0),
      kappa: cohenKappa(answersOf(shared, 0, id), answersOf(shared, 1, id)),
    })),
    studyCount: shared.length,
    icc: iccOf(everywhere.map((scored) => scored.map(({ total }) => total))),
  };
}

/** Options, not points: two options may be worth the same (item 12). */
function answersOf(pairs: readonly (readonly OpenedScore[])[], rater: number, item: string): string[] {
  return pairs.map((scores) => [...(scores[rater]?.options[item] ?? [])].sort().join('+'));
}

function iccOf(totals: readonly (readonly number[])[]): Agreement['icc'] {
  const none = (reason: string) => ({ value: null, interval: null, reason });
  if (totals.length < 3) return none(`an ICC needs 3 studies that both scored, there are ${totals.length}`);
  const rows = totals.flatMap((pair, study) => pair.map((total, rater) => ({ study, rater, total })));
  const { features } = measureRepeatability({
    features: [{ name: 'total', values: Float64Array.from(rows, ({ total }) => total) }],
    subject: rows.map(({ study }) => String(study)),
    occasion: rows.map(({ rater }) => String(rater)),
  });
  const [measured] = features;
  if (measured === undefined || !('icc21' in measured)) return none(measured?.reason ?? 'the totals do not vary');
  const { value, interval } = measured.icc21;
  return { value, interval, reason: measured.reason };
}
