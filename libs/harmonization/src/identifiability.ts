import { chiSquaredSf, choleskyFactor, choleskyInverse, matrix, symmetricEigen } from '@concord/numeric';
import type { BatchSums } from './batch-sums.js';
import { type CovariateCoding, designColumnNames } from './coding.js';
import type { FeatureColumn } from './columns.js';

/** What a fit could tell apart, from sums alone. */
export interface Identifiability {
  readonly patientCount: number;
  /** `perColumn`: patients for each coefficient of the batch's own fit, n / (q + 1). */
  readonly batches: readonly { readonly batch: string; readonly count: number; readonly perColumn: number }[];
  /** Of the design columns inside batches; less than their number where one is aliased. */
  readonly rank: number;
  /** Largest over smallest singular value of the columns, each scaled to unit length; null where the rank is not full. */
  readonly condition: number | null;
  /** Columns that follow from the batch, or from those named before them. */
  readonly aliased: readonly { readonly column: string; readonly dependsOn: readonly string[] }[];
  readonly columns: readonly {
    readonly column: string;
    /** Share of its variance that lies between batches. */
    readonly batchRSquared: number;
    /** Variance inflation by batches and the other columns; null for an aliased column. */
    readonly vif: number | null;
  }[];
  readonly categorical: readonly CategoricalBalance[];
  readonly continuous: readonly ContinuousBalance[];
  /** Sentences for whatever is worth a warning, most serious first. */
  readonly findings: readonly string[];
}

/** A categorical variable against the batches. */
export interface CategoricalBalance {
  readonly name: string;
  readonly cramersV: number;
  readonly chiSquared: number;
  readonly p: number;
  /** Share of batches that have every level. */
  readonly completeShare: number;
}

/** The pair of batches between which a column differs most. */
export interface ContinuousBalance {
  readonly column: string;
  readonly batches: readonly [string, string];
  /** Difference of means over the root of the mean variance. */
  readonly standardisedDifference: number;
}

const ALIASED = 1e-12;

/**
 * Looks, before fitting, at whether batch and covariates can be told apart. Needs the sums only, so that it runs at the hub.
 *
 * @param outcome counts by batch (same order) and class, where the outcome may be looked at
 */
export function identifiability(
  batches: readonly BatchSums[],
  coding: readonly CovariateCoding[],
  outcome?: { readonly name: string; readonly counts: readonly (readonly number[])[] },
): Identifiability {
  const names = designColumnNames(coding);
  const q = names.length;
  const patientCount = batches.reduce((sum, { count }) => sum + count, 0);
  const within = new Float64Array(q * q);
  for (const { sxx } of batches) sxx.forEach((value, k) => (within[k] += value));
  const between = names.map((_, j) => betweenSquares(batches, j, patientCount));
  const total = names.map((_, j) => within[j * q + j] + between[j]);
  const { aliased, kept } = findAliased(within, total, names);
  const inflation = inflations(within, total, kept, q);
  const result = {
    patientCount,
    batches: batches.map(({ batch, count }) => ({ batch, count, perColumn: count / (q + 1) })),
    rank: kept.length,
    condition: aliased.length > 0 ? null : conditionOf(within, q),
    aliased,
    columns: names.map((column, j) => ({
      column,
      batchRSquared: total[j] > 0 ? between[j] / total[j] : 0,
      vif: inflation.get(j) ?? null,
    })),
    categorical: [
      ...categoricalBalances(batches, coding, names),
      ...(outcome === undefined ? [] : [cramersV(outcome.name, outcome.counts)]),
    ],
    continuous: continuousBalances(batches, coding, names),
  };
  return { ...result, findings: findingsOf(result) };
}

