import { anglesOf, strideOf } from './angles.js';
import { sizeStatistics, type SizeCounts } from './size-matrix.js';
import type { TextureInput } from './texture-input.js';

/** Grey level size zones as PyRadiomics defines them: 26-connected, or 8-connected in each plane. */
export function glszm(input: TextureInput): Record<string, number> {
  const s = sizeStatistics(zonesOf(input))!; // a region has at least one zone
  return {
    GrayLevelNonUniformity: s.levelNonUniformity,
    GrayLevelNonUniformityNormalized: s.levelNonUniformityNormalized,
    GrayLevelVariance: s.levelVariance,
    HighGrayLevelZoneEmphasis: s.highLevelEmphasis,
    LargeAreaEmphasis: s.largeEmphasis,
    LargeAreaHighGrayLevelEmphasis: s.largeHighEmphasis,
    LargeAreaLowGrayLevelEmphasis: s.largeLowEmphasis,
    LowGrayLevelZoneEmphasis: s.lowLevelEmphasis,
    SizeZoneNonUniformity: s.sizeNonUniformity,
    SizeZoneNonUniformityNormalized: s.sizeNonUniformityNormalized,
    SmallAreaEmphasis: s.smallEmphasis,
    SmallAreaHighGrayLevelEmphasis: s.smallHighEmphasis,
    SmallAreaLowGrayLevelEmphasis: s.smallLowEmphasis,
    ZoneEntropy: s.entropy,
    ZonePercentage: s.percentage,
    ZoneVariance: s.sizeVariance,
  };
}

/** Counts of zones by level and size. */
export function zonesOf({ levels, grid, voxels, shape, size, flatAxis }: TextureInput): SizeCounts {
  const strides = anglesOf(size, [1], flatAxis).map((angle) => strideOf(angle, shape));
  const steps = Int32Array.from([...strides, ...strides.map((stride) => -stride)]);
  const open = Uint16Array.from(grid);
  const stack = new Int32Array(voxels.length);
  const byLevel = Array.from(levels.levelOf, () => new Map<number, number>());
  for (let n = 0; n < voxels.length; n++) {
    const rank = open[voxels[n]];
    if (rank === 0) continue;
    const zone = eraseZone(open, voxels[n], rank, steps, stack);
    const counts = byLevel[rank - 1];
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  const entries = byLevel.flatMap((counts, rank) =>
    Array.from(counts, ([zone, count]) => ({ level: levels.levelOf[rank], zone, count })),
  );
  return {
    levels: entries.map(({ level }) => level),
    sizes: entries.map(({ zone }) => zone),
    counts: entries.map(({ count }) => count),
  };
}

/** Sets the connected voxels of one level to 0; returns how many they were. */
function eraseZone(open: Uint16Array, seed: number, rank: number, steps: Int32Array, stack: Int32Array): number {
  let depth = 0;
  let zone = 0;
  stack[depth++] = seed;
  open[seed] = 0;
  while (depth > 0) {
    const voxel = stack[--depth];
    zone++;
    for (let s = 0; s < steps.length; s++) {
      const next = voxel + steps[s];
      if (open[next] !== rank) continue;
      open[next] = 0;
      stack[depth++] = next;
    }
  }
  return zone;
}
