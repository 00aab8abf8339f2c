import { createHash } from 'node:crypto';
import { AGGREGATIONS, aggregationsOf, FAMILIES, isTexture, type Aggregation, type Family } from './names.js';
import { isFiniteNumber, Reader } from './settings-reader.js';

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
  readonly image: 'nearest' | 'linear' | 'cubic';
  readonly mask: 'nearest' | 'linear';
  /** A voxel of the interpolated mask belongs to the region from this share upwards. */
  readonly maskThreshold: number;
}

export interface Resegmentation {
  /** Closed interval of intensities kept in the intensity mask; null is open on that side. */
  readonly range: readonly [number | null, number | null] | null;
  /** Keep mean ± sigma population standard deviations of the region, taken before the range; null for all. */
  readonly outlierSigma: number | null;
}

/** One image that features are computed on. */
export interface ImageSettings {
  /** Unique; `original` is the one without a filter. It is the first part of the names of the image's features. */
  readonly name: string;
  /** What is computed on it; null is the settings' own families. */
  readonly families: readonly Family[] | null;
  /** null is the settings' own discretisations. */
  readonly discretisations: readonly Discretisation[] | null;
}

/** How features are computed: plain JSON, part of what a study locks. */
export interface ExtractionSettings {
  readonly format: 'concord.extraction/2';
  readonly resampling: Resampling | null;
  /** `nearest-integer` for images whose intensities are whole numbers (HU): rounds before and after resampling. */
  readonly rounding: 'none' | 'nearest-integer';
  readonly resegmentation: Resegmentation;
  /** The original, and what filters make of it. */
  readonly images: readonly ImageSettings[];
  /** Of the intensity histogram and the texture families; each gives its own set of features. */
  readonly discretisations: readonly Discretisation[];
  /** Levels of the intensity-volume histogram; `none` takes whole numbers as they are. */
  readonly ivh: Discretisation;
  readonly families: readonly Family[];
  /** Of the texture families: directional ones (GLCM, GLRLM) and those of zones and neighbourhoods. */
  readonly aggregations: readonly Aggregation[];
}

/**
 * SHA-256 of the settings, hex: equal exactly when they mean the same, whatever the order of keys and of the lists of
 * families and aggregations, and whatever the setting of a family that is not asked for.
 */
