// Reads a case of the family `combat`: its description, table, and which columns are what.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { numberValues, tableFromCsv, tableToCsv, textValues } from '@concord/tables';

const NO_FEATURE = new Set(['subject_id', 'site', 'split', 'time', 'age0']);
const list = (names) => [names ?? []].flat();

export function readCase(folder) {
  const info = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const path = join(folder, info.input ?? 'input.csv.gz');
  // Cases of sums are about the input of another case, with its columns.
  const roles = info.input ? JSON.parse(readFileSync(join(dirname(path), 'case.json'), 'utf8')) : info;
  const categorical = list(roles.categorical);
  const continuous = list(roles.continuous);
  const batches = list(roles.batches ?? roles.batch);
  const table = tableFromCsv(readFileSync(path));
  const taken = new Set([...NO_FEATURE, ...batches, ...categorical, ...continuous]);
  const names = table.columns.filter(({ kind, name }) => kind === 'number' && !taken.has(name)).map(({ name }) => name);
  const features = typeof info.features === 'number' ? names.slice(0, info.features) : names;
  return { info, table, batches, categorical, continuous, names: features, rows: [...Array(table.rowCount).keys()] };
}

export function numbers({ table }, name, rows) {
  const values = numberValues(table, name);
  return Float64Array.from(rows, (row) => values[row]);
}

export function texts({ table }, name, rows) {
  const values = textValues(table, name);
  return rows.map((row) => values[row]);
}

/** Features, batch and covariates of the given rows; only covariates that `keeps` lets through. */
export function inputOf(data, { rows = data.rows, keeps = () => true } = {}) {
  return {
    features: data.names.map((name) => ({ name, values: numbers(data, name, rows) })),
    batch: data.batches.length === 1 ? texts(data, data.batches[0], rows) : undefined,
    batches: data.batches.map((name) => ({ name, labels: texts(data, name, rows) })),
    covariates: [
      ...data.categorical
        .filter(keeps)
        .map((name) => ({ name, kind: 'categorical', values: texts(data, name, rows) })),
      ...data.continuous
        .filter(keeps)
        .map((name) => ({ name, kind: 'continuous', values: numbers(data, name, rows) })),
    ],
  };
}

export function matrixCsv(data, features, rows = data.rows) {
  return tableToCsv({
    rowCount: rows.length,
    columns: [
      { kind: 'number', name: 'row', values: Float64Array.from(rows.keys()) },
      { kind: 'text', name: 'subject_id', values: texts(data, 'subject_id', rows) },
      ...features.map(({ name, values }) => ({ kind: 'number', name, values })),
    ],
  });
}
