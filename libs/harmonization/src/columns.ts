import { CombatInputError, UnknownBatchError } from './errors.js';

/** One feature over all patients; NaN is missing. */
export interface FeatureColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * A covariate whose effect is preserved. Categorical ones are coded by level, smooth ones by a cubic spline with `df`
 * columns (4 natural or 9 B-spline columns unless told) or given knots; missing values are refused.
 */
export type Covariate =
  | { readonly name: string; readonly kind: 'categorical'; readonly values: readonly (string | number | null)[] }
  | { readonly name: string; readonly kind: 'continuous'; readonly values: ArrayLike<number> }
  | {
      readonly name: string;
      readonly kind: 'smooth';
      readonly values: ArrayLike<number>;
      readonly basis: 'ns' | 'bs';
      readonly df?: number;
      readonly knots?: { readonly inner: readonly number[]; readonly boundary: readonly [number, number] };
    };

/** @throws {CombatInputError} unless all columns have as many rows as there are batch labels, with names of their own */
export function checkColumns(
  features: readonly FeatureColumn[],
  batch: readonly (string | null)[],
  covariates: readonly Covariate[],
): void {
  const names = new Set<string>();
  for (const { name, values } of [...features, ...covariates]) {
    if (values.length !== batch.length) {
      throw new CombatInputError(
        `column ${name} has ${values.length} rows, the batch labels ${batch.length}`,
        `column ${name}`,
        'Give every column one value a patient.',
      );
    }
    if (names.has(name)) {
      throw new CombatInputError(`the name ${name} is given twice`, `column ${name}`, 'Rename one of the two columns.');
    }
    names.add(name);
  }
  const missing = batch.filter((label) => label === null || label === '').length;
  if (missing > 0) {
    throw new CombatInputError(
      `${missing} of ${batch.length} patients have no batch`,
      'the batch column',
      'Fill the batch in, or leave these patients out.',
    );
  }
}

/** Labels in text order (by UTF-16 code unit, the same on every machine). */
export function sortedLabels(labels: Iterable<string>): string[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Position of each row's batch among the known ones. @throws {UnknownBatchError} for another label */
export function batchIndexOf(batches: readonly string[], labels: readonly string[]): Uint32Array {
  const indexOf = new Map(batches.map((label, index) => [label, index]));
  return Uint32Array.from(labels, (label) => {
    const index = indexOf.get(label);
    if (index === undefined) throw new UnknownBatchError(label, batches);
    return index;
  });
}
