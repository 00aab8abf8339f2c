import type { ColumnValue, PyradiomicsResult } from '@concord/radiomics';
import type { Column, FeatureTable } from '@concord/tables';
import { rowsOf, type Carried } from './layout.js';

/** Features of one region of a case, as PyRadiomics writes them. */
export interface PyradiomicsRegion extends PyradiomicsResult {
  readonly caseName: string;
  readonly roi: string;
}

/**
 * One row for each region: case, region and further columns of the list, then PyRadiomics' own columns in its order. A column that
 * a region does not have (PyRadiomics leaves out what does not fit) is empty there.
 */
export function pyradiomicsTable(results: readonly PyradiomicsRegion[], carried: Carried): FeatureTable {
  const columns: Column[] = [
    { kind: 'text', name: 'case', values: results.map(({ caseName }) => caseName) },
    { kind: 'text', name: 'roi', values: results.map(({ roi }) => roi) },
    ...carried.columns.map((column) => rowsOf(column, carried.rows)),
  ];
  for (const name of namesOf(results)) {
    columns.push(
      columnOf(
        name,
        results.map((result) => result.columns[name] ?? null),
      ),
    );
  }
  return { rowCount: results.length, columns };
}

/** Names of all regions, each behind the one it follows where it occurs. */
function namesOf(results: readonly PyradiomicsRegion[]): string[] {
  const names: string[] = [];
  for (const { columns } of results) {
    let at = 0;
    for (const name of Object.keys(columns)) {
      const known = names.indexOf(name, at);
      if (known >= 0) at = known + 1;
      else if (!names.includes(name)) names.splice(at++, 0, name);
    }
  }
  return names;
}

function columnOf(name: string, values: readonly ColumnValue[]): Column {
  const isText =
    values.some((value) => typeof value === 'string') || name.includes('_Versions_') || name.endsWith('_Hash');
  return isText
    ? { kind: 'text', name, values: values.map((value) => (value === null ? null : String(value))) }
    : { kind: 'number', name, values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) };
}
