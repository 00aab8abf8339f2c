import {
  type BatchVariable,
  type Covariate,
  type CovariateCoding,
  type FeatureColumn,
  ModelMismatchError,
  type SplineBasis,
} from '@concord/harmonization';
import { column, type FeatureTable, isIdName, textValues } from '@concord/tables';
import { UsageError } from '../lib/errors.js';
import { NoFeatureError, TextAmongNumbersError, UndeclaredColumnsError } from './errors.js';
import { looksLikeCovariate } from './suspicious-names.js';
import { checkIds, numbersOf, textAmongNumbers } from './table-checks.js';

/** Which column is what, as typed. */
export interface RoleOptions {
  readonly batch: readonly string[];
  readonly covariates?: readonly string[];
  readonly categorical?: readonly string[];
  /** Covariates with a spline. */
  readonly smooth?: readonly string[];
  readonly basis?: SplineBasis['basis'];
  readonly df?: number;
  readonly outcome?: readonly string[];
  readonly subject?: string;
  readonly id?: readonly string[];
  /** Patterns of feature names with `*` and `?`; all numeric columns without a role when absent. */
  readonly features?: readonly string[];
  /** Further columns with a role of their own (the one of --fit-rows). */
  readonly others?: readonly string[];
}

/** The columns of a table by role. */
export interface ColumnRoles {
  readonly features: FeatureColumn[];
  readonly batches: readonly BatchVariable[];
  readonly covariates: Covariate[];
  readonly subject?: BatchVariable;
}

/**
 * Sorts the columns of a table into roles.
 *
 * @throws {ColumnMissingError} if a named column is not in the table
 * @throws {UsageError} if --categorical names a column that is no covariate
 * @throws {UndeclaredColumnsError} if numeric columns look like covariates or outcomes, and no features were named
 * @throws {TextAmongNumbersError} if a feature or a covariate holds numbers and text
 * @throws {DuplicateIdsError} if two rows have the same identifiers and are not declared as visits
 * @throws {NoFeatureError} if nothing is left
 */
export function columnRoles(table: FeatureTable, options: RoleOptions): ColumnRoles {
  const covariates = covariatesOf(table, options);
  const named = [...options.batch, ...covariates.map(({ name }) => name)];
  const subjects = options.subject === undefined ? [] : [options.subject];
  for (const name of [...(options.outcome ?? []), ...subjects, ...(options.id ?? []), ...(options.others ?? [])]) {
    column(table, name);
    named.push(name);
  }
  const batches = options.batch.map((name) => labelled(table, name));
  if (options.subject === undefined) checkIds(table, options.id);
  const features = featuresOf(table, options, new Set(named));
  const subject = options.subject === undefined ? undefined : labelled(table, options.subject);
  return { features, batches, covariates, ...(subject && { subject }) };
}

/** Columns that a model was fitted on, by their names in it. */
export interface ModelColumns {
  readonly batches: readonly string[];
  readonly subject: string | null;
  readonly features: readonly string[];
  readonly covariates: readonly CovariateCoding[];
}

/**
 * The columns that a model needs, under the names that it knows them by.
 *
 * @throws {ModelMismatchError} if the table lacks a feature or covariate of the model
 * @throws {ColumnMissingError} if it lacks the batch or subject column
 * @throws {TextAmongNumbersError} if a feature or continuous covariate holds text
 */
export function columnsForModel(table: FeatureTable, wanted: ModelColumns): ColumnRoles {
  const byName = new Map(table.columns.map((source) => [source.name, source]));
  const absent = [...wanted.features, ...wanted.covariates.map(({ name }) => name)].filter((name) => !byName.has(name));
  if (absent.length > 0) {
    const some = absent.slice(0, 5).join(', ') + (absent.length > 5 ? ', …' : '');
    throw new ModelMismatchError(
      `the table lacks ${absent.length} columns of the model: ${some}`,
      'the table',
      'Give every feature and covariate that the model was fitted on, under the same names.',
    );
  }
  const covariates = wanted.covariates.map((coding): Covariate => {
    const { name } = coding;
    if (coding.kind === 'categorical') return { name, kind: 'categorical', values: textValues(table, name) };
    const values = numbersOf(byName.get(name)!);
    return coding.kind === 'smooth'
      ? { name, kind: 'smooth', basis: coding.basis, values }
      : { name, kind: 'continuous', values };
  });
  return {
    features: wanted.features.map((name) => ({ name, values: numbersOf(byName.get(name)!) })),
    batches: wanted.batches.map((name) => labelled(table, name)),
    covariates,
    ...(wanted.subject !== null && { subject: labelled(table, wanted.subject) }),
  };
}

