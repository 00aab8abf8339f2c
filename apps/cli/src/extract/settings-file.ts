import { parseSettings, PRESETS, type ExtractionSettings } from '@concord/radiomics';
import { parse, stringify } from 'yaml';
import { naming, UnsupportedFileError, UsageError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';

/** @throws {UsageError} naming the presets there are */
export function presetNamed(name: string): ExtractionSettings {
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name];
  throw new UsageError(`there is no preset ${name}`, '--preset', `Choose one of ${Object.keys(PRESETS).join(', ')}.`);
}

/** Settings as YAML, to start one's own from. */
export function settingsYaml(settings: ExtractionSettings): string {
  return stringify(settings, { flowCollectionPadding: false, lineWidth: 120 });
}

/**
 * Reads settings from a YAML or JSON file.
 *
 * @throws {UnsupportedFileError} if it is neither
 * @throws {ReportedError} INVALID_SETTINGS, naming file and key that are wrong
 */
export function readSettingsFile(path: string): ExtractionSettings {
  const text = readInputText(path);
  let json: unknown;
  try {
    json = parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UnsupportedFileError(`the settings are no YAML: ${reason}`, path, 'See concord settings show ct-hcc.', {
      cause: error,
    });
  }
  return naming(path, () => parseSettings(json));
}
