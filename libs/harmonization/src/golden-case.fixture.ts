import { dirname, join } from 'node:path';
import { readTable, readText, type TextTable } from '@concord/testing';
import type { Covariate, FeatureColumn } from './index.js';

export interface Case {
  readonly folder: string;
  readonly info: { batch: string; categorical: string | string[]; continuous: string | string[] };
  readonly table: TextTable;
  readonly features: FeatureColumn[];
  /** SD of each feature, 1 for a constant one. */
  readonly spreads: ReadonlyMap<string, number>;
}

export function readCase(folder: string): Case {
  const own = JSON.parse(readText(join(folder, 'case.json'))) as Case['info'] & { input?: string };
  const input = join(folder, own.input ?? 'input.csv.gz');
  // Cases of sums are about the input of another case, with its columns.
  const info = own.batch ? own : (JSON.parse(readText(join(dirname(input), 'case.json'))) as Case['info']);
  const table = readTable(input);
  const roles = new Set(
    ['subject_id', 'site', 'split', 'time', 'age0', info.batch, info.categorical, info.continuous].flat(),
  );
  const names = table.names.filter((name) => !roles.has(name));
  const features = names.map((name) => ({ name, values: table.numbers(name) }));
  return { folder, info, table, features, spreads: new Map(features.map((f) => [f.name, spread(f.values)])) };
}

export function covariatesOf({ info, table }: Case, without: string[] = []): Covariate[] {
  const categorical = [info.categorical].flat().filter((name) => !without.includes(name));
  const continuous = [info.continuous].flat().filter((name) => !without.includes(name));
  return [
    ...categorical.map((name) => ({ name, kind: 'categorical' as const, values: table.cells(name) })),
    ...continuous.map((name) => ({ name, kind: 'continuous' as const, values: table.numbers(name) })),
  ];
}

function spread(values: Float64Array): number {
  const finite = values.filter((value) => !Number.isNaN(value));
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  return Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (finite.length - 1)) || 1;
}

/** Largest difference from an expected matrix, in SD of the input feature. */
export function worst(data: Case, variant: string, features: FeatureColumn[]): number {
  const expected = readTable(join(data.folder, 'expected', `${variant}.csv.gz`));
  const rows = expected.numbers('row');
  let largest = 0;
  let compared = 0;
  for (const { name, values } of features) {
    const sd = data.spreads.get(name)!;
    expected.numbers(name).forEach((want, k) => {
      const have = values[rows[k]];
      compared++;
      if (Number.isNaN(want) !== Number.isNaN(have)) largest = Infinity;
      else if (!Number.isNaN(want)) largest = Math.max(largest, Math.abs(have - want) / sd);
    });
  }
  expect(compared).toBeGreaterThan(100);
  return largest;
}

/** The given rows of a case, as rows to harmonise. */
export function partOf(data: Case, at: number[]) {
  const covariates = covariatesOf(data).map((covariate) => ({
    ...covariate,
    values: at.map((row) => covariate.values[row]),
  })) as Covariate[];
  return {
    features: data.features.map(({ name, values }) => ({ name, values: Float64Array.from(at, (row) => values[row]) })),
    batch: at.map((row) => data.table.cells('site')[row]),
    covariates,
  };
}
