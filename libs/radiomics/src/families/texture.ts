import type { Kernels } from '@concord/kernels';
import type { Levels } from '../discretise.js';
import { isTexture, type Aggregation, type Family } from '../names.js';
import type { Region } from '../region.js';
import { textureGrid } from '../texture-grid.js';
import { timed, type Timings } from '../timings.js';
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
 * Texture families of a region under the aggregations asked for. All matrices are counted in one run of the kernels,
 * and one on which several families rest is counted once.
 */
export function textureFamilies(
  region: Region,
  levels: Levels,
  families: readonly Family[],
  aggregations: readonly Aggregation[],
  kernels: Kernels,
  timings: Timings | null,
): AggregatedValues[] {
  const wanted = families.filter(isTexture);
  if (wanted.length === 0) return [];
  return kernels.arena.scope(() => {
    const grid = timed(timings, 'texture grid', () => textureGrid(region, levels, kernels.arena));
    const only = <T>(all: readonly (readonly [Family, T])[]) => all.filter(([family]) => wanted.includes(family));
    const zones = zonesKind(region.mask, wanted.includes('gldzm'));
    const plans = timed(timings, 'texture matrices', (): TexturePlan[] => {
      const planned = [
        planKind(zones, only([['glszm', glszm] as const, ['gldzm', gldzm] as const]), grid, aggregations, kernels),
        planKind(RUNS, only([['glrlm', glrlm] as const]), grid, aggregations, kernels),
        planKind(PAIRS, only([['glcm', glcm] as const, ['mcc', mcc] as const]), grid, aggregations, kernels),
        planKind(NEIGHBOURS, only([['ngtdm', ngtdm] as const, ['ngldm', ngldm] as const]), grid, aggregations, kernels),
      ];
      kernels.run(planned.flatMap(({ calls }) => calls));
      return planned;
    });
    return plans.flatMap((plan) => plan.finish(timings));
  });
}