export function settingsDigest(settings: ExtractionSettings): string {
  const { ivh, ...rest } = settings;
  const asked = [settings.families, ...settings.images.map((image) => image.families ?? [])].flat();
  const canonical = {
    ...rest,
    ...(asked.includes('ivh') ? { ivh } : {}),
    families: FAMILIES.filter((family) => settings.families.includes(family)),
    aggregations: AGGREGATIONS.filter((aggregation) => settings.aggregations.includes(aggregation)),
  };
  return createHash('sha256').update(canonicalJson(canonical)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/**
 * Completes settings that came from outside: most keys may be missing and have a value then; an unknown one is refused.
 *
 * @param json plain JSON, as `JSON.parse` or a YAML parser gives it; `discretisation` stands for a list of one
 * @throws {InvalidSettingsError} naming the first key that is wrong
 */
export function parseSettings(json: unknown): ExtractionSettings {
  const reader = new Reader(json, 'settings');
  reader.oneOf('format', ['concord.extraction/2']);
  const resegmentation = parseResegmentation(reader.child('resegmentation', {}));
  const lower = resegmentation.range?.[0] ?? null;
  const settings: ExtractionSettings = {
    format: 'concord.extraction/2',
    resampling: reader.value('resampling', null) === null ? null : parseResampling(reader.child('resampling')),
    rounding: reader.oneOf('rounding', ['none', 'nearest-integer'] as const, 'none'),
    resegmentation,
    images: reader.children('images', [{ name: 'original' }]).map((image) => parseImage(image, lower)),
    discretisations: reader.has('discretisation')
      ? [parseDiscretisation(reader.child('discretisation'), lower)]
      : parseDiscretisations(reader, lower),
    ivh: parseDiscretisation(reader.child('ivh', { method: 'none' }), lower),
    families: reader.list('families', FAMILIES, FAMILIES),
    aggregations: reader.list('aggregations', AGGREGATIONS, ['3D:avg', '3D:merged', '3D']),
  };
  reader.end();
  checkTogether(settings, reader);
  return settings;
}

function checkTogether({ families, aggregations, images }: ExtractionSettings, reader: Reader): void {
  for (const family of new Set([families, ...images.map((image) => image.families ?? [])].flat())) {
    if (isTexture(family) && !aggregationsOf(family).some((aggregation) => aggregations.includes(aggregation))) {
      reader.refuse('aggregations', `has none of ${aggregationsOf(family).join(', ')}, though ${family} is asked for`);
    }
  }
  const names = images.map(({ name }) => name);
  if (new Set(names).size !== names.length) reader.refuse('images', 'holds two of the same name');
}

function parseResampling(resampling: Reader): Resampling {
  const spacing = resampling.value('spacingMm');
  const isSpacing = (s: unknown): boolean => s === null || (isFiniteNumber(s) && s > 0);
  if (!Array.isArray(spacing) || spacing.length !== 3 || !spacing.every(isSpacing)) {
    resampling.refuse('spacingMm', 'must be three positive numbers in mm, null to keep the spacing of an axis');
  }
  const parsed: Resampling = {
    spacingMm: spacing as [number | null, number | null, number | null], // checked above
    image: resampling.oneOf('image', ['nearest', 'linear', 'cubic'] as const, 'linear'),
    mask: resampling.oneOf('mask', ['nearest', 'linear'] as const, 'linear'),
    maskThreshold: resampling.number('maskThreshold', (t) => t > 0 && t <= 1, 'must be above 0 and at most 1', 0.5),
  };
  resampling.end();
  return parsed;
}

function parseResegmentation(resegmentation: Reader): Resegmentation {
  const range = resegmentation.value('range', null);
  const isBound = (b: unknown): boolean => b === null || isFiniteNumber(b);
  if (range !== null) {
    if (!Array.isArray(range) || range.length !== 2 || !range.every(isBound)) {
      resegmentation.refuse('range', 'must be null or [lower, upper], null for an open side');
    }
    const [lower, upper] = range as [number | null, number | null];
    if (lower !== null && upper !== null && lower >= upper) resegmentation.refuse('range', 'must go upwards');
  }
  const sigma = resegmentation.value('outlierSigma', null);
  if (sigma !== null && !(isFiniteNumber(sigma) && sigma > 0)) {
    resegmentation.refuse('outlierSigma', 'must be null or a positive number');
  }
  resegmentation.end();
  return { range: range as Resegmentation['range'], outlierSigma: sigma };
}

function parseImage(image: Reader, rangeLower: number | null): ImageSettings {
  const name = image.value('name');
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name)) {
    image.refuse('name', 'must be letters, digits, dots and hyphens');
  }
  const parsed: ImageSettings = {
    name,
    families: image.value('families', null) === null ? null : image.list('families', FAMILIES),
    discretisations: image.value('discretisations', null) === null ? null : parseDiscretisations(image, rangeLower),
  };
  image.end();
  return parsed;
}

function parseDiscretisations(reader: Reader, rangeLower: number | null): Discretisation[] {
  const discretisations = reader.children('discretisations').map((child) => parseDiscretisation(child, rangeLower));
  if (discretisations.length === 0) reader.refuse('discretisations', 'is empty');
  if (new Set(discretisations.map(discretisationName)).size !== discretisations.length) {
    reader.refuse('discretisations', 'holds the same one twice');
  }
  return discretisations;
}

function parseDiscretisation(discretisation: Reader, rangeLower: number | null): Discretisation {
  const method = discretisation.oneOf('method', ['FBS', 'FBN', 'none'] as const);
  const parsed = ((): Discretisation => {
    if (method === 'none') return { method };
    if (method === 'FBN') {
      const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= 65535;
      return { method, count: discretisation.number('count', isCount, 'must be a whole number from 1 to 65535') };
    }
    const width = discretisation.number('width', (w) => w > 0, 'must be positive');
    const minimum = discretisation.value('minimum', null);
    if (minimum !== null && !isFiniteNumber(minimum)) discretisation.refuse('minimum', 'must be a number or null');
    if (minimum === null && rangeLower === null) {
      discretisation.refuse('minimum', 'is null, and the re-segmentation range has no lower bound to take instead');
    }
    return { method, width, minimum };
  })();
  discretisation.end();
  return parsed;
}

/** How a discretisation is written in names of features: `fbs25`, `fbn32`, `none`. */
export function discretisationName(discretisation: Discretisation): string {
  if (discretisation.method === 'FBS') return `fbs${discretisation.width}`;
  return discretisation.method === 'FBN' ? `fbn${discretisation.count}` : 'none';
}