function labelled(table: FeatureTable, name: string): BatchVariable {
  return { name, labels: textValues(table, name) };
}

function covariatesOf(table: FeatureTable, options: RoleOptions): Covariate[] {
  const { smooth = [], categorical = [] } = options;
  const linear = (options.covariates ?? []).filter((name) => !smooth.includes(name));
  const stray = categorical.find((name) => !linear.includes(name));
  if (stray !== undefined) {
    throw new UsageError(`${stray} is not among --covariates`, '--categorical', `Add ${stray} to --covariates, too.`);
  }
  const df = options.df === undefined ? {} : { df: options.df };
  return [
    ...linear.map((name) => linearCovariate(table, name, categorical.includes(name))),
    ...smooth.map((name): Covariate => {
      const values = numbersOf(column(table, name));
      return { name, kind: 'smooth', values, basis: options.basis ?? 'ns', ...df };
    }),
  ];
}

function linearCovariate(table: FeatureTable, name: string, isCategorical: boolean): Covariate {
  const found = column(table, name);
  if (isCategorical) return { name, kind: 'categorical', values: textValues(table, name) };
  if (found.kind === 'number') return { name, kind: 'continuous', values: found.values };
  const row = textAmongNumbers(found.values);
  if (row >= 0) throw new TextAmongNumbersError(name, row + 1);
  return { name, kind: 'categorical', values: found.values };
}

function featuresOf(
  table: FeatureTable,
  { features: patterns = [] }: RoleOptions,
  taken: ReadonlySet<string>,
): FeatureColumn[] {
  const candidates = table.columns.filter(
    ({ name }) => !taken.has(name) && !isIdName(name) && !name.startsWith('diagnostics_'),
  );
  const numeric = candidates.filter(({ kind }) => kind === 'number') as FeatureColumn[];
  if (patterns.length === 0) {
    const suspects = numeric.filter(({ name }) => looksLikeCovariate(name)).map(({ name }) => name);
    if (suspects.length > 0) throw undeclared(suspects);
  }
  const wanted = patterns.length > 0 ? matching(candidates, numeric, patterns) : candidates;
  const named = new Set(patterns);
  const chosen = wanted.flatMap((source): FeatureColumn[] => {
    const isWanted = source.kind === 'number' || named.has(source.name) || textAmongNumbers(source.values) >= 0;
    if (!isWanted) return [];
    // A column of numbers stays as it is: it may be read from its file only when it is looked at.
    return source.kind === 'number' ? [source] : [{ name: source.name, values: numbersOf(source) }];
  });
  if (chosen.length === 0) {
    throw new NoFeatureError(
      'no numeric column is left as a feature',
      `a table of ${table.columns.length} columns`,
      'Check that features are numbers, and which roles were given.',
    );
  }
  return chosen;
}

function undeclared(names: readonly string[]): UndeclaredColumnsError {
  return new UndeclaredColumnsError(
    `${names.length} numeric columns look like covariates or outcomes and have no role: ${names.join(', ')}`,
    'the table',
    "Name them in --covariates, --outcome or --id, or take them as features with --features '*'.",
  );
}

/** Columns that fit a pattern, in the table's order. @throws {NoFeatureError} for a pattern that fits no number */
function matching<C extends { readonly name: string }>(
  candidates: readonly C[],
  numeric: readonly FeatureColumn[],
  patterns: readonly string[],
): C[] {
  const names = new Set(candidates.map(({ name }) => name));
  const fits = patterns.map((pattern) => {
    if (names.has(pattern)) return (name: string) => name === pattern;
    const expression = globPattern(pattern);
    if (!numeric.some(({ name }) => expression.test(name))) throw fitsNone(pattern);
    return (name: string) => expression.test(name);
  });
  return candidates.filter(({ name }) => fits.some((fit) => fit(name)));
}

function fitsNone(pattern: string): NoFeatureError {
  return new NoFeatureError(
    `no numeric column without a role fits ${pattern}`,
    '--features',
    'Check the spelling; * stands for any letters, ? for one.',
  );
}

function globPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
