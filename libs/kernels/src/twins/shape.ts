/**
 * Sums of an image over a ball around each voxel of some rows, from running sums along x: a ball is a bundle of rows,
 * and the sum of a stretch of a row is the difference of two running sums.
 *
 * @param running at `c + pitch * row` the sum of the row's first c values; row = y + rowsPerSlice * z
 * @param sums where the sum around voxel x of the row goes: `x + sumPitch * n` for the n-th row; only its span is written
 *   (and up to three numbers behind it)
 * @param rowStarts position in `running` of the voxel at x = 0 of each row
 * @param spans first and last x of each row; nothing is done where the last is less than the first
 * @param ball for each row of the ball its distance in `running` from the middle row, and how many voxels it reaches to
 *   each side
 * @param ballRows number of rows of the ball
 */
export function ballSums(
  running: Float64Array,
  sums: Float64Array,
  sumPitch: number,
  rowStarts: Int32Array,
  spans: Int32Array,
  ball: Int32Array,
  ballRows: number,
  /** First row, and the one after the last. */
  first: number,
  last: number,
): void {
  for (let row = first; row < last; row++) {
    for (let x = spans[2 * row]; x <= spans[2 * row + 1]; x++) {
      let sum = 0;
      for (let n = 0; n < ballRows; n++) {
        const at = rowStarts[row] + x + ball[2 * n];
        sum += running[at + ball[2 * n + 1] + 1] - running[at - ball[2 * n + 1]];
      }
      sums[x + sumPitch * row] = sum;
    }
  }
}
