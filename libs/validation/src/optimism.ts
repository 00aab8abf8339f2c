import { aucSums } from './auc.js';
import { calibrationFits, overallError } from './binary/calibration-statistics.js';
import { countEvents, logitsOf } from './calibration.js';

/** Performance of risks; null where it does not exist. */
export interface BinaryPerformance {
  readonly auc: number | null;
  readonly brier: number | null;
  readonly slope: number | null;
  /** Of the model with the slope. */
  readonly intercept: number | null;
  /** Calibration in the large. */
  readonly citl: number | null;
}

type Measure = keyof BinaryPerformance;
const MEASURES: readonly Measure[] = ['auc', 'brier', 'slope', 'intercept', 'citl'];

/** What a model promises on its own patients, and how much of it is optimism. */
export interface BootstrapOptimism {
  readonly replicates: number;
  /** Replicates whose pipeline gave no model, or a measure that does not exist: they count for nothing. */
  readonly failed: number;
  readonly apparent: BinaryPerformance;
  /** Mean over replicates of performance in the resample less performance on all patients. */
  readonly optimism: BinaryPerformance;
  readonly corrected: BinaryPerformance;
  /** Monte-Carlo standard error of the optimism. */
  readonly monteCarloError: BinaryPerformance;
  /** Mean over replicates of the performance on the patients that were not drawn. */
  readonly outOfBag: BinaryPerformance;
  /** 0.368 apparent + 0.632 out of bag. */
  readonly auc632: number | null;
}

/**
 * Develops a model on some rows and returns its risks for others; null where no model came about. Everything that
 * looks at the data belongs inside: harmonisation, selection, tuning.
 */
export type Pipeline = (rows: Uint32Array) => ((rows: Uint32Array) => Float64Array) | null;

/**
 * Harrell's optimism by the bootstrap, the whole pipeline repeated in every resample.
 *
 * @param resamples rows of each replicate, with repetitions; drawn with a recorded seed
 * @returns null where the pipeline gives no model on all patients
 * @see Harrell, Lee and Mark, Stat Med 15 (1996); Efron and Tibshirani, J Am Stat Assoc 92 (1997), .632
 */
export function bootstrapOptimism(
  outcomes: Uint8Array,
  resamples: readonly Uint32Array[],
  pipeline: Pipeline,
): BootstrapOptimism | null {
  const n = outcomes.length;
  const all = Uint32Array.from({ length: n }, (_, i) => i);
  const model = pipeline(all);
  if (model === null) return null;
  const apparent = binaryPerformance(model(all), outcomes);
  const gaps: BinaryPerformance[] = [];
  const outside: BinaryPerformance[] = [];
  let failed = 0;
  for (const rows of resamples) {
    const refit = pipeline(rows);
    if (refit === null) {
      failed++;
      continue;
    }
    const inside = binaryPerformance(refit(rows), pick(outcomes, rows));
    const onAll = binaryPerformance(refit(all), outcomes);
    const drawn = new Uint8Array(n);
    for (const row of rows) drawn[row] = 1;
    const left = all.filter((row) => drawn[row] === 0);
    gaps.push(perMeasure((m) => difference(inside[m], onAll[m])));
    outside.push(binaryPerformance(refit(left), pick(outcomes, left)));
    if (MEASURES.some((m) => difference(inside[m], onAll[m]) === null)) failed++;
  }
  const optimism = perMeasure((m) => meanOf(gaps.map((gap) => gap[m])));
  const outOfBag = perMeasure((m) => meanOf(outside.map((one) => one[m])));
  return {
    replicates: resamples.length,
    failed,
    apparent,
    optimism,
    corrected: perMeasure((m) => difference(apparent[m], optimism[m])),
    monteCarloError: perMeasure((m) => errorOf(gaps.map((gap) => gap[m]))),
    outOfBag,
    auc632: apparent.auc === null || outOfBag.auc === null ? null : 0.368 * apparent.auc + 0.632 * outOfBag.auc,
  };
}

function pick(outcomes: Uint8Array, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => outcomes[row]);
}

/** AUC, Brier score and weak calibration of risks. */
export function binaryPerformance(risks: Float64Array, outcomes: Uint8Array): BinaryPerformance {
  const events = countEvents(outcomes);
  const hasBoth = events > 0 && events < outcomes.length;
  const fits = hasBoth ? calibrationFits(logitsOf(risks).logits, outcomes) : null;
  return {
    auc: aucSums(risks, outcomes).auc,
    brier: overallError(risks, outcomes)?.brier ?? null,
    slope: fits?.slope.coefficients[1] ?? null,
    intercept: fits?.slope.coefficients[0] ?? null,
    citl: fits?.intercept.coefficients[0] ?? null,
  };
}

function perMeasure(of: (measure: Measure) => number | null): BinaryPerformance {
  return { auc: of('auc'), brier: of('brier'), slope: of('slope'), intercept: of('intercept'), citl: of('citl') };
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function errorOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1) / known.length);
}
