import type { Kernels } from '@concord/kernels';
import { NoValue } from './feature-value.js';
import type { Discretisation, Resegmentation } from './settings.js';

/** Highest grey level; above it the settings do not fit the image. */
export const HIGHEST_LEVEL = 65534;

/** Grey levels of a region's voxels; the arrays live as long as the arena's scope. */
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
  kernels: Kernels,
): Levels | NoValue {
  if (intensities.length === 0) return new NoValue('undefined', 'no voxel is left after re-segmentation');
  if (discretisation.method === 'none') return asLevels(intensities, kernels);
  return discretisation.method === 'FBS'
    ? fixedBinSize(intensities, discretisation.width, discretisation.minimum ?? resegmentation.range?.[0] ?? 0, kernels)
    : fixedBinNumber(intensities, discretisation.count, kernels);
}

function asLevels(intensities: Float64Array, kernels: Kernels): Levels | NoValue {
  for (let n = 0; n < intensities.length; n++) {
    const x = intensities[n];
    if (x !== Math.floor(x) || x < 1 || x > HIGHEST_LEVEL) {
      return new NoValue(
        'refused',
        `without discretisation every intensity must be a whole number from 1 to ${HIGHEST_LEVEL}`,
      );
    }
  }
  return upToPresent(greyLevels(intensities, 1, 1, 1, HIGHEST_LEVEL, kernels));
}

function fixedBinSize(intensities: Float64Array, width: number, minimum: number, kernels: Kernels): Levels | NoValue {
  const { values, counts } = greyLevels(intensities, minimum, 1, width, HIGHEST_LEVEL, kernels);
  if (counts[HIGHEST_LEVEL + 1] > 0) {
    return new NoValue('refused', `bins of this width give more than ${HIGHEST_LEVEL} grey levels`);
  }
  const belowMinimumCount = counts[0];
  if (belowMinimumCount > 0) {
    for (let n = 0; n < values.length; n++) if (values[n] === 0) values[n] = 1;
    counts[1] += counts[0];
    counts[0] = 0;
  }
  return { ...upToPresent({ values, counts }), belowMinimumCount };
}

function fixedBinNumber(intensities: Float64Array, count: number, kernels: Kernels): Levels {
  const [, , low, high] = summaryOf(intensities, kernels);
  if (low === high) {
    const middle = Math.ceil(count / 2);
    const counts = new Uint32Array(middle + 1);
    counts[middle] = intensities.length;
    const values = kernels.arena.u16(intensities.length, false).fill(middle);
    return { values, highest: middle, counts, belowMinimumCount: 0 };
  }
  // The maximum would be the first of one more bin: what is above the last but one is in the last.
  const { values, counts } = greyLevels(intensities, low, count, high - low, count - 1, kernels);
  return { values, highest: count, counts, belowMinimumCount: 0 };
}

/** Sum, sum of squares, least and greatest of at least one number. */
export function summaryOf(values: Float64Array, kernels: Kernels): Float64Array {
  const { arena } = kernels;
  return arena.scope(() => {
    const out = arena.f64(4);
    kernels.now('intensities', 'summary', arena.copy(values), values.length, out);
    return out.slice();
  });
}

/** See the kernel of this name. */
function greyLevels(
  intensities: Float64Array,
  minimum: number,
  factor: number,
  divisor: number,
  highest: number,
  kernels: Kernels,
): Pick<Levels, 'values' | 'counts'> {
  const { arena } = kernels;
  const [values, counts] = [arena.u16(intensities.length, false), arena.u32(highest + 2)];
  const source = arena.copy(intensities);
  kernels.now('intensities', 'greyLevels', source, source.length, minimum, factor, divisor, highest, values, counts);
  return { values, counts };
}

/** Without what is above the highest level present. */
function upToPresent({ values, counts }: Pick<Levels, 'values' | 'counts'>): Levels {
  let highest = counts.length - 1;
  while (highest > 1 && counts[highest] === 0) highest--;
  return { values, highest, counts: counts.subarray(0, highest + 1), belowMinimumCount: 0 };
}
