import { fileProvenance, type Mask, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { extractFeatures } from '../extract.js';
import { AGGREGATIONS } from '../names.js';
import { PRESETS } from '../presets.js';
import { caseOf, sha256, type ConformanceCase } from './certificate.js';
import { compare, csvRows, ibsiReferences } from './compare.js';

export interface PhantomFiles {
  /** `voxels.csv`: intensity and mask of each of the 5 x 4 x 4 voxels, along columns first. */
  readonly voxels: Uint8Array;
  /** `reference_values.csv` of IBSI 1. */
  readonly references: Uint8Array;
}

/**
 * Computes the features of IBSI's digital phantom by the public functions of the library, and compares each with its
 * reference by IBSI's own rule: rounded to 3 significant digits, the tolerance away at most.
 *
 * @see Zwanenburg et al., Radiology 295 (2020) 328-338; arXiv:1612.07003v11
 */
export function checkDigitalPhantom(files: PhantomFiles, kernels: Kernels): ConformanceCase {
  const { volume, mask } = phantomOf(csvRows(files.voxels));
  const settings = { ...PRESETS['ibsi1-phantom'], aggregations: [...AGGREGATIONS] };
  const vector = extractFeatures(volume, mask, settings, kernels);
  const { values, notComputed } = compare(vector, settings, ibsiReferences(csvRows(files.references)));
  const about = {
    name: 'IBSI 1 digital phantom',
    source: 'Zwanenburg et al., Radiology 295 (2020) 328-338',
    digests: { voxels: sha256(files.voxels), references: sha256(files.references) },
    settingsDigest: vector.settingsDigest,
  };
  return caseOf(about, values, notComputed);
}

function phantomOf(rows: ReturnType<typeof csvRows>): { volume: Volume; mask: Mask } {
  const volume: Volume = {
    shape: [5, 4, 4],
    affine: Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    data: Float64Array.from(rows, (row) => Number(row['intensity'])),
    unit: 'arbitrary',
    provenance: fileProvenance([], []),
  };
  const { shape, affine } = volume;
  return {
    volume,
    mask: { shape, affine, data: Uint8Array.from(rows, (row) => Number(row['mask'])), label: 'phantom' },
  };
}
