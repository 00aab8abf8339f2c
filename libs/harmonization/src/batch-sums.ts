import { centreInPlace } from './centred-design.js';
import { type CovariateCoding, designColumns } from './coding.js';
import { checkColumns, type Covariate, type FeatureColumn, sortedLabels } from './columns.js';
import { CombatInputError } from './errors.js';

/** What everyone must agree on before sums are formed: it comes from the protocol, not from data. */
export interface Codebook {
  readonly features: readonly string[];
  /** Levels and knots of covariates. */
  readonly covariates: readonly CovariateCoding[];
}

/** Sums of one batch: all that ComBat needs of it. q design columns, p features. */
export interface BatchSums {
  readonly batch: string;
  readonly count: number;
  /** Sums of design columns. */
  readonly sumX: Float64Array;
  /** Sums of features; of one with missing values, its mean over those observed times `count`. */
  readonly sumY: Float64Array;
  /** Cross products centred inside the batch: q × q, q × p (column-major), and the diagonal of p × p. */
  readonly sxx: Float64Array;
  readonly sxy: Float64Array;
  readonly syy: Float64Array;
  /** 1 for a feature with the same value in the whole batch; its sums are zero, so that the value stays at home. */
  readonly constant: Uint8Array;
  /** Features with missing values, with what differs for them. */
  readonly partial: readonly PartialSums[];
}

export interface PartialSums {
  readonly feature: number;
  readonly observed: number;
  /** Mean of the design columns over those observed, times the batch's count. */
  readonly sumX: Float64Array;
  readonly sxx: Float64Array;
}

/** A set of patients that is fitted on: all, or all but those of one fold. */
export interface PartSums {
  /** null: all; else the fold that is left out. */
  readonly without: string | null;
  readonly batches: readonly BatchSums[];
}

/** What a site sends, once. */
export interface SiteSums {
  readonly codebook: Codebook;
  readonly parts: readonly PartSums[];
}

/** A site's patients. */
export interface SiteRows {
  readonly features: readonly FeatureColumn[];
  readonly batch: readonly (string | null)[];
  readonly covariates?: readonly Covariate[];
  /** Fold of each patient, for cross-validation in the same round. */
  readonly fold?: readonly string[];
}

/**
 * Sums of a site's batches over all its patients and, given folds, over the patients outside each fold.
 * They are not yet checked for disclosure: `releaseSums` does both.
 *
 * @throws {CombatInputError} if the features are not those of the codebook, or one is infinite
 * @throws {UnknownLevelError} {@link ModelMismatchError} if a covariate does not fit the codebook
 */
export function siteSums(codebook: Codebook, rows: SiteRows): SiteSums {
  const covariates = rows.covariates ?? [];
  checkColumns(rows.features, rows.batch, covariates);
  const byName = new Map(rows.features.map((feature) => [feature.name, feature.values]));
  const features = codebook.features.map((name) => {
    const values = byName.get(name);
    if (values === undefined || values.some((value) => value === Infinity || value === -Infinity)) {
      throw new CombatInputError(
        values === undefined ? `feature ${name} of the codebook is missing` : `feature ${name} is infinite`,
        `feature ${name}`,
        'Give every feature of the codebook a finite value, or leave it empty.',
      );
    }
    return values;
  });
  const columns = designColumns(codebook.covariates, covariates).map(({ values }) => values);
  const labels = rows.batch as readonly string[];
  const folds: (string | null)[] = [null, ...sortedLabels(rows.fold ?? [])];
  const parts = folds.map((without) => ({
    without,
    batches: sortedLabels(labels).map((batch) => {
      const at = [...labels.keys()].filter(
        (row) => labels[row] === batch && (without === null || rows.fold![row] !== without),
      );
      return batchSums(batch, Uint32Array.from(at), features, columns);
    }),
  }));
  return { codebook, parts };
}

function batchSums(
  batch: string,
  rows: Uint32Array,
  features: readonly Float64Array[],
  columns: readonly Float64Array[],
): BatchSums {
  const q = columns.length;
  const p = features.length;
  const n = rows.length;
  const x = centred(columns, rows);
  const result = {
    batch,
    count: n,
    sumX: x.means.map((mean) => n * mean),
    sumY: new Float64Array(p),
    sxx: products(x.values),
    sxy: new Float64Array(q * p),
    syy: new Float64Array(p),
    constant: new Uint8Array(p),
    partial: [] as PartialSums[],
  };
  const y = new Float64Array(n);
  for (let g = 0; g < p; g++) {
    const values = features[g];
    let observed = 0;
    for (let k = 0; k < n; k++) if (!Number.isNaN(values[rows[k]])) y[observed++] = values[rows[k]];
    let own = x;
    if (observed < n) {
      own = centred(
        columns,
        rows.filter((row) => !Number.isNaN(values[row])),
      );
      const sumX = own.means.map((mean) => (observed === 0 ? 0 : n * mean));
      result.partial.push({ feature: g, observed, sumX, sxx: products(own.values) });
    }
    if (observed === 0) continue;
    const part = y.subarray(0, observed);
    if (observed > 1 && part.every((value) => value === part[0])) {
      result.constant[g] = 1;
      continue;
    }
    result.sumY[g] = n * centreInPlace(y, 0, observed);
    result.syy[g] = dot(part, part);
    for (let j = 0; j < q; j++) result.sxy[g * q + j] = dot(own.values[j], part);
  }
  return result;
}

function centred(columns: readonly Float64Array[], rows: Uint32Array) {
  const values = columns.map((column) => Float64Array.from(rows, (row) => column[row]));
  return { values, means: Float64Array.from(values, (column) => centreInPlace(column, 0, column.length)) };
}

function products(values: readonly Float64Array[]): Float64Array {
  return Float64Array.from(values.flatMap((a) => values.map((b) => dot(a, b))));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
