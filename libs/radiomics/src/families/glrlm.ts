import { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset } from '@concord/kernels';
import type { TextureGrid } from '../texture-grid.js';
import { addCounts, type MatrixFeatures, type MatrixKind } from './aggregate.js';
import { emphases } from './level-matrix.js';

/** Runs along one direction, or several merged. */
export interface RunCounts {
  /** See `runs` in the kernels. */
  readonly counts: Uint32Array;
  /** Voxels times directions that were merged. */
  readonly visits: number;
}

/** Directions that one call counts, one after the other on the same scratch. */
const DIRECTIONS_A_CALL = 4;

export const RUNS: MatrixKind<RunCounts> = {
  size: (grid, isSpatial) => (isSpatial ? 13 : 4) * grid.levelOf.length * longestRun(grid),
  start: (kernels, grid, parts, isSpatial) => {
    const { arena } = kernels;
    const steps = isSpatial ? DIRECTIONS_3D : DIRECTIONS_2D;
    const [levelCount, longest] = [grid.levelOf.length, longestRun(grid)];
    const size = levelCount * longest;
    const offsets = arena.i32(steps.length);
    offsets.set(steps.map((step) => Math.abs(stepOffset(step, grid.shape[0], grid.shape[1]))));
    // Slices do not touch each other's voxels, so they share their scratch.
    const scratch = steps.flatMap((_, d) => (d % DIRECTIONS_A_CALL === 0 ? [arena.u16(grid.ranks.length, false)] : []));
    const counts = parts.map(() => arena.u32(size * steps.length));
    const calls = parts.flatMap(({ spans }, p) =>
      scratch.map((before, c) => {
        const own = offsets.subarray(c * DIRECTIONS_A_CALL, (c + 1) * DIRECTIONS_A_CALL);
        const to = counts[p].subarray(c * DIRECTIONS_A_CALL * size);
        const spanCount = spans.length / 2;
        return kernels.call(
          'texture',
          'runs',
          grid.ranks,
          spans,
          spanCount,
          own,
          own.length,
          levelCount,
          longest,
          before,
          to,
        );
      }),
    );
    const results = (): RunCounts[][] =>
      parts.map(({ voxelCount }, p) =>
        steps.map((_, d) => ({ counts: counts[p].subarray(d * size, (d + 1) * size), visits: voxelCount })),
      );
    return { calls, results };
  },
  merge: (all) => ({
    counts: addCounts(all.map(({ counts }) => counts)),
    visits: all.reduce((sum, { visits }) => sum + visits, 0),
  }),
};

/** Grey level run length (IBSI TP0I). Run percentage of merged matrices divides by voxels times directions. */
export const glrlm: MatrixFeatures<RunCounts> = ({ counts, visits }, { levelOf }) => {
  const columnOf = Float64Array.from({ length: counts.length / levelOf.length }, (_, n) => n + 1);
  return emphases({ counts, levelOf, columnOf, visits }).slice(0, 16);
};

function longestRun(grid: TextureGrid): number {
  return Math.max(...grid.shape) - 2; // the padding is no part of a run
}
