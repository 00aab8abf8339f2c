import { voidReason } from './answer.js';
import { assessRqs1 } from './assess-rqs1.js';
import type { Assessment } from './assessment.js';
import { conclude, notApplicable, totalsOf } from './conclude.js';
import { metricsRule } from './metrics-rules.js';
import type { Policy } from './scheme.js';
import { metrics } from './schemes/metrics.js';
import { scoreWeights } from './score-weights.js';
import type { ProtocolFact, StudyFacts } from './study-facts.js';

/**
 * Scores a study on METRICS (Kocak 2024, doi:10.1186/s13244-023-01572-w) from its records alone. Points are weights,
 * `maxPoints` is the applicable weight. Which items apply follows from the protocol, never from what records are there:
 * leaving a record out must not shrink the denominator.
 */
export function assessMetrics(facts: StudyFacts, policy: Policy): Assessment {
  const rqs1 = assessRqs1(facts, policy);
  const question = { facts, policy, rqs1, voidBecause: voidReason(rqs1.hardStops) };
  const conditions = conditionsOf(facts.protocol.design);
  const items = metrics.items.map((item) =>
    item.conditions.every((condition) => conditions[condition] === 'yes')
      ? conclude(item, metricsRule(Number(item.number))(question, item), facts)
      : notApplicable(item, 'The protocol plans nothing that this item asks about.'),
  );
  const asked = items.filter((item) => item.state !== 'NOT_APPLICABLE');
  const score = scoreWeights(metrics, {
    conditions,
    options: Object.fromEntries(asked.map((item) => [item.id, item.options])),
  });
  return {
    scheme: metrics.id,
    schemeVersion: metrics.version,
    policy,
    ...totalsOf(score, items),
    maxPoints: score.applicableWeight,
    items,
    hardStops: rqs1.hardStops,
    band: score.band,
  };
}

/** METRICS' five conditions: segmentation, fully automatic, hand-crafted, tabular, end-to-end network. */
function conditionsOf({ segmentation, track }: ProtocolFact['design']): Record<string, string> {
  const said = (holds: boolean): string => (holds ? 'yes' : 'no');
  const isHandcrafted = track === 'handcrafted';
  return {
    1: said(segmentation !== 'none'),
    2: said(segmentation === 'automatic'),
    3: said(isHandcrafted),
    4: said(isHandcrafted),
    5: said(!isHandcrafted),
  };
}
