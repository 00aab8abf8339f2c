import { mean, quantile, standardDeviation } from '@concord/numeric';
import { groupsOf, splitByGroup } from './groups.js';

type Labels = readonly (string | null)[];

/** A smoothed distribution of one batch. */
export interface BatchDensity {
  readonly batch: string;
  readonly x: readonly number[];
  readonly density: readonly number[];
}

const POINTS = 64;
/** Below it a curve would show single patients. */
const FEWEST = 10;

/**
 * Gaussian kernel densities of a feature in each batch of ten values or more, on one grid, with Silverman's bandwidth
 * (1986, eq. 3.31). The grid covers the middle 98 % and three bandwidths, so that no single patient's value is drawn.
 */
export function batchDensities(values: Float64Array, batch: Labels): BatchDensity[] {
  const groups = groupsOf(batch);
  const parts = splitByGroup(values, groups);
  const all = parts.flatMap((part) => Array.from(part));
  const widths = parts.map(bandwidth);
  const widest = Math.max(0, ...widths.filter(Number.isFinite));
  if (all.length < 2 || !(widest > 0)) return [];
  const low = quantile(all, 0.01) - 3 * widest;
  const step = (quantile(all, 0.99) + 3 * widest - low) / (POINTS - 1);
  const x = Array.from({ length: POINTS }, (_, k) => low + k * step);
  return parts.flatMap((part, i) => {
    const h = widths[i];
    if (!(h > 0)) return [];
    const density = x.map((at) => part.reduce((sum, value) => sum + Math.exp(-0.5 * ((at - value) / h) ** 2), 0));
    return [
      { batch: groups.labels[i], x, density: density.map((sum) => sum / (part.length * h * Math.sqrt(2 * Math.PI))) },
    ];
  });
}

function bandwidth(part: Float64Array): number {
  if (part.length < FEWEST) return NaN;
  const sd = standardDeviation(part);
  const range = (quantile(part, 0.75) - quantile(part, 0.25)) / 1.34;
  return 0.9 * (range > 0 ? Math.min(sd, range) : sd) * part.length ** -0.2;
}

/** Mean of each batch minus the mean of all patients, in SD of the feature; null without a value or where nothing varies. */
export function batchShifts(values: Float64Array, batch: Labels): (number | null)[] {
  const groups = groupsOf(batch);
  const observed = values.filter((value) => !Number.isNaN(value));
  const sd = observed.length > 1 ? standardDeviation(observed) : 0;
  const centre = observed.length > 0 ? mean(observed) : 0;
  return splitByGroup(values, groups).map((part) => (part.length > 0 && sd > 0 ? (mean(part) - centre) / sd : null));
}
