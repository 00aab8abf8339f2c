import type { Triple } from '@concord/imaging';
import type { AxisTaps, InterpolationMethod } from './resampling-grid.js';

/**
 * Old voxels kept around a box before the cubic spline's prefilter, which decays by 0.27 a voxel: what is cut off
 * changes the result by 2e-14 of the range. Beyond the image the nearest edge value counts.
 */
const CUBIC_MARGIN = 24;

/**
 * Interpolates a box of new voxels from an image, axis by axis, in double precision.
 *
 * Only the box is computed. Cubic is the B-spline of order 3 with prefilter, mirrored beyond the margin (Unser 1999),
 * which passes through the old values.
 *
 * @param data old voxels, x-fastest
 * @param read maps an old value on reading: rounding, or the identity
 * @returns the box, x-fastest
 */
export function interpolateBox(
  data: ArrayLike<number>,
  shape: Triple,
  axes: readonly [AxisTaps, AxisTaps, AxisTaps],
  method: InterpolationMethod,
  read: (value: number) => number,
): Float64Array {
  const margins = axes.map((axis) => (method === 'cubic' && axis.tapCount === 4 ? CUBIC_MARGIN : 0));
  const starts = axes.map((axis, n) => axis.firstOld - margins[n]);
  const counts = axes.map((axis, n) => axis.oldCount + 2 * margins[n]);
  let box = cropClamped(data, shape, starts, counts, read);
  for (let axis = 0; axis < 3; axis++) if (margins[axis] > 0) prefilterInPlace(box, counts, axis);
  if (margins.some((margin) => margin > 0)) {
    const inner = axes.map((axis) => axis.oldCount);
    box = cropClamped(box, [counts[0], counts[1], counts[2]], margins, inner, (value) => value);
  }
  let size: number[] = axes.map((axis) => axis.oldCount);
  for (const axis of [2, 1, 0]) {
    box = mixAlong(box, size, axis, axes[axis]);
    size = size.map((n, other) => (other === axis ? axes[axis].count : n));
  }
  return box;
}

/** Copies a box whose indices may lie outside the grid: the nearest voxel of the grid counts there. */
function cropClamped(
  data: ArrayLike<number>,
  [nx, ny, nz]: Triple,
  starts: readonly number[],
  counts: readonly number[],
  read: (value: number) => number,
): Float64Array {
  const box = new Float64Array(counts[0] * counts[1] * counts[2]);
  const clamp = (value: number, n: number): number => Math.min(Math.max(value, 0), n - 1);
  const columns = Int32Array.from({ length: counts[0] }, (_, i) => clamp(starts[0] + i, nx));
  let to = 0;
  for (let k = 0; k < counts[2]; k++) {
    const z = clamp(starts[2] + k, nz);
    for (let j = 0; j < counts[1]; j++) {
      const row = nx * (clamp(starts[1] + j, ny) + ny * z);
      for (let i = 0; i < columns.length; i++) box[to++] = read(data[row + columns[i]]);
    }
  }
  return box;
}

/** Mixes old values along one axis into new ones. */
function mixAlong(box: Float64Array, size: readonly number[], axis: number, taps: AxisTaps): Float64Array {
  const inner = size.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = size.slice(axis + 1).reduce((product, n) => product * n, 1);
  const { count, oldCount, tapCount, starts, weights } = taps;
  const mixed = new Float64Array(inner * count * outer);
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < count; n++) {
      const to = inner * (n + count * o);
      for (let tap = 0; tap < tapCount; tap++) {
        const weight = weights[n * tapCount + tap];
        const from = inner * (starts[n] + tap + oldCount * o);
        for (let i = 0; i < inner; i++) mixed[to + i] += weight * box[from + i];
      }
    }
  }
  return mixed;
}

/** Turns values into the coefficients of the cubic B-spline through them, along one axis, mirrored at its ends. */
function prefilterInPlace(box: Float64Array, size: readonly number[], axis: number): void {
  const pole = Math.sqrt(3) - 2;
  const inner = size.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = size.slice(axis + 1).reduce((product, n) => product * n, 1);
  const count = size[axis];
  for (let o = 0; o < outer; o++) {
    const line = inner * count * o;
    const last = line + inner * (count - 1);
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let n = Math.min(count, 2 * CUBIC_MARGIN) - 1; n >= 0; n--) sum = sum * pole + box[line + inner * n + i];
      box[line + i] = sum;
    }
    for (let at = line + inner; at <= last; at += inner) {
      for (let i = 0; i < inner; i++) box[at + i] += pole * box[at - inner + i];
    }
    for (let i = 0; i < inner; i++) {
      box[last + i] = (6 * pole * (box[last + i] + pole * box[last - inner + i])) / (pole * pole - 1);
    }
    for (let at = last - inner; at >= line; at -= inner) {
      for (let i = 0; i < inner; i++) box[at + i] = pole * (box[at + inner + i] - 6 * box[at + i]);
    }
  }
}
