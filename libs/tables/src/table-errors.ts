import { ConcordError } from '@concord/errors';

/** Columns do not fit together: lengths, names or kinds. */
export class TableShapeError extends ConcordError {
  readonly code = 'TABLE_SHAPE';
}

/** A column was asked for that the table does not have. */
export class ColumnMissingError extends ConcordError {
  readonly code = 'COLUMN_MISSING';
}

/** The bytes are no whole Arrow IPC file. */
export class NotArrowError extends ConcordError {
  readonly code = 'NOT_ARROW';
}

/** An Arrow column is of a type that a feature table does not hold. */
export class ArrowTypeError extends ConcordError {
  readonly code = 'ARROW_TYPE';
}

/** The text is no CSV table: quotes left open, lines of unequal length, no header. */
export class CsvFormatError extends ConcordError {
  readonly code = 'CSV_FORMAT';
}

/** Numbers can be read in two ways, and the wrong one would be wrong by a factor of a thousand. */
export class CsvDecimalError extends ConcordError {
  readonly code = 'CSV_AMBIGUOUS_DECIMAL';
}

/** More bytes than a table may have. */
export class TableTooLargeError extends ConcordError {
  readonly code = 'TABLE_TOO_LARGE';
}
