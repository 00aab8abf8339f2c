import type { Triple } from '@concord/imaging';
import type { Levels } from './bins.js';
import type { Roi } from './roi.js';
import type { PyradiomicsSettings } from './settings.js';

/** What every texture class starts from. */
export interface TextureInput {
  readonly levels: Levels;
  /** Rank of each voxel's level on the padded cut-out, 0 outside the region. */
  readonly grid: Uint16Array;
  readonly shape: Triple;
  readonly voxels: Int32Array;
  /** Size of the region's box. */
  readonly size: Triple;
  readonly spacingMm: Triple;
  readonly settings: PyradiomicsSettings;
  /** Axis (0 is z, 1 y, 2 x) that no step goes along, or null in 3D. */
  readonly flatAxis: number | null;
}

export function textureInput(roi: Roi, levels: Levels, settings: PyradiomicsSettings): TextureInput {
  const grid = new Uint16Array(roi.mask.length);
  for (let n = 0; n < roi.voxels.length; n++) grid[roi.voxels[n]] = levels.ranks[n];
  return {
    levels,
    grid,
    shape: roi.shape,
    voxels: roi.voxels,
    size: roi.box.size,
    spacingMm: roi.spacingMm,
    settings,
    flatAxis: settings.force2D ? settings.force2Ddimension : null,
  };
}

/** Mean of each feature over the directions; NaN without any. */
export function meanOverDirections(values: readonly Record<string, number>[]): Record<string, number> {
  const means: Record<string, number> = {};
  for (const name of Object.keys(values[0] ?? {})) {
    let sum = 0;
    for (const value of values) sum += value[name];
    means[name] = sum / values.length;
  }
  return means;
}
