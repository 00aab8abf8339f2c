import { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset, type Kernels, type Step } from '@concord/kernels';
import type { Aggregation } from '../names.js';
import { averageFamilies, NoValue, type FamilyValues } from '../feature-value.js';
import { voxelsBySlice, type TextureGrid } from '../texture-grid.js';

/** Counts of one or several merged matrices, and what they were counted from. */
export interface TextureMatrix {
  readonly counts: Float64Array;
  /** Voxels times directions that were merged. */
  readonly visits: number;
}

/** A texture family that counts along directions. */
export interface DirectionalFamily {
  readonly tags: readonly string[];
  /** Size of the counts of one matrix on this grid. */
  size(grid: TextureGrid): number;
  accumulateInPlace(
    kernels: Kernels,
    grid: TextureGrid,
    voxels: Int32Array,
    offset: number,
    counts: Float64Array,
  ): void;
  features(grid: TextureGrid, matrix: TextureMatrix): FamilyValues;
}

/** Counts kept at once: 512 MB. Reached by more than about 2,200 distinct grey levels in 3D. */
const MOST_COUNTS = 2 ** 26;

/**
 * Computes a family under the aggregations asked for (IBSI 1, section 3.6.1): which matrices are merged, and over
 * which features are averaged. Matrices that would not be used are not counted.
 *
 * @returns features by aggregation, or a refusal when the matrices would not fit into memory
 */
export function aggregateFamily(
  family: DirectionalFamily,
  grid: TextureGrid,
  aggregations: readonly Aggregation[],
  kernels: Kernels,
): Map<Aggregation, FamilyValues> | NoValue {
  const result = new Map<Aggregation, FamilyValues>();
  const average = (matrices: readonly TextureMatrix[]): FamilyValues =>
    averageFamilies(
      matrices.map((matrix) => family.features(grid, matrix)),
      family.tags,
    );
  const slicesOfVoxels = voxelsBySlice(grid);
  const is3D = aggregations.some((aggregation) => aggregation.startsWith('3D'));
  const is2D = aggregations.some((aggregation) => aggregation.startsWith('2'));
  const matrixCount = (is3D ? 13 : 0) + (is2D ? 4 * slicesOfVoxels.length : 0);
  if (matrixCount * family.size(grid) > MOST_COUNTS) {
    return new NoValue('refused', `${grid.levelOf.length} distinct grey levels are too many: use wider or fewer bins`);
  }
  const volume = is3D ? DIRECTIONS_3D.map((step) => count(family, grid, grid.voxels, step, kernels)) : [];
  const slices = is2D
    ? slicesOfVoxels.map((voxels) => DIRECTIONS_2D.map((step) => count(family, grid, voxels, step, kernels)))
    : [];
  const byDirection = (): TextureMatrix[] => DIRECTIONS_2D.map((_, d) => merge(slices.map((slice) => slice[d])));
  for (const aggregation of aggregations) {
    const matrices: Partial<Record<Aggregation, () => TextureMatrix[]>> = {
      '2D:avg': () => slices.flat(),
      '2D:slice_merged': () => slices.map(merge),
      '2.5D:direction_merged': byDirection,
      '2.5D:merged': () => [merge(slices.flat())],
      '3D:avg': () => volume,
      '3D:merged': () => [merge(volume)],
    };
    result.set(aggregation, average(matrices[aggregation]!())); // aggregations of zones never come here
  }
  return result;
}

function count(
  family: DirectionalFamily,
  grid: TextureGrid,
  voxels: Int32Array,
  step: Step,
  kernels: Kernels,
): TextureMatrix {
  const counts = kernels.arena.f64(family.size(grid));
  family.accumulateInPlace(kernels, grid, voxels, stepOffset(step, grid.shape[0], grid.shape[1]), counts);
  return { counts, visits: voxels.length };
}

function merge(matrices: readonly TextureMatrix[]): TextureMatrix {
  const counts = matrices[0].counts.slice();
  let visits = matrices[0].visits;
  for (const matrix of matrices.slice(1)) {
    for (let n = 0; n < counts.length; n++) counts[n] += matrix.counts[n];
    visits += matrix.visits;
  }
  return { counts, visits };
}
