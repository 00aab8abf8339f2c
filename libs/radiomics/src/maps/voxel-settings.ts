import { parsePyradiomicsParameters } from '../pyradiomics/parameters.js';
import { readSettings, VOXEL_SETTINGS } from '../pyradiomics/read-settings.js';
import { DEFAULT_SETTINGS, type PyradiomicsSettings } from '../pyradiomics/settings.js';

/** PyRadiomics' `voxelSetting`. */
export interface VoxelSettings {
  /** Voxels from the middle of a neighbourhood to its end. */
  readonly kernelRadius: number;
  /** Whether only voxels of the region count in a neighbourhood; otherwise all that lie in the image about it. */
  readonly maskedKernel: boolean;
  /** Value of voxels outside the region, and of those where a feature has none. */
  readonly initValue: number;
}

const DEFAULTS: VoxelSettings = { kernelRadius: 1, maskedKernel: true, initValue: 0 };

/**
 * The `voxelSetting` of a parameter file of PyRadiomics, with its defaults. `voxelBatch` has no effect: memory does not depend
 * on it here.
 *
 * @param json the parsed file
 * @throws {InvalidSettingsError} as `parsePyradiomicsParameters`
 */
export function parseVoxelSettings(json: unknown): VoxelSettings {
  parsePyradiomicsParameters(json); // refuses all that is no parameter file
  const given = (json as { voxelSetting?: Record<string, unknown> | null } | null)?.voxelSetting ?? {};
  const base = { ...DEFAULT_SETTINGS, ...DEFAULTS };
  const read = readSettings(given, 'voxelSetting', base, VOXEL_SETTINGS) as PyradiomicsSettings & VoxelSettings;
  return { kernelRadius: read.kernelRadius, maskedKernel: read.maskedKernel, initValue: read.initValue };
}
