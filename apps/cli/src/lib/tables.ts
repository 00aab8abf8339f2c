import { tableFromArrow, tableFromCsv, tableToArrow, tableToCsv, type FeatureTable } from '@concord/tables';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Cli } from './cli.js';
import { UnsupportedFileError, UsageError } from './errors.js';
import { readInput, writeOutput } from './files.js';

type TableFormat = 'csv' | 'csv.gz' | 'arrow';

/** Format by file name; `-` is CSV. */
function formatOf(path: string): TableFormat {
  if (path === '-' || /\.(csv|tsv|txt)$/i.test(path)) return 'csv';
  if (/\.csv\.gz$/i.test(path)) return 'csv.gz';
  if (/\.(arrow|ipc|feather)$/i.test(path)) return 'arrow';
  throw new UnsupportedFileError('the name ends in no table format', path, 'Use .csv, .csv.gz or .arrow.');
}

/**
 * Reads a table; `-` reads CSV from stdin.
 *
 * @throws {UnsupportedFileError} if the name ends in no table format
 * @throws {FileNotReadableError} if it is absent; errors of @concord/tables if it is no table
 */
export function readTable(path: string): FeatureTable {
  const format = formatOf(path);
  const bytes = path === '-' ? readFileSync(0) : readInput(path);
  return format === 'arrow' ? tableFromArrow(bytes) : tableFromCsv(bytes);
}

/** The table as the bytes of a file of this name. */
export function encodeTable(path: string, table: FeatureTable): Uint8Array | string {
  const format = formatOf(path);
  if (format === 'arrow') return tableToArrow(table);
  const text = tableToCsv(table);
  return format === 'csv' ? text : gzipSync(text); // no time stamp in it: the same table gives the same bytes
}

/** Writes a table to a file, or as CSV to stdout for `-`. */
export function writeTable(cli: Cli, path: string, table: FeatureTable, force = false): void {
  if (path === '-') cli.print(tableToCsv(table));
  else writeOutput(path, encodeTable(path, table), force);
}

/** Refuses early what would fail at the end: an unknown format, or a table on the stdout that `--json` owns. */
export function checkTableOutput(cli: Cli, path: string): void {
  formatOf(path);
  if (path === '-' && cli.isJson) {
    throw new UsageError('--json and --out - both want stdout', '--out -', 'Write the table to a file.');
  }
}
