import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { featureCatalogue, featureName, tagsOf, textureName } from './catalogue.js';
import { aggregationsOf, isDiscretised, isTexture, type Aggregation, type Family } from './names.js';
import { describeRegion, type ExtractionDiagnostics } from './diagnostics.js';
import { discretise, type Levels } from './discretise.js';
import { aggregateFamily } from './families/aggregate.js';
import { GLCM } from './families/glcm.js';
import { GLRLM } from './families/glrlm.js';
import { intensityHistogram } from './families/histogram.js';
import { intensityVolumeHistogram } from './families/ivh.js';
import { localIntensity } from './families/local.js';
import { morphology } from './families/morphology.js';
import { spatialAssociation } from './families/spatial.js';
import { intensityStatistics } from './families/statistics.js';
import { NoValue, toFeatureValue, undefinedBecause, type FamilyValues, type FeatureValue } from './feature-value.js';
import { prepareRegion } from './prepare.js';
import { checkSameGrid, countVoxels, rightAngledSpacing, type Region } from './region.js';
import { resegment } from './resegment.js';
import { settingsDigest, type Discretisation, type ExtractionSettings } from './settings.js';
import { textureGrid } from './texture-grid.js';

/** Features of one region. */
export interface FeatureVector {
  /** Every feature of `featureCatalogue(settings)`, in its order; a value is null with a reason, never NaN. */
  readonly values: Readonly<Record<string, FeatureValue>>;
  readonly diagnostics: ExtractionDiagnostics;
  /** Sentences about what may make the values unlike those of other regions; no patient-level value in them. */
  readonly warnings: readonly string[];
  readonly settingsDigest: string;
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
 * @throws {RegionOffGridError} if the mask lies on another grid
 * @throws {ShearedGridError} if the grid has skew axes
 * @throws {EmptyRegionError} if the region has no voxel, before or after resampling
 * @throws {NonFiniteVoxelError} if a voxel of the region is not a finite number
 */
export function extractFeatures(
  volume: Volume,
  mask: Mask,
  settings: ExtractionSettings,
  kernels: Kernels,
): FeatureVector {
  checkSameGrid(volume, mask);
  const { initial, interpolated } = prepareRegion(volume, mask, settings);
  const region = resegment(interpolated, settings.resegmentation);
  const computed: Record<string, number | NoValue> = {};
  const warnings = warningsAbout(region);
  let greyLevelCount: number | null = null;
  for (const image of settings.images) {
    const families = image.families ?? settings.families;
    const addInPlace = (values: FamilyValues, discretisation: Discretisation | null): void => {
      for (const [tag, value] of Object.entries(values)) {
        computed[featureName(tag, image, discretisation, settings)] = value;
      }
    };
    addInPlace(intensityFamilies(region, families, settings, kernels), null);
    for (const discretisation of image.discretisations ?? settings.discretisations) {
      const levels = discretise(region.intensities, discretisation, settings.resegmentation);
      addInPlace(levelFamilies(region, levels, families, settings.aggregations, kernels), discretisation);
      warnings.push(...warningsAboutLevels(levels));
      if (!(levels instanceof NoValue)) greyLevelCount ??= levels.highest;
    }
  }
  const values: Record<string, FeatureValue> = {};
  for (const { name } of featureCatalogue(settings)) values[name] = toFeatureValue(computed[name]);
  const morphologyVoxels = countVoxels(region.mask);
  return {
    values,
    diagnostics: {
      imageShape: volume.shape,
      imageSpacingMm: rightAngledSpacing(volume, 'image'),
      spacingMm: region.spacingMm,
      initial: describeRegion(initial, countVoxels(initial.mask)),
      interpolated: describeRegion(interpolated, morphologyVoxels),
      resegmented: describeRegion(region, morphologyVoxels),
      greyLevelCount,
    },
    warnings: [...new Set(warnings)],
    settingsDigest: settingsDigest(settings),
  };
}

/** Families on intensities as they are. */
function intensityFamilies(
  region: Region,
  families: readonly Family[],
  { ivh, resegmentation }: ExtractionSettings,
  kernels: Kernels,
): FamilyValues {
  const values: Record<string, number | NoValue> = {};
  if (families.includes('morphology')) Object.assign(values, morphology(region));
  if (families.includes('spatial')) Object.assign(values, spatialAssociation(region, kernels));
  if (families.includes('local')) Object.assign(values, localIntensity(region, kernels));
  if (families.includes('ivh')) {
    Object.assign(values, intensityVolumeHistogram(region.intensities, ivh, resegmentation));
  }
  if (families.includes('statistics')) {
    const isEmpty = region.intensities.length === 0;
    const reason = undefinedBecause('no voxel is left after re-segmentation');
    Object.assign(values, isEmpty ? allOf(['statistics'], [], reason) : intensityStatistics(region.intensities));
  }
  return values;
}

/** Families on grey levels; texture tags end with their aggregation. */
function levelFamilies(
  region: Region,
  levels: Levels | NoValue,
  families: readonly Family[],
  aggregations: readonly Aggregation[],
  kernels: Kernels,
): FamilyValues {
  const wanted = families.filter(isDiscretised);
  if (levels instanceof NoValue) return allOf(wanted, aggregations, levels);
  const values: Record<string, number | NoValue> = {};
  if (wanted.includes('histogram')) Object.assign(values, intensityHistogram(levels));
  if (wanted.some(isTexture)) Object.assign(values, textureFamilies(region, levels, wanted, aggregations, kernels));
  return values;
}

function textureFamilies(
  region: Region,
  levels: Levels,
  families: readonly Family[],
  aggregations: readonly Aggregation[],
  kernels: Kernels,
): FamilyValues {
  const values: Record<string, number | NoValue> = {};
  kernels.arena.scope(() => {
    const grid = textureGrid(region, levels, kernels.arena);
    for (const [family, directional] of [
      ['glcm', GLCM],
      ['glrlm', GLRLM],
    ] as const) {
      if (!families.includes(family)) continue;
      const asked = aggregationsOf(family).filter((aggregation) => aggregations.includes(aggregation));
      const byAggregation = aggregateFamily(directional, grid, asked, kernels);
      if (byAggregation instanceof NoValue) Object.assign(values, allOf([family], aggregations, byAggregation));
      else
        for (const [aggregation, features] of byAggregation) Object.assign(values, withSuffix(features, aggregation));
    }
  });
  return values;
}

/** The same for every feature of some families. */
function allOf(families: readonly Family[], aggregations: readonly Aggregation[], value: NoValue): FamilyValues {
  const tags = families.flatMap((family) => {
    if (!isTexture(family)) return tagsOf(family);
    const asked = aggregationsOf(family).filter((aggregation) => aggregations.includes(aggregation));
    return asked.flatMap((aggregation) => tagsOf(family).map((tag) => textureName(tag, aggregation)));
  });
  return Object.fromEntries(tags.map((tag) => [tag, value]));
}

function withSuffix(features: FamilyValues, aggregation: Aggregation): FamilyValues {
  return Object.fromEntries(Object.entries(features).map(([tag, value]) => [textureName(tag, aggregation), value]));
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
