import { type Column, type FeatureTable, isIdName, textValues } from '@concord/tables';
import { DuplicateIdsError, TextAmongNumbersError } from './errors.js';

/** Row (from 0) of the first text cell of a column that is numbers otherwise; −1 for numbers alone and for real text. */
export function textAmongNumbers(values: readonly (string | null)[]): number {
  let numbers = 0;
  let texts = 0;
  let first = -1;
  for (let row = 0; row < values.length; row++) {
    const cell = values[row];
    if (cell === null) continue;
    if (cell.trim() !== '' && Number.isFinite(Number(cell.replace(',', '.')))) numbers++;
    else if (texts++ === 0) first = row;
  }
  return texts > 0 && numbers >= texts ? first : -1;
}

/** Numbers of a column that must be numbers. @throws {TextAmongNumbersError} naming the first row that is text */
export function numbersOf(source: Column): Float64Array {
  if (source.kind === 'number') return source.values;
  const mixed = textAmongNumbers(source.values);
  const row = mixed >= 0 ? mixed : source.values.findIndex((cell) => cell !== null);
  throw new TextAmongNumbersError(source.name, row + 1);
}

/**
 * Refuses two rows of the same identifiers: those named, or else all columns named like one. A row without is left alone.
 *
 * @throws {DuplicateIdsError} naming both rows
 */
export function checkIds(table: FeatureTable, named: readonly string[] = []): void {
  const names = named.length > 0 ? named : table.columns.map(({ name }) => name).filter(isIdName);
  if (names.length === 0) return;
  const columns = names.map((name) => textValues(table, name));
  const seen = new Map<string, number>();
  for (let row = 0; row < table.rowCount; row++) {
    const cells = columns.map((values) => values[row]);
    if (cells.every((cell) => cell === null)) continue;
    const key = JSON.stringify(cells);
    const before = seen.get(key);
    if (before !== undefined) throw new DuplicateIdsError(names, before + 1, row + 1);
    seen.set(key, row);
  }
}
