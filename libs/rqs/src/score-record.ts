import { IllegalOptionError, InvalidRecordError, MissingItemError, SingleChoiceError } from './errors.js';
import { legalPoints, type Scheme, type SchemeItem } from './scheme.js';

/** Someone's answers: points by item id, or chosen option ids, which win where both are given. */
export interface QualityRecord {
  readonly items?: Readonly<Record<string, number>>;
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

export interface ScoredItem {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly points: number;
  readonly minPoints: number;
  readonly maxPoints: number;
  /** Ids of the chosen options; null where the record gives points only and they have two readings. */
  readonly options: readonly string[] | null;
}

export interface RecordScore {
  readonly scheme: string;
  readonly version: string;
  readonly total: number;
  readonly maxPoints: number;
  /** 100 × max(0, total) / maximum, one decimal. */
  readonly percent: number;
  readonly items: readonly ScoredItem[];
  readonly domains: readonly { id: number; title: string; points: number; min: number; max: number }[];
  readonly checkpoints: readonly { id: number; points: number; max: number }[];
}

/**
 * Checks a record against a scheme and adds it up.
 *
 * @param record one answer for every item
 * @throws {IllegalOptionError} if an item has points or an option that the scheme does not know (all such items named)
 * @throws {SingleChoiceError} if several options are chosen where one is allowed
 * @throws {MissingItemError} if an item has no answer
 * @throws {InvalidRecordError} if the record answers an item that the scheme does not have
 */
export function scoreRecord(scheme: Scheme, record: QualityRecord): RecordScore {
  const known = new Set(scheme.items.map((item) => item.id));
  const answered = [...Object.keys(record.items ?? {}), ...Object.keys(record.options ?? {})];
  const unknown = [...new Set(answered.filter((id) => !known.has(id)))];
  if (unknown.length > 0) {
    throw new InvalidRecordError(
      `${scheme.title} has no such item`,
      unknown.join(', '),
      `Its items are ${scheme.items[0]?.id} to ${scheme.items.at(-1)?.id}.`,
    );
  }
  refuseSeveralChoices(scheme, record);
  const missing = scheme.items.filter(
    (i) => record.options?.[i.id] === undefined && record.items?.[i.id] === undefined,
  );
  const illegal: { item: SchemeItem; what: string }[] = [];
  const items = scheme.items.map((item) => scoreItem(item, record, illegal));
  refuseIllegal(illegal);
  if (missing.length > 0) throw new MissingItemError(missing.map((item) => item.id));
  return addUp(scheme, items);
}

function refuseSeveralChoices(scheme: Scheme, record: QualityRecord): void {
  const several = scheme.items.filter((i) => i.selection === 'single' && (record.options?.[i.id]?.length ?? 0) > 1);
  const first = several[0];
  if (!first) return;
  const chosen = (record.options?.[first.id] ?? []).join(' and ');
  throw new SingleChoiceError(`${first.title} allows one option, not ${chosen}`, several.map((item) => item.id)); // prettier-ignore
}

function scoreItem(item: SchemeItem, record: QualityRecord, illegal: { item: SchemeItem; what: string }[]): ScoredItem {
  const { id, number, title, minPoints, maxPoints } = item;
  const chosen = record.options?.[id];
  if (chosen) {
    const options = [...new Set(chosen)].map((name) => ({ name, option: item.options.find((o) => o.id === name) }));
    const wrong = options.filter((o) => !o.option).map((o) => o.name);
    if (wrong.length > 0 || (item.selection === 'single' && options.length === 0)) {
      illegal.push({ item, what: wrong.length > 0 ? `option ${wrong.join(', ')}` : 'no option' });
    }
    const points = options.reduce((sum, o) => sum + (o.option?.points ?? 0), 0);
    return { id, number, title, points, minPoints, maxPoints, options: options.map((o) => o.name) };
  }
  const points = record.items?.[id] ?? 0;
  if (record.items?.[id] !== undefined && !legalPoints(item).includes(points)) {
    illegal.push({ item, what: `${points} points` });
  }
  return { id, number, title, points, minPoints, maxPoints, options: optionsOfPoints(item, points) };
}

/** The only set of options that gives these points, or null where there are several. */
function optionsOfPoints(item: SchemeItem, points: number): string[] | null {
  const single = item.options.filter((option) => option.points === points).map((option) => option.id);
  if (item.selection === 'single') return single.length === 1 ? single : null;
  if (points === 0) return [];
  return points === item.maxPoints ? item.options.map((option) => option.id) : null;
}

function refuseIllegal(illegal: { item: SchemeItem; what: string }[]): void {
  const first = illegal[0];
  if (!first) return;
  const legal = first.item.options.map((option) => `${option.id} (${option.points})`).join(', ');
  throw new IllegalOptionError(
    `${first.item.title} cannot have ${first.what}`,
    illegal.map((entry) => entry.item.id),
    `Its points are ${legalPoints(first.item).join(', ')}; its options ${legal}.`,
  );
}

function addUp(scheme: Scheme, items: readonly ScoredItem[]): RecordScore {
  const sum = (numbers?: readonly number[]) =>
    items.reduce((total, item) => total + (!numbers || numbers.includes(item.number) ? item.points : 0), 0);
  const total = sum();
  return {
    scheme: scheme.id,
    version: scheme.version,
    total,
    maxPoints: scheme.range.max,
    percent: Math.round((1000 * Math.max(0, total)) / scheme.range.max) / 10,
    items,
    domains: scheme.domains.map(({ id, title, min, max, items: of }) => ({ id, title, points: sum(of), min, max })),
    checkpoints: scheme.checkpoints.map(({ id, items: of, max }) => ({ id, points: sum(of), max })),
  };
}
