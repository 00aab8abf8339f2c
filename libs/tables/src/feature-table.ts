import { ColumnMissingError, TableShapeError } from './table-errors.js';

/** A column of text; null is missing. */
export interface TextColumn {
  readonly kind: 'text';
  readonly name: string;
  readonly values: readonly (string | null)[];
}

/** A column of numbers, float64; NaN is missing here and an empty cell or Arrow null outside. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly values: Float64Array;
}

export type Column = TextColumn | NumberColumn;

/** Rows are patients (or regions), columns keep their order; column names are unique. */
export interface FeatureTable {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/**
 * Makes a table of columns.
 *
 * @param rowCount needed only where there is no column
 * @throws {TableShapeError} if columns differ in length, share a name or have none
 */
export function featureTable(columns: readonly Column[], rowCount = columns[0]?.values.length ?? 0): FeatureTable {
  const names = new Set<string>();
  for (const { name, values } of columns) {
    if (name === '') throw new TableShapeError('a column has no name', 'the table', 'Give every column a name.');
    if (names.has(name)) {
      throw new TableShapeError(`two columns are named "${name}"`, 'the table', 'Rename or drop one of them.');
    }
    names.add(name);
    if (values.length !== rowCount) {
      throw new TableShapeError(
        `column "${name}" has ${values.length} values where ${rowCount} are due`,
        'the table',
        'Give every column one value a row.',
      );
    }
  }
  return { rowCount, columns };
}

export function hasColumn(table: FeatureTable, name: string): boolean {
  return table.columns.some((candidate) => candidate.name === name);
}

/** @throws {ColumnMissingError} if the table has no column of that name */
export function column(table: FeatureTable, name: string): Column {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (!found) {
    throw new ColumnMissingError(
      `there is no column "${name}"`,
      `a table of ${table.columns.length} columns`,
      `Choose one of: ${listed(table.columns.map((candidate) => candidate.name))}.`,
    );
  }
  return found;
}

/**
 * The values of a column of numbers, a view.
 *
 * @throws {ColumnMissingError} if the table has no column of that name
 * @throws {TableShapeError} if it is a column of text
 */
export function numberValues(table: FeatureTable, name: string): Float64Array {
  const found = column(table, name);
  if (found.kind !== 'number') {
    throw new TableShapeError(`column "${name}" holds text`, 'the table', 'Name a column of numbers.');
  }
  return found.values;
}

/**
 * A column as text, whatever its kind: numbers in their shortest form, missing as null. For ids, sites, levels.
 *
 * @throws {ColumnMissingError} if the table has no column of that name
 */
export function textValues(table: FeatureTable, name: string): readonly (string | null)[] {
  const found = column(table, name);
  if (found.kind === 'text') return found.values;
  return Array.from(found.values, (value) => (Number.isNaN(value) ? null : String(value)));
}

/** @throws {ColumnMissingError} if a name is not in the table */
export function selectColumns(table: FeatureTable, names: readonly string[]): FeatureTable {
  return featureTable(
    names.map((name) => column(table, name)),
    table.rowCount,
  );
}

/** The rows at these positions, in this order; a position may repeat. */
export function selectRows(table: FeatureTable, rows: readonly number[] | Int32Array | Uint32Array): FeatureTable {
  const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= table.rowCount);
  if (wrong !== undefined) {
    throw new TableShapeError(`there is no row ${wrong}`, `a table of ${table.rowCount} rows`, 'Rows count from 0.');
  }
  const columns = table.columns.map((source): Column => {
    if (source.kind === 'text') return { ...source, values: Array.from(rows, (row) => source.values[row]) };
    return { ...source, values: Float64Array.from(rows, (row) => source.values[row]) };
  });
  return { rowCount: rows.length, columns };
}

/**
 * Puts tables below one another. Columns are matched by name and take the order of the first table; a column without
 * any value takes the kind it has elsewhere.
 *
 * @throws {TableShapeError} if the tables differ in their columns, or one column is text here and numbers there
 */
export function concatTables(tables: readonly FeatureTable[]): FeatureTable {
  if (tables.length === 0) return { rowCount: 0, columns: [] };
  const names = tables[0].columns.map(({ name }) => name);
  for (const [index, table] of tables.entries()) checkNames(table, names, index);
  const columns = names.map((name) =>
    joined(
      name,
      tables.map((table) => column(table, name)),
    ),
  );
  const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
  return featureTable(columns, rowCount);
}

function checkNames(table: FeatureTable, names: readonly string[], index: number): void {
  const absent = names.filter((name) => !hasColumn(table, name));
  const extra = table.columns.map(({ name }) => name).filter((name) => !names.includes(name));
  if (absent.length + extra.length === 0) return;
  const parts = [
    absent.length > 0 ? `lacks ${listed(absent)}` : '',
    extra.length > 0 ? `has ${listed(extra)} beyond them` : '',
  ];
  throw new TableShapeError(
    `the columns differ from those of the first table: table ${index + 1} ${parts.filter(Boolean).join(' and ')}`,
    'concatTables',
    'Select the same columns of every table first.',
  );
}

function joined(name: string, parts: readonly Column[]): Column {
  const filled = parts.filter((part) => !isAllMissing(part));
  const kind = filled[0]?.kind ?? parts[0].kind;
  if (filled.some((part) => part.kind !== kind)) {
    throw new TableShapeError(
      `column "${name}" is text in one table and numbers in another`,
      'concatTables',
      'Read the column as the same kind everywhere.',
    );
  }
  const rowCount = parts.reduce((sum, part) => sum + part.values.length, 0);
  if (kind === 'text') {
    const values: (string | null)[] = [];
    for (const part of parts) {
      if (part.kind === 'text') for (const value of part.values) values.push(value);
      else for (let row = 0; row < part.values.length; row++) values.push(null);
    }
    return { kind, name, values };
  }
  const values = new Float64Array(rowCount).fill(NaN);
  let offset = 0;
  for (const part of parts) {
    if (part.kind === 'number') values.set(part.values, offset);
    offset += part.values.length;
  }
  return { kind, name, values };
}

function isAllMissing(part: Column): boolean {
  return part.kind === 'text' ? part.values.every((value) => value === null) : part.values.every(Number.isNaN);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} … (${names.length} in all)` : shown;
}
