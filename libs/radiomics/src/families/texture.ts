import type { KernelCall, Kernels } from '@concord/kernels';
import type { Levels } from '../discretise.js';
import { isTexture, type Family } from '../names.js';
import type { Task } from '../task.js';
import { textureGrid } from '../texture-grid.js';
import { timed } from '../timings.js';
import { planKind, type AggregatedValues, type TexturePlan } from './aggregate.js';
import { glcm, PAIRS } from './glcm.js';
import { gldzm } from './gldzm.js';
import { glrlm, RUNS } from './glrlm.js';
import { glszm } from './glszm.js';
import { mcc } from './mcc.js';
import { NEIGHBOURS } from './neighbours.js';
import { ngldm } from './ngldm.js';
import { ngtdm } from './ngtdm.js';
import { zonesKind } from './zones.js';

/**
 * Texture families of a region under the aggregations of its settings. A matrix on which several families rest is
 * counted once.
 *
 * @param meanwhile what to do on this thread while others count
 */
export function textureFamilies(
  { region, settings: { aggregations }, kernels, timings }: Task,
  levels: Levels,
  families: readonly Family[],
  meanwhile: () => void,
): AggregatedValues[] {
  const wanted = families.filter(isTexture);
  return kernels.arena.scope(() => {
    const grid = timed(timings, 'texture grid', () => textureGrid(region, levels, kernels.arena));
    const only = <T>(all: readonly (readonly [Family, T])[]) => all.filter(([family]) => wanted.includes(family));
    const zones = zonesKind(region.mask, wanted.includes('gldzm'));
    const plans: TexturePlan[] = [
      planKind(zones, only([['glszm', glszm] as const, ['gldzm', gldzm] as const]), grid, aggregations, kernels),
      planKind(RUNS, only([['glrlm', glrlm] as const]), grid, aggregations, kernels),
      planKind(PAIRS, only([['glcm', glcm] as const, ['mcc', mcc] as const]), grid, aggregations, kernels),
      planKind(NEIGHBOURS, only([['ngtdm', ngtdm] as const, ['ngldm', ngldm] as const]), grid, aggregations, kernels),
    ];
    const calls = plans.flatMap((plan) => plan.calls);
    if (timings === null) countMeanwhile(kernels, calls, meanwhile);
    else {
      // One after the other, so that each phase has its own seconds.
      timed(timings, 'texture matrices', () => kernels.run(calls));
      meanwhile();
    }
    return plans.flatMap((plan) => plan.finish(timings));
  });
}

function countMeanwhile(kernels: Kernels, calls: readonly KernelCall[], meanwhile: () => void): void {
  const finish = kernels.start(calls);
  try {
    meanwhile();
  } finally {
    finish(); // before the arena takes back what the calls work on
  }
}
