import type { Discretisation, ExtractionSettings, Family, FeatureVector } from '@concord/radiomics';
import { featureCatalogue, ibsiDiagnostics, textureName } from '@concord/radiomics';
import type { Column, FeatureTable } from '@concord/tables';

/** Features of one region of a case. */
export interface RegionResult {
  readonly caseName: string;
  /** Name or label of the region. */
  readonly roi: string;
  readonly vector: FeatureVector;
}

const FAMILY_TITLES: Readonly<Record<Family, string>> = {
  morphology: 'Morphology',
  enclosure: 'Morphology',
  spatial: 'Morphology',
  local: 'Local intensity',
  statistics: 'Statistics',
  histogram: 'Intensity histogram',
  ivh: 'Intensity volume histogram',
  glcm: 'Co-occurrence matrix',
  glrlm: 'Run length matrix',
  glszm: 'Size zone matrix',
  gldzm: 'Distance zone matrix',
  ngtdm: 'Neighbourhood grey tone difference matrix',
  ngldm: 'Neighbouring grey level dependence matrix',
  mcc: 'Co-occurrence matrix',
};

/** Further columns of the case list, and for each result the row of the list it came from. */
export interface Carried {
  readonly columns: readonly Column[];
  readonly rows: readonly number[];
}

/** One row for each region, one column for each feature; a missing value is NaN here and an empty cell in the file. */
export function wideTable(
  results: readonly RegionResult[],
  settings: ExtractionSettings,
  carried: Carried = { columns: [], rows: [] },
): FeatureTable {
  const columns: Column[] = [
    { kind: 'text', name: 'case', values: results.map(({ caseName }) => caseName) },
    { kind: 'text', name: 'roi', values: results.map(({ roi }) => roi) },
    ...carried.columns.map((column) => rowsOf(column, carried.rows)),
  ];
  const numbers = (name: string, value: (result: RegionResult) => number | null): void => {
    columns.push({ kind: 'number', name, values: Float64Array.from(results, (result) => value(result) ?? NaN) });
  };
  numbers('diagnostics_voxels_morphology', ({ vector }) => vector.diagnostics.resegmented.morphologyVoxelCount);
  numbers('diagnostics_voxels_intensity', ({ vector }) => vector.diagnostics.resegmented.intensityVoxelCount);
  numbers('diagnostics_grey_levels', ({ vector }) => vector.diagnostics.greyLevelCount);
  for (const { name } of featureCatalogue(settings)) numbers(name, ({ vector }) => vector.values[name].value);
  return { rowCount: results.length, columns };
}

/** A column of the case list, for the rows that results came from. */
export function rowsOf(column: Column, rows: readonly number[]): Column {
  return column.kind === 'text'
    ? { ...column, values: rows.map((row) => column.values[row]) }
    : { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
}

interface LongRow {
  readonly image: string;
  readonly family: string;
  readonly tag: string;
  readonly ibsi: string | null;
  readonly aggregation: string | null;
  readonly discretisation: string | null;
  readonly value: number | null;
  readonly unit: string;
  readonly status: string;
  readonly reason: string | null;
}

/** One row for each value, IBSI's diagnostics first; columns as in docs/cli.md, then those carried. */
export function longTable(
  results: readonly RegionResult[],
  settings: ExtractionSettings,
  carried: Carried = { columns: [], rows: [] },
): FeatureTable {
  const features = featureLines(settings);
  const rows = results.flatMap(({ caseName, roi, vector }, n) =>
    [...diagnosticRows(vector), ...features.map(({ name, line }) => ({ ...line, ...vector.values[name] }))].map(
      (row) => ({
        ...row,
        case: caseName,
        roi,
        listRow: carried.rows[n],
      }),
    ),
  );
  const listRows = rows.map(({ listRow }) => listRow);
  const text = (name: Exclude<keyof (typeof rows)[number], 'value' | 'listRow'>): Column => ({
    kind: 'text',
    name,
    values: rows.map((row) => row[name]),
  });
  return {
    rowCount: rows.length,
    columns: [
      ...(['case', 'roi', 'image', 'family', 'tag', 'ibsi', 'aggregation', 'discretisation'] as const).map(text),
      { kind: 'number', name: 'value', values: Float64Array.from(rows, ({ value }) => value ?? NaN) },
      ...(['unit', 'status', 'reason'] as const).map(text),
      ...carried.columns.map((column) => rowsOf(column, listRows)),
    ],
  };
}

type LineHead = Omit<LongRow, 'value' | 'status' | 'reason'>;

/** What the lines of every region say of each feature. */
function featureLines(settings: ExtractionSettings): { name: string; line: LineHead }[] {
  return featureCatalogue(settings).map(({ name, image, family, tag, ibsi, aggregation, discretisation, unit }) => ({
    name,
    line: {
      image,
      family: FAMILY_TITLES[family],
      tag: aggregation === null ? tag : textureName(tag, aggregation),
      ibsi,
      aggregation,
      discretisation: discretisation === null ? null : discretisationText(discretisation, settings),
      unit,
    },
  }));
}

function discretisationText(bins: Discretisation, { resegmentation }: ExtractionSettings): string {
  if (bins.method === 'none') return 'none';
  if (bins.method === 'FBN') return `FBN:${bins.count}`;
  return `FBS:${bins.width}:${bins.minimum ?? resegmentation.range?.[0] ?? 0}`;
}

function diagnosticRows({ diagnostics }: FeatureVector): LongRow[] {
  return ibsiDiagnostics(diagnostics).map((row) => ({
    ...row,
    image: 'original',
    ibsi: null,
    aggregation: null,
    discretisation: null,
    status: row.value === null ? 'undefined' : 'ok',
  }));
}
