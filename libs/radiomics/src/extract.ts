import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { FeatureBlock } from './catalogue.js';
import { compileExtraction, type CompiledExtraction, type ImagePlan } from './compile.js';
import { describeRegion, type ExtractionDiagnostics } from './diagnostics.js';
import { discretise, type Levels } from './discretise.js';
import { enclosure } from './families/enclosure.js';
import { intensityHistogram } from './families/histogram.js';
import { intensityVolumeHistogram } from './families/ivh.js';
import { localIntensity } from './families/local.js';
import { morphology } from './families/morphology.js';
import { spatialAssociation } from './families/spatial.js';
import { intensityStatistics } from './families/statistics.js';
import { textureFamilies } from './families/texture.js';
import {
  NoValue,
  toFeatureValue,
  undefinedBecause,
  type FamilyValues,
  type FeatureOutcome,
  type FeatureValue,
} from './feature-value.js';
import type { Family } from './names.js';
import { prepareRegion } from './prepare.js';
import { checkSameGrid, countVoxels, rightAngledSpacing, type Region } from './region.js';
import { resegment } from './resegment.js';
import type { Discretisation, ExtractionSettings } from './settings.js';
import { timed, type Timings } from './timings.js';

/** Features of one region. */
export interface FeatureVector {
  /** Every feature of `featureCatalogue(settings)`, in its order; a value is null with a reason, never NaN. */
  readonly values: Readonly<Record<string, FeatureValue>>;
  readonly diagnostics: ExtractionDiagnostics;
  /** Sentences about what may make the values unlike those of other regions; no patient-level value in them. */
  readonly warnings: readonly string[];
  readonly settingsDigest: string;
}

/** `runExtraction` on one region, without compiled settings. */
export function extractFeatures(
  volume: Volume,
  mask: Mask,
  settings: ExtractionSettings,
  kernels: Kernels,
): FeatureVector {
  return runExtraction(compileExtraction(settings), volume, mask, kernels);
}

/**
 * Computes the features of a region as IBSI 1 defines them (Zwanenburg et al., Radiology 2020; arXiv:1612.07003v11).
 *
 * Order: rounding, resampling of image and mask, rounding, threshold of the mask, re-segmentation, discretisation,
 * features; all in double precision.
 *
 * @param volume image on a right-angled grid
 * @param mask region on the grid of the image
 * @param kernels the hot loops, see `createKernels`
 * @param timings where to add up the seconds of each phase and family
 * @throws {RegionOffGridError} if the mask lies on another grid
 * @throws {ShearedGridError} if the grid has skew axes
 * @throws {EmptyRegionError} if the region has no voxel, before or after resampling
 * @throws {NonFiniteVoxelError} if a voxel of the region is not a finite number
 */
export function runExtraction(
  extraction: CompiledExtraction,
  volume: Volume,
  mask: Mask,
  kernels: Kernels,
  timings: Timings | null = null,
): FeatureVector {
  const { settings } = extraction;
  checkSameGrid(volume, mask);
  const { initial, interpolated } = timed(timings, 'resampling', () => prepareRegion(volume, mask, settings));
  const region = timed(timings, 'resegmentation', () => resegment(interpolated, settings.resegmentation));
  const task: Task = { region, settings, kernels, timings };
  const outcomes: Outcomes = new Map();
  const warnings = warningsAbout(region);
  let greyLevelCount: number | null = null;
  for (const plan of extraction.images) {
    intensityFamilies(task, plan, outcomes);
    for (const discretisation of plan.discretisations) {
      const levels = timed(timings, 'discretisation', () =>
        discretise(region.intensities, discretisation, settings.resegmentation),
      );
      levelFamilies(task, levels, discretisation, plan, outcomes);
      warnings.push(...warningsAboutLevels(levels));
      if (!(levels instanceof NoValue)) greyLevelCount ??= levels.highest;
    }
  }
  const morphologyVoxels = countVoxels(region.mask);
  return {
    values: valuesOf(extraction, outcomes),
    diagnostics: timed(timings, 'diagnostics', () => ({
      imageShape: volume.shape,
      imageSpacingMm: rightAngledSpacing(volume, 'image'),
      spacingMm: region.spacingMm,
      initial: describeRegion(initial, countVoxels(initial.mask)),
      interpolated: describeRegion(interpolated, morphologyVoxels),
      resegmented: describeRegion(region, morphologyVoxels),
      greyLevelCount,
    })),
    warnings: [...new Set(warnings)],
    settingsDigest: extraction.digest,
  };
}

