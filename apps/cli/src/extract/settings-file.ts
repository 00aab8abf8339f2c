import { ConcordError } from '@concord/errors';
import {
  parsePyradiomicsParameters,
  parseSettings,
  parseVoxelSettings,
  PRESETS,
  type ExtractionSettings,
  type PyradiomicsParameters,
  type VoxelSettings,
} from '@concord/radiomics';
import { createRequire } from 'node:module';
import { naming, UnsupportedFileError, UsageError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';

const require = createRequire(import.meta.url);
/** Loaded where YAML is read or written: a command by a preset starts without it. */
const yaml = (): typeof import('yaml') => require('yaml') as typeof import('yaml');

/** @throws {UsageError} naming the presets of the same kind */
export function presetNamed(name: string): ExtractionSettings {
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name];
  const names = Object.keys(PRESETS);
  const alike = names.filter((one) => one.startsWith(name.slice(0, 5)) || one.endsWith(name.slice(-4)));
  const known = (alike.length > 0 ? alike : names).filter(
    (one) => !one.startsWith('ibsi2-') || name.startsWith('ibsi2'),
  );
  const shown = `${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`;
  const fix = `${shown && `Choose one such as ${shown}; `}concord settings list has all.`;
  throw new UsageError(
    `there is no preset ${name}`,
    '--preset',
    fix.replace(/^./, (first) => first.toUpperCase()),
  );
}

/** Settings as YAML, to start one's own from. */
export function settingsYaml(settings: ExtractionSettings): string {
  return yaml().stringify(settings, { flowCollectionPadding: false, lineWidth: 120 });
}

/**
 * Reads settings from a YAML or JSON file.
 *
 * @throws {UnsupportedFileError} if it is neither
 * @throws {ReportedError} INVALID_SETTINGS, naming file and key that are wrong
 */
export function readSettingsFile(path: string): ExtractionSettings {
  const json = readYaml(path, SETTINGS_FILE);
  return naming(path, () => parseSettings(json));
}

/**
 * Reads a parameter file of PyRadiomics; without one, PyRadiomics' defaults hold.
 *
 * @throws as `readSettingsFile`
 */
export function readParameterFile(path: string | undefined): PyradiomicsParameters {
  if (path === undefined) return parsePyradiomicsParameters({});
  // A sigma of 1 and one of 1.0 have different names in PyRadiomics' columns.
  const json = readYaml(path, PARAMETER_FILE, { intAsBigInt: true });
  return naming(path, () => parsePyradiomicsParameters(json));
}

/** The `voxelSetting` of a parameter file of PyRadiomics, or its defaults. @throws as `readSettingsFile` */
export function readVoxelSettings(path: string | undefined): VoxelSettings {
  if (path === undefined) return parseVoxelSettings({});
  const json = readYaml(path, PARAMETER_FILE, { intAsBigInt: true });
  return naming(path, () => parseVoxelSettings(json));
}

const SETTINGS_FILE = 'Start from a preset: concord settings show ct-hcc.';
const PARAMETER_FILE = 'Give a parameter file of PyRadiomics, with setting, imageType and featureClass; or none.';

/** @param fix how to mend a file that is no YAML, or empty */
function readYaml(path: string, fix: string, options: { intAsBigInt?: boolean } = {}): unknown {
  const text = readInputText(path);
  if (text.trim() === '') throw new UnsupportedFileError('the file is empty', path, fix);
  try {
    return yaml().parse(text, options);
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0].replace(/:$/, '') : String(error);
    throw new UnsupportedFileError(`the settings are no YAML: ${reason}`, path, fix, { cause: error });
  }
}
