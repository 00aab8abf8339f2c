import {
  applyHarmonization,
  type Covariate,
  type FeatureColumn,
  type HarmonizationModel,
  harmonizeNewSite,
  type NewSiteEstimates,
} from '@concord/harmonization';
import type { FeatureTable } from '@concord/tables';
import type { ColumnRoles } from './column-roles.js';
import { methodModel } from './model-facts.js';

export interface AppliedRows {
  readonly features: FeatureColumn[];
  readonly warnings: string[];
  readonly newSites: NewSiteEstimates[];
}

/** The given rows of columns. */
export function takeRows(
  { features, batches, covariates, subject }: ColumnRoles,
  rows: readonly number[],
): ColumnRoles {
  const labelsOf = <V extends { readonly labels: readonly (string | null)[] }>(variable: V): V => ({
    ...variable,
    labels: rows.map((row) => variable.labels[row]),
  });
  return {
    features: features.map(({ name, values }) => ({ name, values: Float64Array.from(rows, (row) => values[row]) })),
    batches: batches.map(labelsOf),
    covariates: covariates.map((covariate) => ({
      ...covariate,
      // The kind and the values of a covariate stay together.
      values: rows.map((row) => covariate.values[row]),
    })) as Covariate[],
    ...(subject && { subject: labelsOf(subject) }),
  };
}

/**
 * Applies a model to rows; batches that it has not seen are new sites when that is allowed, and refused otherwise.
 *
 * @throws {UnknownBatchError} for an unseen batch that is not allowed
 * @throws {CombatInputError} for one that is, where the method has no rule for new sites
 */
export function applyToRows(model: HarmonizationModel, rows: ColumnRoles, isNewSiteAllowed: boolean): AppliedRows {
  const inner = methodModel(model);
  const known = new Set(inner.format === 'concord.several/1' ? [] : inner.batches);
  const { labels } = rows.batches[0];
  const unseen = [...new Set(labels)].filter((label) => label !== null && !known.has(label)).sort();
  const isPlain = inner.format === 'concord.several/1' || !isNewSiteAllowed || unseen.length === 0;
  if (isPlain) return { ...applyHarmonization(model, rows), newSites: [] };
  const features = rows.features.map(({ name, values }) => ({ name, values: values.slice() }));
  const warnings: string[] = [];
  const newSites: NewSiteEstimates[] = [];
  const put = (at: readonly number[], columns: readonly FeatureColumn[]): void =>
    columns.forEach(({ values }, f) => at.forEach((row, k) => (features[f].values[row] = values[k])));
  const rowsOf = (fits: (label: string | null) => boolean): number[] =>
    [...labels.keys()].filter((row) => fits(labels[row]));
  const seen = rowsOf((label) => !unseen.includes(label));
  if (seen.length > 0) {
    const result = applyHarmonization(model, takeRows(rows, seen));
    put(seen, result.features);
    warnings.push(...result.warnings);
  }
  for (const batch of unseen) {
    const at = rowsOf((label) => label === batch);
    const result = harmonizeNewSite(model, { ...takeRows(rows, at), batch: batch! });
    put(at, result.features);
    newSites.push(result.estimates);
    warnings.push(...result.warnings);
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
