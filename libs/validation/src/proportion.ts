import { betaQuantile, normalQuantile } from '@concord/numeric';
import { estimate, notEstimable, type Estimate } from './estimate.js';

/**
 * A proportion with the score interval of Wilson (1927), without continuity correction.
 *
 * @param count patients with the property, 0 to total
 * @param total patients at all; 0 is not estimable
 * @param none why there are none, for the reason
 */
export function proportion(count: number, total: number, level: number, none: string): Estimate {
  const method = 'proportion, Wilson interval';
  if (total === 0) return notEstimable(method, none);
  const z = normalQuantile(1 - (1 - level) / 2);
  const p = count / total;
  const centre = p + (z * z) / (2 * total);
  const half = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  // At 0 and total one bound is 0 or 1 exactly; rounding would leave it beside.
  const low = count === 0 ? 0 : (centre - half) / scale;
  const high = count === total ? 1 : (centre + half) / scale;
  return estimate(p, [low, high], method);
}

/**
 * The same proportion with the interval of Clopper and Pearson (1934), exact and therefore wide.
 *
 * @param none why there are no patients, for the reason
 */
export function exactProportion(count: number, total: number, level: number, none: string): Estimate {
  const method = 'proportion, Clopper-Pearson interval';
  if (total === 0) return notEstimable(method, none);
  const tail = (1 - level) / 2;
  const low = count === 0 ? 0 : betaQuantile(tail, count, total - count + 1);
  const high = count === total ? 1 : betaQuantile(1 - tail, count + 1, total - count);
  return estimate(count / total, [low, high], method);
}
