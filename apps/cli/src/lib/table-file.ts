import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  readCsv,
  tableFromArrow,
  tableToArrow,
  tableToCsv,
  tableToCsvBytes,
  tableToParquet,
  type FeatureTable,
} from '@concord/tables';
import type { Cli } from './cli.js';
import { naming, UnsupportedFileError, UsageError } from './errors.js';
import { readInput, writeOutput } from './files.js';

const CSV = /\.(csv|tsv|txt)(\.gz)?$/i;
const ARROW = /\.arrow$/i;
const PARQUET = /\.parquet$/i;

/**
 * Reads a table by its name: `.csv` (`.tsv`, `.txt`, gzipped or not), `.arrow`, or `-` for CSV on stdin. What the CSV
 * reader finds odd is told on stderr.
 *
 * @throws {UnsupportedFileError} for another kind of file
 * @throws {ReportedError} NOT_ARROW, CSV_FORMAT and the like, naming the file
 */
export function readTableFile(path: string, cli: Cli): FeatureTable {
  if (ARROW.test(path)) return naming(path, () => tableFromArrow(readInput(path)));
  if (path !== '-' && !CSV.test(path)) throw unsupported(path, 'read');
  const { table, format, warnings } =
    path === '-' ? naming('stdin', () => readCsv(readFileSync(0))) : naming(path, () => readCsv(readInput(path)));
  if (format.delimiter !== ',' || format.decimal !== '.' || format.encoding !== 'utf-8') {
    const delimiter = format.delimiter === '\t' ? 'tab' : format.delimiter;
    cli.note(`${path}: delimiter ${delimiter}, decimal ${format.decimal}, ${format.encoding}`);
  }
  for (const warning of warnings) cli.warn(warning);
  return table;
}

/**
 * Writes a table by its name, whole or not at all; `-` is CSV on stdout.
 *
 * @throws {UnsupportedFileError} for another kind of file
 * @throws {OutputRefusedError} when the file exists and force is not set
 */
export function writeTableFile(path: string, table: FeatureTable, cli: Cli, force = false): void {
  assertTableOutput(path, cli);
  if (path === '-') cli.print(tableToCsv(table));
  else if (ARROW.test(path)) writeOutput(path, tableToArrow(table), force);
  else if (PARQUET.test(path)) writeOutput(path, tableToParquet(table), force);
  else writeOutput(path, /\.gz$/i.test(path) ? gzipSync(tableToCsvBytes(table)) : tableToCsvBytes(table), force);
}

/** Says before long work that a table cannot be written there. */
export function assertTableOutput(path: string, cli: Cli): void {
  if (path === '-' && cli.isJson) {
    throw new UsageError('--json and a table on stdout exclude each other', '--out -', 'Give --out a file.');
  }
  const isKnown = path === '-' || ARROW.test(path) || PARQUET.test(path) || /\.csv(\.gz)?$/i.test(path);
  if (!isKnown) throw unsupported(path, 'write');
}

function unsupported(path: string, verb: 'read' | 'write'): UnsupportedFileError {
  const kinds = verb === 'read' ? '.csv, .csv.gz or .arrow' : '.csv, .csv.gz, .arrow or .parquet';
  return new UnsupportedFileError(`Concord does not ${verb} tables of this kind`, path, `Use ${kinds}.`);
}
