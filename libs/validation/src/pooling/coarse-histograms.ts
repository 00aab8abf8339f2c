import { logitsOf } from '../calibration.js';
import type { AucBounds } from './histogram-auc.js';
import type { CoarseHistogram } from './score-sums.js';

/** A count that is known within bounds. */
export interface CountBounds {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
}

interface Bin {
  readonly from: number;
  readonly to: number;
  /** Whether a score equal to `to` may lie in it: the last bin of a site. */
  readonly isClosed: boolean;
  readonly events: number;
  readonly nonEvents: number;
}

function binsOf(histograms: readonly CoarseHistogram[]): Bin[] {
  return histograms.flatMap(({ edges, events, nonEvents }) =>
    events.map((count, k) => ({
      from: edges[k],
      to: edges[k + 1],
      isClosed: k === events.length - 1,
      events: count,
      nonEvents: nonEvents[k],
    })),
  );
}

/** Whether every score of `a` is above every score of `b`. */
function isAbove(a: Bin, b: Bin): boolean {
  return b.isClosed ? a.from > b.to : a.from >= b.to;
}

/**
 * Bounds of the AUC over all sites from counts in bins of each site's own: pairs whose bins overlap count 0, 1, or one
 * half. Cost bins².
 *
 * @returns null where all sites together have one class
 */
export function aucBounds(histograms: readonly CoarseHistogram[]): AucBounds | null {
  const bins = binsOf(histograms);
  let [sure, open, pairs] = [0, 0, 0];
  for (const a of bins) {
    if (a.events === 0) continue;
    for (const b of bins) {
      const product = a.events * b.nonEvents;
      pairs += product;
      if (isAbove(a, b)) sure += product;
      else if (!isAbove(b, a)) open += product;
    }
  }
  return pairs === 0 ? null : { lower: sure / pairs, upper: (sure + open) / pairs, middle: (sure + open / 2) / pairs };
}

/** DeLong's variance with every score in the middle of its bin; null with fewer than two patients of a class. */
export function histogramVariance(histograms: readonly CoarseHistogram[]): number | null {
  const bins = binsOf(histograms);
  const events = bins.reduce((sum, bin) => sum + bin.events, 0);
  const others = bins.reduce((sum, bin) => sum + bin.nonEvents, 0);
  if (events < 2 || others < 2) return null;
  const share = (a: Bin, b: Bin) => (isAbove(a, b) ? 1 : isAbove(b, a) ? 0 : 0.5);
  const spread = (of: 'events' | 'nonEvents', against: 'events' | 'nonEvents', total: number, of2: number) => {
    const placed = bins
      .filter((bin) => bin[of] > 0)
      .map((a) => ({ count: a[of], place: bins.reduce((sum, b) => sum + b[against] * share(a, b), 0) / of2 }));
    const mean = placed.reduce((sum, { count, place }) => sum + count * place, 0) / total;
    return placed.reduce((sum, { count, place }) => sum + count * (place - mean) ** 2, 0) / (total - 1) / total;
  };
  return spread('events', 'nonEvents', events, others) + spread('nonEvents', 'events', others, events);
}

/** How many of each class are at or above a threshold, as far as the bins tell. */
export function countAbove(
  histograms: readonly CoarseHistogram[],
  threshold: number,
): { readonly events: CountBounds; readonly nonEvents: CountBounds } {
  const bins = binsOf(histograms);
  const bounds = (of: 'events' | 'nonEvents'): CountBounds => {
    let [low, open] = [0, 0];
    for (const bin of bins) {
      if (bin.from >= threshold) low += bin[of];
      else if (bin.to > threshold || (bin.isClosed && bin.to === threshold)) open += bin[of];
    }
    return { low, high: low + open, middle: low + open / 2 };
  };
  return { events: bounds('events'), nonEvents: bounds('nonEvents') };
}

/** Three knots of the logit at 10, 50 and 90 % of the patients, straight within a bin; null where two coincide. */
export function knotsFrom(histograms: readonly CoarseHistogram[]): number[] | null {
  const bins = binsOf(histograms).filter(({ events, nonEvents }) => events + nonEvents > 0);
  const n = bins.reduce((sum, { events, nonEvents }) => sum + events + nonEvents, 0);
  const below = (risk: number) =>
    bins.reduce((sum, { from, to, events, nonEvents }) => {
      const share = Math.min(1, Math.max(0, (risk - from) / (to - from)));
      return sum + share * (events + nonEvents);
    }, 0) / n;
  const risks = [0.1, 0.5, 0.9].map((share) => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (below(middle) < share) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
  const knots = [...logitsOf(Float64Array.from(risks)).logits];
  return knots.every((knot, i) => i === 0 || knot > knots[i - 1] + 1e-9) ? knots : null;
}
