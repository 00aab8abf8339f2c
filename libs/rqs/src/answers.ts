import { IllegalOptionError, InvalidRecordError, MissingItemError, SingleChoiceError } from './errors.js';
import { legalPoints, type Scheme, type SchemeItem } from './scheme.js';

/** Someone's answers: points by item id, or chosen option ids, which win where both are given. */
export interface QualityRecord {
  /** METRICS’ may also be a text of one letter an item: Y, N, or - where it does not apply. */
  readonly items?: Readonly<Record<string, number>> | string;
  readonly options?: Readonly<Record<string, readonly string[]>>;
  /** METRICS: `yes` or `no` by the number of the condition. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** RQS 2.0: hand-crafted features when absent. */
  readonly track?: 'handcrafted' | 'deep-learning';
  /** RQS 2.0: highest level of readiness that is asked about; all when absent. */
  readonly level?: number;
}

/** One item answered. */
export interface ScoredItem {
  readonly id: string;
  readonly number: number | string;
  readonly title: string;
  readonly points: number;
  readonly minPoints: number;
  readonly maxPoints: number;
  /** Ids of the chosen options; null where the record gives points only and they have two readings. */
  readonly options: readonly string[] | null;
}

/**
 * Reads the answers to some items of a scheme.
 *
 * @param asked the items that apply
 * @param isMissingAllowed whether an item without answer takes its lowest option
 * @throws {IllegalOptionError} if an item has points or an option that the scheme does not know (all such items named)
 * @throws {SingleChoiceError} if several options are chosen where one is allowed
 * @throws {MissingItemError} if an item has no answer
 * @throws {InvalidRecordError} if the record answers an item that the scheme does not have
 */
export function readAnswers(
  scheme: Scheme,
  asked: readonly SchemeItem[],
  record: QualityRecord,
  isMissingAllowed = false,
): ScoredItem[] {
  const points = pointsGiven(scheme, record);
  refuseUnknown(scheme, points, record);
  refuseSeveralChoices(asked, record);
  const illegal: Illegal[] = [];
  const items = asked.map((item) => answerTo(item, points[item.id], record.options?.[item.id], illegal));
  refuseIllegal(illegal);
  const missing = asked.filter(({ id }) => points[id] === undefined && record.options?.[id] === undefined);
  if (missing.length > 0 && !isMissingAllowed) throw new MissingItemError(missing.map((item) => item.id));
  return items;
}

/** Ids of the items that a record answers at all. */
export function answeredIds(scheme: Scheme, record: QualityRecord): string[] {
  return [...new Set([...Object.keys(pointsGiven(scheme, record)), ...Object.keys(record.options ?? {})])];
}

/** @throws {InvalidRecordError} if answers in letters are not one for each item */
function pointsGiven(scheme: Scheme, { items = {} }: QualityRecord): Record<string, number> {
  if (typeof items !== 'string') return items;
  const letters = [...items];
  if (scheme.kind !== 'weights' || letters.length !== scheme.items.length || !/^[YN-]*$/.test(items)) {
    throw new InvalidRecordError(
      `answers in letters are ${scheme.items.length} of Y, N and -, and of METRICS only`,
      'items',
      'Write one letter for each item, or {"metrics.01": points}.',
    );
  }
  const given = scheme.items.flatMap((item, n) => (letters[n] === '-' ? [] : [[item.id, letters[n] === 'Y'] as const]));
  const weights = new Map(scheme.items.map((item) => [item.id, item.maxPoints]));
  return Object.fromEntries(given.map(([id, isMet]) => [id, isMet ? (weights.get(id) ?? 0) : 0]));
}

function refuseUnknown(scheme: Scheme, points: Readonly<Record<string, number>>, record: QualityRecord): void {
  const known = new Set(scheme.items.map((item) => item.id));
  const answered = [...Object.keys(points), ...Object.keys(record.options ?? {})];
  const unknown = [...new Set(answered.filter((id) => !known.has(id)))];
  if (unknown.length === 0) return;
  throw new InvalidRecordError(
    `${scheme.title} has no such item`,
    unknown.join(', '),
    `Its items are ${scheme.items[0]?.id} to ${scheme.items.at(-1)?.id}.`,
  );
}

function refuseSeveralChoices(asked: readonly SchemeItem[], record: QualityRecord): void {
  const several = asked.filter((i) => i.selection === 'single' && (record.options?.[i.id]?.length ?? 0) > 1);
  const first = several[0];
  if (!first) return;
  const chosen = (record.options?.[first.id] ?? []).join(' and ');
  throw new SingleChoiceError(`${first.title} allows one option, not ${chosen}`, several.map((item) => item.id)); // prettier-ignore
}

interface Illegal {
  readonly item: SchemeItem;
  readonly what: string;
}

function answerTo(
  item: SchemeItem,
  points: number | undefined,
  chosen: readonly string[] | undefined,
  illegal: Illegal[],
): ScoredItem {
  const { id, number, title, minPoints, maxPoints } = item;
  const base = { id, number, title, minPoints, maxPoints };
  if (chosen) {
    const options = [...new Set(chosen)].map((name) => ({ name, option: item.options.find((o) => o.id === name) }));
    const wrong = options.filter((o) => !o.option).map((o) => o.name);
    if (wrong.length > 0 || (item.selection === 'single' && options.length === 0)) {
      illegal.push({ item, what: wrong.length > 0 ? `option ${wrong.join(', ')}` : 'no option' });
    }
    const sum = options.reduce((total, { option }) => total + (option?.points ?? 0), 0);
    return { ...base, points: sum, options: options.map((o) => o.name) };
  }
  const given = points ?? minPoints;
  if (!legalPoints(item).includes(given)) illegal.push({ item, what: `${given} points` });
  return { ...base, points: given, options: optionsOfPoints(item, given) };
}

/** The only set of options that gives these points, or null where there are several. */
function optionsOfPoints(item: SchemeItem, points: number): string[] | null {
  const single = item.options.filter((option) => option.points === points).map((option) => option.id);
  if (item.selection === 'single') return single.length === 1 ? single : null;
  if (points === 0) return [];
  return points === item.maxPoints ? item.options.map((option) => option.id) : null;
}

function refuseIllegal(illegal: readonly Illegal[]): void {
  const first = illegal[0];
  if (!first) return;
  const legal = first.item.options.map((option) => `${option.id} (${option.points})`).join(', ');
  throw new IllegalOptionError(
    `${first.item.title} cannot have ${first.what}`,
    illegal.map((entry) => entry.item.id),
    `Its points are ${legalPoints(first.item).join(', ')}; its options ${legal}.`,
  );
}