/** The outcomes of each block, in its order, or the reason that all of them share. */
type Outcomes = Map<FeatureBlock, readonly FeatureOutcome[] | NoValue>;

function valuesOf({ images }: CompiledExtraction, outcomes: Outcomes): Record<string, FeatureValue> {
  const values: Record<string, FeatureValue> = {};
  for (const { blocks } of images) {
    for (const block of blocks) {
      const own = outcomes.get(block)!; // every block was computed
      block.features.forEach(({ name }, f) => (values[name] = toFeatureValue(own instanceof NoValue ? own : own[f])));
    }
  }
  return values;
}

/** A region and what its features are computed with. */
interface Task {
  readonly region: Region;
  readonly settings: ExtractionSettings;
  readonly kernels: Kernels;
  readonly timings: Timings | null;
}

/** Families on intensities as they are. */
function intensityFamilies(
  { region, settings, kernels, timings }: Task,
  { blocks }: ImagePlan,
  outcomes: Outcomes,
): void {
  const compute: Partial<Record<Family, () => FamilyValues | NoValue>> = {
    morphology: () => morphology(region),
    enclosure: () => enclosure(region),
    spatial: () => spatialAssociation(region, kernels),
    local: () => localIntensity(region, kernels),
    statistics: () =>
      region.intensities.length > 0
        ? intensityStatistics(region.intensities)
        : undefinedBecause('no voxel is left after re-segmentation'),
    ivh: () => intensityVolumeHistogram(region.intensities, settings.ivh, settings.resegmentation),
  };
  for (const block of blocks) {
    const family = compute[block.family];
    if (family) outcomes.set(block, inOrder(block, timed(timings, block.family, family)));
  }
}

/** Families on grey levels. */
function levelFamilies(
  { region, settings, kernels, timings }: Task,
  levels: Levels | NoValue,
  discretisation: Discretisation,
  { blocks, families }: ImagePlan,
  outcomes: Outcomes,
): void {
  const own = blocks.filter((block) => block.discretisation === discretisation);
  if (levels instanceof NoValue) {
    for (const block of own) outcomes.set(block, levels);
    return;
  }
  const textures = textureFamilies(region, levels, families, settings.aggregations, kernels, timings);
  for (const block of own) {
    const isOwn = (one: { family: Family; aggregation: unknown }): boolean =>
      one.family === block.family && one.aggregation === block.aggregation;
    const texture = textures.find(isOwn);
    const histogram = (): FamilyValues => intensityHistogram(levels);
    outcomes.set(block, texture?.outcomes ?? inOrder(block, timed(timings, 'histogram', histogram)));
  }
}

function inOrder({ features }: FeatureBlock, values: FamilyValues | NoValue): readonly FeatureOutcome[] | NoValue {
  return values instanceof NoValue ? values : features.map(({ tag }) => values[tag]);
}

function warningsAbout(region: Region): string[] {
  const isSmall = region.voxels.length > 0 && region.voxels.length < 64;
  return isSmall ? ['fewer than 64 voxels: texture and shape values are dominated by the grid'] : [];
}

function warningsAboutLevels(levels: Levels | NoValue): string[] {
  if (levels instanceof NoValue) return [`no grey levels: ${levels.reason}`];
  return levels.belowMinimumCount > 0
    ? ['voxels below the minimum of the bins were put into the first grey level']
    : [];
}
