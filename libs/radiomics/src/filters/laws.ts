import type { IndexBox } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import { centred } from './correlate.js';
import type { Filter, FilterGrid } from './filter.js';
import type { LawsFilter } from './filter-settings.js';
import { sourceBox, withReach, type ImagePart } from './image-part.js';
import { poolTurns, reachOfAll, rotationsOf, turnedTaps } from './rotations.js';
import { meanTaps, separableFilter } from './smooth.js';

/** Level, edge, spot, wave and ripple (Laws, 1980), to be scaled to length 1 (IBSI JVAD). */
const KERNELS: Readonly<Record<string, readonly number[]>> = {
  L3: [1, 2, 1],
  L5: [1, 4, 6, 4, 1],
  E3: [-1, 0, 1],
  E5: [-1, -2, 0, 2, 1],
  S3: [-1, 2, -1],
  S5: [-1, 0, 2, 0, -1],
  W5: [-1, 2, 0, -2, 1],
  R5: [1, -4, 6, -4, 1],
};

/**
 * Responses to Laws kernels (IBSI JTXT), one along each axis: pooled over rotations if asked, and only then, for the
 * energy map (PQSD), the mean of absolute values around each voxel.
 */
export function lawsFilter(settings: LawsFilter, grid: FilterGrid): Filter {
  const { kernels: names, dimension, boundary, pooling, rotationInvariant, energyDistanceVoxels: distance } = settings;
  // A convolution: the mirrored kernel is what is correlated with.
  const taps = names.match(/../g)!.map((name) => {
    const length = Math.hypot(...KERNELS[name]);
    const weights = Float64Array.from(KERNELS[name], (weight) => weight / length);
    return { forwards: centred(weights.toReversed()), mirrored: centred(weights) };
  });
  const turns = turnedTaps(rotationsOf(dimension, rotationInvariant), (axis) => taps[axis] ?? null);
  const reach = reachOfAll(turns);
  const needs = (box: IndexBox): IndexBox => sourceBox(withReach(box, reach), grid.shape, boundary);
  const respond = (part: ImagePart, box: IndexBox, kernels: Kernels): Float64Array =>
    poolTurns(part, box, turns, pooling, boundary, kernels);
  if (distance === null) return { needs, respond };
  const mean = meanTaps(2 * distance + 1);
  const energy = separableFilter([mean, mean, dimension === '3D' ? mean : null], boundary, grid);
  return {
    needs: (box) => needs(energy.needs(box)),
    respond: (part, box, kernels) => {
      const around = energy.needs(box);
      const values = respond(part, around, kernels);
      kernels.run(
        inParts(values.length, 1024, (first, last) => kernels.call('filters', 'absolute', values, values, first, last)),
      );
      return energy.respond({ ...part, ...around, values }, box, kernels);
    },
  };
}
