import { invariant } from '@concord/errors';
import { voidReason } from './answer.js';
import type { Assessment } from './assessment.js';
import { conclude, totalsOf } from './conclude.js';
import { findHardStops } from './independence.js';
import { designPredicates } from './rqs1-design.js';
import { performancePredicates } from './rqs1-performance.js';
import type { Policy } from './scheme.js';
import { rqs1 } from './schemes/rqs.js';
import { scorePoints } from './score-points.js';
import type { StudyFacts } from './study-facts.js';

const predicates = { ...designPredicates, ...performancePredicates };

/**
 * Scores a study on RQS 1.0 from its records alone.
 *
 * Each item is answered by a predicate over the facts; statements of people count once somebody else has accepted
 * them, and only for items that ask for a person; an objection takes the item's points away until it is answered.
 * Rules of Lambin 2017 (doi:10.1038/nrclinonc.2017.141) with the disputed readings split into two policies.
 *
 * @param facts what the study's records say; see `StudyFacts`
 * @param policy `strict`: what the wording demands; `lenient`: what many raters accept. Strict never exceeds lenient.
 */
export function assessRqs1(facts: StudyFacts, policy: Policy): Assessment {
  const hardStops = findHardStops(facts);
  const question = { facts, policy, voidBecause: voidReason(hardStops) };
  const items = rqs1.items.map((item) => {
    const predicate = predicates[item.id];
    invariant(predicate, `item ${item.id} has a predicate`);
    return conclude(item, predicate(question, item), facts);
  });
  const score = scorePoints(rqs1, { options: Object.fromEntries(items.map((item) => [item.id, item.options])) });
  return {
    scheme: 'rqs1',
    schemeVersion: rqs1.version,
    policy,
    ...totalsOf(score, items),
    maxPoints: rqs1.range.max,
    items,
    hardStops,
  };
}
