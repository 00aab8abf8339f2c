import { createHash } from 'node:crypto';
import { AGGREGATIONS, FAMILIES, isTexture, type Aggregation, type Family } from './names.js';
import { InvalidSettingsError } from './errors.js';

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
  /** The mask is interpolated linearly; a voxel belongs to it from this share upwards. */
  readonly maskThreshold: number;
}

export interface Resegmentation {
  /** Closed interval of intensities kept in the intensity mask; null is open on that side. */
  readonly range: readonly [number | null, number | null] | null;
  /** Keep mean ± sigma population standard deviations of the region, taken before the range; null for all. */
  readonly outlierSigma: number | null;
}

/** How features are computed: plain JSON, part of what a study locks. */
export interface ExtractionSettings {
  readonly format: 'concord.extraction/1';
  readonly resampling: Resampling | null;
  /** `nearest-integer` for images whose intensities are whole numbers (HU): rounds before and after resampling. */
  readonly rounding: 'none' | 'nearest-integer';
  readonly resegmentation: Resegmentation;
  /** Of the intensity histogram and the texture families. */
  readonly discretisation: Discretisation;
  readonly families: readonly Family[];
  /** Of the texture families. */
  readonly aggregations: readonly Aggregation[];
}

/**
 * SHA-256 of the settings, hex: equal exactly when they mean the same, whatever the order of keys and of the lists of
 * families and aggregations.
 */
export function settingsDigest(settings: ExtractionSettings): string {
  const canonical = {
    ...settings,
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
 * Checks settings that came from outside, strictly: every key must be there, and no other.
 *
 * @param json plain JSON, as `JSON.parse` or a YAML parser gives it
 * @throws {InvalidSettingsError} naming the first key that is wrong
 */
export function parseSettings(json: unknown): ExtractionSettings {
  const reader = new Reader(json, 'settings');
  reader.oneOf('format', ['concord.extraction/1']);
  reader.oneOf('rounding', ['none', 'nearest-integer']);
  reader.list('families', FAMILIES);
  reader.list('aggregations', AGGREGATIONS);
  if (reader.value('resampling') !== null) checkResampling(reader.child('resampling'));
  const resegmentation = reader.child('resegmentation');
  const lower = checkResegmentation(resegmentation);
  checkDiscretisation(reader.child('discretisation'), lower);
  reader.end();
  const settings = json as ExtractionSettings; // every key was checked above
  if (settings.families.some(isTexture) && settings.aggregations.length === 0) {
    reader.refuse('aggregations', 'is empty though a texture family is asked for');
  }
  return settings;
}

function checkResampling(resampling: Reader): void {
  const spacing = resampling.value('spacingMm');
  const isSpacing = (s: unknown): boolean => s === null || (isFiniteNumber(s) && s > 0);
  if (!Array.isArray(spacing) || spacing.length !== 3 || !spacing.every(isSpacing)) {
    resampling.refuse('spacingMm', 'must be three positive numbers in mm, null to keep the spacing of an axis');
  }
  resampling.oneOf('image', ['nearest', 'linear', 'cubic']);
  resampling.number('maskThreshold', (t) => t > 0 && t <= 1, 'must be above 0 and at most 1');
  resampling.end();
}

/** @returns the lower bound of the range, null when it is open */
function checkResegmentation(resegmentation: Reader): number | null {
  const range = resegmentation.value('range');
  const isBound = (b: unknown): boolean => b === null || isFiniteNumber(b);
  if (range !== null) {
    if (!Array.isArray(range) || range.length !== 2 || !range.every(isBound)) {
      resegmentation.refuse('range', 'must be null or [lower, upper], null for an open side');
    }
    const [lower, upper] = range as [number | null, number | null];
    if (lower !== null && upper !== null && lower >= upper) resegmentation.refuse('range', 'must go upwards');
  }
  const sigma = resegmentation.value('outlierSigma');
  if (sigma !== null && !(isFiniteNumber(sigma) && sigma > 0)) {
    resegmentation.refuse('outlierSigma', 'must be null or a positive number');
  }
  resegmentation.end();
  return range === null ? null : (range as [number | null])[0];
}

function checkDiscretisation(discretisation: Reader, rangeLower: number | null): void {
  const method = discretisation.oneOf('method', ['FBS', 'FBN', 'none']);
  if (method === 'FBS') {
    discretisation.number('width', (w) => w > 0, 'must be positive');
    const minimum = discretisation.value('minimum');
    if (minimum !== null && !isFiniteNumber(minimum)) discretisation.refuse('minimum', 'must be a number or null');
    if (minimum === null && rangeLower === null) {
      discretisation.refuse('minimum', 'is null, and the re-segmentation range has no lower bound to take instead');
    }
  }
  if (method === 'FBN') {
    discretisation.number(
      'count',
      (n) => Number.isInteger(n) && n >= 1 && n <= 65535,
      'must be a whole number from 1 to 65535',
    );
  }
  discretisation.end();
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Reads an object key by key and refuses keys that nobody read. */
class Reader {
  private readonly object: Readonly<Record<string, unknown>>;
  private readonly seen = new Set<string>();

  constructor(
    json: unknown,
    private readonly path: string,
  ) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new InvalidSettingsError('extraction settings must be an object', path, HELP);
    }
    this.object = json as Record<string, unknown>;
  }

  value(key: string): unknown {
    this.seen.add(key);
    if (!(key in this.object)) this.refuse(key, 'is missing');
    return this.object[key];
  }

  child(key: string): Reader {
    return new Reader(this.value(key), `${this.path}.${key}`);
  }

  oneOf(key: string, allowed: readonly string[]): string {
    const value = this.value(key);
    if (typeof value !== 'string' || !allowed.includes(value)) this.refuse(key, `must be one of ${allowed.join(', ')}`);
    return value;
  }

  list(key: string, allowed: readonly string[]): void {
    const value = this.value(key);
    if (!Array.isArray(value) || !value.every((item) => allowed.includes(item as string))) {
      this.refuse(key, `must be a list of ${allowed.join(', ')}`);
    }
    if (new Set(value).size !== value.length) this.refuse(key, 'names something twice');
  }

  number(key: string, isAllowed: (value: number) => boolean, rule: string): void {
    const value = this.value(key);
    if (!isFiniteNumber(value) || !isAllowed(value)) this.refuse(key, rule);
  }

  end(): void {
    const unknown = Object.keys(this.object).find((key) => !this.seen.has(key));
    if (unknown !== undefined) this.refuse(unknown, `is not a key of ${this.path}`);
  }

  refuse(key: string, rule: string): never {
    throw new InvalidSettingsError(`${key} ${rule}`, `${this.path}.${key}`, HELP);
  }
}

const HELP = 'Start from a preset: concord settings show ct-hcc.';
