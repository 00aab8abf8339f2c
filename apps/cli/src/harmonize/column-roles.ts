import { ConcordError } from '@concord/errors';
import type { Covariate, FeatureColumn } from '@concord/harmonization';
import { column, type FeatureTable, isIdName, numberValues, textValues } from '@concord/tables';
import { UsageError } from '../lib/errors.js';

/** Numeric columns look like covariates or outcomes and were given no role. */
export class UndeclaredColumnsError extends ConcordError {
  readonly code = 'UNDECLARED_COLUMNS';
}

/** No column is left to work on, or a pattern fits none. */
export class NoFeatureError extends ConcordError {
  readonly code = 'NO_FEATURES';
}

/** Which column is what, as typed. */
export interface RoleOptions {
  readonly batch: string;
  readonly covariates?: readonly string[];
  readonly categorical?: readonly string[];
  readonly outcome?: readonly string[];
  readonly id?: readonly string[];
  /** Patterns of feature names with `*` and `?`; all numeric columns without a role when absent. */
  readonly features?: readonly string[];
  /** Further columns with a role of their own (the one of --fit-rows). */
  readonly others?: readonly string[];
}

/** The columns of a table by role. */
export interface ColumnRoles {
  readonly features: FeatureColumn[];
  readonly batch: readonly (string | null)[];
  readonly covariates: Covariate[];
}

const SUSPECT_WORDS = new Set(
  'age sex gender event status time os pfs dfs rfs ttp ttr outcome death dead died recurrence relapse survival followup censored target label response'.split(
    ' ',
  ),
);

/** True for names like `age`, `os_months`, `time_to_event`: at most three words, one of them telling. */
export function looksLikeCovariate(name: string): boolean {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  return words.length <= 3 && words.some((word) => SUSPECT_WORDS.has(word));
}

/** True for a covariate whose name looks like an outcome of a study. */
export function looksLikeOutcome(name: string): boolean {
  return looksLikeCovariate(name) && !/\b(age|sex|gender)\b/i.test(name.replace(/[^a-z]+/gi, ' '));
}

/**
 * Sorts the columns of a table into roles.
 *
 * @throws {ColumnMissingError} if a named column is not in the table
 * @throws {UsageError} if --categorical names a column that is no covariate
 * @throws {UndeclaredColumnsError} if numeric columns look like covariates or outcomes, and no features were named
 * @throws {NoFeatureError} if nothing is left
 */
export function columnRoles(table: FeatureTable, options: RoleOptions): ColumnRoles {
  const covariates = covariatesOf(table, options);
  const named = [options.batch, ...covariates.map(({ name }) => name)];
  for (const name of [...(options.outcome ?? []), ...(options.id ?? []), ...(options.others ?? [])]) {
    column(table, name);
    named.push(name);
  }
  const taken = new Set(named);
  const batch = textValues(table, options.batch);
  return { features: featuresOf(table, options, taken), batch, covariates };
}

function covariatesOf(table: FeatureTable, options: RoleOptions): Covariate[] {
  const names = options.covariates ?? [];
  const stray = options.categorical?.find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw new UsageError(`${stray} is not among --covariates`, '--categorical', `Add ${stray} to --covariates, too.`);
  }
  return names.map((name) =>
    column(table, name).kind === 'text' || options.categorical?.includes(name)
      ? { name, kind: 'categorical', values: textValues(table, name) }
      : { name, kind: 'continuous', values: numberValues(table, name) },
  );
}

function featuresOf(
  table: FeatureTable,
  { features: patterns }: RoleOptions,
  taken: ReadonlySet<string>,
): FeatureColumn[] {
  const candidates = table.columns.filter(
    ({ kind, name }) => kind === 'number' && !taken.has(name) && !isIdName(name) && !name.startsWith('diagnostics_'),
  ) as FeatureColumn[];
  if (patterns === undefined || patterns.length === 0) {
    const suspects = candidates.filter(({ name }) => looksLikeCovariate(name)).map(({ name }) => name);
    if (suspects.length > 0) throw undeclared(suspects);
  }
  const chosen = patterns?.length ? matching(candidates, patterns) : candidates;
  if (chosen.length === 0) {
    throw new NoFeatureError(
      'no numeric column is left as a feature',
      `a table of ${table.columns.length} columns`,
      'Check that features are numbers, and which roles were given.',
    );
  }
  return chosen.map(({ name, values }) => ({ name, values }));
}

function undeclared(names: readonly string[]): UndeclaredColumnsError {
  return new UndeclaredColumnsError(
    `${names.length} numeric columns look like covariates or outcomes and have no role: ${names.join(', ')}`,
    'the table',
    "Name them in --covariates, --outcome or --id, or take them as features with --features '*'.",
  );
}

function matching(candidates: readonly FeatureColumn[], patterns: readonly string[]): FeatureColumn[] {
  const byName = new Map(candidates.map((feature) => [feature.name, feature]));
  const chosen = new Set<FeatureColumn>();
  for (const pattern of patterns) {
    const exact = byName.get(pattern);
    const fits = globPattern(pattern);
    const found = exact ? [exact] : candidates.filter(({ name }) => fits.test(name));
    if (found.length === 0) {
      throw new NoFeatureError(
        `no numeric column without a role fits ${pattern}`,
        '--features',
        'Check the spelling; * stands for any letters, ? for one.',
      );
    }
    found.forEach((feature) => chosen.add(feature));
  }
  return candidates.filter((feature) => chosen.has(feature));
}

function globPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
