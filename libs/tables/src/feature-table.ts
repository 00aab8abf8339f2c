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
