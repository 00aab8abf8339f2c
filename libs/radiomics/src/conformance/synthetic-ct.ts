import { attachMask, maskFromVolume, readNifti } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { featureCatalogue } from '../catalogue.js';
import { extractFeatures } from '../extract.js';
import { FAMILIES } from '../names.js';
import { PRESETS } from '../presets.js';
import { caseOf, sha256, type ConformanceCase } from './certificate.js';
import { csvRows } from './compare.js';

export interface SyntheticCtFiles {
  readonly image: Uint8Array;
  readonly mask: Uint8Array;
  /** Values of another program, `tag,reference_value`. */
  readonly references: Uint8Array;
}

/** The other program keeps resampled intensities in single precision. */
const RELATIVE_TOLERANCE = 2e-6;

/**
 * Computes every feature of a synthetic tumour on CT under the settings of the preset `ct-hcc`, resampling,
 * re-segmentation and discretisation included, and compares each with what MIRP gives; see
 * `golden/synthetic-ct/README.md`.
 */
export function checkSyntheticCt(files: SyntheticCtFiles, kernels: Kernels): ConformanceCase {
  const volume = readNifti(files.image);
  const mask = attachMask(maskFromVolume(readNifti(files.mask), 1), volume);
  const settings = { ...PRESETS['ct-hcc'], families: [...FAMILIES] };
  const vector = extractFeatures(volume, mask, settings, kernels);
  const families = new Map(featureCatalogue(settings).map(({ name, family }) => [name, family]));
  const values = csvRows(files.references).map((row) => {
    const [name, reference] = [row['tag'], Number(row['reference_value'])];
    const value = vector.values[name]?.value ?? null;
    const tolerance = RELATIVE_TOLERANCE * Math.abs(reference);
    const holds = value !== null && Math.abs(value - reference) <= tolerance;
    return { name, family: families.get(name) ?? 'unknown', value, reference, tolerance, holds };
  });
  const about = {
    name: 'synthetic CT',
    source: 'MIRP 2.7.0 on a phantom of Concord',
    digests: { image: sha256(files.image), mask: sha256(files.mask), references: sha256(files.references) },
    settingsDigest: vector.settingsDigest,
  };
  return caseOf(about, values);
}
