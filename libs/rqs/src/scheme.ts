/** How disputed items are read: only what the original wording demands, or what many raters accept. */
export type Policy = 'strict' | 'lenient';

export interface SchemeOption {
  readonly id: string;
  readonly label: string;
  /** Weight in a weighted scheme; 0 throughout in a checklist. */
  readonly points: number;
}

/** One item of a scheme. Titles and descriptions are paraphrases; points, weights and options are the source's. */
export interface SchemeItem {
  readonly id: string;
  /** As the source numbers it: checklists have numbers such as `5a`. */
  readonly number: number | string;
  readonly title: string;
  readonly description: string;
  /** Chapter of the scheme that the item belongs to: domain, level, category or section. */
  readonly group: string;
  /** `single`: exactly one option; `multi`: any set of options, their points add up. */
  readonly selection: 'single' | 'multi';
  readonly options: readonly SchemeOption[];
  readonly minPoints: number;
  readonly maxPoints: number;
  readonly evidence: {
    readonly mode: 'auto' | 'auto+human' | 'human';
    readonly predicates: readonly string[];
    readonly humanStatement: string | null;
  };
  readonly ambiguities: readonly string[];
  /** What each policy asks for, where readers dispute the item. */
  readonly policy?: Readonly<Record<Policy, string>>;
  /** Whether it is asked of hand-crafted features only (RQS 2.0). */
  readonly isHandcraftedOnly: boolean;
  /** Numbers of the conditions that must hold for the item to be asked (METRICS). */
  readonly conditions: readonly number[];
  readonly certainty: string;
}

/** A chapter of a scheme, with what its items can add up to. */
export interface SchemeGroup {
  readonly id: string;
  readonly title: string;
  readonly items: readonly (number | string)[];
  readonly min: number;
  readonly max: number;
}

interface SchemeBase {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly items: readonly SchemeItem[];
  readonly groups: readonly SchemeGroup[];
  readonly source: { readonly primary: string; readonly crossChecked: readonly string[] };
}

/** The total is the sum of the items' points. */
export interface PointsScheme extends SchemeBase {
  readonly kind: 'points';
  readonly range: { readonly min: number; readonly max: number };
  /** Groups are levels of readiness, in their order, and a study may be deep learning (RQS 2.0). */
  readonly hasLevels: boolean;
  readonly checkpoints: readonly { readonly id: number; readonly items: readonly number[]; readonly max: number }[];
}

/** The score is the share of the applicable weight that is met (METRICS). */
export interface WeightedScheme extends SchemeBase {
  readonly kind: 'weights';
  readonly conditions: readonly {
    readonly id: number;
    readonly title: string;
    /** Number of the condition that must hold for this one to hold. */
    readonly requires: number | null;
  }[];
  /** By rising lower bound, in percent. */
  readonly bands: readonly { readonly label: string; readonly min: number }[];
}

/** Says what is reported; nothing is added up. */
export interface Checklist extends SchemeBase {
  readonly kind: 'checklist';
}

export type Scheme = PointsScheme | WeightedScheme | Checklist;

/** @returns every number of points that the item can legally have, ascending */
export function legalPoints(item: SchemeItem): number[] {
  if (item.selection === 'single') return [...new Set(item.options.map((o) => o.points))].sort((a, b) => a - b);
  let sums = [0];
  for (const option of item.options) sums = sums.concat(sums.map((sum) => sum + option.points));
  return [...new Set(sums)].sort((a, b) => a - b);
}
