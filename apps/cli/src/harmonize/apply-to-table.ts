import {
  applyCombat,
  applyToNewSite,
  type CombatModel,
  type CombatRows,
  type Covariate,
  type FeatureColumn,
  type NewSiteEstimates,
} from '@concord/harmonization';
import type { FeatureTable } from '@concord/tables';

export interface AppliedRows {
  readonly features: FeatureColumn[];
  readonly warnings: string[];
  readonly newSites: NewSiteEstimates[];
}

/** The given rows of columns. */
export function takeRows({ features, batch, covariates = [] }: CombatRows, rows: readonly number[]): CombatRows {
  return {
    features: features.map(({ name, values }) => ({ name, values: Float64Array.from(rows, (row) => values[row]) })),
    batch: rows.map((row) => batch[row]),
    covariates: covariates.map((covariate) => ({
      ...covariate,
      // The kind and the values of a covariate stay together.
      values: rows.map((row) => covariate.values[row]),
    })) as Covariate[],
  };
}

/**
 * Applies a model to rows; batches that it has not seen are new sites when that is allowed, and refused otherwise.
 *
 * @throws {UnknownBatchError} for an unseen batch that is not allowed
 */
export function applyToRows(model: CombatModel, rows: CombatRows, isNewSiteAllowed: boolean): AppliedRows {
  const unseen = [...new Set(rows.batch)].filter((label) => label !== null && !model.batches.includes(label)).sort();
  if (unseen.length === 0 || !isNewSiteAllowed) return { ...applyCombat(model, rows), newSites: [] };
  const features = rows.features.map(({ name, values }) => ({ name, values: values.slice() }));
  const warnings: string[] = [];
  const newSites: NewSiteEstimates[] = [];
  const put = (at: readonly number[], columns: readonly FeatureColumn[]): void =>
    columns.forEach(({ values }, f) => at.forEach((row, k) => (features[f].values[row] = values[k])));
  const rowsOf = (fits: (label: string | null) => boolean): number[] =>
    [...rows.batch.keys()].filter((row) => fits(rows.batch[row]));
  const known = rowsOf((label) => !unseen.includes(label));
  if (known.length > 0) {
    const result = applyCombat(model, takeRows(rows, known));
    put(known, result.features);
    warnings.push(...result.warnings);
  }
  for (const batch of unseen) {
    const at = rowsOf((label) => label === batch);
    const {
      features: columns,
      estimates,
      warnings: told,
    } = applyToNewSite(model, { ...takeRows(rows, at), batch: batch! });
    put(at, columns);
    newSites.push(estimates);
    warnings.push(...told);
  }
  return { features, warnings, newSites };
}

/** The table with columns of the same name replaced; everything else in its place. */
export function replaceColumns(table: FeatureTable, features: readonly FeatureColumn[]): FeatureTable {
  const byName = new Map(features.map(({ name, values }) => [name, values]));
  const columns = table.columns.map((source) => {
    const values = byName.get(source.name);
    return values === undefined ? source : { kind: 'number' as const, name: source.name, values };
  });
  return { rowCount: table.rowCount, columns };
}
