import { NoValue } from './feature-value.js';
import type { Discretisation, Resegmentation } from './settings.js';

/** Highest grey level; above it the settings do not fit the image. */
export const HIGHEST_LEVEL = 65535;

/** Grey levels of a region's voxels. */
export interface Levels {
  /** Level of each voxel of the intensity mask, from 1. */
  readonly values: Uint16Array;
  /** Highest level: IBSI's number of grey levels, absent ones included. */
  readonly highest: number;
  /** Voxels of each level, at the level. */
  readonly counts: Uint32Array;
  /** Voxels below the minimum of fixed bin size, put into level 1. */
  readonly belowMinimumCount: number;
}

/**
 * Discretises the intensities of a region (IBSI 1, section 2.7).
 *
 * A flat region under fixed bin number goes into the middle bin, as MIRP does: IBSI leaves it open.
 *
 * @returns the levels, or why there are none
 */
export function discretise(
  intensities: Float64Array,
  discretisation: Discretisation,
  resegmentation: Resegmentation,
): Levels | NoValue {
  if (intensities.length === 0) return new NoValue('undefined', 'no voxel is left after re-segmentation');
  if (discretisation.method === 'none') return asLevels(intensities);
  return discretisation.method === 'FBS'
    ? fixedBinSize(intensities, discretisation.width, discretisation.minimum ?? resegmentation.range?.[0] ?? 0)
    : fixedBinNumber(intensities, discretisation.count);
}

function asLevels(intensities: Float64Array): Levels | NoValue {
  const values = new Uint16Array(intensities.length);
  let highest = 0;
  for (let n = 0; n < values.length; n++) {
    const x = intensities[n];
    if (x !== Math.floor(x) || x < 1 || x > HIGHEST_LEVEL) {
      return new NoValue(
        'refused',
        `without discretisation every intensity must be a whole number from 1 to ${HIGHEST_LEVEL}`,
      );
    }
    values[n] = x;
    if (x > highest) highest = x;
  }
  return counted(values, highest, 0);
}

function fixedBinSize(intensities: Float64Array, width: number, minimum: number): Levels | NoValue {
  const values = new Uint16Array(intensities.length);
  let highest = 1;
  let belowMinimumCount = 0;
  for (let n = 0; n < values.length; n++) {
    const level = Math.floor((intensities[n] - minimum) / width) + 1;
    if (level > HIGHEST_LEVEL) {
      return new NoValue('refused', `bins of this width give more than ${HIGHEST_LEVEL} grey levels`);
    }
    if (level < 1) {
      belowMinimumCount++;
      values[n] = 1;
    } else {
      values[n] = level;
      if (level > highest) highest = level;
    }
  }
  return counted(values, highest, belowMinimumCount);
}

function fixedBinNumber(intensities: Float64Array, count: number): Levels {
  const values = new Uint16Array(intensities.length);
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < values.length; n++) {
    const x = intensities[n];
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (low === high) {
    const middle = Math.ceil(count / 2);
    return counted(values.fill(middle), middle, 0);
  }
  for (let n = 0; n < values.length; n++) {
    values[n] = Math.min(count, Math.floor((count * (intensities[n] - low)) / (high - low)) + 1);
  }
  return counted(values, count, 0);
}

function counted(values: Uint16Array, highest: number, belowMinimumCount: number): Levels {
  const counts = new Uint32Array(highest + 1);
  for (let n = 0; n < values.length; n++) counts[values[n]]++;
  return { values, highest, counts, belowMinimumCount };
}
