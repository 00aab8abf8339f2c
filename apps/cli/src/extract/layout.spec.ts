import { createKernels } from '@concord/kernels';
import { extractFeatures, PRESETS, type ExtractionSettings } from '@concord/radiomics';
import { tableFromCsv, tableToCsv, type FeatureTable } from '@concord/tables';
import { longTable, wideTable, type RegionResult } from './layout.js';

const settings: ExtractionSettings = { ...PRESETS['ct-hcc'], resampling: null };

/** A block of n x n x n voxels of 1 mm in a gradient from 0 HU upwards. */
function block(caseName: string, n: number, step = 10): RegionResult {
  const geometry = {
    shape: [n, n, n] as const,
    affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
  };
  const acquisition = {
    modality: null,
    manufacturer: null,
    model: null,
    kernel: null,
    sliceThicknessMm: null,
    kvp: null,
  };
  const provenance = { sourceDigests: [], transferSyntax: null, isLossy: false, acquisition, warnings: [] };
  const data = Float64Array.from({ length: n ** 3 }, (_, index) => step * (index % n));
  const volume = { ...geometry, data, unit: 'HU', provenance };
  const mask = { ...geometry, data: new Uint8Array(n ** 3).fill(1), label: '1' };
  return { caseName, roi: '1', vector: extractFeatures(volume, mask, settings, createKernels()) };
}

const cell = (table: FeatureTable, name: string, row: number) =>
  table.columns.find((column) => column.name === name)?.values[row];

describe('wideTable', () => {
  it('has the same columns for every case, and an empty cell where a feature has no value', () => {
    const flat = block('flat', 2, 0);
    const table = wideTable([block('a', 3), flat], settings);
    expect(table.columns.map(({ name }) => name)).toEqual(wideTable([flat], settings).columns.map(({ name }) => name));
    expect(cell(table, 'stat_mean', 0)).toBe(10);
    expect(cell(table, 'stat_skew', 1)).toBeNaN();
    expect(tableToCsv(table)).not.toContain('NaN');
  });

  it('carries further columns of the list, by the row each result came from', () => {
    const carried = {
      columns: [{ kind: 'text' as const, name: 'site', values: ['a', 'refused', 'c'] }],
      rows: [0, 2],
    };
    const table = wideTable([block('x', 2), block('y', 2)], settings, carried);
    expect([cell(table, 'site', 0), cell(table, 'site', 1)]).toEqual(['a', 'c']);
  });
});

describe('longTable', () => {
  const table = longTable([block('a', 3)], settings);
  const rowOf = (tag: string) =>
    table.columns.find(({ name }) => name === 'tag')!.values.findIndex((value) => value === tag);

  it('has the columns of the contract in their order', () => {
    const names = 'case,roi,image,family,tag,ibsi,aggregation,discretisation,value,unit,status,reason';
    expect(table.columns.map(({ name }) => name).join()).toBe(names);
  });

  it('spells tag, aggregation and discretisation as the reference values do', () => {
    const row = rowOf('cm_joint_entr_3D_avg');
    const values = ['family', 'ibsi', 'aggregation', 'discretisation', 'unit', 'status'].map((name) =>
      cell(table, name, row),
    );
    expect(values).toEqual(['Co-occurrence matrix', 'TU9B', '3D:avg', 'FBS:25:-200', '1', 'ok']);
  });

  it('gives diagnostics as rows of their own family', () => {
    const row = rowOf('int_mask_vox_count_reseg_roi');
    expect([cell(table, 'family', row), cell(table, 'value', row)]).toEqual(['Diagnostics-resegmented ROI', 27]);
  });

  it('reads back as the same doubles', () => {
    const back = tableFromCsv(tableToCsv(table));
    const values = (one: FeatureTable) => one.columns.find(({ name }) => name === 'value')!.values;
    expect(values(back)).toEqual(values(table));
  });
});
