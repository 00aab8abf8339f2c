import { isSumsKind, sumsCodebook } from '@concord/contracts';
import { decodeSums, designColumns, type BatchSums, type Covariate, type SiteSums } from '@concord/harmonization';
import { tableFromArrow, type Column, type FeatureTable } from '@concord/tables';

import type { Agent } from '../agent.js';
import type { ReleaseRow } from '../store/releases.js';

/**
 * What leaves in a release, as a table: that of its rows, or every number of its sums, a line for each covariate column and
 * feature: patients, sum, squares about the mean, and the cross product with each covariate column.
 */
export function leavingTable(agent: Agent, release: ReleaseRow): FeatureTable {
  const bytes = agent.releases.tableBytes(release.id);
  const protocol = agent.accepted?.protocol;
  if (!isSumsKind(release.kind) || protocol === undefined) return tableFromArrow(bytes);
  return sumsAsTable(decodeSums(sumsCodebook(protocol), bytes));
}

function sumsAsTable({ codebook, parts }: SiteSums): FeatureTable {
  const own = parts[0].batches[0];
  const covariates = codebook.covariates.flatMap(({ name, kind }): Covariate[] =>
    kind === 'smooth' ? [] : [{ name, kind, values: [] }],
  );
  const design = designColumns(codebook.covariates, covariates).map(({ name }) => name);
  const rowCount = design.length + codebook.features.length;
  const number = (name: string, ofDesign: (j: number) => number, ofFeature: (g: number) => number): Column => ({
    kind: 'number',
    name,
    values: Float64Array.from({ length: rowCount }, (_, row) =>
      row < design.length ? ofDesign(row) : ofFeature(row - design.length),
    ),
  });
  const q = design.length;
  return {
    rowCount,
    columns: [
      { kind: 'text', name: 'sums of', values: [...design, ...codebook.features] },
      number(
        'patients',
        () => own.count,
        (g) => observedOf(own, g),
      ),
      number(
        'sum',
        (j) => own.sumX[j],
        (g) => own.sumY[g],
      ),
      number(
        'squares about the mean',
        (j) => own.sxx[j * q + j],
        (g) => own.syy[g],
      ),
      ...design.map((name, i) =>
        number(
          `products with ${name}`,
          (j) => own.sxx[j * q + i],
          (g) => own.sxy[g * q + i],
        ),
      ),
    ],
  };
}

function observedOf(own: BatchSums, g: number): number {
  return own.partial.find(({ feature }) => feature === g)?.observed ?? own.count;
}
