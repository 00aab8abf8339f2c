import { anglesOf, strideOf } from './angles.js';
import { sizeStatistics, type SizeCounts } from './size-matrix.js';
import type { TextureInput } from './texture-input.js';

/** Grey level dependence as PyRadiomics defines it: voxels within the distances and within `gldm_a` levels, plus one. */
export function gldm(input: TextureInput): Record<string, number> {
  const s = sizeStatistics(dependenceOf(input))!; // every voxel counts once
  return {
    DependenceEntropy: s.entropy,
    DependenceNonUniformity: s.sizeNonUniformity,
    DependenceNonUniformityNormalized: s.sizeNonUniformityNormalized,
    DependenceVariance: s.sizeVariance,
    GrayLevelNonUniformity: s.levelNonUniformity,
    GrayLevelVariance: s.levelVariance,
    HighGrayLevelEmphasis: s.highLevelEmphasis,
    LargeDependenceEmphasis: s.largeEmphasis,
    LargeDependenceHighGrayLevelEmphasis: s.largeHighEmphasis,
    LargeDependenceLowGrayLevelEmphasis: s.largeLowEmphasis,
    LowGrayLevelEmphasis: s.lowLevelEmphasis,
    SmallDependenceEmphasis: s.smallEmphasis,
    SmallDependenceHighGrayLevelEmphasis: s.smallHighEmphasis,
    SmallDependenceLowGrayLevelEmphasis: s.smallLowEmphasis,
  };
}

/** Counts of voxels by level and dependence. */
export function dependenceOf(input: TextureInput): SizeCounts {
  const { levels, grid, voxels, shape, size, settings, flatAxis } = input;
  const { levelOf } = levels;
  const strides = anglesOf(size, settings.distances, flatAxis).map((angle) => strideOf(angle, shape));
  const width = 2 * strides.length + 1;
  const counts = new Float64Array(levelOf.length * width);
  const values = new Float64Array(levelOf.length + 1).fill(-Infinity); // by rank; nothing is near what lies outside
  values.set(levelOf, 1);
  for (let n = 0; n < voxels.length; n++) {
    const rank = grid[voxels[n]];
    let dependence = 0;
    for (let s = 0; s < strides.length; s++) {
      if (Math.abs(values[grid[voxels[n] + strides[s]]] - values[rank]) <= settings.gldm_a) dependence++;
      if (Math.abs(values[grid[voxels[n] - strides[s]]] - values[rank]) <= settings.gldm_a) dependence++;
    }
    counts[(rank - 1) * width + dependence]++;
  }
  const found = Array.from(counts.keys()).filter((n) => counts[n] > 0);
  return {
    levels: found.map((n) => levelOf[Math.floor(n / width)]),
    sizes: found.map((n) => (n % width) + 1),
    counts: found.map((n) => counts[n]),
  };
}
