import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { FeatureBlock } from './catalogue.js';
import { compileExtraction, type CompiledExtraction, type ImagePlan } from './compile.js';
import { describeImages } from './describe-images.js';
import { describeSteps, type ExtractionDiagnostics } from './diagnostics.js';
import { NoValue, toFeatureValue, type FeatureValue } from './feature-value.js';
import { filledPart, filteredRegion } from './filtered-region.js';
import { measureImage, type BlockOutcomes, type MeasuredImage } from './measure.js';
import { prepareRegion } from './prepare.js';
import { checkMinimum, checkSameGrid, type Region } from './region.js';
import { resegment } from './resegment.js';
import type { ExtractionSettings } from './settings.js';
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
 * @throws {SmallRegionError} if it is smaller than the settings allow, after resampling
 * @throws {NonFiniteVoxelError} if a voxel of the region is not a finite number
 * @throws {UnmeasuredRegionError} if all of them hold padding values, {FlatImageError} if the image cannot be normalised
 */
export function runExtraction(
  extraction: CompiledExtraction,
  volume: Volume,
  mask: Mask,
  kernels: Kernels,
  timings: Timings | null = null,
): FeatureVector {
  checkSameGrid(volume, mask);
  return kernels.arena.scope(() => measureRegion(extraction, volume, mask, kernels, timings));
}

function measureRegion(
  extraction: CompiledExtraction,
  volume: Volume,
  mask: Mask,
  kernels: Kernels,
  timings: Timings | null,
): FeatureVector {
  const { settings } = extraction;
  const prepared = timed(timings, 'resampling', () => prepareRegion(volume, mask, settings, kernels));
  const { initial, interpolated } = prepared;
  checkMinimum(interpolated, settings.minimumRegion, mask.label);
  const region = timed(timings, 'resegmentation', () => resegment(interpolated, settings.resegmentation));
  const outcomes = new Map<FeatureBlock, BlockOutcomes>();
  const warnings = [...prepared.warnings, ...warningsAbout(region)];
  let greyLevelCount: number | null = null;
  const filled = timed(timings, 'filters', () => (prepared.part === null ? null : filledPart(prepared.part, kernels)));
  if (filled?.isFilled) warnings.push('padding values near the region were filled in for the filters');
  const measure = (plan: ImagePlan): MeasuredImage => {
    const filter = prepared.filters.get(plan.image.name);
    if (!filter || !filled) return measureImage({ region, settings, kernels, timings }, plan);
    return kernels.arena.scope(() => {
      const own = timed(timings, 'filters', () => filteredRegion(region, filled.part, filter, kernels));
      return measureImage({ region: own, settings, kernels, timings }, plan);
    });
  };
  for (const plan of extraction.images) {
    const measured = measure(plan);
    measured.outcomes.forEach((own, block) => outcomes.set(block, own));
    warnings.push(...measured.warnings);
    greyLevelCount ??= measured.greyLevelCount;
  }
  return {
    values: valuesOf(extraction, outcomes),
    diagnostics: timed(timings, 'diagnostics', () => ({
      ...describeImages(volume, prepared.gridShape, region.spacingMm, settings, kernels),
      ...describeSteps(initial, interpolated, region),
      greyLevelCount,
    })),
    warnings: [...new Set(warnings)],
    settingsDigest: extraction.digest,
  };
}

function valuesOf(
  { images }: CompiledExtraction,
  outcomes: ReadonlyMap<FeatureBlock, BlockOutcomes>,
): Record<string, FeatureValue> {
  const values: Record<string, FeatureValue> = {};
  for (const { blocks } of images) {
    for (const block of blocks) {
      const own = outcomes.get(block)!; // every block was computed
      block.features.forEach(({ name }, f) => (values[name] = toFeatureValue(own instanceof NoValue ? own : own[f])));
    }
  }
  return values;
}

function warningsAbout(region: Region): string[] {
  const isSmall = region.voxels.length > 0 && region.voxels.length < 64;
  return isSmall ? ['fewer than 64 voxels: texture and shape values are dominated by the grid'] : [];
}
