import type { AxisPlan } from './grid.js';

export type ResampleMethod = 'linear' | 'nearest' | 'cubic';

/** How each of a stretch of new voxels along an axis mixes old ones. */
export interface AxisTaps {
  /** First old index that is read, which may lie outside the old grid, and their number. */
  readonly firstOld: number;
  readonly oldCount: number;
  readonly tapCount: number;
  /** First tap of each new voxel, relative to `firstOld`. */
  readonly starts: Int32Array;
  /** `tapCount` weights for each new voxel. */
  readonly weights: Float64Array;
}

const TAPS = { nearest: 1, linear: 2, cubic: 4 } as const;

/** Positions closer than this to a voxel are on it: axes of equal spacing then stay exact. */
const SNAP = 1e-9;

/**
 * The taps of new voxels `first` to `first + count - 1`; for `cubic` they weigh the coefficients of the spline. Beyond the
 * ends of the axis the first and last voxel are taken; a spline goes on, through voxels that repeat them.
 *
 * @param oldSize voxels of the axis before
 */
export function axisTaps(
  plan: AxisPlan,
  oldSize: number,
  first: number,
  count: number,
  method: ResampleMethod,
): AxisTaps {
  const tapCount = TAPS[method];
  const bases = new Int32Array(count);
  const weights = new Float64Array(count * tapCount);
  for (let n = 0; n < count; n++) {
    const unbounded = plan.start + (first + n) * plan.step;
    const exact = method === 'cubic' ? unbounded : Math.min(Math.max(unbounded, 0), oldSize - 1);
    const whole = Math.round(exact);
    const position = Math.abs(exact - whole) < SNAP ? whole : exact;
    const below = Math.floor(position);
    bases[n] = method === 'nearest' ? Math.floor(position + 0.5) : method === 'linear' ? below : below - 1;
    weights.set(tapWeights(method, position - below), n * tapCount);
  }
  const firstOld = bases[0];
  const oldCount = bases[count - 1] + tapCount - firstOld;
  return { firstOld, oldCount, tapCount, starts: bases.map((base) => base - firstOld), weights };
}

function tapWeights(method: ResampleMethod, t: number): number[] {
  const s = 1 - t;
  if (method === 'nearest') return [1];
  if (method === 'linear') return [s, t];
  return [(s * s * s) / 6, 2 / 3 - (t * t * (2 - t)) / 2, 2 / 3 - (s * s * (2 - s)) / 2, (t * t * t) / 6];
}

/**
 * Weights of a Gaussian, of sum 1, from `-reach` to `reach`; reach is 4 sigma, rounded.
 *
 * @param sigma in voxels, above 0
 */
export function gaussianTaps(sigma: number): Float64Array {
  const reach = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, n) =>
    Math.exp(-((n - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