/** Cramér's V of a table of counts, batch × level, without continuity correction. */
export function cramersV(name: string, counts: readonly (readonly number[])[]): CategoricalBalance {
  const rows = counts.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = counts[0].map((_, j) => counts.reduce((sum, row) => sum + row[j], 0));
  const total = rows.reduce((sum, value) => sum + value, 0);
  let chiSquared = 0;
  counts.forEach((row, i) =>
    row.forEach((value, j) => {
      const expected = (rows[i] * columns[j]) / total;
      if (expected > 0) chiSquared += (value - expected) ** 2 / expected;
    }),
  );
  const present = Math.min(rows.filter((n) => n > 0).length, columns.filter((n) => n > 0).length) - 1;
  const df = (rows.filter((n) => n > 0).length - 1) * (columns.filter((n) => n > 0).length - 1);
  return {
    name,
    cramersV: present > 0 ? Math.sqrt(chiSquared / (total * present)) : 0,
    chiSquared,
    p: df > 0 ? chiSquaredSf(chiSquared, df) : 1,
    completeShare: counts.filter((row) => row.every((value) => value > 0)).length / counts.length,
  };
}

function betweenSquares(batches: readonly BatchSums[], j: number, n: number): number {
  const grand = batches.reduce((sum, { sumX }) => sum + sumX[j] / n, 0);
  return batches.reduce((sum, { sumX, count }) => sum + (count > 0 ? count * (sumX[j] / count - grand) ** 2 : 0), 0);
}

function findAliased(within: Float64Array, total: readonly number[], names: readonly string[]) {
  const q = names.length;
  const kept: number[] = [];
  const aliased: { column: string; dependsOn: string[] }[] = [];
  names.forEach((column, j) => {
    if (!(within[j * q + j] > ALIASED * total[j])) {
      aliased.push({ column, dependsOn: [] });
      return;
    }
    const weights = weightsOn(within, kept, j, q);
    let left = within[j * q + j];
    weights.forEach((weight, k) => (left -= weight * within[kept[k] * q + j]));
    if (left > 1e-10 * within[j * q + j]) kept.push(j);
    else {
      const scale = (k: number): number => Math.sqrt(within[kept[k] * q + kept[k]] / within[j * q + j]);
      const dependsOn = kept.flatMap((k, at) => (Math.abs(weights[at]) * scale(at) > 1e-6 ? [names[k]] : []));
      aliased.push({ column, dependsOn });
    }
  });
  return { aliased, kept };
}

/** Regression of column j on the kept ones. */
function weightsOn(within: Float64Array, kept: readonly number[], j: number, q: number): number[] {
  if (kept.length === 0) return [];
  const inverse = choleskyInverse(choleskyFactor(corner(within, kept, q)));
  return kept.map((_, a) => kept.reduce((sum, k, b) => sum + inverse.data[b * kept.length + a] * within[k * q + j], 0));
}

function corner(within: Float64Array, kept: readonly number[], q: number) {
  const data = kept.flatMap((a) => kept.map((b) => within[a * q + b]));
  return matrix(kept.length, kept.length, Float64Array.from(data));
}

function inflations(within: Float64Array, total: readonly number[], kept: readonly number[], q: number) {
  if (kept.length === 0) return new Map<number, number>();
  const inverse = choleskyInverse(choleskyFactor(corner(within, kept, q)));
  return new Map(kept.map((j, a) => [j, total[j] * inverse.data[a * kept.length + a]]));
}

function conditionOf(within: Float64Array, q: number): number {
  if (q === 0) return 1;
  const scaled = within.map((value, k) => {
    const [i, j] = [k % q, Math.floor(k / q)];
    return value / Math.sqrt(within[i * q + i] * within[j * q + j]);
  });
  const { values } = symmetricEigen(matrix(q, q, scaled));
  return Math.sqrt(values[0] / values[q - 1]);
}

function categoricalBalances(
  batches: readonly BatchSums[],
  coding: readonly CovariateCoding[],
  names: readonly string[],
): CategoricalBalance[] {
  return coding.flatMap((code) => {
    if (code.kind !== 'categorical') return [];
    const at = code.levels.slice(1).map((level) => names.indexOf(`${code.name}=${level}`));
    const counts = batches.map(({ count, sumX }) => {
      const others = at.map((j) => Math.round(sumX[j]));
      return [count - others.reduce((sum, value) => sum + value, 0), ...others];
    });
    return [cramersV(code.name, counts)];
  });
}

