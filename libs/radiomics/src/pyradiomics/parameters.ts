import { InvalidSettingsError } from '../errors.js';
import {
  DEPRECATED_FEATURES,
  FEATURE_CLASSES,
  FEATURE_NAMES,
  REMOVED_FEATURES,
  type FeatureClass,
} from './feature-names.js';
import { suggestName } from './suggest-name.js';
import { readSettings, VOXEL_SETTINGS } from './read-settings.js';
import { DEFAULT_SETTINGS, type PyradiomicsSettings } from './settings.js';

export const IMAGE_TYPES = [
  'Original',
  'Wavelet',
  'LoG',
  'Square',
  'SquareRoot',
  'Logarithm',
  'Exponential',
  'Gradient',
  'LBP2D',
  'LBP3D',
] as const;

export type ImageType = (typeof IMAGE_TYPES)[number];

/** A parameter file of PyRadiomics, checked, with every default filled in. */
export interface PyradiomicsParameters {
  readonly settings: PyradiomicsSettings;
  /** In the order of the file, each with the settings that hold for it. */
  readonly imageTypes: readonly { readonly type: ImageType; readonly settings: PyradiomicsSettings }[];
  /** In the order of the file, each with the names of its features in the order of the output. */
  readonly featureClasses: readonly { readonly name: FeatureClass; readonly features: readonly string[] }[];
  /** The settings and image types as given, for the output's diagnostics. */
  readonly given: Readonly<Record<'setting' | 'imageType', Readonly<Record<string, unknown>>>>;
  /** Sentences about what PyRadiomics accepts and leaves out. */
  readonly warnings: readonly string[];
}

/**
 * Reads a parameter file of PyRadiomics 3: `setting`, `imageType`, `featureClass`, `voxelSetting` (checked, but without
 * effect here). Without image types it is the original image, without classes all of them, as in PyRadiomics.
 *
 * @param json the parsed file; whole numbers may be bigints, which tells a sigma of 1 from one of 1.0: PyRadiomics names
 *   their columns differently
 * @throws {InvalidSettingsError} INVALID_SETTINGS naming the key, what it may be, and the nearest right name
 * @throws {UnsupportedParameterError} if the file asks for an interpolator that is not computed here
 */
export function parsePyradiomicsParameters(json: unknown): PyradiomicsParameters {
  const file = section(json ?? {}, 'the parameter file');
  refuseUnknown(file, ['setting', 'voxelSetting', 'imageType', 'featureClass'], 'the parameter file');
  const setting = section(file['setting'] ?? {}, 'setting');
  readSettings(section(file['voxelSetting'] ?? {}, 'voxelSetting'), 'voxelSetting', DEFAULT_SETTINGS, VOXEL_SETTINGS);
  const settings = readSettings(setting, 'setting', DEFAULT_SETTINGS);
  const imageType = section(file['imageType'] ?? {}, 'imageType');
  refuseUnknown(imageType, IMAGE_TYPES, 'imageType');
  const given = Object.keys(imageType).length === 0 ? { Original: {} } : imageType;
  const imageTypes = Object.entries(given).map(([type, custom]) => ({
    type: type as ImageType, // refuseUnknown let no other through
    settings: readSettings(section(custom ?? {}, `imageType.${type}`), `imageType.${type}`, settings),
  }));
  const warnings: string[] = [];
  if ('voxelSetting' in file) warnings.push('voxelSetting has no effect on features of a region');
  const featureClasses = readClasses(section(file['featureClass'] ?? {}, 'featureClass'), warnings);
  return { settings, imageTypes, featureClasses, given: { setting, imageType: given }, warnings };
}

function readClasses(classes: Readonly<Record<string, unknown>>, warnings: string[]) {
  refuseUnknown(classes, FEATURE_CLASSES, 'featureClass');
  const wanted: [string, unknown][] =
    Object.keys(classes).length === 0 ? FEATURE_CLASSES.map((name) => [name, null]) : Object.entries(classes);
  return wanted.map(([text, features]) => {
    const name = text as FeatureClass; // refuseUnknown let no other through
    return { name, features: readFeatures(name, features, warnings) };
  });
}

/** An empty list means all but the deprecated ones, as null does. */
function readFeatures(name: FeatureClass, features: unknown, warnings: string[]): readonly string[] {
  const where = `featureClass.${name}`;
  if (features === null || (Array.isArray(features) && features.length === 0)) return FEATURE_NAMES[name];
  if (!Array.isArray(features)) throw invalid(`${where} must be a list of features`, where, 'Give a list, or nothing.');
  const removed = REMOVED_FEATURES[name];
  const known = [...FEATURE_NAMES[name], ...DEPRECATED_FEATURES[name], ...Object.keys(removed)];
  const kept = new Set<string>();
  for (const item of features) {
    const feature = String(item);
    if (!known.includes(feature)) {
      throw invalid(`${name} has no feature ${feature}`, where, suggestName(feature, known));
    }
    if (feature in removed)
      warnings.push(`${name} ${feature} is left out, as by PyRadiomics: it equals ${removed[feature]}`);
    else kept.add(feature);
  }
  return kept.size > 0 ? [...kept] : FEATURE_NAMES[name];
}

function section(json: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid(`${where} must be a mapping`, where, 'Give keys with values, or leave it out.');
  }
  return json as Record<string, unknown>;
}

function refuseUnknown(object: Readonly<Record<string, unknown>>, names: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !names.includes(key));
  if (unknown === undefined) return;
  throw invalid(`${where} has no ${unknown}`, where, suggestName(unknown, names));
}

function invalid(what: string, where: string, fix: string): InvalidSettingsError {
  return new InvalidSettingsError(what, where, fix);
}
