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

/** Old samples kept beyond those that are mixed: the spline's prefilter decays by 0.268 each, to 1e-17. */
const MARGIN = 30;

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
 * @param sizes of the box, x-fastest; that of the axis is `sampling.count`
 */
export function sampleAxis(
  box: Float64Array,
  sizes: readonly number[],
  axis: number,
  sampling: AxisSampling,
  method: SamplingMethod,
): Float64Array {
  const { positions, first, count } = sampling;
  if (positions.every(Number.isInteger)) method = 'sitkNearestNeighbor'; // splines pass through the samples
  const inner = sizes.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
  if (method === 'sitkBSpline') prefilterInPlace(box, inner, count, outer);
  const result = new Float64Array(inner * positions.length * outer);
  for (let n = 0; n < positions.length; n++) {
    const { indices, weights } = taps(positions[n] - first, count, method);
    for (let o = 0; o < outer; o++) {
      const line = inner * count * o;
      const to = inner * (n + positions.length * o);
      // Starting from the first sample, a line between equal values stays at them exactly, as it does in ITK.
      const base = line + inner * indices[0];
      for (let i = 0; i < inner; i++) result[to + i] = box[base + i];
      for (let tap = 1; tap < weights.length; tap++) {
        const [weight, from] = [weights[tap], line + inner * indices[tap]];
        for (let i = 0; i < inner; i++) result[to + i] += weight * (box[from + i] - box[base + i]);
      }
    }
  }
  return result;
}

/** Samples that mix at a position, and their weights, which add up to 1. */
function taps(position: number, count: number, method: SamplingMethod): { indices: number[]; weights: number[] } {
  const clamped = (index: number): number => Math.min(Math.max(index, 0), count - 1);
  if (method === 'sitkNearestNeighbor') return { indices: [clamped(Math.floor(position + 0.5))], weights: [1] };
  const below = Math.floor(position);
  const t = position - below;
  if (method === 'sitkLinear') return { indices: [clamped(below), clamped(below + 1)], weights: [1 - t, t] };
  return { indices: [-1, 0, 1, 2].map((step) => mirrored(below + step, count)), weights: splineWeights(t) };
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
