import { type RandomSource } from '@concord/numeric';
import { inverseLogit } from './auc.js';
import { logitsOf } from './calibration.js';
import { smoothDesign } from './calibration-curve.js';
import { drawRows, percentile, rankedScores } from './fast-bootstrap.js';
import { fitLogistic } from './logistic-fit.js';

type Interval = readonly [number, number] | null;

/** Percentile intervals over resampled patients; null where too few replicates gave a number. */
export interface BootstrapIntervals {
  readonly replicates: number;
  readonly auc: Interval;
  readonly calibrationSlope: Interval;
  readonly scaledBrier: Interval;
  readonly ici: Interval;
  readonly e50: Interval;
  readonly e90: Interval;
  readonly emax: Interval;
  /** Of the smooth calibration curve, at its own grid of predicted risks. */
  readonly band: readonly Interval[];
}

const MEASURES = ['auc', 'calibrationSlope', 'scaledBrier', 'ici', 'e50', 'e90', 'emax'] as const;
type Measure = (typeof MEASURES)[number];

/**
 * Resamples patients with replacement and takes percentiles (type 7) of what has no good closed interval. Patients are
 * sorted once; a replicate counts how often each is drawn, and fits start from those of the cohort itself.
 *
 * @param random seeded; its seed belongs into the record of the result
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 */
export function bootstrapIntervals(
  risks: Float64Array,
  outcomes: Uint8Array,
  random: RandomSource,
  replicates: number,
  level = 0.95,
): BootstrapIntervals {
  const n = risks.length;
  const { order, place, aucOf } = rankedScores(risks, outcomes);
  const cohort = sortedCohort(risks, outcomes, order);
  const rows = new Uint32Array(n);
  const counts = new Uint16Array(n);
  const values = Object.fromEntries(MEASURES.map((name) => [name, [] as number[]])) as Record<Measure, number[]>;
  const bands = cohort.grid.map(() => [] as number[]);
  for (let replicate = 0; n > 0 && replicate < replicates; replicate++) {
    drawRows(random, n, rows);
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[place[rows[i]]]++;
    const auc = aucOf(counts);
    if (auc === null) continue;
    values.auc.push(auc);
    const slope = fitLogistic(cohort.straight, cohort.outcomes, cohort.noOffset, { weights: counts });
    if (slope !== null) values.calibrationSlope.push(slope.coefficients[1]);
    values.scaledBrier.push(scaledBrier(cohort, counts));
    resampleCurve(cohort, counts, values, bands);
  }
  const interval = (list: readonly number[]): Interval => percentile(list, replicates, level).interval;
  const intervals = Object.fromEntries(MEASURES.map((name) => [name, interval(values[name])]));
  return { replicates, ...(intervals as Record<Measure, Interval>), band: bands.map(interval) };
}

type SortedCohort = ReturnType<typeof sortedCohort>;

/** Everything of a cohort that replicates share, patients in the order of their risk. */
function sortedCohort(risks: Float64Array, outcomes: Uint8Array, order: ArrayLike<number>) {
  const sorted = Float64Array.from(order, (row) => risks[row]);
  const { logits } = logitsOf(sorted);
  const own = Uint8Array.from(order, (row) => outcomes[row]);
  const design = smoothDesign(sorted, own);
  const isCurve = typeof design !== 'string';
  const straight = [new Float64Array(sorted.length).fill(1), logits];
  const curve = isCurve ? design.columns : [];
  const fit = isCurve ? fitLogistic(curve, own) : null;
  return {
    risks: sorted,
    outcomes: own,
    noOffset: new Float64Array(sorted.length),
    straight,
    curve,
    curveStart: fit?.coefficients ?? null,
    grid: isCurve && fit ? design.gridRows : [],
  };
}

function scaledBrier({ risks, outcomes }: SortedCohort, counts: Uint16Array): number {
  let [n, events, squares] = [0, 0, 0];
  for (let i = 0; i < risks.length; i++) {
    n += counts[i];
    events += counts[i] * outcomes[i];
    squares += counts[i] * (risks[i] - outcomes[i]) ** 2;
  }
  const rate = events / n;
  return 1 - squares / n / (rate * (1 - rate));
}

/** The spline, with the knots of the cohort, on one replicate; a replicate without a finite curve does not count. */
function resampleCurve(
  cohort: SortedCohort,
  counts: Uint16Array,
  values: Record<Measure, number[]>,
  bands: number[][],
) {
  const { risks, outcomes, noOffset, curve, curveStart } = cohort;
  if (curveStart === null) return;
  const fit = fitLogistic(curve, outcomes, noOffset, { weights: counts, start: curveStart });
  if (fit === null) return;
  const [a, b, c] = fit.coefficients;
  const drawn: number[] = [];
  let sum = 0;
  for (let i = 0; i < risks.length; i++) {
    const distance = Math.abs(risks[i] - inverseLogit(a + b * curve[1][i] + c * curve[2][i]));
    for (let k = 0; k < counts[i]; k++) drawn.push(distance);
    sum += counts[i] * distance;
  }
  const sorted = Float64Array.from(drawn).sort();
  const n = sorted.length;
  const at = (share: number) => {
    const place = (n - 1) * share;
    const low = Math.floor(place);
    return sorted[low] + (place - low) * (sorted[Math.min(n - 1, low + 1)] - sorted[low]);
  };
  values.ici.push(sum / n);
  values.e50.push(at(0.5));
  values.e90.push(at(0.9));
  values.emax.push(sorted[n - 1]);
  cohort.grid.forEach((row, k) => bands[k].push(inverseLogit(a * row[0] + b * row[1] + c * row[2])));
}
