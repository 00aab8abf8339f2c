import type { Arena } from '@concord/kernels';
import type { Levels } from './discretise.js';
import type { Region } from './region.js';

/**
 * Grey levels on the padded grid, renumbered without gaps: absent levels would be empty rows of a texture matrix.
 */
export interface TextureGrid {
  /** Number of each voxel's level among those present, from 1; 0 outside the intensity mask. */
  readonly ranks: Uint16Array;
  /** The level itself for each number, at `rank - 1`; ascending. */
  readonly levelOf: Float64Array;
  /** Highest level: IBSI's number of grey levels. */
  readonly highest: number;
  readonly voxels: Int32Array;
  readonly shape: readonly [number, number, number];
}

/** @param arena where the arrays of the grid are taken from, so that kernels reach them */
export function textureGrid(region: Region, levels: Levels, arena: Arena): TextureGrid {
  const rankOf = new Uint16Array(levels.highest + 1);
  for (let n = 0; n < levels.values.length; n++) rankOf[levels.values[n]] = 1;
  const present: number[] = [];
  for (let g = 1; g <= levels.highest; g++) if (rankOf[g] === 1) rankOf[g] = present.push(g);
  const ranks = arena.u16(region.mask.length);
  for (let n = 0; n < region.voxels.length; n++) ranks[region.voxels[n]] = rankOf[levels.values[n]];
  return {
    ranks,
    levelOf: Float64Array.from(present),
    highest: levels.highest,
    voxels: arena.copy(region.voxels),
    shape: region.shape,
  };
}

/** The voxels of each slice that has any; voxels are ascending, so a slice is one stretch of them. */
export function voxelsBySlice({ voxels, shape }: TextureGrid): Int32Array[] {
  const sliceSize = shape[0] * shape[1];
  const slices: Int32Array[] = [];
  for (let start = 0; start < voxels.length;) {
    const slice = Math.floor(voxels[start] / sliceSize);
    let end = start + 1;
    while (end < voxels.length && Math.floor(voxels[end] / sliceSize) === slice) end++;
    slices.push(voxels.subarray(start, end));
    start = end;
  }
  return slices;
}
