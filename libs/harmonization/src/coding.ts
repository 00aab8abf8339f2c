import { type Covariate, sortedLabels } from './columns.js';
import { CombatInputError, ModelMismatchError, UnknownLevelError } from './errors.js';
import { checkSpline, isOutside, type SplineBasis, splineBasis, splineColumns } from './spline.js';

/** How a covariate became design columns; kept in the model so that new patients are coded alike. */
export type CovariateCoding =
  | { readonly name: string; readonly kind: 'categorical'; readonly levels: readonly string[] }
  | { readonly name: string; readonly kind: 'continuous' }
  | ({ readonly name: string; readonly kind: 'smooth' } & SplineBasis);

/** One column of the design matrix, without the batches. */
export interface DesignColumn {
  /** `age`, `sex=1` for a level, `age~2` for a column of a spline. */
  readonly name: string;
  readonly covariate: string;
  readonly values: Float64Array;
}

/**
 * The coding of covariates: categorical ones first, then continuous ones, then smooth ones, each in the order given;
 * levels in text order, the first being the reference level (treatment coding).
 *
 * @throws {CombatInputError} if a covariate has one level only, or too few values for its spline
 */
export function codingOf(covariates: readonly Covariate[]): CovariateCoding[] {
  const ordered = [
    ...covariates.filter(({ kind }) => kind === 'categorical'),
    ...covariates.filter(({ kind }) => kind === 'continuous'),
    ...covariates.filter(({ kind }) => kind === 'smooth'),
  ];
  return ordered.map((covariate) => {
    if (covariate.kind === 'continuous') return { name: covariate.name, kind: 'continuous' };
    if (covariate.kind === 'smooth') return { name: covariate.name, kind: 'smooth', ...smoothing(covariate) };
    const levels = sortedLabels(covariate.values.map((value, row) => levelText(covariate.name, value, row)));
    if (levels.length < 2) {
      throw new CombatInputError(
        `covariate ${covariate.name} has one level only, so there is no effect to preserve`,
        `covariate ${covariate.name}`,
        'Leave it out.',
      );
    }
    return { name: covariate.name, kind: 'categorical', levels };
  });
}

/**
 * Design columns of a coding for the given rows.
 *
 * @throws {ModelMismatchError} if a covariate of the coding is not given, or given in another kind
 * @throws {UnknownLevelError} if a level is not in the coding
 */
export function designColumns(coding: readonly CovariateCoding[], covariates: readonly Covariate[]): DesignColumn[] {
  return coding.flatMap((code) => {
    const covariate = covariates.find(({ name }) => name === code.name);
    if (covariate?.kind !== code.kind) {
      throw new ModelMismatchError(
        `covariate ${code.name} (${code.kind}) is not given`,
        `covariate ${code.name}`,
        'Give every covariate that the model was fitted with, in the same kind.',
      );
    }
    if (covariate.kind === 'continuous') {
      return [{ name: code.name, covariate: code.name, values: continuousValues(covariate) }];
    }
    if (code.kind === 'smooth') {
      const columns = splineColumns(code, continuousValues(covariate as NumberCovariate));
      return columns.map((values, j) => ({ name: `${code.name}~${j + 1}`, covariate: code.name, values }));
    }
    return levelColumns(code as CovariateCoding & { kind: 'categorical' }, covariate.values as (string | number)[]);
  });
}

/** Sentences about values outside the range that a spline was fitted on: it goes on there as a straight line. */
export function extrapolations(coding: readonly CovariateCoding[], covariates: readonly Covariate[]): string[] {
  return coding.flatMap((code) => {
    const covariate = covariates.find(({ name }) => name === code.name);
    if (code.kind !== 'smooth' || covariate?.kind !== 'smooth') return [];
    const count = Array.from(covariate.values).filter((value) => isOutside(code, value)).length;
    return count === 0
      ? []
      : [`${code.name}: ${count} values lie outside the range of the fit; its spline is extrapolated.`];
  });
}

/** Design columns that a coding makes. */
export function designColumnNames(coding: readonly CovariateCoding[]): string[] {
  return coding.flatMap((code) => {
    if (code.kind === 'categorical') return code.levels.slice(1).map((level) => `${code.name}=${level}`);
    if (code.kind === 'continuous') return [code.name];
    return splineColumns(code, []).map((_, j) => `${code.name}~${j + 1}`);
  });
}

type NumberCovariate = Exclude<Covariate, { kind: 'categorical' }>;

function smoothing(covariate: Covariate & { kind: 'smooth' }): SplineBasis {
  const { name, basis, df, knots } = covariate;
  if (knots !== undefined) return checkSpline(name, { basis, innerKnots: knots.inner, boundary: knots.boundary });
  return splineBasis(name, basis, df ?? DEFAULT_DF[basis], continuousValues(covariate));
}

const DEFAULT_DF = { ns: 4, bs: 9 } as const;

function levelColumns(
  code: CovariateCoding & { kind: 'categorical' },
  values: readonly (string | number | null)[],
): DesignColumn[] {
  const columns = code.levels
    .slice(1)
    .map((level) => ({ name: `${code.name}=${level}`, covariate: code.name, values: new Float64Array(values.length) }));
  const indexOf = new Map(code.levels.map((level, index) => [level, index]));
  values.forEach((value, row) => {
    const level = levelText(code.name, value, row);
    const index = indexOf.get(level);
    if (index === undefined) {
      throw new UnknownLevelError(
        `covariate ${code.name} has level ${level}, which the model has not seen; it knows ${code.levels.join(', ')}`,
        `covariate ${code.name}`,
        'Correct the value, or leave these patients out.',
      );
    }
    if (index > 0) columns[index - 1].values[row] = 1;
  });
  return columns;
}

function levelText(name: string, value: string | number | null, row: number): string {
  if (value === null || value === '' || Number.isNaN(value)) throw missingCovariate(name, row);
  return String(value);
}

function continuousValues(covariate: NumberCovariate): Float64Array {
  const values = Float64Array.from(covariate.values);
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row >= 0) throw missingCovariate(covariate.name, row);
  return values;
}

function missingCovariate(name: string, row: number): CombatInputError {
  return new CombatInputError(
    `covariate ${name} is missing or not finite in row ${row + 1}`,
    `covariate ${name}`,
    'Fill it in, leave these patients out, or leave the covariate out.',
  );
}
