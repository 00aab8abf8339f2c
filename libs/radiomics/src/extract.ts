import type { Mask, Volume } from '@concord/imaging';
import { featureCatalogue, textureName } from './catalogue.js';
import type { Aggregation } from './names.js';
import { describeRegion, type ExtractionDiagnostics } from './diagnostics.js';
import { discretise, type Levels } from './discretise.js';
import { aggregateFamily, type DirectionalFamily } from './families/aggregate.js';
import { GLCM } from './families/glcm.js';
import { GLRLM } from './families/glrlm.js';
import { intensityHistogram } from './families/histogram.js';
import { morphology } from './families/morphology.js';
import { intensityStatistics } from './families/statistics.js';
import { NoValue, toFeatureValue, undefinedBecause, type FamilyValues, type FeatureValue } from './feature-value.js';
import { prepareRegion } from './prepare.js';
import { checkSameGrid, countVoxels, rightAngledSpacing, type Region } from './region.js';
import { resegment } from './resegment.js';
import { settingsDigest, type ExtractionSettings } from './settings.js';
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
 * @throws {RegionOffGridError} if the mask lies on another grid
 * @throws {ShearedGridError} if the grid has skew axes
 * @throws {EmptyRegionError} if the region has no voxel, before or after resampling
 * @throws {NonFiniteVoxelError} if a voxel of the region is not a finite number
 */
export function extractFeatures(volume: Volume, mask: Mask, settings: ExtractionSettings): FeatureVector {
  checkSameGrid(volume, mask);
  const { initial, interpolated } = prepareRegion(volume, mask, settings);
  const region = resegment(interpolated, settings.resegmentation);
  const levels = discretise(region.intensities, settings.discretisation, settings.resegmentation);
  const computed = computeFamilies(region, levels, settings);
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
      greyLevelCount: levels instanceof NoValue ? null : levels.highest,
    },
    warnings: warningsAbout(region, levels),
    settingsDigest: settingsDigest(settings),
  };
}

function computeFamilies(region: Region, levels: Levels | NoValue, settings: ExtractionSettings): FamilyValues {
  const values: Record<string, number | NoValue> = {};
  const wants = new Set(settings.families);
  if (wants.has('morphology')) Object.assign(values, morphology(region));
  const fillInPlace = (families: readonly string[], reason: NoValue): void => {
    for (const { name, family } of featureCatalogue(settings)) if (families.includes(family)) values[name] = reason;
  };
  if (region.intensities.length === 0) {
    fillInPlace(['statistics'], undefinedBecause('no voxel is left after re-segmentation'));
  } else if (wants.has('statistics')) {
    Object.assign(values, intensityStatistics(region.intensities));
  }
  if (levels instanceof NoValue) {
    fillInPlace(['histogram', 'glcm', 'glrlm'], levels);
    return values;
  }
  if (wants.has('histogram')) Object.assign(values, intensityHistogram(levels));
  const grid = textureGrid(region, levels);
  const addTextureInPlace = (name: string, family: DirectionalFamily): void => {
    const byAggregation = aggregateFamily(family, grid, settings.aggregations);
    if (byAggregation instanceof NoValue) fillInPlace([name], byAggregation);
    else for (const [aggregation, features] of byAggregation) Object.assign(values, withSuffix(features, aggregation));
  };
  if (wants.has('glcm')) addTextureInPlace('glcm', GLCM);
  if (wants.has('glrlm')) addTextureInPlace('glrlm', GLRLM);
  return values;
}

function withSuffix(features: FamilyValues, aggregation: Aggregation): FamilyValues {
  return Object.fromEntries(Object.entries(features).map(([tag, value]) => [textureName(tag, aggregation), value]));
}

function warningsAbout(region: Region, levels: Levels | NoValue): string[] {
  const warnings: string[] = [];
  if (levels instanceof NoValue) warnings.push(`no grey levels: ${levels.reason}`);
  else if (levels.belowMinimumCount > 0) {
    warnings.push('voxels below the minimum of the bins were put into the first grey level');
  }
  if (region.voxels.length > 0 && region.voxels.length < 64) {
    warnings.push('fewer than 64 voxels: texture and shape values are dominated by the grid');
  }
  return warnings;
}
