import { listOf, refOf } from './answer.js';
import type { ChecklistAnswer, ChecklistAssessment } from './assessment.js';
import { clearRules, tripodRules, type ChecklistRule } from './checklist-rules.js';
import { claimStanding } from './claims.js';
import type { Checklist, SchemeItem } from './scheme.js';
import { clear, tripodAi } from './schemes/checklists.js';
import type { StudyFacts } from './study-facts.js';

/** CLEAR (Kocak 2023, doi:10.1186/s13244-023-01415-8) from a study's records and accepted statements. */
export function assessClear(facts: StudyFacts): ChecklistAssessment {
  return assessChecklist(clear, clearRules, facts);
}

/** TRIPOD+AI (Collins 2024, doi:10.1136/bmj-2023-078378) from a study's records and accepted statements. */
export function assessTripodAi(facts: StudyFacts): ChecklistAssessment {
  return assessChecklist(tripodAi, tripodRules, facts);
}

function assessChecklist(
  scheme: Checklist,
  rules: Readonly<Record<string, ChecklistRule>>,
  facts: StudyFacts,
): ChecklistAssessment {
  const items = scheme.items.map((item) => answer(item, rules[String(item.number)], facts));
  return {
    scheme: scheme.id,
    schemeVersion: scheme.version,
    reportedCount: items.filter((item) => item.state === 'PROVEN').length,
    applicableCount: items.length,
    items,
  };
}

/** A guideline asks whether something is reported, so a record or an accepted statement is enough for any item. */
function answer(item: SchemeItem, rule: ChecklistRule | undefined, facts: StudyFacts): ChecklistAnswer {
  const records = rule?.(facts) ?? [];
  const claims = facts.claims.filter((claim) => claim.item === item.id && claim.state === 'standing');
  const accepted = claims.filter((claim) => claimStanding(claim) === 'accepted');
  const contests = facts.contests.filter((contest) => contest.item === item.id);
  const shown = [...records, ...accepted];
  const isContested = contests.length > 0 || claims.some((claim) => claimStanding(claim) === 'contested');
  const isContestedAway = contests.length > 0 || (isContested && shown.length === 0);
  const state = isContestedAway ? 'CONTESTED' : shown.length > 0 ? 'PROVEN' : claims.length > 0 ? 'CLAIMED' : 'NOT_MET';
  const kinds = listOf([...new Set(shown.map((ref) => ref.kind))]);
  const reasons = {
    PROVEN: `Reported by the ${kinds}.`,
    CLAIMED: 'A statement awaits review.',
    CONTESTED: `Contested: ${contests[0]?.reason ?? 'the statement was not accepted'}.`,
    NOT_MET: rule ? 'No record reports it.' : 'It needs a statement of the author, or a page of the manuscript.',
  };
  const all = [...shown, ...claims, ...contests].map(refOf);
  return {
    id: item.id,
    number: String(item.number),
    title: item.title,
    section: item.group,
    state,
    reason: reasons[state],
    evidence: all.filter((ref, index) => all.findIndex((other) => other.digest === ref.digest) === index),
  };
}