function continuousBalances(
  batches: readonly BatchSums[],
  coding: readonly CovariateCoding[],
  names: readonly string[],
): ContinuousBalance[] {
  const q = names.length;
  const usable = batches.filter(({ count }) => count > 1);
  return coding.flatMap((code) => {
    if (code.kind !== 'continuous' || usable.length < 2) return [];
    const j = names.indexOf(code.name);
    const of = ({ sumX, sxx, count }: BatchSums) => ({ mean: sumX[j] / count, variance: sxx[j * q + j] / (count - 1) });
    let widest: ContinuousBalance | null = null;
    usable.forEach((a, i) =>
      usable.slice(i + 1).forEach((b) => {
        const [x, y] = [of(a), of(b)];
        const spread = Math.sqrt((x.variance + y.variance) / 2);
        const difference = spread > 0 ? (x.mean - y.mean) / spread : 0;
        if (widest === null || Math.abs(difference) > Math.abs(widest.standardisedDifference)) {
          widest = { column: code.name, batches: [a.batch, b.batch], standardisedDifference: difference };
        }
      }),
    );
    return widest === null ? [] : [widest];
  });
}

function findingsOf(found: Omit<Identifiability, 'findings'>): string[] {
  const aliased = found.aliased.map(({ column, dependsOn }) =>
    dependsOn.length === 0
      ? `${column} does not vary inside any batch: it cannot be preserved.`
      : `${column} follows from ${dependsOn.join(', ')}.`,
  );
  const small = found.batches.filter(({ count }) => count < 20).map(({ batch }) => batch);
  return [
    ...aliased,
    ...found.categorical
      .filter((balance) => balance.cramersV > 0.5)
      .map((b) => `${b.name} differs strongly between batches (Cramér's V ${b.cramersV.toFixed(2)}).`),
    ...found.columns
      .filter(({ vif }) => vif !== null && vif > 10)
      .map(
        ({ column, vif }) =>
          `${column} is nearly given by batch and other covariates (variance inflation ${vif!.toFixed(0)}).`,
      ),
    ...found.continuous
      .filter((balance) => Math.abs(balance.standardisedDifference) > 0.5)
      .map(
        (b) =>
          `${b.column} differs by ${Math.abs(b.standardisedDifference).toFixed(1)} SD between ${b.batches.join(' and ')}.`,
      ),
    ...(small.length > 0 ? [`${small.join(', ')}: fewer than 20 patients, estimates are uncertain.`] : []),
  ];
}

/** Flags of one feature, for a site to compute and release: they tell a kind, never a value. */
export interface FeatureFlags {
  readonly feature: string;
  readonly isConstant: boolean;
  readonly isConstantInBatch: boolean;
  readonly isTwoValued: boolean;
  /** More than half are zero, and not all. */
  readonly isZeroInflated: boolean;
  /** |skewness| above 2. */
  readonly isSkewed: boolean;
  /** A value more than 10 SD from the mean. */
  readonly hasOutlier: boolean;
}

/** Flags of features, over the patients given, missing values left out. */
export function featureFlags(features: readonly FeatureColumn[], batch: readonly string[]): FeatureFlags[] {
  return features.map(({ name, values }) => {
    const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]));
    const own = rows.map((row) => values[row]);
    const n = own.length;
    const mean = own.reduce((sum, value) => sum + value / n, 0);
    const moment = (power: number): number => own.reduce((sum, value) => sum + (value - mean) ** power / n, 0);
    const sd = Math.sqrt(moment(2));
    const distinct = new Set(own).size;
    const byBatch = new Map<string, Set<number>>();
    rows.forEach((row) => byBatch.set(batch[row], (byBatch.get(batch[row]) ?? new Set<number>()).add(values[row])));
    const zeros = own.filter((value) => value === 0).length;
    const varies = distinct > 1;
    return {
      feature: name,
      isConstant: !varies,
      isConstantInBatch: [...byBatch.values()].some((seen) => seen.size === 1),
      isTwoValued: distinct === 2,
      isZeroInflated: varies && zeros > n / 2,
      isSkewed: varies && Math.abs(moment(3) / sd ** 3) > 2,
      hasOutlier: varies && own.some((value) => Math.abs(value - mean) > 10 * sd),
    };
  });
}
