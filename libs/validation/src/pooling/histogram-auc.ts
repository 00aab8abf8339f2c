/** Counts of one site in bins of the score, ascending; the same bins at every site. */
export interface ScoreHistogram {
  readonly events: readonly number[];
  readonly nonEvents: readonly number[];
}

/** What the AUC over all sites can be, given the counts; exact where no bin holds both classes. */
export interface AucBounds {
  readonly lower: number;
  readonly upper: number;
  readonly middle: number;
}

/** Counts of a cohort in bins [edge, next), the last closed; scores outside belong to the outermost bins. */
export function scoreHistogram(scores: Float64Array, outcomes: Uint8Array, edges: readonly number[]): ScoreHistogram {
  const count = edges.length - 1;
  const [events, nonEvents] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
  scores.forEach((score, i) => {
    let [low, high] = [0, count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= score) low = middle;
      else high = middle;
    }
    (outcomes[i] === 1 ? events : nonEvents)[low]++;
  });
  return { events, nonEvents };
}

/**
 * Bounds of the pooled AUC from the histograms of the sites: pairs in one bin count 0, 1, or one half.
 *
 * @returns null where all sites together have one class
 */
export function aucFromHistograms(sites: readonly ScoreHistogram[]): AucBounds | null {
  const bins = sites[0]?.events.length ?? 0;
  const total = (key: keyof ScoreHistogram, bin: number) => sites.reduce((sum, site) => sum + site[key][bin], 0);
  let [below, events, sure, open] = [0, 0, 0, 0];
  for (let bin = 0; bin < bins; bin++) {
    const [inEvents, inOthers] = [total('events', bin), total('nonEvents', bin)];
    sure += inEvents * below;
    open += inEvents * inOthers;
    below += inOthers;
    events += inEvents;
  }
  const pairs = events * below;
  if (pairs === 0) return null;
  return { lower: sure / pairs, upper: (sure + open) / pairs, middle: (sure + open / 2) / pairs };
}
