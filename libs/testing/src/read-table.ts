import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A CSV file as text, by column: records of a thousand names would be slow. */
export interface TextTable {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** Cells of a column; none for a name that is not there. */
  readonly cells: (name: string) => readonly string[];
  /** The same as numbers; empty and NA are NaN. */
  readonly numbers: (name: string) => Float64Array;
}

/** A text file of reference data, gzipped or not. */
export function readText(path: string): string {
  const raw = readFileSync(path);
  return (raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw).toString('utf8');
}

/** A CSV file of reference data: commas, no quotes, gzipped or not. */
export function readTable(path: string): TextTable {
  const [names, ...rows] = readText(path)
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const columns = new Map(names.map((name, j) => [name, rows.map((row) => row[j])]));
  const cells = (name: string): readonly string[] => columns.get(name) ?? [];
  const numberOf = (cell: string): number => (cell === '' || cell === 'NA' ? NaN : Number(cell));
  return { names, rowCount: rows.length, cells, numbers: (name) => Float64Array.from(cells(name), numberOf) };
}
