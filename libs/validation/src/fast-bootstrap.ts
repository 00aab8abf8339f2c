import { quantileOfSorted, type RandomSource } from '@concord/numeric';
import { ascendingIndex } from './order.js';

/** Percentile interval over resampled patients. */
export interface BootstrapInterval {
  readonly interval: readonly [number, number] | null;
  /** Replicates that had a value. */
  readonly replicates: number;
}

/** Share of replicates that must have a value: below, the percentiles describe the lucky ones. */
const LEAST_SHARE = 0.9;

/**
 * Draws row numbers 0 … n - 1 with replacement. One number of the source gives two rows while n is below 2¹⁸: what the
 * first leaves of its 53 bits is uniform to one part in 10⁵ of a row.
 */
export function drawRows(source: RandomSource, n: number, rows: Uint32Array): void {
  const { floor } = Math;
  const hasTwo = n < 2 ** 18;
  for (let i = 0; i < rows.length; i++) {
    const scaled = source.next() * n;
    const row = floor(scaled);
    rows[i] = row;
    if (hasTwo && i + 1 < rows.length) rows[++i] = floor((scaled - row) * n);
  }
}

/**
 * Percentile interval of the AUC. The scores are sorted once; a replicate costs a draw and one pass.
 *
 * @param random seeded; its seed belongs into the record of the result
 */
export function bootstrapAuc(
  scores: Float64Array,
  outcomes: Uint8Array,
  random: RandomSource,
  replicates: number,
  level = 0.95,
): BootstrapInterval {
  const n = scores.length;
  const { place, aucOf } = rankedScores(scores, outcomes);
  const rows = new Uint32Array(n);
  const counts = new Uint16Array(n);
  const values: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawRows(random, n, rows);
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[place[rows[i]]]++;
    const value = aucOf(counts);
    if (value !== null) values.push(value);
  }
  return percentile(values, replicates, level);
}

/** Scores sorted once: where each row stands, and the AUC when the row at each place counts so many times. */
export function rankedScores(scores: Float64Array, outcomes: Uint8Array) {
  const order = ascendingIndex(scores);
  // Position in the order, and whether a new score begins there.
  const place = new Uint32Array(scores.length);
  const begins = new Uint8Array(scores.length);
  const isEvent = new Uint8Array(scores.length);
  order.forEach((row, k) => {
    place[row] = k;
    isEvent[k] = outcomes[row];
    begins[k] = k === 0 || scores[row] !== scores[order[k - 1]] ? 1 : 0;
  });
  return { place, order, aucOf: (counts: Uint16Array) => aucOfCounts(counts, isEvent, begins) };
}

/** AUC of patients in ascending order of their score, each counted so many times; null with one class. */
function aucOfCounts(counts: Uint16Array, isEvent: Uint8Array, begins: Uint8Array): number | null {
  let [below, tied, events, inGroup, doubled] = [0, 0, 0, 0, 0];
  for (let k = 0; k < counts.length; k++) {
    if (begins[k] === 1) {
      doubled += inGroup * (2 * below + tied);
      below += tied;
      events += inGroup;
      tied = 0;
      inGroup = 0;
    }
    if (isEvent[k] === 1) inGroup += counts[k];
    else tied += counts[k];
  }
  doubled += inGroup * (2 * below + tied);
  below += tied;
  events += inGroup;
  return below > 0 && events > 0 ? doubled / (2 * below * events) : null;
}

/**
 * Percentile intervals of the net benefit at each threshold, and of its difference to a second model if one is given.
 * Patients are put between thresholds once; a replicate costs a draw and a pass over the thresholds.
 *
 * @param thresholds ascending, each in (0, 1)
 * @param other risks of the second model for the same patients
 */
export function bootstrapNetBenefit(
  risks: Float64Array,
  outcomes: Uint8Array,
  thresholds: readonly number[],
  random: RandomSource,
  replicates: number,
  level = 0.95,
  other?: Float64Array,
): BootstrapInterval[] {
  const n = risks.length;
  const k = thresholds.length;
  const binOf = (list: Float64Array) =>
    Uint32Array.from(list, (risk, i) => {
      let bin = 0;
      while (bin < k && risk >= thresholds[bin]) bin++;
      return 2 * bin + outcomes[i];
    });
  const bins = [risks, ...(other ? [other] : [])].map(binOf);
  const values = thresholds.map(() => new Float64Array(replicates));
  const rows = new Uint32Array(n);
  const counts = new Uint32Array(2 * (k + 1));
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawRows(random, n, rows);
    bins.forEach((bin, model) => {
      counts.fill(0);
      for (let i = 0; i < n; i++) counts[bin[rows[i]]]++;
      let [truePositives, falsePositives] = [0, 0];
      for (let t = k; t >= 1; t--) {
        falsePositives += counts[2 * t];
        truePositives += counts[2 * t + 1];
        const w = thresholds[t - 1] / (1 - thresholds[t - 1]);
        const benefit = (truePositives - w * falsePositives) / n;
        values[t - 1][replicate] += model === 0 ? benefit : -benefit;
      }
    });
  }
  return values.map((list) => percentile([...list], replicates, level));
}

/** Interval by percentiles (type 7), none where too few replicates had a value. */
export function percentile(values: readonly number[], replicates: number, level: number): BootstrapInterval {
  if (values.length === 0 || values.length < LEAST_SHARE * replicates) {
    return { interval: null, replicates: values.length };
  }
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  return { interval: [quantileOfSorted(sorted, tail), quantileOfSorted(sorted, 1 - tail)], replicates: values.length };
}
