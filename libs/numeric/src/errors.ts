import { ConcordError } from '@concord/errors';

/** An argument of a numeric function is empty, out of range, or not finite where it must be. */
export class NumericInputError extends ConcordError {
  readonly code = 'NUMERIC_INPUT_INVALID';
}

/** A matrix that had to be positive definite is not (or not in double precision). */
export class NotPositiveDefiniteError extends ConcordError {
  readonly code = 'MATRIX_NOT_POSITIVE_DEFINITE';

  /** @param columnIndex column whose pivot vanished: it depends linearly on those before it */
  constructor(
    readonly columnIndex: number,
    where: string,
  ) {
    super(
      `the matrix is not positive definite: the pivot of column ${columnIndex} vanishes`,
      where,
      'Drop columns that depend linearly on others.',
    );
  }
}

/** A root was asked for in an interval at whose ends the function has the same sign. */
export class NoRootInIntervalError extends ConcordError {
  readonly code = 'NO_ROOT_IN_INTERVAL';
}

/** @throws {NumericInputError} unless the condition holds */
export function requireInput(condition: boolean, what: string, where: string, fix = 'Check the input.'): void {
  if (!condition) throw new NumericInputError(what, where, fix);
}
