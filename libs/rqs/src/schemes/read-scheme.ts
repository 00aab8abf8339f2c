import type { SchemeGroup, SchemeItem, SchemeOption } from '../scheme.js';

/** What the JSON files have in common; each scheme's own file says what it adds. */
export interface ItemJson {
  readonly id: string;
  readonly number: number | string;
  readonly title: string;
  readonly description?: string;
  readonly selection?: string;
  readonly options?: readonly { readonly id?: string; readonly label: string; readonly points: number | null }[];
  readonly minPoints?: number;
  readonly maxPoints?: number;
  readonly evidence: {
    readonly mode: string;
    readonly predicates: readonly string[];
    readonly humanStatement?: string | null;
    readonly note?: string;
  };
  readonly ambiguities?: readonly string[];
  readonly policy?: { readonly strict: string; readonly lenient: string };
  readonly handcraftedOnly?: boolean;
  readonly conditions?: readonly number[];
  readonly certainty: string;
}

const REPORTED: readonly SchemeOption[] = [
  { id: 'yes', label: 'Reported', points: 0 },
  { id: 'no', label: 'Not reported', points: 0 },
  { id: 'not-applicable', label: 'Not applicable', points: 0 },
];

/** @param group id of the chapter that the item belongs to */
export function readItem(json: ItemJson, group: string): SchemeItem {
  const options = json.options?.map(readOption) ?? REPORTED;
  const points = options.map((option) => option.points);
  const selection = json.selection === 'multi' ? 'multi' : 'single';
  const { mode, predicates, humanStatement = null, note } = json.evidence;
  return {
    id: json.id,
    number: json.number,
    title: json.title,
    description: json.description ?? '',
    group,
    selection,
    options,
    minPoints: json.minPoints ?? Math.min(...points),
    maxPoints: json.maxPoints ?? Math.max(...points),
    evidence: { mode: mode as SchemeItem['evidence']['mode'], predicates, humanStatement }, // the schemes’ test reads all
    ambiguities: [...(json.ambiguities ?? []), ...(note === undefined ? [] : [note])],
    ...(json.policy === undefined ? {} : { policy: json.policy }),
    isHandcraftedOnly: json.handcraftedOnly ?? false,
    conditions: json.conditions ?? [],
    certainty: json.certainty,
  };
}

/** Chapters in the order in which their first items come. */
export function groupsBySection(items: readonly SchemeItem[]): SchemeGroup[] {
  return [...new Set(items.map((item) => item.group))].map((id) => {
    const numbers = items.filter((item) => item.group === id).map((item) => item.number);
    return { id, title: id, items: numbers, min: 0, max: 0 };
  });
}

function readOption({ id, label, points }: NonNullable<ItemJson['options']>[number]): SchemeOption {
  return { id: id ?? optionId(label), label, points: points ?? 0 };
}

/** `Yes, details provided` is `yes`, `Third-party platform, unseen data` is `third-party-platform-unseen-data`. */
function optionId(label: string): string {
  if (/^yes\b/i.test(label)) return 'yes';
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
