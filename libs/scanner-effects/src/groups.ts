import { ScannerEffectInputError } from './errors.js';

/** Patients by batch; labels in text order. */
export interface Groups {
  readonly labels: readonly string[];
  readonly counts: readonly number[];
  /** Batch of each row. */
  readonly index: Uint32Array;
}

/** @throws {ScannerEffectInputError} if a label is missing or there are fewer than two batches */
export function groupsOf(batch: readonly (string | null)[]): Groups {
  const missing = batch.filter((label) => label === null || label === '').length;
  const labels = [...new Set(batch as readonly string[])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (missing > 0 || labels.length < 2) {
    throw new ScannerEffectInputError(
      missing > 0
        ? `${missing} of ${batch.length} patients have no batch`
        : 'there are fewer than two batches to compare',
      'the batch column',
      missing > 0 ? 'Fill the batch in, or leave these patients out.' : 'Name a column that tells the batches apart.',
    );
  }
  const indexOf = new Map(labels.map((label, i) => [label, i]));
  const index = Uint32Array.from(batch as readonly string[], (label) => indexOf.get(label)!);
  const counts = labels.map((_, i) => index.reduce((sum, at) => sum + (at === i ? 1 : 0), 0));
  return { labels, counts, index };
}

/** The observed values of a feature, one array a batch; missing ones (NaN) are left out. */
export function splitByGroup(values: Float64Array, groups: Groups): Float64Array[] {
  const parts = groups.counts.map((count) => new Float64Array(count));
  const used = groups.counts.map(() => 0);
  for (let row = 0; row < values.length; row++) {
    const i = groups.index[row];
    if (!Number.isNaN(values[row])) parts[i][used[i]++] = values[row];
  }
  return parts.map((part, i) => part.subarray(0, used[i]));
}
