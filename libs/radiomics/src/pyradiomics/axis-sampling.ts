import type { Kernels } from '@concord/kernels';

/** Where new samples lie along one axis, in old indices, and which of the old are read. */
export interface AxisSampling {
  readonly positions: Float64Array;
  /** First old index read, and how many. */
  readonly first: number;
  readonly count: number;
  /** Old samples of the whole image along this axis. */
  readonly total: number;
}

export type SamplingMethod = 'sitkBSpline' | 'sitkLinear' | 'sitkNearestNeighbor';

/** Old samples kept beyond those that are mixed: the spline's prefilter decays by 0.268 each, to 2e-14. */
const MARGIN = 24;

/** @param positions ascending */
export function axisSampling(positions: Float64Array, total: number): AxisSampling {
  const first = Math.max(0, Math.floor(positions[0]) - 1 - MARGIN);
  const last = Math.min(total - 1, Math.floor(positions[positions.length - 1]) + 2 + MARGIN);
  return { positions, first, count: Math.max(1, last - first + 1), total };
}

/** Whether a position lies in the image: within half a voxel of its first and last sample. */
export function isInside(position: number, total: number): boolean {
  return position >= -0.5 && position < total - 0.5;
}

/**
 * Samples a box along one axis. Beyond the ends linear and nearest take the last value; the cubic spline is mirrored at
 * the first and last sample, as in ITK.
 *
 * @param box from the arena of `kernels`, as the result; overwritten
 * @param sizes of the box, x-fastest; that of the axis is `sampling.count`
 */
export function sampleAxis(
  kernels: Kernels,
  box: Float64Array,
  sizes: readonly number[],
  axis: number,
  { positions, first, count, total }: AxisSampling,
  method: SamplingMethod,
): Float64Array {
  const { arena } = kernels;
  const isOnSamples = positions.every(Number.isInteger); // splines pass through the samples
  const { reach, weigh } = isOnSamples ? MIXES.sitkNearestNeighbor : MIXES[method];
  const taps = weigh(0).length;
  const inner = sizes.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
  if (taps === 4) prefilterBox(kernels, box, inner, count, outer);
  const starts = arena.i32(positions.length);
  const weights = arena.f64(taps * positions.length);
  positions.forEach((wanted, n) => {
    const position = Math.min(Math.max(wanted, -0.5), total - 0.5); // beyond is cleared afterwards
    const base = taps === 1 ? Math.floor(position + 0.5) : Math.floor(position);
    starts[n] = base - first + EXTENSION - reach;
    weights.set(weigh(position - base), n * taps);
  });
  const extended = extendedBox(kernels, box, inner, count, outer, taps === 4);
  const rows = positions.length * outer;
  const result = arena.f64(inner * rows);
  const oldCount = count + 2 * EXTENSION;
  kernels.now('resample', 'mix', extended, result, inner, oldCount, positions.length, starts, weights, taps, 0, rows);
  return result;
}

/** For each method, how many of the samples mixed lie below the one at or under a position, and how they weigh. */
const MIXES = {
  sitkNearestNeighbor: { reach: 0, weigh: () => [1] },
  sitkLinear: { reach: 0, weigh: (t: number) => [1 - t, t] },
  sitkBSpline: { reach: 1, weigh: splineWeights },
} as const;

/** Samples beyond either end that a position within half a voxel of it can ask for. */
const EXTENSION = 3;

function extendedBox(
  { arena }: Kernels,
  box: Float64Array,
  inner: number,
  count: number,
  outer: number,
  isMirrored: boolean,
): Float64Array {
  const width = inner * (count + 2 * EXTENSION);
  const extended = arena.f64(width * outer);
  for (let o = 0; o < outer; o++) {
    const line = box.subarray(inner * count * o, inner * count * (o + 1));
    extended.set(line, width * o + inner * EXTENSION);
    for (const n of [-3, -2, -1, count, count + 1, count + 2]) {
      const source = inner * (isMirrored ? mirrored(n, count) : Math.min(Math.max(n, 0), count - 1));
      extended.set(line.subarray(source, source + inner), width * o + inner * (n + EXTENSION));
    }
  }
  return extended;
}

/** The kernel starts from the samples of the line alone, which is enough for 24: 0.268^24 = 2e-14. */
function prefilterBox(kernels: Kernels, box: Float64Array, inner: number, count: number, outer: number): void {
  if (count < MARGIN) prefilterInPlace(box, inner, count, outer);
  else kernels.now('resample', 'prefilter', box, inner, count, Math.min(count, 2 * MARGIN), 0, inner * outer);
}

/** Weights of the four coefficients round a position that lies a fraction t beyond the second of them. */
export function splineWeights(t: number): [number, number, number, number] {
  const s = 1 - t;
  return [s ** 3 / 6, (4 - 6 * t * t + 3 * t ** 3) / 6, (4 - 6 * s * s + 3 * s ** 3) / 6, t ** 3 / 6];
}

/** Index on a line that is mirrored at its first and last sample. */
export function mirrored(index: number, count: number): number {
  if (count === 1) return 0;
  const period = 2 * (count - 1);
  const within = ((index % period) + period) % period;
  return within < count ? within : period - within;
}

/** Coefficients of the cubic spline through the samples, mirrored at both ends (Unser, IEEE SPM 16(6), 1999, box 2). */
export function prefilterInPlace(box: Float64Array, inner: number, count: number, outer: number): void {
  if (count === 1) return;
  const pole = Math.sqrt(3) - 2;
  const terms = Array.from({ length: 60 }, (_, n) => ({ index: mirrored(n, count), power: pole ** n }));
  for (let o = 0; o < outer; o++) {
    const line = inner * count * o;
    const last = line + inner * (count - 1);
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (const { index, power } of terms) sum += power * box[line + inner * index + i];
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
