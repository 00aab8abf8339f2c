import type { KernelCall, Kernels } from '@concord/kernels';
import { averageValues, NoValue, type FeatureOutcome } from '../feature-value.js';
import { aggregationsOf, type Aggregation, type Family } from '../names.js';
import type { GridPart, TextureGrid } from '../texture-grid.js';
import { timed, type Timings } from '../timings.js';

/** Calls of kernels that were made but not yet run, and what they will have counted. */
export interface Counting<C> {
  readonly calls: readonly KernelCall[];
  /** After the calls ran: for each part of the grid the counts of each direction, or the one where there are none. */
  results(): C[][];
}

/** One way of counting, from which one or several families are computed. */
export interface MatrixKind<C> {
  /** Numbers that the counts of one part of the grid take. */
  size(grid: TextureGrid, isSpatial: boolean): number;
  /** @param isSpatial neighbours in space, else those within a slice */
  start(kernels: Kernels, grid: TextureGrid, parts: readonly GridPart[], isSpatial: boolean): Counting<C>;
  /** Counts of several parts or directions as one; at least one. */
  merge(counts: readonly C[]): C;
}

/** Features of a family from one matrix, in the order of its tags. */
export type MatrixFeatures<C> = (counts: C, grid: TextureGrid) => readonly FeatureOutcome[];

/** A family's features under one aggregation. */
export interface AggregatedValues {
  readonly family: Family;
  readonly aggregation: Aggregation;
  /** In the order of the family's tags, or why there are none. */
  readonly outcomes: readonly FeatureOutcome[] | NoValue;
}

/** What is left to do for one kind of matrix on a grid. */
export interface TexturePlan {
  readonly calls: readonly KernelCall[];
  /** After the calls ran. */
  finish(timings: Timings | null): AggregatedValues[];
}

/** Counts kept at once: 256 MB. Reached by more than about 2,200 distinct grey levels in 3D. */
const MOST_COUNTS = 2 ** 26;

/**
 * Plans the families of one kind under the aggregations asked for (IBSI 1, section 3.6.1): which matrices are merged,
 * and over which features are averaged. Matrices that would not be used are not counted; those too large for memory are
 * refused.
 */
export function planKind<C>(
  kind: MatrixKind<C>,
  families: readonly (readonly [Family, MatrixFeatures<C>])[],
  grid: TextureGrid,
  aggregations: readonly Aggregation[],
  kernels: Kernels,
): TexturePlan {
  const wanted = families.flatMap(([family, features]) =>
    aggregationsOf(family)
      .filter((aggregation) => aggregations.includes(aggregation))
      .map((aggregation) => ({ family, features, aggregation })),
  );
  const is3D = wanted.some(({ aggregation }) => aggregation.startsWith('3D'));
  const is2D = wanted.some(({ aggregation }) => aggregation.startsWith('2'));
  const size = (is3D ? kind.size(grid, true) : 0) + (is2D ? kind.size(grid, false) * grid.slices.length : 0);
  if (size > MOST_COUNTS) {
    const why = `${grid.levelOf.length} distinct grey levels are too many: use wider or fewer bins`;
    const refusal = new NoValue('refused', why);
    return { calls: [], finish: () => wanted.map((one) => ({ ...one, outcomes: refusal })) };
  }
  const volume = is3D ? kind.start(kernels, grid, [grid.volume], true) : null;
  const slices = is2D ? kind.start(kernels, grid, grid.slices, false) : null;
  return {
    calls: [...(volume?.calls ?? []), ...(slices?.calls ?? [])],
    finish: (timings) => {
      const merged = mergers(kind, volume?.results()[0] ?? [], slices?.results() ?? []);
      return wanted.map(({ family, features, aggregation }) => ({
        family,
        aggregation,
        outcomes: timed(timings, family, () =>
          averageValues(merged[aggregation]().map((counts) => features(counts, grid))),
        ),
      }));
    },
  };
}

/** The matrices that are averaged over under each aggregation; merged once for all families that ask. */
function mergers<C>(kind: MatrixKind<C>, volume: readonly C[], slices: readonly C[][]): Record<Aggregation, () => C[]> {
  const once = (make: () => C[]): (() => C[]) => {
    let made: C[] | undefined;
    return () => (made ??= make());
  };
  const separate = (): C[] => slices.flat();
  const mergedSlices = once(() => [kind.merge(slices.flat())]);
  return {
    '2D:avg': separate,
    '2D:slice_merged': once(() => slices.map((directions) => kind.merge(directions))),
    '2.5D:direction_merged': once(() => slices[0].map((_, d) => kind.merge(slices.map((directions) => directions[d])))),
    '2.5D:merged': mergedSlices,
    '3D:avg': () => [...volume],
    '3D:merged': once(() => [kind.merge(volume)]),
    '2D': separate,
    '2.5D': mergedSlices,
    '3D': () => [...volume],
  };
}

/** Sum of arrays of counts of one length. */
export function addCounts(counts: readonly Uint32Array[]): Uint32Array {
  const sum = counts[0].slice();
  for (const other of counts.slice(1)) for (let n = 0; n < sum.length; n++) sum[n] += other[n];
  return sum;
}
