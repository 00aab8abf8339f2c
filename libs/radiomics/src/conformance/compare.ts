import { featureCatalogue } from '../catalogue.js';
import { ibsiDiagnostics } from '../diagnostics.js';
import type { FeatureVector } from '../extract.js';
import type { ExtractionSettings } from '../settings.js';
import type { CheckedValue } from './certificate.js';

/** A reference value as its file gives it. */
export interface Reference {
  /** Name of the feature, aggregation included: `cm_joint_entr_3D_avg`. */
  readonly tag: string;
  readonly family: string;
  /** As it was written: the digits say how exact it is. */
  readonly value: string;
  /** Absolute. */
  readonly tolerance: number;
}

/**
 * IBSI's rule: rounded to the digits that references have, the tolerance away at most. The slack is for decimal fractions
 * that doubles cannot hold (0.843 - 0.838 > 0.005).
 */
export function isWithinTolerance(value: number, reference: number, tolerance: number, digits = 3): boolean {
  return Math.abs(Number(value.toPrecision(digits)) - reference) <= tolerance + 1e-9 * Math.abs(reference);
}

/**
 * Holds features and diagnostics against references. Feature values of IBSI have 3 digits; its diagnostics hold counts
 * with more, which are compared with as many.
 *
 * @returns the values checked, and the families of references for which nothing was computed
 */
export function compare(
  vector: FeatureVector,
  settings: ExtractionSettings,
  references: readonly Reference[],
): { values: CheckedValue[]; notComputed: string[] } {
  const computed = new Map<string, { family: string; value: number | null; isExact: boolean }>();
  for (const { name, family } of featureCatalogue(settings)) {
    computed.set(name, { family, value: vector.values[name].value, isExact: false });
  }
  for (const { tag, value } of ibsiDiagnostics(vector.diagnostics)) {
    computed.set(tag, { family: 'diagnostics', value, isExact: true });
  }
  const values: CheckedValue[] = [];
  const notComputed: string[] = [];
  for (const { tag, family, value: text, tolerance } of references) {
    const own = computed.get(tag);
    if (own === undefined) {
      notComputed.push(family);
      continue;
    }
    const reference = Number(text);
    const digits = own.isExact ? Math.max(3, digitsOf(text)) : 3;
    const holds = own.value !== null && isWithinTolerance(own.value, reference, tolerance, digits);
    values.push({ name: tag, family: own.family, value: own.value, reference, tolerance, holds });
  }
  return { values, notComputed };
}

function digitsOf(text: string): number {
  return text.replace(/[-.]/g, '').replace(/^0+/, '').length;
}

type CsvRow = Readonly<Record<string, string>>;

/** Rows of a CSV file without quotes, by column name. */
export function csvRows(bytes: Uint8Array, separator = ','): CsvRow[] {
  const [header, ...lines] = Buffer.from(bytes).toString('utf8').trim().split(/\r?\n/);
  const names = header.split(separator);
  return lines.map((line) => {
    const cells = line.split(separator);
    return Object.fromEntries(names.map((name, n) => [name, cells[n]]));
  });
}

/** Those of IBSI's `reference_values.csv` that have a value. */
export function ibsiReferences(rows: readonly CsvRow[]): Reference[] {
  return rows
    .filter((row) => row['reference_value'] !== '')
    .map((row) => ({
      tag: row['tag'],
      family: row['family'],
      value: row['reference_value'],
      tolerance: Number(row['tolerance']),
    }));
}
