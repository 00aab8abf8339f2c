import { areDates, textProblem } from './disclosure-text.js';
import { isPseudonym } from './pseudonym.js';
import { markReleased, type Released } from './released.js';
import type { ReleaseRule } from './release-rule.js';
import { Suppressed } from './suppressed.js';

/** The least a table must be; `FeatureTable` of `@concord/tables` is one. NaN and null are missing. */
export interface ReleasableTable {
  readonly rowCount: number;
  readonly columns: readonly ReleasableColumn[];
}

export type ReleasableColumn =
  | { readonly kind: 'text'; readonly name: string; readonly values: readonly (string | null)[] }
  | { readonly kind: 'number'; readonly name: string; readonly values: Float64Array };

/** What is known of a table beside its cells. */
export interface ReleaseContext {
  /** The names the frozen protocol lets out, in its order, the pseudonym's first. */
  readonly columns: readonly string[];
  /** Measured on images: numbers are rounded as the rule says. A table that the site made keeps its numbers. */
  readonly source: 'images' | 'table';
  /** Pseudonyms of every earlier release of this kind in this study. */
  readonly earlier: readonly (readonly string[])[];
}

/**
 * Lets a table of one row a patient out of a site, or says why not.
 *
 * The first column holds pseudonyms, the others are numbers, or text where the rule lists the column. Checked in this
 * order: columns are those of the protocol; enough rows; pseudonyms are ones, each once; text is about a scanner; no
 * number is infinite, no column is dates; the members are those of an earlier release or differ by enough.
 *
 * @returns the table as it may leave (numbers rounded if the rule says so), or `Suppressed`
 */
export function releaseTable(
  table: ReleasableTable,
  rule: ReleaseRule,
  context: ReleaseContext,
): Released<ReleasableTable> | Suppressed {
  const suppressed =
    checkColumns(table, context.columns) ??
    checkRows(table, rule) ??
    checkPseudonyms(table.columns[0]) ??
    firstOf(table.columns.slice(1), (column) => checkCells(column, rule)) ??
    checkDifference(membersOf(table), rule, context.earlier);
  if (suppressed) return suppressed;
  const digits = context.source === 'images' ? rule.significantDigits : null;
  const checks = [
    `columns are the ${context.columns.length} of the protocol`,
    `${table.rowCount} patients, at least ${rule.minimumRows}`,
    'patients by pseudonym only, each once',
    'no text but short words about the scanner; no dates, UIDs or record numbers',
    `members equal or differ by at least ${rule.minimumDifference} from ${context.earlier.length} earlier`,
    digits === null ? 'numbers unrounded: the table is the site’s own' : `numbers to ${digits} significant digits`,
  ];
  const value = digits === null ? table : { ...table, columns: table.columns.map((c) => rounded(c, digits)) };
  return markReleased(value, { rule: rule.name, checks });
}

/** The number nearest to `value` with so many significant decimal digits; NaN stays NaN. */
export function roundToSignificant(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

function checkColumns(table: ReleasableTable, wanted: readonly string[]): Suppressed | null {
  const names = table.columns.map((column) => column.name);
  const extra = names.find((name) => !wanted.includes(name));
  if (extra !== undefined) {
    return new Suppressed(
      'COLUMN_NOT_IN_PROTOCOL',
      `column "${extra}"`,
      'the frozen protocol does not name it',
      'Leave the column out.',
    );
  }
  const absent = wanted.find((name) => !names.includes(name));
  if (absent !== undefined) {
    return new Suppressed(
      'COLUMN_MISSING',
      `column "${absent}"`,
      'the protocol names it, the table lacks it',
      'Add it.',
    );
  }
  if (names.some((name, index) => name !== wanted[index])) {
    return new Suppressed('COLUMN_ORDER', 'columns', 'they stand in another order', 'Order them as the protocol does.');
  }
  return null;
}

function checkRows(table: ReleasableTable, rule: ReleaseRule): Suppressed | null {
  if (table.rowCount >= rule.minimumRows) return null;
  return new Suppressed(
    'TOO_FEW_ROWS',
    'rows',
    `${table.rowCount} patients are fewer than ${rule.minimumRows}`,
    'Add cases, or mend refused ones.',
  );
}

function checkPseudonyms(column: ReleasableColumn): Suppressed | null {
  if (column.kind !== 'text') {
    return new Suppressed('COLUMN_KIND', `column "${column.name}"`, 'pseudonyms are text', 'Report this as a bug.');
  }
  const seen = new Set<string>();
  for (const [row, value] of column.values.entries()) {
    if (value === null || !isPseudonym(value) || seen.has(value)) {
      return new Suppressed(
        'PSEUDONYM_INVALID',
        `column "${column.name}", row ${row + 1}`,
        value !== null && seen.has(value) ? 'a pseudonym occurs twice' : 'this is no pseudonym',
        'Give every patient one row, named by the pseudonym of the study.',
      );
    }
    seen.add(value);
  }
  return null;
}

function checkCells(column: ReleasableColumn, rule: ReleaseRule): Suppressed | null {
  const where = `column "${column.name}"`;
  if (column.kind === 'number') {
    const infinite = column.values.findIndex((value) => !Number.isFinite(value) && !Number.isNaN(value));
    if (infinite >= 0) {
      return new Suppressed(
        'NUMBER_NOT_FINITE',
        `${where}, row ${infinite + 1}`,
        'the number is infinite',
        'Leave the cell empty where a value cannot be measured.',
      );
    }
    if (!areDates(column.values)) return null;
    return new Suppressed(
      'NUMBER_IS_DATE',
      where,
      'its numbers are calendar dates',
      'Leave dates out; send durations.',
    );
  }
  if (!rule.textColumns.includes(column.name)) {
    return new Suppressed('TEXT_NOT_ALLOWED', where, 'text may leave in scanner columns only', 'Code it as a number.');
  }
  for (const [row, value] of column.values.entries()) {
    const problem = value === null ? null : textProblem(value, rule.maximumTextLength);
    if (problem !== null) {
      return new Suppressed(
        'TEXT_NOT_ALLOWED',
        `${where}, row ${row + 1}`,
        `its text ${problem}`,
        'Empty the cell, or correct it in the image files.',
      );
    }
  }
  return null;
}

function checkDifference(
  members: ReadonlySet<string>,
  rule: ReleaseRule,
  earlier: ReleaseContext['earlier'],
): Suppressed | null {
  for (const [index, before] of earlier.entries()) {
    const known = new Set(before);
    const left = before.filter((member) => !members.has(member)).length;
    const come = [...members].filter((member) => !known.has(member)).length;
    if (left + come > 0 && left + come < rule.minimumDifference) {
      return new Suppressed(
        'DIFFERENCING',
        `release ${index + 1} of this kind`,
        `${come} patients came and ${left} left since: by comparing both, ${left + come} can be singled out`,
        `Send the same patients again, or wait until at least ${rule.minimumDifference} differ.`,
      );
    }
  }
  return null;
}

function membersOf(table: ReleasableTable): Set<string> {
  const [column] = table.columns;
  return new Set(column.kind === 'text' ? column.values.filter((value) => value !== null) : []);
}

function rounded(column: ReleasableColumn, digits: number): ReleasableColumn {
  if (column.kind === 'text') return column;
  return { ...column, values: column.values.map((value) => roundToSignificant(value, digits)) };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
