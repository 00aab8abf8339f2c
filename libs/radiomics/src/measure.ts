import type { FeatureBlock } from './catalogue.js';
import type { ImagePlan } from './compile.js';
import { discretise, type Levels } from './discretise.js';
import type { AggregatedValues } from './families/aggregate.js';
import { enclosure } from './families/enclosure.js';
import { intensityHistogram } from './families/histogram.js';
import { intensityVolumeHistogram } from './families/ivh.js';
import { localIntensity } from './families/local.js';
import { morphology } from './families/morphology.js';
import { spatialAssociation } from './families/spatial.js';
import { intensityStatistics } from './families/statistics.js';
import { textureFamilies } from './families/texture.js';
import { NoValue, undefinedBecause, type FamilyValues, type FeatureOutcome } from './feature-value.js';
import { isTexture, type Family } from './names.js';
import type { Discretisation } from './settings.js';
import type { Task } from './task.js';
import { timed } from './timings.js';

/** The outcomes of a block in its order, or the reason that all of them share. */
export type BlockOutcomes = readonly FeatureOutcome[] | NoValue;

/** What was computed on one image. */
export interface MeasuredImage {
  /** Every block of the plan. */
  readonly outcomes: ReadonlyMap<FeatureBlock, BlockOutcomes>;
  readonly warnings: readonly string[];
  /** Highest grey level of the first discretisation that gave any. */
  readonly greyLevelCount: number | null;
}

/**
 * Computes the families of one image. What does not need grey levels is computed while the other threads count the
 * texture matrices of the first discretisation.
 */
export function measureImage(whole: Task, plan: ImagePlan): MeasuredImage {
  const { settings, kernels, timings } = whole;
  const region = { ...whole.region, intensities: kernels.arena.copy(whole.region.intensities) };
  const task: Task = { ...whole, region };
  const outcomes = new Map<FeatureBlock, BlockOutcomes>();
  const warnings: string[] = [];
  let greyLevelCount: number | null = null;
  const blocksOf = (one: Discretisation | null): FeatureBlock[] =>
    plan.blocks.filter(({ discretisation }) => discretisation === one);
  let pending = blocksOf(null);
  for (const discretisation of plan.discretisations) {
    const own = blocksOf(discretisation);
    const levels = timed(timings, 'discretisation', () =>
      discretise(region.intensities, discretisation, settings.resegmentation, kernels),
    );
    warnings.push(...warningsAbout(levels));
    if (levels instanceof NoValue) {
      for (const block of own) outcomes.set(block, levels);
      continue;
    }
    greyLevelCount ??= levels.highest;
    const alone = [...pending, ...own.filter(({ family }) => !isTexture(family))];
    const meanwhile = (): void => {
      for (const block of alone) outcomes.set(block, measureBlock(task, block, levels));
    };
    const textures = textureFamilies(task, levels, plan.families, meanwhile);
    for (const block of own) if (isTexture(block.family)) outcomes.set(block, outcomesOf(block, textures));
    pending = [];
  }
  for (const block of pending) outcomes.set(block, measureBlock(task, block, null));
  return { outcomes, warnings, greyLevelCount };
}

function outcomesOf(block: FeatureBlock, textures: readonly AggregatedValues[]): BlockOutcomes {
  const isOwn = (one: AggregatedValues): boolean =>
    one.family === block.family && one.aggregation === block.aggregation;
  return textures.find(isOwn)!.outcomes; // the families and aggregations of the plan are those of its blocks
}

/** A family that is no texture. @param levels for a family on grey levels */
function measureBlock(task: Task, { family, features }: FeatureBlock, levels: Levels | null): BlockOutcomes {
  const values = timed(task.timings, family, () => measureFamily(task, family, levels));
  return values instanceof NoValue ? values : features.map(({ tag }) => values[tag]);
}

function measureFamily({ region, settings, kernels }: Task, family: Family, levels: Levels | null) {
  const compute: Partial<Record<Family, () => FamilyValues | NoValue>> = {
    morphology: () => morphology(region),
    enclosure: () => enclosure(region),
    spatial: () => spatialAssociation(region, kernels),
    local: () => localIntensity(region, kernels),
    statistics: () =>
      region.intensities.length > 0
        ? intensityStatistics(region.intensities, kernels)
        : undefinedBecause('no voxel is left after re-segmentation'),
    histogram: () => intensityHistogram(levels!), // a block of it has a discretisation
    ivh: () => intensityVolumeHistogram(region.intensities, settings.ivh, settings.resegmentation),
  };
  return compute[family]!(); // every family but the textures
}

function warningsAbout(levels: Levels | NoValue): string[] {
  if (levels instanceof NoValue) return [`no grey levels: ${levels.reason}`];
  return levels.belowMinimumCount > 0
    ? ['voxels below the minimum of the bins were put into the first grey level']
    : [];
}
