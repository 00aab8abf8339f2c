import type { IndexBox, Triple } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import type { Reach } from './image-part.js';

/** Weights along an axis: the result at n is the sum of `weights[t]` times the value at `n - before + t * gap`. */
export interface Taps {
  readonly weights: Float64Array;
  readonly before: number;
  readonly gap: number;
}

/** Taps around a centre; an odd number of weights. */
export function centred(weights: Float64Array): Taps {
  return { weights, before: weights.length >> 1, gap: 1 };
}

/** How far taps reach towards higher indices. */
export function reachAfter({ weights, before, gap }: Taps): number {
  return (weights.length - 1) * gap - before;
}

/** Values on a box of a grid, x-fastest, from the kernels' arena. */
export interface Grid extends IndexBox {
  readonly values: Float64Array;
}

/** Taps along each axis; null leaves an axis alone. */
export type SeparableTaps = readonly [Taps | null, Taps | null, Taps | null];

export function reachOf(taps: SeparableTaps): Reach {
  const each = (reach: (own: Taps) => number): Triple => {
    const [x, y, z] = taps.map((own) => (own === null ? 0 : Math.max(0, reach(own))));
    return [x, y, z];
  };
  return { before: each(({ before }) => before), after: each(reachAfter) };
}

/**
 * Correlates along one axis, on that stretch of it for which a box asks.
 *
 * @param grid reaches far enough along the axis
 * @param into the same box; the result is added to it. null makes a new one.
 */
export function correlate(
  grid: Grid,
  axis: number,
  { weights, before, gap }: Taps,
  box: IndexBox,
  kernels: Kernels,
  into: Grid | null = null,
): Grid {
  const { arena } = kernels;
  const [w, h] = grid.size;
  const low = replaced(grid.low, axis, box.low[axis]);
  const size = replaced(grid.size, axis, box.size[axis]);
  const [width, height, depth] = size;
  const values = into?.values ?? arena.f64(width * height * depth, false);
  const stride = [1, w, w * h][axis];
  const from = grid.values.subarray(stride * (box.low[axis] - before - grid.low[axis]));
  const own = arena.copy(weights);
  kernels.run(
    inParts(height * depth, 1, (first, last) =>
      kernels.call(
        'filters',
        'convolve',
        from,
        values,
        width,
        height,
        w,
        w * h,
        width,
        width * height,
        stride * gap,
        own,
        own.length,
        into === null ? 0 : 1,
        first,
        last,
      ),
    ),
  );
  return { values, low, size };
}

/** Correlates along all axes; those first where most falls away. */
export function correlateAll(grid: Grid, taps: SeparableTaps, box: IndexBox, kernels: Kernels): Grid {
  let result = grid;
  for (const axis of axisOrder(grid, box)) {
    const own = taps[axis];
    if (own !== null) result = correlate(result, axis, own, box, kernels);
  }
  return result;
}

/** Axes by how much of the grid falls away along them. */
export function axisOrder(grid: IndexBox, box: IndexBox): number[] {
  const share = (axis: number): number => box.size[axis] / grid.size[axis];
  return [0, 1, 2].sort((a, b) => share(a) - share(b));
}

function replaced(values: Triple, axis: number, value: number): Triple {
  const [x, y, z] = values.map((own, other) => (other === axis ? value : own));
  return [x, y, z];
}
