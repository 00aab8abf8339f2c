import type { Arena } from '@concord/kernels';
import type { Levels } from './discretise.js';
import type { Region } from './region.js';

/** Voxels that matrices are counted over: the whole region, or one slice of it. */
export interface GridPart {
  /** Stretches of neighbouring voxels along x, ascending: [first voxel, number of voxels] each. */
  readonly spans: Int32Array;
  readonly voxelCount: number;
}

/**
 * Grey levels on the padded grid, and their numbers without gaps: absent levels would be empty rows of a matrix.
 */
export interface TextureGrid {
  /** Number of each voxel's level among those present, from 1; 0 outside the intensity mask. */
  readonly ranks: Uint16Array;
  /** Level of each voxel, from 1; 0 outside. */
  readonly levels: Uint16Array;
  /** The level itself for each number, at `rank - 1`; ascending. */
  readonly levelOf: Float64Array;
  /** Highest level: IBSI's number of grey levels. */
  readonly highest: number;
  readonly shape: readonly [number, number, number];
  readonly volume: GridPart;
  /** Those slices that have a voxel. */
  readonly slices: readonly GridPart[];
}

/** Compiled kernels look at eight voxels at once, so a little beyond the grid. */
export const BEYOND_GRID = 8;

/** @param arena where the arrays of the grid are taken from, so that kernels reach them */
export function textureGrid(region: Region, levels: Levels, arena: Arena): TextureGrid {
  const { voxels, shape, mask } = region;
  const { values, highest, counts } = levels;
  const present: number[] = [];
  const rankOf = new Uint16Array(highest + 1);
  for (let g = 1; g <= highest; g++) if (counts[g] > 0) rankOf[g] = present.push(g);
  const size = mask.length + BEYOND_GRID;
  const levelGrid = arena.u16(size);
  let spanCount = 0;
  let expected = -1; // where a span would go on
  for (let n = 0; n < voxels.length; n++) {
    const voxel = voxels[n];
    levelGrid[voxel] = values[n];
    if (voxel !== expected) spanCount++;
    expected = voxel + 1;
  }
  let ranks = levelGrid;
  if (present.length < highest) {
    ranks = arena.u16(size);
    for (let n = 0; n < voxels.length; n++) ranks[voxels[n]] = rankOf[values[n]];
  }
  return {
    ranks,
    levels: levelGrid,
    levelOf: Float64Array.from(present),
    highest,
    shape,
    ...partsOf(voxels, shape[0] * shape[1], arena.i32(2 * spanCount, false)),
  };
}

/** Voxels are ascending, so a slice is one stretch of them; padding keeps the rows apart. @param spans is filled */
function partsOf(voxels: Int32Array, sliceSize: number, spans: Int32Array): Pick<TextureGrid, 'volume' | 'slices'> {
  const slices: GridPart[] = [];
  let at = 0;
  for (let start = 0; start < voxels.length;) {
    const nextSlice = (Math.floor(voxels[start] / sliceSize) + 1) * sliceSize;
    const [firstVoxel, firstSpan] = [start, at];
    while (start < voxels.length && voxels[start] < nextSlice) {
      const ahead = voxels[start] - start;
      let end = start + 1;
      while (end < voxels.length && voxels[end] - end === ahead) end++;
      spans[at++] = voxels[start];
      spans[at++] = end - start;
      start = end;
    }
    slices.push({ spans: spans.subarray(firstSpan, at), voxelCount: start - firstVoxel });
  }
  return { volume: { spans, voxelCount: voxels.length }, slices };
}
