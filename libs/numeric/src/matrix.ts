import { requireInput } from './errors.js';

/** A dense matrix, column-major: element (i, j) is `data[j * rows + i]`, so that a column is one contiguous view. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/**
 * @param data column-major values, not copied; zeros when left out
 * @throws {NumericInputError} if a size is not a whole number or data has not rows × cols values
 */
export function matrix(rows: number, cols: number, data?: Float64Array): Matrix {
  requireInput(
    Number.isInteger(rows) && Number.isInteger(cols) && rows >= 0 && cols >= 0,
    `a matrix cannot be ${rows} × ${cols}`,
    'matrix(rows, cols)',
  );
  requireInput(
    data === undefined || data.length === rows * cols,
    `${data?.length} values do not fill a ${rows} × ${cols} matrix`,
    'matrix(rows, cols, data)',
  );
  return { rows, cols, data: data ?? new Float64Array(rows * cols) };
}

/** The matrix whose columns are the given vectors, copied. Their lengths must agree. */
export function matrixOfColumns(columns: readonly ArrayLike<number>[], rows = columns[0]?.length ?? 0): Matrix {
  const result = matrix(rows, columns.length);
  columns.forEach((column, j) => {
    requireInput(column.length === rows, `column ${j} has ${column.length} values, not ${rows}`, 'matrixOfColumns');
    result.data.set(column, j * rows);
  });
  return result;
}

/** A view (not a copy) of column j. */
export function columnView(a: Matrix, j: number): Float64Array {
  return a.data.subarray(j * a.rows, (j + 1) * a.rows);
}

/** a' b, for matrices with equally many rows; cost rows × a.cols × b.cols. */
export function crossProduct(a: Matrix, b: Matrix): Matrix {
  requireInput(a.rows === b.rows, `${a.rows} and ${b.rows} rows do not agree`, 'crossProduct(a, b)');
  const result = matrix(a.cols, b.cols);
  for (let j = 0; j < b.cols; j++) {
    for (let i = 0; i < a.cols; i++) {
      let sum = 0;
      for (let r = 0, x = i * a.rows, y = j * b.rows; r < a.rows; r++, x++, y++) sum += a.data[x] * b.data[y];
      result.data[j * a.cols + i] = sum;
    }
  }
  return result;
}

/** a x for a vector x of a.cols values. */
export function matrixTimesVector(a: Matrix, x: ArrayLike<number>): Float64Array {
  requireInput(a.cols === x.length, `${a.cols} columns and ${x.length} values do not agree`, 'matrixTimesVector(a, x)');
  const result = new Float64Array(a.rows);
  for (let j = 0, k = 0; j < a.cols; j++) {
    const factor = x[j];
    for (let i = 0; i < a.rows; i++, k++) result[i] += a.data[k] * factor;
  }
  return result;
}
