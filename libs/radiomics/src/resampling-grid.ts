/** One axis of the new grid: index o lies at `origin + o * step`, in indices of the old grid. */
export interface AxisGrid {
  readonly count: number;
  readonly origin: number;
  readonly step: number;
  readonly isKept: boolean;
}

/**
 * One axis of a new grid whose centre is that of the old one (IBSI 3WE3), large enough to cover it.
 *
 * @param count voxels of the old grid
 * @param spacing of the old grid
 * @param target new spacing; null keeps the axis as it is
 */
export function axisGrid(count: number, spacing: number, target: number | null): AxisGrid {
  if (target === null) return { count, origin: 0, step: 1, isKept: true };
  // Rounded to 6 decimals, or the noise of a division adds a voxel.
  const newCount = Math.ceil(Number(((count * spacing) / target).toFixed(6)));
  const step = target / spacing;
  return { count: newCount, origin: (count - 1 - step * (newCount - 1)) / 2, step, isKept: false };
}

/** A stretch of new voxels along one axis, and how each mixes old ones. */
export interface AxisTaps {
  readonly count: number;
  /** First old index that is read; may lie outside the old grid, where the nearest edge value counts. */
  readonly firstOld: number;
  readonly oldCount: number;
  readonly tapCount: number;
  /** Position of the first tap of each new voxel, relative to `firstOld`. */
  readonly starts: Int32Array;
  /** `tapCount` weights for each new voxel. */
  readonly weights: Float64Array;
}

export type InterpolationMethod = 'nearest' | 'linear' | 'cubic';

/** New indices whose voxels can be touched by old indices low to high; first and last. */
export function touchedRange(grid: AxisGrid, low: number, high: number): [number, number] {
  const first = Math.ceil((low - 1 - grid.origin) / grid.step);
  const last = Math.floor((high + 1 - grid.origin) / grid.step);
  return [Math.max(0, first), Math.min(grid.count - 1, last)];
}

export function axisTaps(grid: AxisGrid, first: number, last: number, method: InterpolationMethod): AxisTaps {
  const count = last - first + 1;
  const taps = grid.isKept ? 1 : { nearest: 1, linear: 2, cubic: 4 }[method];
  const bases = Int32Array.from({ length: count }, (_, n) => tapBase(grid.origin + (first + n) * grid.step, taps));
  const weights = new Float64Array(count * taps);
  for (let n = 0; n < count; n++) {
    const t = grid.origin + (first + n) * grid.step - bases[n];
    weights.set(tapWeights(taps, taps === 4 ? t - 1 : t), n * taps);
  }
  const firstOld = bases[0];
  const oldCount = bases[count - 1] + taps - firstOld;
  return { count, firstOld, oldCount, tapCount: taps, starts: bases.map((base) => base - firstOld), weights };
}

function tapBase(position: number, taps: number): number {
  if (taps === 1) return Math.round(position);
  return taps === 2 ? Math.floor(position) : Math.floor(position) - 1;
}

/** Weights of neighbouring values at a fraction t beyond the one below: linear, or cubic B-spline. */
function tapWeights(taps: number, t: number): number[] {
  if (taps === 1) return [1];
  if (taps === 2) return [1 - t, t];
  const s = 1 - t;
  return [(s * s * s) / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * s * s + 3 * s * s * s) / 6, (t * t * t) / 6];
}
