import type { MatrixKind } from './aggregate.js';
import type { LevelMatrix } from './level-matrix.js';

/** Zones of one part of the grid, or of several merged: voxels of equal grey level that touch. */
export interface Zones {
  /** Number of the grey level of each zone, from 1. */
  readonly ranks: Uint16Array;
  /** Voxels of each zone. */
  readonly sizes: Uint32Array;
  /** Least steps to the border of the morphological mask among the voxels of each zone, from 1. */
  readonly distances: Uint16Array;
  readonly voxelCount: number;
}

/** @param withDistances whether `distances` are needed; else they are zero */
export function zonesKind(mask: Uint8Array, withDistances: boolean): MatrixKind<Zones> {
  return {
    size: () => 0, // a few numbers a voxel
    start: (kernels, grid, parts, isSpatial) => {
      const { arena } = kernels;
      const [nx, sliceSize] = [grid.shape[0], grid.shape[0] * grid.shape[1]];
      const spatial = isSpatial ? 1 : 0;
      const distances = arena.u16(withDistances ? mask.length : 0, false);
      if (withDistances) {
        const inside = arena.copy(mask);
        kernels.now('texture', 'borderDistances', inside, nx, sliceSize, mask.length, spatial, distances);
      }
      const parents = arena.i32(grid.ranks.length, false); // slices do not touch each other's voxels
      const outputs = parts.map(({ voxelCount }) => ({
        ranks: arena.u16(voxelCount, false),
        sizes: arena.u32(voxelCount),
        distances: arena.u16(withDistances ? voxelCount : 0),
        count: arena.i32(1),
      }));
      const calls = parts.map(({ spans }, p) =>
        kernels.call(
          'texture',
          'zones',
          grid.ranks,
          spans,
          spans.length / 2,
          nx,
          sliceSize,
          spatial,
          distances,
          withDistances ? 1 : 0,
          arena.u16(48, false),
          parents,
          outputs[p].ranks,
          outputs[p].sizes,
          outputs[p].distances,
          outputs[p].count,
        ),
      );
      const results = (): Zones[][] =>
        outputs.map(({ ranks, sizes, distances: nearest, count: [count] }, p) => [
          {
            ranks: ranks.subarray(0, count),
            sizes: sizes.subarray(0, count),
            distances: nearest.subarray(0, count),
            voxelCount: parts[p].voxelCount,
          },
        ]);
      return { calls, results };
    },
    merge: mergeZones,
  };
}

function mergeZones(all: readonly Zones[]): Zones {
  const count = all.reduce((sum, { sizes }) => sum + sizes.length, 0);
  const [ranks, sizes, distances] = [new Uint16Array(count), new Uint32Array(count), new Uint16Array(count)];
  let at = 0;
  let voxelCount = 0;
  for (const zones of all) {
    ranks.set(zones.ranks, at);
    sizes.set(zones.sizes, at);
    distances.set(zones.distances, at);
    at += zones.sizes.length;
    voxelCount += zones.voxelCount;
  }
  return { ranks, sizes, distances, voxelCount };
}

/** Counts zones by grey level and by a number of theirs; a column for each value that occurs. */
export function zoneMatrix(
  { ranks, voxelCount }: Zones,
  values: Uint32Array | Uint16Array,
  levelOf: Float64Array,
): LevelMatrix {
  let most = 0;
  for (let n = 0; n < values.length; n++) if (values[n] > most) most = values[n];
  const columns = new Uint32Array(most + 1);
  for (let n = 0; n < values.length; n++) columns[values[n]] = 1;
  const present: number[] = [];
  for (let value = 1; value <= most; value++) if (columns[value] === 1) columns[value] = present.push(value) - 1;
  const width = present.length;
  const counts = new Uint32Array(levelOf.length * width);
  for (let n = 0; n < values.length; n++) counts[(ranks[n] - 1) * width + columns[values[n]]]++;
  return { counts, levelOf, columnOf: Float64Array.from(present), visits: voxelCount };
}
