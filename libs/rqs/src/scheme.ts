/** How disputed items are read: only what the original wording demands, or what many raters accept. */
export type Policy = 'strict' | 'lenient';

export interface SchemeOption {
  readonly id: string;
  readonly label: string;
  readonly points: number;
}

/** One item of a scored scheme. Titles and descriptions are paraphrases; points and options are the source's. */
export interface SchemeItem {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly description: string;
  /** `single`: exactly one option; `multi`: any set of options, their points add up. */
  readonly selection: 'single' | 'multi';
  readonly options: readonly SchemeOption[];
  readonly minPoints: number;
  readonly maxPoints: number;
  readonly domain: number;
  readonly checkpoint: number;
  readonly evidence: {
    readonly mode: 'auto' | 'auto+human' | 'human';
    readonly predicates: readonly string[];
    readonly humanStatement: string | null;
  };
  readonly ambiguities: readonly string[];
  /** What each policy asks for, where readers dispute the item. */
  readonly policy?: Readonly<Record<Policy, string>>;
  readonly certainty: string;
}

/** A scored scheme as data: the total is the sum of its items' points. */
export interface Scheme {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly range: { readonly min: number; readonly max: number };
  readonly items: readonly SchemeItem[];
  readonly checkpoints: readonly { readonly id: number; readonly items: readonly number[]; readonly max: number }[];
  readonly domains: readonly {
    readonly id: number;
    readonly title: string;
    readonly items: readonly number[];
    readonly min: number;
    readonly max: number;
  }[];
  readonly source: { readonly primary: string; readonly crossChecked: readonly string[] };
}

/** @returns every number of points that the item can legally have, ascending */
export function legalPoints(item: SchemeItem): number[] {
  if (item.selection === 'single') return [...new Set(item.options.map((o) => o.points))].sort((a, b) => a - b);
  let sums = [0];
  for (const option of item.options) sums = sums.concat(sums.map((sum) => sum + option.points));
  return [...new Set(sums)].sort((a, b) => a - b);
}
