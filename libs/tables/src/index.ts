export { tableFromArrow, tableToArrow } from './arrow.js';
export {
  arrowLayout,
  type ArrowColumnLayout,
  type ArrowLayout,
  type ArrowPart,
  readDoubles,
  readTexts,
  type ReadBytes,
} from './arrow-layout.js';
export { isIdName, type DecimalMark } from './csv-cells.js';
export type { CsvEncoding } from './csv-text.js';
export { readCsv, tableFromCsv, tableToCsv, tableToCsvBytes, type CsvFormat, type CsvOptions } from './csv.js';
export {
  column,
  concatTables,
  featureTable,
  hasColumn,
  numberValues,
  selectColumns,
  selectRows,
  textValues,
  type Column,
  type FeatureTable,
  type NumberColumn,
  type TextColumn,
} from './feature-table.js';
export { tableToParquet } from './parquet.js';
export {
  ArrowTypeError,
  ColumnMissingError,
  CsvDecimalError,
  CsvFormatError,
  NotArrowError,
  TableShapeError,
  TableTooLargeError,
} from './table-errors.js';
