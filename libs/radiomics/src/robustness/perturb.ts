import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { RandomSource } from '@concord/numeric';
import { checkSameGrid } from '../region.js';
import { changeVolume } from './change-volume.js';
import type { ImageWithRegion } from './new-grid.js';
import { addNoise, noiseLevel } from './noise.js';
import { drawAmount, type PerturbationStep } from './perturbation.js';
import { randomiseContour } from './randomise-contour.js';
import { rotateInPlane } from './rotate.js';
import { shiftGrid } from './shift.js';

/**
 * Image and region as another acquisition, another scanner's noise or another reader might have given them (Zwanenburg et
 * al., Sci. Rep. 9 (2019) 614): each step of the chain acts on what the one before left.
 *
 * @param mask region on the grid of the image
 * @param random draws amounts, noise and outlines: the same source in the same state gives the same result
 * @param paddingValues intensities that are no measurement; they are neither mixed with others nor made noisy
 * @throws {PerturbationError} if the region cannot grow or shrink so far
 * @throws {FlatImageError} if noise is asked for and the image has none to go by
 * @throws {RegionOffGridError}, {EmptyRegionError}, {ShearedGridError}
 */
export function perturb(
  volume: Volume,
  mask: Mask,
  chain: readonly PerturbationStep[],
  random: RandomSource,
  paddingValues: readonly number[],
  kernels: Kernels,
): ImageWithRegion {
  checkSameGrid(volume, mask);
  return chain.reduce<ImageWithRegion>((pair, step) => applyStep(pair, step, random, paddingValues, kernels), {
    volume,
    mask,
  });
}

function applyStep(
  pair: ImageWithRegion,
  step: PerturbationStep,
  random: RandomSource,
  paddingValues: readonly number[],
  kernels: Kernels,
): ImageWithRegion {
  const { volume, mask } = pair;
  switch (step.kind) {
    case 'rotate':
      return rotateInPlane(pair, drawAmount(step.amount, random), paddingValues, kernels);
    case 'shift': {
      const along = (): number => drawAmount(step.amount, random);
      return shiftGrid(pair, [along(), along(), along()], paddingValues, kernels);
    }
    case 'noise': {
      const deviation = drawAmount(step.amount, random) * noiseLevel(volume, paddingValues);
      return { volume: addNoise(volume, deviation, random, paddingValues), mask };
    }
    case 'volume':
      return { volume, mask: changeVolume(mask, drawAmount(step.amount, random), random) };
    case 'contour':
      return { volume, mask: randomiseContour(volume, mask, random, paddingValues) };
  }
}
