import { addCounts, type MatrixKind } from './aggregate.js';

/** How voxels compare with their neighbours, by rank of their grey level; 27 numbers a rank. See the kernel. */
export interface NeighbourCounts {
  /** Voxels with 0 to 26 neighbours. */
  readonly toneCounts: Uint32Array;
  /** Of the same voxels: sum of |k level - sum of the k neighbours' levels|. */
  readonly toneSums: Float64Array;
  /** Voxels on which 0 to 26 neighbours depend. */
  readonly dependences: Uint32Array;
  readonly voxelCount: number;
}

/** Numbers a rank: a voxel has 0 to 26 neighbours. */
export const NEIGHBOUR_COLUMNS = 27;

/** Neighbours of a voxel's own level depend on it: IBSI's coarseness 0. */
const COARSENESS = 0;

export const NEIGHBOURS: MatrixKind<NeighbourCounts> = {
  size: (grid) => 4 * NEIGHBOUR_COLUMNS * grid.levelOf.length,
  start: (kernels, grid, parts, isSpatial) => {
    const { arena } = kernels;
    const size = NEIGHBOUR_COLUMNS * grid.levelOf.length;
    const counts = parts.map(({ voxelCount }) => ({
      toneCounts: arena.u32(size),
      toneSums: arena.f64(size),
      dependences: arena.u32(size),
      voxelCount,
    }));
    const calls = parts.map(({ spans }, p) =>
      kernels.call(
        'texture',
        'neighbours',
        grid.levels,
        grid.ranks,
        spans,
        spans.length / 2,
        grid.shape[0],
        grid.shape[0] * grid.shape[1],
        isSpatial ? 1 : 0,
        COARSENESS,
        arena.u16(32),
        counts[p].toneCounts,
        counts[p].toneSums,
        counts[p].dependences,
      ),
    );
    return { calls, results: () => counts.map((one) => [one]) };
  },
  merge: (all) => {
    const toneSums = all[0].toneSums.slice();
    for (const other of all.slice(1)) for (let n = 0; n < toneSums.length; n++) toneSums[n] += other.toneSums[n];
    return {
      toneCounts: addCounts(all.map(({ toneCounts }) => toneCounts)),
      toneSums,
      dependences: addCounts(all.map(({ dependences }) => dependences)),
      voxelCount: all.reduce((sum, { voxelCount }) => sum + voxelCount, 0),
    };
  },
};
