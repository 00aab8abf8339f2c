/** Shares of the pairs of levels that occur; rows and columns are ranks from 0. */
export interface PairShares {
  readonly rows: Uint16Array;
  readonly columns: Uint16Array;
  readonly shares: Float64Array;
  /** Sums over rows and over columns, for each rank. */
  readonly rowShares: Float64Array;
  readonly columnShares: Float64Array;
}
