import type { Column, FeatureTable } from '@concord/tables';
import { UsageError } from '../lib/errors.js';

/** A difference or ratio between two phases or time points: `portal-arterial`, `portal/arterial`. */
export interface Delta {
  readonly name: string;
  readonly of: string;
  readonly operation: '-' | '/';
  readonly to: string;
}

/** How rows of several phases become one. */
export interface PhaseLayout {
  /** In the order of the column groups. */
  readonly phases: readonly string[];
  readonly deltas: readonly Delta[];
}

/**
 * The phases of a case list, in the order given or of their first row, and the deltas between them.
 *
 * @param column of the list, `phase`
 * @throws {UsageError} if a row has no phase or one that was not given, or a delta names none of them
 */
export function phaseLayout(column: Column, given: readonly string[], deltas: readonly string[]): PhaseLayout {
  const named = Array.from(column.values as ArrayLike<string | number | null>, (value) =>
    value === null || Number.isNaN(value) ? '' : String(value),
  );
  const phases = given.length > 0 ? given : [...new Set(named)];
  const wrong = named.findIndex((phase) => phase === '' || !phases.includes(phase));
  if (wrong >= 0) {
    const what = `line ${wrong + 2} of the list has ${named[wrong] ? `the phase ${named[wrong]}` : 'no phase'}`;
    throw new UsageError(what, 'column phase', `Give one of ${phases.filter(Boolean).join(', ')}.`);
  }
  return { phases, deltas: deltas.map((text) => deltaOf(text, phases)) };
}

function deltaOf(name: string, phases: readonly string[]): Delta {
  for (const of of phases) {
    for (const to of phases) {
      for (const operation of ['-', '/'] as const) {
        if (of !== to && name === `${of}${operation}${to}`) return { name, of, operation, to };
      }
    }
  }
  const example = phases.length > 1 ? `such as ${phases[1]}-${phases[0]} or ${phases[1]}/${phases[0]}` : 'of two';
  throw new UsageError(`there is no delta ${name}`, '--delta', `Name phases of the list, ${example}.`);
}

/**
 * Makes one row of the rows of a case and region (and reader, if the list has them): the columns of a phase are `arterial:stat_mean`,
 * those of a delta `portal-arterial:stat_mean`. A ratio to 0 is missing. Further columns of the list are those of the first row.
 *
 * @param table a wide one, whose first columns are `case`, `roi` and `carried`
 * @param carried names of further columns, `phase` among them
 * @throws {UsageError} if two rows are of the same case, region and phase
 */
export function withPhases(table: FeatureTable, carried: readonly string[], layout: PhaseLayout): FeatureTable {
  const { columns } = table;
  const own = columns.filter(({ name }, n) => n < 2 + carried.length && name !== 'phase');
  const features = columns.slice(2 + carried.length);
  const rows = rowsByPhase(table, columns.slice(0, 2 + carried.length));
  const firsts = rows.map((byPhase) => Math.min(...byPhase.values()));
  const at = (column: Column, phase: string): (string | number | null)[] =>
    rows.map((byPhase) => {
      const row = byPhase.get(phase);
      return row === undefined ? null : column.values[row];
    });
  return {
    rowCount: rows.length,
    columns: [
      ...own.map((column) =>
        filled(
          column,
          column.name,
          firsts.map((row) => column.values[row]),
        ),
      ),
      ...layout.phases.flatMap((phase) =>
        features.map((column) => filled(column, `${phase}:${column.name}`, at(column, phase))),
      ),
      ...layout.deltas.flatMap((delta) =>
        features
          .filter(({ kind, name }) => kind === 'number' && !name.startsWith('diagnostics_'))
          .map((column) => deltaColumn(column, delta, at)),
      ),
    ],
  };
}

/** For each case, region and reader, the row of each phase. */
function rowsByPhase({ rowCount }: FeatureTable, first: readonly Column[]): Map<string, number>[] {
  const key = first.filter(({ name }) => ['case', 'roi', 'reader'].includes(name));
  const phase = first.find(({ name }) => name === 'phase')!; // the caller looked
  const groups = new Map<string, Map<string, number>>();
  for (let row = 0; row < rowCount; row++) {
    const id = JSON.stringify(key.map(({ values }) => values[row]));
    const group = groups.get(id) ?? new Map<string, number>();
    const own = String(phase.values[row]);
    if (group.has(own)) {
      throw new UsageError(
        `two rows are of the phase ${own} of ${key.map(({ values }) => values[row]).join(', ')}`,
        'the list of cases',
        'Give each case, region and phase one row; readers go into a column reader.',
      );
    }
    groups.set(id, group.set(own, row));
  }
  return [...groups.values()];
}

function filled(column: Column, name: string, values: readonly (string | number | null)[]): Column {
  return column.kind === 'text'
    ? { kind: 'text', name, values: values.map((value) => (value === null ? null : String(value))) }
    : { kind: 'number', name, values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) };
}

function deltaColumn(
  column: Column,
  { name, of, operation, to }: Delta,
  at: (column: Column, phase: string) => (string | number | null)[],
): Column {
  const [left, right] = [at(column, of), at(column, to)];
  const values = left.map((value, row) => {
    const [a, b] = [value ?? NaN, right[row] ?? NaN].map(Number);
    const result = operation === '-' ? a - b : a / b;
    return Number.isFinite(result) ? result : null;
  });
  return filled(column, `${name}:${column.name}`, values);
}
