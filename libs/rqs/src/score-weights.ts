import { answeredIds, readAnswers, type QualityRecord, type ScoredItem } from './answers.js';
import { ConditionRequiresError, InvalidRecordError, NotApplicableError } from './errors.js';
import type { WeightedScheme } from './scheme.js';

export interface WeightedScore {
  readonly scheme: string;
  readonly version: string;
  /** Sum of the weights that are met. */
  readonly total: number;
  /** Sum of the weights of all items that apply. */
  readonly applicableWeight: number;
  /** 100 × total / applicable weight, one decimal. */
  readonly percent: number;
  /** Of the rounded percentage. */
  readonly band: string;
  /** Those that apply; points are the weight or 0. */
  readonly items: readonly ScoredItem[];
}

/**
 * Scores a record of METRICS: items whose conditions do not hold leave the denominator, an unanswered item is not met.
 *
 * @throws {InvalidRecordError} if a condition is not answered
 * @throws {ConditionRequiresError} if a condition holds without the one it needs
 * @throws {NotApplicableError} if an item is answered whose conditions do not hold
 * @throws {IllegalOptionError} see `readAnswers`
 */
export function scoreWeights(scheme: WeightedScheme, record: QualityRecord): WeightedScore {
  const holding = conditionsThatHold(scheme, record);
  const asked = scheme.items.filter((item) => item.conditions.every((condition) => holding.has(condition)));
  const askedIds = new Set(asked.map((item) => item.id));
  const wrong = answeredIds(scheme, record).filter((id) => !askedIds.has(id) && scheme.items.some((i) => i.id === id));
  if (wrong.length > 0) throw new NotApplicableError(wrong, 'this study, by its conditions');
  const items = readAnswers(scheme, asked, record, true);
  const total = tenThousandths(items.reduce((sum, item) => sum + item.points, 0));
  const applicableWeight = tenThousandths(asked.reduce((sum, item) => sum + item.maxPoints, 0));
  const percent = Math.round((1000 * total) / applicableWeight) / 10;
  const band = scheme.bands.findLast(({ min }) => percent >= min)?.label ?? '';
  return { scheme: scheme.id, version: scheme.version, total, applicableWeight, percent, band, items };
}

function conditionsThatHold(scheme: WeightedScheme, { conditions = {} }: QualityRecord): Set<number> {
  const open = scheme.conditions.filter(({ id }) => !['yes', 'no'].includes(conditions[id] ?? ''));
  if (open.length > 0) {
    throw new InvalidRecordError(
      `say whether it holds: ${open.map(({ title }) => title.toLowerCase()).join('; ')}`,
      open.map(({ id }) => `conditions.${id}`).join(', '),
      'Answer every condition with yes or no.',
    );
  }
  const holding = new Set(scheme.conditions.filter(({ id }) => conditions[id] === 'yes').map(({ id }) => id));
  for (const { id, title, requires } of scheme.conditions) {
    if (requires !== null && holding.has(id) && !holding.has(requires)) {
      throw new ConditionRequiresError(id, title, requires);
    }
  }
  return holding;
}

/** Weights have four decimals; sums of doubles have more. */
function tenThousandths(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
