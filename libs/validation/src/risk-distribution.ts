/** A point of the ROC curve: at this threshold and above a patient is positive. */
export interface RocPoint {
  /** Null for the point above every score. */
  readonly threshold: number | null;
  readonly sensitivity: number;
  readonly specificity: number;
}

/** How many patients of each class have scores in a bin; bins are closed below, the last on both sides. */
export interface RiskHistogram {
  readonly edges: readonly number[];
  readonly events: readonly number[];
  readonly nonEvents: readonly number[];
}

/**
 * The ROC curve through every distinct score, from (0, 1 specificity) to (1, 0).
 *
 * @returns empty where a class has no patient
 */
export function rocPoints(scores: Float64Array, outcomes: Uint8Array): RocPoint[] {
  const events = outcomes.reduce((sum, value) => sum + value, 0);
  const nonEvents = outcomes.length - events;
  if (events === 0 || nonEvents === 0) return [];
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  const points: RocPoint[] = [{ threshold: null, sensitivity: 0, specificity: 1 }];
  let truePositives = 0;
  let falsePositives = 0;
  order.forEach((row, i) => {
    if (outcomes[row] === 1) truePositives++;
    else falsePositives++;
    if (i + 1 < order.length && scores[order[i + 1]] === scores[row]) return;
    points.push({
      threshold: scores[row],
      sensitivity: truePositives / events,
      specificity: (nonEvents - falsePositives) / nonEvents,
    });
  });
  return points;
}

/**
 * Histogram of the scores by outcome, over 0 to 1 for probabilities and over their range for others.
 *
 * @param binCount equal bins, at least 1
 */
export function riskHistogram(
  scores: Float64Array,
  outcomes: Uint8Array,
  isProbability: boolean,
  binCount: number,
): RiskHistogram {
  let low = isProbability ? 0 : Infinity;
  let high = isProbability ? 1 : -Infinity;
  if (!isProbability) {
    for (const score of scores) {
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
  }
  // Halved first, so that a range of huge scores does not overflow; a range too small to halve is none.
  if (!(high / 2 - low / 2 > 0)) high = low + Math.max(1, Math.abs(low) * 1e-9);
  const width = high / 2 - low / 2;
  const edges = Array.from({ length: binCount + 1 }, (_, i) => low + 2 * ((width * i) / binCount));
  const counts = [new Array<number>(binCount).fill(0), new Array<number>(binCount).fill(0)];
  scores.forEach((score, i) => {
    const bin = Math.min(binCount - 1, Math.floor(((score / 2 - low / 2) / width) * binCount));
    counts[outcomes[i]][bin]++;
  });
  if (scores.length === 0) return { edges: [], events: [], nonEvents: [] };
  return { edges, events: counts[1], nonEvents: counts[0] };
}
