import { ConcordError } from '@concord/errors';

/** Numeric columns look like covariates or outcomes and were given no role. */
export class UndeclaredColumnsError extends ConcordError {
  readonly code = 'UNDECLARED_COLUMNS';
}

/** No column is left to work on, or a pattern fits none. */
export class NoFeatureError extends ConcordError {
  readonly code = 'NO_FEATURES';
}

/** A column holds numbers but for some cells: left as text it would silently be no feature, or a covariate of many levels. */
export class TextAmongNumbersError extends ConcordError {
  readonly code = 'TEXT_AMONG_NUMBERS';

  /** @param row counted from 1, the header left out */
  constructor(column: string, row: number) {
    super(
      `column ${column} holds numbers, but text in row ${row}`,
      `column ${column}, row ${row} below the header`,
      `Correct the cell, or empty it if the value is missing; if ${column} is no number at all, name it in --id or --categorical.`,
    );
  }
}

/** Two rows have the same identifiers. */
export class DuplicateIdsError extends ConcordError {
  readonly code = 'DUPLICATE_IDS';

  constructor(columns: readonly string[], first: number, second: number) {
    super(
      `rows ${first} and ${second} have the same ${columns.join(' and ')}`,
      `column ${columns.join(', ')}, row ${second} below the header`,
      'Leave one row out; name what tells rows of one patient apart (--id patient,lesion); or, for visits, use --method longitudinal --subject.',
    );
  }
}

/** The batch column has one level, so there is nothing to adjust. */
export class OneBatchError extends ConcordError {
  readonly code = 'ONE_BATCH';
}
