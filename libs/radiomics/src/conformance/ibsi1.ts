import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { extractFeatures } from '../extract.js';
import { PRESETS } from '../presets.js';
import { caseOf, type CheckedValue, type ConformanceCase } from './certificate.js';
import { compare, csvRows, ibsiReferences } from './compare.js';

interface Case {
  readonly volume: Volume;
  readonly mask: Mask;
  readonly digests: Readonly<Record<string, string>>;
}

export const IBSI1_CONFIGURATIONS = ['A', 'B', 'C', 'D', 'E'] as const;
export type Ibsi1Configuration = (typeof IBSI1_CONFIGURATIONS)[number];

/**
 * Computes features and diagnostics of IBSI's CT phantom under one of its configurations, by the preset of that name.
 *
 * @param references IBSI's `reference_values.csv`
 */
export function checkCtPhantom(
  configuration: Ibsi1Configuration,
  { volume, mask, digests }: Case,
  references: Uint8Array,
  kernels: Kernels,
): ConformanceCase {
  const settings = PRESETS[`ibsi1-${configuration}`];
  const vector = extractFeatures(volume, mask, settings, kernels);
  const rows = csvRows(references).filter((row) => row['dataset'] === `config_${configuration}`);
  const { values, notComputed } = compare(vector, settings, ibsiReferences(rows));
  const about = {
    name: `IBSI 1 CT phantom, configuration ${configuration}`,
    source: 'Zwanenburg et al., Radiology 295 (2020) 328-338',
    digests,
    settingsDigest: vector.settingsDigest,
  };
  return caseOf(about, values, notComputed);
}

export const VALIDATION_MODALITIES = { CT: 'ct', MR_T1: 'mr', PET: 'pet' } as const;
export type ValidationModality = keyof typeof VALIDATION_MODALITIES;

/** Of nine programs. */
const FEWEST_AGREEING = 5;
/** Programs that agree within this share of the value are said to agree. */
const AGREEMENT = 0.005;

/**
 * Computes features and diagnostics of a patient of IBSI's validation, and compares them with each value on which at
 * least five of nine programs agree, by the larger of 0.5 % and the spread of those.
 *
 * @param consensus `consensus.csv` of the validation data
 */
export function checkValidationPatient(
  patient: string,
  modality: ValidationModality,
  { volume, mask, digests }: Case,
  consensus: Uint8Array,
  kernels: Kernels,
): ConformanceCase {
  const settings = PRESETS[`ibsi1-validation-${VALIDATION_MODALITIES[modality]}`];
  const vector = extractFeatures(volume, mask, settings, kernels);
  const rows = csvRows(consensus).filter(
    (row) => row['id'] === patient && row['modality'] === modality && Number(row['teams_agreeing']) >= FEWEST_AGREEING,
  );
  const references = rows.map((row) => ({ tag: row['tag'], family: 'unknown', value: row['consensus'], tolerance: 0 }));
  const spread = new Map(rows.map((row) => [row['tag'], Number(row['spread'])]));
  const { values, notComputed } = compare(vector, settings, references);
  const about = {
    name: `IBSI 1 validation, ${patient} ${modality}`,
    source:
      'Zwanenburg et al., Radiology 295 (2020) 328-338; patients of Vallieres et al., TCIA 10.7937/K9/TCIA.2015.7GO2GSKS',
    digests,
    settingsDigest: vector.settingsDigest,
  };
  return caseOf(
    about,
    values.map((value) => byAgreement(value, spread.get(value.name) ?? 0)),
    notComputed,
  );
}

function byAgreement(checked: CheckedValue, spread: number): CheckedValue {
  const tolerance = Math.max(AGREEMENT, spread) * Math.abs(checked.reference);
  const { value, reference } = checked;
  return { ...checked, tolerance, holds: value !== null && Math.abs(value - reference) <= tolerance };
}
