import { voidReason } from './answer.js';
import { assessRqs1 } from './assess-rqs1.js';
import type { Assessment } from './assessment.js';
import { conclude, notApplicable, totalsOf } from './conclude.js';
import { rqs2Rule } from './rqs2-rules.js';
import type { Policy } from './scheme.js';
import { rqs2 } from './schemes/rqs.js';
import { scorePoints } from './score-points.js';
import type { StudyFacts } from './study-facts.js';

/**
 * Scores a study on RQS 2.0 (Lambin 2025, doi:10.1038/s41571-025-01067-1) from its records alone, by the rules of
 * `assessRqs1` where an item asks the same. Items on hand-crafted features do not apply to deep learning.
 *
 * `readiness.completeThrough` is our reading, as no rule for declaring a level is published: the highest level up to
 * which every item of every level has a point.
 */
export function assessRqs2(facts: StudyFacts, policy: Policy): Assessment {
  const rqs1 = assessRqs1(facts, policy);
  const question = { facts, policy, rqs1, voidBecause: voidReason(rqs1.hardStops) };
  const { track } = facts.protocol.design;
  const applies = (isHandcraftedOnly: boolean): boolean => track === 'handcrafted' || !isHandcraftedOnly;
  const items = rqs2.items.map((item) =>
    applies(item.isHandcraftedOnly)
      ? conclude(item, rqs2Rule(Number(item.number))(question, item), facts)
      : notApplicable(item, 'It asks about hand-crafted features, and the protocol plans deep learning.'),
  );
  const asked = items.filter((item) => item.state !== 'NOT_APPLICABLE');
  const score = scorePoints(rqs2, { track, options: Object.fromEntries(asked.map((item) => [item.id, item.options])) });
  return {
    scheme: rqs2.id,
    schemeVersion: rqs2.version,
    policy,
    ...totalsOf(score, items),
    maxPoints: score.maxPoints,
    items,
    hardStops: rqs1.hardStops,
    readiness: { completeThrough: score.readiness?.completeThrough ?? 0, levels: score.groups },
  };
}
