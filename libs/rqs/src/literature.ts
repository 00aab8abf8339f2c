/** What published studies reached on RQS 1.0, for display beside a score; in percent of 36 points. */
export interface LiteratureLevel {
  /** A sentence's end: `median of 44 systematic reviews`. */
  readonly what: string;
  readonly percent: number;
  readonly source: string;
}

/** Values of `golden/published/literature-levels.json`, which a test compares. */
export const literatureLevels: readonly LiteratureLevel[] = [
  { what: 'median over 44 systematic reviews', percent: 21, source: 'Spadarella 2023, 10.1007/s00330-022-09187-3' },
  { what: 'mean of 3,258 scores in 130 reviews', percent: 26.1, source: 'Barry 2025, 10.1007/s00330-024-11341-y' },
  {
    what: 'median of 11 studies that grade hepatocellular carcinoma',
    percent: 28,
    source: 'Wang 2023, 10.1016/j.ejrad.2023.111015',
  },
];

/** Share of those 3,258 scores that reach half of the points, in percent (Barry 2025). */
export const shareAboveHalf = 7.2;
