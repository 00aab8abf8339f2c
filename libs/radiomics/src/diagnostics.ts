import { intensityBox, type Region } from './region.js';

/** Facts about a region after one step of processing: counts in voxels, intensities in the unit of the image. */
export interface RegionDiagnostics {
  readonly intensityVoxelCount: number;
  readonly morphologyVoxelCount: number;
  /** Bounding boxes of the two masks along i, j, k. */
  readonly intensityBox: readonly [number, number, number];
  readonly morphologyBox: readonly [number, number, number];
  readonly mean: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** What happened between reading and features; for a protocol and for checks against IBSI's diagnostics. */
export interface ExtractionDiagnostics {
  readonly imageShape: readonly [number, number, number];
  readonly imageSpacingMm: readonly [number, number, number];
  /** Spacing the features were computed at. */
  readonly spacingMm: readonly [number, number, number];
  readonly initial: RegionDiagnostics;
  readonly interpolated: RegionDiagnostics;
  readonly resegmented: RegionDiagnostics;
  /** Highest grey level; null when there are none. */
  readonly greyLevelCount: number | null;
}

/** @param morphologyVoxelCount voxels of the morphological mask */
export function describeRegion(region: Region, morphologyVoxelCount: number): RegionDiagnostics {
  const { intensities, voxels, shape } = region;
  let sum = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let n = 0; n < voxels.length; n++) {
    const x = intensities[n];
    sum += x;
    if (x < minimum) minimum = x;
    if (x > maximum) maximum = x;
  }
  const isEmpty = voxels.length === 0;
  const morphologyBox = [shape[0] - 2, shape[1] - 2, shape[2] - 2] as const; // the region is cut to it, and padded
  return {
    intensityVoxelCount: voxels.length,
    morphologyVoxelCount,
    intensityBox: voxels.length === morphologyVoxelCount ? morphologyBox : boxOf(region),
    morphologyBox,
    mean: isEmpty ? null : sum / voxels.length,
    minimum: isEmpty ? null : minimum,
    maximum: isEmpty ? null : maximum,
  };
}

function boxOf(region: Region): readonly [number, number, number] {
  if (region.voxels.length === 0) return [0, 0, 0];
  const { low, high } = intensityBox(region);
  return [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
}
