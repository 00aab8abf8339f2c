import { createHash } from 'node:crypto';
import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { featureCatalogue } from '../catalogue.js';
import { extractFeatures } from '../extract.js';
import { AGGREGATIONS } from '../names.js';
import { PRESETS } from '../presets.js';

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
export function checkDigitalPhantom(
  files: PhantomFiles,
  concordVersion: string,
  kernels: Kernels,
): ConformanceCertificate {
  const { volume, mask } = phantomOf(csvRows(files.voxels));
  const settings = { ...PRESETS['ibsi1-phantom'], aggregations: [...AGGREGATIONS] };
  const vector = extractFeatures(volume, mask, settings, kernels);
  const references = referencesOf(csvRows(files.references));
  const values: CheckedValue[] = [];
  for (const { name, family, ibsi } of featureCatalogue(settings)) {
    const reference = references.get(name);
    if (reference === undefined || ibsi === null) continue;
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

function referencesOf(rows: readonly CsvRow[]): Map<string, Reference> {
  return new Map(
    rows.map((row) => [
      row['tag'],
      { family: row['family'], value: Number(row['reference_value']), tolerance: Number(row['tolerance']) },
    ]),
  );
}

type CsvRow = Readonly<Record<string, string>>;

/** Rows of a CSV file without quotes, by column name. */
function csvRows(bytes: Uint8Array): CsvRow[] {
  const [header, ...lines] = Buffer.from(bytes).toString('utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, n) => [name, cells[n]]));
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
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

function phantomOf(rows: readonly CsvRow[]): { volume: Volume; mask: Mask } {
  const volume: Volume = {
    shape: [5, 4, 4],
    affine: Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    data: Float64Array.from(rows, (row) => Number(row['intensity'])),
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
  return {
    volume,
    mask: { shape, affine, data: Uint8Array.from(rows, (row) => Number(row['mask'])), label: 'phantom' },
  };
}
