import type { IndexBox } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import { correlate, reachOf, type Grid, type SeparableTaps, type Taps } from './correlate.js';
import type { Boundary, Pooling } from './filter-settings.js';
import { readBox, triple, withReach, type ImagePart, type Reach } from './image-part.js';

/** A turn by right angles: what lies along `axes[a]` comes to lie along a, the other way round where it is flipped. */
export interface Rotation {
  readonly axes: readonly [number, number, number];
  readonly isFlipped: readonly [boolean, boolean, boolean];
}

const UNTURNED: Rotation = { axes: [0, 1, 2], isFlipped: [false, false, false] };

const ORDERS = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
  [1, 0, 2],
  [0, 2, 1],
  [2, 1, 0],
] as const;

/** The 24 rotations of a cube, or the 4 of a square in the plane of the first two axes; without invariance the first. */
export function rotationsOf(dimension: '2D' | '3D', isInvariant: boolean): Rotation[] {
  if (!isInvariant) return [UNTURNED];
  const all = ORDERS.flatMap((axes, order) =>
    [0, 1, 2, 3, 4, 5, 6, 7]
      // An even order of axes with an even number of flips, or both odd: no mirror images.
      .filter((flips) => ((flips & 1) + ((flips >> 1) & 1) + (flips >> 2) + (order < 3 ? 0 : 1)) % 2 === 0)
      .map((flips): Rotation => ({ axes, isFlipped: triple((axis) => ((flips >> axis) & 1) === 1) })),
  );
  return dimension === '3D' ? all : all.filter(({ axes, isFlipped }) => axes[2] === 2 && !isFlipped[2]);
}

/** A separable filter turned, and how its response counts. */
export interface TurnedTaps {
  readonly taps: SeparableTaps;
  /** 1 or -1. */
  readonly sign: number;
  /** Rotations that give it. */
  readonly count: number;
  /** The same for turns that are the same. */
  readonly key: string;
}

/**
 * The turns of a separable filter, each once: a kernel that is its own mirror image, or minus that, has fewer than there
 * are rotations.
 *
 * @param kernel the taps of the kernel along an axis of the filter, forwards and mirrored
 */
export function turnedTaps(
  rotations: readonly Rotation[],
  kernel: (axis: number) => { readonly forwards: Taps; readonly mirrored: Taps } | null,
): TurnedTaps[] {
  const known = new Map<string, TurnedTaps>();
  for (const { axes, isFlipped } of rotations) {
    let sign = 1;
    const taps = triple((axis) => {
      const own = kernel(axes[axis]);
      if (own === null) return null;
      if (!isFlipped[axis]) return own.forwards;
      if (isSame(own.mirrored, own.forwards, 1)) return own.forwards;
      if (!isSame(own.mirrored, own.forwards, -1)) return own.mirrored;
      sign = -sign;
      return own.forwards;
    });
    const key = `${sign} ${taps.map((own) => (own === null ? '' : `${own.before}:${own.weights.join()}`)).join(' ')}`;
    known.set(key, { taps, sign, count: (known.get(key)?.count ?? 0) + 1, key });
  }
  return [...known.values()];
}

function isSame(a: Taps, b: Taps, sign: number): boolean {
  return a.before === b.before && a.weights.every((weight, n) => weight === sign * b.weights[n]);
}

/** How far the turns reach together. */
export function reachOfAll(turns: readonly TurnedTaps[]): Reach {
  const reaches = turns.map(({ taps }) => reachOf(taps));
  const most = (side: 'before' | 'after') => triple((axis) => Math.max(...reaches.map((reach) => reach[side][axis])));
  return { before: most('before'), after: most('after') };
}

/** Responses of all turns of a filter, pooled voxel by voxel. What two turns have in common is computed once. */
export function poolTurns(
  part: ImagePart,
  box: IndexBox,
  turns: readonly TurnedTaps[],
  pooling: Pooling,
  boundary: Boundary,
  kernels: Kernels,
): Float64Array {
  const { arena } = kernels;
  const pooled = emptyPool(box, pooling, kernels);
  const total = turns.reduce((sum, { count }) => sum + count, 0);
  const descend = (grid: Grid, axis: number, left: readonly TurnedTaps[]): void => {
    if (axis === 3) {
      for (const { sign, count } of left) pool(grid.values, pooled, pooling, sign, count / total, kernels);
      return;
    }
    for (const [taps, own] of groupBy(left, (turn) => turn.taps[axis])) {
      arena.scope(() => descend(taps === null ? grid : correlate(grid, axis, taps, box, kernels), axis + 1, own));
    }
  };
  const around = withReach(box, reachOfAll(turns));
  arena.scope(() => descend({ ...around, values: readBox(part, around, boundary, kernels) }, 0, turns));
  return pooled;
}

/** What responses on a box are pooled into. */
export function emptyPool({ size }: IndexBox, pooling: Pooling, { arena }: Kernels): Float64Array {
  const length = size[0] * size[1] * size[2];
  return pooling === 'max' ? arena.f64(length, false).fill(-Infinity) : arena.f64(length);
}

/**
 * Pools one more response.
 *
 * @param share of the mean
 */
export function pool(
  response: Float64Array,
  pooled: Float64Array,
  pooling: Pooling,
  sign: number,
  share: number,
  kernels: Kernels,
): void {
  kernels.run(
    inParts(pooled.length, 1024, (first, last) =>
      pooling === 'max'
        ? kernels.call('filters', 'keepLargest', response, pooled, sign, first, last)
        : kernels.call('filters', 'addScaled', response, pooled, sign * share, first, last),
    ),
  );
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
