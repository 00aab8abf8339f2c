import { DEFAULT_READING, type Reading } from '@concord/imaging';
import { createHash } from 'node:crypto';
import type { FilterSettings } from './filters/filter-settings.js';
import { AGGREGATIONS, FAMILIES, type Aggregation, type Family } from './names.js';

/** Fixed bin size: level = floor((x - minimum) / width) + 1. */
export interface FixedBinSize {
  readonly method: 'FBS';
  readonly width: number;
  /** Lower edge of level 1; null takes the lower bound of the re-segmentation range. */
  readonly minimum: number | null;
}

/** Fixed bin number: level = floor(count * (x - min) / (max - min)) + 1 over the region, its maximum in the last. */
export interface FixedBinNumber {
  readonly method: 'FBN';
  readonly count: number;
}

/** The image already holds levels: whole numbers from 1. */
export interface NoDiscretisation {
  readonly method: 'none';
}

export type Discretisation = FixedBinSize | FixedBinNumber | NoDiscretisation;

export interface Resampling {
  /** Spacing of the new grid along i, j, k in mm; null keeps the spacing of that axis. */
  readonly spacingMm: readonly [number | null, number | null, number | null];
  /** Centres of the two grids coincide (IBSI 3WE3), their first voxels do (SBKJ), or first and last ones do (58MB). */
  readonly alignment: 'centre' | 'origin' | 'fit';
  readonly image: 'nearest' | 'linear' | 'cubic';
  /**
   * Smooths along axes that become coarser before: what a Gaussian leaves of the highest frequency of the new grid's
   * scale, 0.98 in MIRP; null does not smooth.
   */
  readonly antiAliasing: number | null;
  readonly mask: 'nearest' | 'linear';
  /** A voxel of the interpolated mask belongs to the region from this share upwards. */
  readonly maskThreshold: number;
}

interface NormalisationOver {
  /** Voxels that are measured: all, the region, or those of tissue, which is brighter than the background. */
  readonly over: 'image' | 'tissue' | 'region';
  /** Tissue is above this intensity; null finds the threshold by Otsu's method. */
  readonly tissueAbove: number | null;
  /** What lies beyond is set to the end of this range, after normalisation; null leaves it. */
  readonly saturation: readonly [number | null, number | null] | null;
}

/** scale * (x - mean) / population standard deviation. */
export interface ZScoreNormalisation extends NormalisationOver {
  readonly method: 'z-score';
  readonly scale: number;
}

/** Two percentiles become the ends of the target, linearly; 0 and 100 take the range itself. */
export interface PercentileNormalisation extends NormalisationOver {
  readonly method: 'percentiles';
  readonly percentiles: readonly [number, number];
  readonly target: readonly [number, number];
}

export type Normalisation = ZScoreNormalisation | PercentileNormalisation;

export interface Resegmentation {
  /** Closed interval of intensities kept in the intensity mask; null is open on that side. */
  readonly range: readonly [number | null, number | null] | null;
  /** Keep mean ± sigma population standard deviations of the region, taken before the range; null for all. */
  readonly outlierSigma: number | null;
}

/** What a region must have at least, after resampling, to be computed at all. */
export interface MinimumRegion {
  readonly voxels: number;
  /** Axes along which it is more than one voxel long. */
  readonly dimensions: number;
}

/** One image that features are computed on. */
export interface ImageSettings {
  /** Unique; `original` is the one without a filter. It is the first part of the names of the image's features. */
  readonly name: string;
  /** Acts on the whole image, resampled and rounded; null is the image as it is. */
  readonly filter: FilterSettings | null;
  /** What is computed on it; null is the settings' own families. */
  readonly families: readonly Family[] | null;
  /** null is the settings' own discretisations. */
  readonly discretisations: readonly Discretisation[] | null;
}

/** How features are computed: plain JSON, part of what a study locks. */
export interface ExtractionSettings {
  readonly format: 'concord.extraction/2';
  /** What comes before: how image and region are read from files. */
  readonly reading: Reading;
  /** Intensities that mean no measurement, as scanners write beyond their field; they never enter a result. */
  readonly paddingValues: readonly number[];
  /** Before resampling; null keeps intensities. */
  readonly normalisation: Normalisation | null;
  readonly resampling: Resampling | null;
  /** `nearest-integer` for images whose intensities are whole numbers (HU): rounds before and after resampling. */
  readonly rounding: 'none' | 'nearest-integer';
  readonly resegmentation: Resegmentation;
  readonly minimumRegion: MinimumRegion;
  /** The original, and what filters make of it. */
  readonly images: readonly ImageSettings[];
  /** Of the intensity histogram and the texture families; each gives its own set of features. */
  readonly discretisations: readonly Discretisation[];
  /** Levels of the intensity-volume histogram; `none` takes whole numbers as they are. */
  readonly ivh: Discretisation;
  readonly families: readonly Family[];
  /** Of the texture families: directional ones (GLCM, GLRLM) and those of zones and neighbourhoods. */
  readonly aggregations: readonly Aggregation[];
  /** Whether the whole image is described too, which may take longer than the features of the region. */
  readonly diagnostics: 'region' | 'image';
}

/**
 * SHA-256 of the settings, hex: equal exactly when they mean the same, whatever the order of keys and of the lists of
 * families and aggregations, and whatever changes no feature: diagnostics, the setting of a family not asked for, and choices of
 * reading that were left as they are.
 */
export function settingsDigest(settings: ExtractionSettings): string {
  const asked = [settings.families, ...settings.images.map((image) => image.families ?? [])].flat();
  const canonical = {
    ...settings,
    reading: chosenReading(settings.reading),
    ivh: asked.includes('ivh') ? settings.ivh : null,
    diagnostics: null,
    families: FAMILIES.filter((family) => settings.families.includes(family)),
    aggregations: AGGREGATIONS.filter((aggregation) => settings.aggregations.includes(aggregation)),
  };
  return createHash('sha256').update(canonicalJson(canonical)).digest('hex');
}

/** What differs from the default, so that a choice that comes to be possible later changes no digest. */
function chosenReading(reading: Reading): Partial<Reading> | undefined {
  const defaults = new Map<string, unknown>(Object.entries(DEFAULT_READING));
  const chosen = Object.entries(reading).filter(([key, value]) => value !== defaults.get(key));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** How a discretisation is written in names of features: `fbs25`, `fbn32`, `none`. */
export function discretisationName(discretisation: Discretisation): string {
  if (discretisation.method === 'FBS') return `fbs${discretisation.width}`;
  return discretisation.method === 'FBN' ? `fbn${discretisation.count}` : 'none';
}
