import { sha256 } from '@concord/contracts';
import type { Mask, Volume } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { AGGREGATIONS, extractFeatures, featureCatalogue, PRESETS } from '@concord/radiomics';
import { column, tableFromCsv, textValues, type FeatureTable } from '@concord/tables';

/** One value beside IBSI's reference for it. */
export interface CheckedValue {
  readonly name: string;
  readonly ibsi: string;
  readonly family: string;
  readonly value: number | null;
  readonly reference: number;
  readonly tolerance: number;
  readonly holds: boolean;
}

export interface FamilyCount {
  /** Concord's name for a family, or IBSI's for one that is not computed yet. */
  readonly family: string;
  readonly holding: number;
  readonly checked: number;
  /** Reference values of features that Concord does not compute. */
  readonly notComputed: number;
}

/** What `concord conformance --out` writes. The same code and data give the same bytes. */
export interface ConformanceCertificate {
  readonly format: 'concord.conformance/1';
  readonly concordVersion: string;
  readonly data: { readonly name: string; readonly source: string; readonly digests: Readonly<Record<string, string>> };
  readonly settingsDigest: string;
  /** Whether every value that is computed agrees with its reference. */
  readonly holds: boolean;
  readonly families: readonly FamilyCount[];
  readonly values: readonly CheckedValue[];
}

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
export function checkDigitalPhantom(files: PhantomFiles, concordVersion: string): ConformanceCertificate {
  const { volume, mask } = phantomOf(tableFromCsv(files.voxels));
  const settings = { ...PRESETS['ibsi1-phantom'], aggregations: [...AGGREGATIONS] };
  const vector = extractFeatures(volume, mask, settings, createKernels());
  const references = referencesOf(tableFromCsv(files.references, { textColumns: ['family', 'tag'] }));
  const values: CheckedValue[] = [];
  for (const { name, family, ibsi } of featureCatalogue(settings)) {
    const reference = references.get(name);
    if (reference === undefined) continue;
    const value = vector.values[name]?.value ?? null;
    const holds = value !== null && isWithinTolerance(value, reference.value, reference.tolerance);
    values.push({ name, ibsi, family, value, reference: reference.value, tolerance: reference.tolerance, holds });
    references.delete(name);
  }
  return {
    format: 'concord.conformance/1',
    concordVersion,
    data: {
      name: 'IBSI 1 digital phantom',
      source: 'Zwanenburg et al., Radiology 295 (2020) 328-338',
      digests: { voxels: sha256(files.voxels), references: sha256(files.references) },
    },
    settingsDigest: vector.settingsDigest,
    holds: values.length > 0 && values.every(({ holds }) => holds),
    families: countsOf(values, [...references.values()]),
    values,
  };
}

/** IBSI's rule. The slack is for decimal fractions that doubles cannot hold (0.843 - 0.838 > 0.005). */
export function isWithinTolerance(value: number, reference: number, tolerance: number): boolean {
  return Math.abs(Number(value.toPrecision(3)) - reference) <= tolerance + 1e-9 * Math.abs(reference);
}

interface Reference {
  readonly family: string;
  readonly value: number;
  readonly tolerance: number;
}

function referencesOf(table: FeatureTable): Map<string, Reference> {
  const [tags, families] = [textValues(table, 'tag'), textValues(table, 'family')];
  const [values, tolerances] = [numbers(table, 'reference_value'), numbers(table, 'tolerance')];
  return new Map(
    tags.map((tag, row) => [
      tag ?? '',
      { family: families[row] ?? '', value: values[row], tolerance: tolerances[row] },
    ]),
  );
}

function numbers(table: FeatureTable, name: string): Float64Array {
  const found = column(table, name);
  if (found.kind === 'number') return found.values;
  return Float64Array.from(textValues(table, name), Number);
}

/** Families in Concord's order, then those of IBSI of which nothing is computed. */
function countsOf(values: readonly CheckedValue[], left: readonly Reference[]): FamilyCount[] {
  const missing = (family: string) => left.filter((reference) => isSameName(reference.family, family)).length;
  const families = [...new Set(values.map(({ family }) => family))];
  const computed = families.map((family) => {
    const own = values.filter((value) => value.family === family);
    const holding = own.filter(({ holds }) => holds).length;
    return { family, holding, checked: own.length, notComputed: missing(family) };
  });
  const absent = [...new Set(left.map(({ family }) => family))]
    .filter((family) => !families.some((known) => isSameName(known, family)))
    .map((family) => ({ family, holding: 0, checked: 0, notComputed: missing(family) }));
  return [...computed, ...absent];
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function phantomOf(table: FeatureTable): { volume: Volume; mask: Mask } {
  const volume: Volume = {
    shape: [5, 4, 4],
    affine: Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    data: numbers(table, 'intensity'),
    unit: 'arbitrary',
    provenance: {
      sourceDigests: [],
      transferSyntax: null,
      isLossy: false,
      acquisition: { modality: null, manufacturer: null, model: null, kernel: null, sliceThicknessMm: null, kvp: null },
      warnings: [],
    },
  };
  const { shape, affine } = volume;
  return { volume, mask: { shape, affine, data: Uint8Array.from(numbers(table, 'mask')), label: 'phantom' } };
}
