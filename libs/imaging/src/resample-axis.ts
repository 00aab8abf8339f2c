/** New voxel n of an axis lies at `start + n * step`, in old voxels; there are `size` of them. */
export interface AxisPlan {
  readonly size: number;
  readonly start: number;
  readonly step: number;
}

type Sizes = readonly [number, number, number];

/** Edge values kept beyond each end of an axis while its spline is prefiltered: 0.268^16 = 7e-10. */
export const SPLINE_PADDING = 16;
const POLE = Math.sqrt(3) - 2;

/** Positions closer than this to a voxel are on it: axes of equal spacing then stay exact. */
const SNAP = 1e-9;

function positionAt(plan: AxisPlan, n: number): number {
  const position = plan.start + n * plan.step;
  const whole = Math.round(position);
  return Math.abs(position - whole) < SNAP ? whole : position;
}

/** Elements before and after the axis in memory: `before` neighbours lie next to one another. */
function layout(sizes: Sizes, axis: number): { before: number; after: number } {
  const before = axis === 0 ? 1 : axis === 1 ? sizes[0] : sizes[0] * sizes[1];
  return { before, after: (sizes[0] * sizes[1] * sizes[2]) / (before * sizes[axis]) };
}

/**
 * Takes along one axis the nearest voxel, of two equally near the later one.
 *
 * @param sizes of `values`, x-fastest
 */
export function nearestAlongAxis(values: Float64Array, sizes: Sizes, axis: number, plan: AxisPlan): Float64Array {
  const { before, after } = layout(sizes, axis);
  const size = sizes[axis];
  const output = new Float64Array(before * plan.size * after);
  for (let outer = 0; outer < after; outer++) {
    for (let n = 0; n < plan.size; n++) {
      const nearest = Math.min(size - 1, Math.max(0, Math.floor(positionAt(plan, n) + 0.5)));
      const source = (outer * size + nearest) * before;
      output.set(values.subarray(source, source + before), (outer * plan.size + n) * before);
    }
  }
  return output;
}

/**
 * Interpolates along one axis: linearly, or by cubic B-spline of `values` that are its coefficients. Beyond the ends
 * the edge value holds.
 *
 * @param sizes of `values`, x-fastest
 */
export function interpolateAxis(
  values: Float64Array,
  sizes: Sizes,
  axis: number,
  plan: AxisPlan,
  kind: 'linear' | 'cubic',
): Float64Array {
  const { before, after } = layout(sizes, axis);
  const size = sizes[axis];
  const { taps, sources, weights } = tapTable(size, plan, kind);
  const output = new Float64Array(before * plan.size * after);
  if (before === 1) {
    // Along x there are no neighbours to go over together: sum the taps of each voxel instead.
    for (let outer = 0, target = 0; outer < after; outer++) {
      const row = outer * size;
      for (let first = 0; first < plan.size * taps; first += taps, target++) {
        let sum = 0;
        for (let tap = first; tap < first + taps; tap++) sum += weights[tap] * values[row + sources[tap]];
        output[target] = sum;
      }
    }
    return output;
  }
  for (let outer = 0; outer < after; outer++) {
    for (let n = 0; n < plan.size; n++) {
      const target = (outer * plan.size + n) * before;
      for (let tap = 0; tap < taps; tap++) {
        const weight = weights[n * taps + tap];
        if (weight === 0) continue;
        const source = (outer * size + sources[n * taps + tap]) * before;
        for (let inner = 0; inner < before; inner++) output[target + inner] += weight * values[source + inner];
      }
    }
  }
  return output;
}

/** For each new voxel the old ones that it is made of, and by how much each counts. */
function tapTable(
  size: number,
  plan: AxisPlan,
  kind: 'linear' | 'cubic',
): { taps: number; sources: Int32Array; weights: Float64Array } {
  const taps = kind === 'linear' ? 2 : 4;
  const sources = new Int32Array(plan.size * taps);
  const weights = new Float64Array(plan.size * taps);
  for (let n = 0; n < plan.size; n++) {
    const position = positionAt(plan, n);
    const floor = Math.floor(position);
    const t = position - floor;
    const first = kind === 'linear' ? floor : floor - 1;
    const own = kind === 'linear' ? [1 - t, t] : cubicWeights(t);
    for (let tap = 0; tap < taps; tap++) {
      sources[n * taps + tap] = Math.min(size - 1, Math.max(0, first + tap));
      weights[n * taps + tap] = own[tap];
    }
  }
  return { taps, sources, weights };
}

function cubicWeights(t: number): [number, number, number, number] {
  const s = 1 - t;
  return [(s * s * s) / 6, 2 / 3 - (t * t * (2 - t)) / 2, 2 / 3 - (s * s * (2 - s)) / 2, (t * t * t) / 6];
}

/**
 * Coefficients of the cubic B-spline through the values along one axis, which grows by `SPLINE_PADDING` edge values at
 * each end. Recursive filter of Unser, Aldroubi and Eden, IEEE Trans. Signal Process. 41(2), 1993, box 1, with mirror
 * boundaries.
 *
 * @param sizes of `values`, x-fastest
 */
export function splineCoefficients(values: Float64Array, sizes: Sizes, axis: number): Float64Array {
  const { before, after } = layout(sizes, axis);
  const size = sizes[axis];
  const padded = size + 2 * SPLINE_PADDING;
  const output = new Float64Array(before * padded * after);
  const rowStart = (outer: number, n: number): number => (outer * padded + n) * before;
  for (let outer = 0; outer < after; outer++) {
    for (let n = 0; n < padded; n++) {
      const source = (outer * size + Math.min(size - 1, Math.max(0, n - SPLINE_PADDING))) * before;
      output.set(values.subarray(source, source + before), rowStart(outer, n));
    }
    if (before === 1) filterLineInPlace(output, outer * padded, padded);
    else filterInPlace(output, rowStart(outer, 0), before, padded);
  }
  return output;
}

/** Filters `count` rows of `width` neighbours each, along the rows: causal, then anticausal, gain 6. */
function filterInPlace(data: Float64Array, start: number, width: number, count: number): void {
  const row = (n: number): number => start + n * width;
  // The mirrored sum that starts the recursion; the padding makes its first terms equal, so 40 are plenty.
  const terms = Math.min(count, 40);
  for (let inner = 0; inner < width; inner++) {
    let sum = data[start + inner];
    let power = POLE;
    for (let n = 1; n < terms; n++, power *= POLE) sum += power * data[row(n) + inner];
    data[start + inner] = sum;
  }
  for (let n = 1; n < count; n++) {
    for (let inner = 0; inner < width; inner++) data[row(n) + inner] += POLE * data[row(n - 1) + inner];
  }
  const last = row(count - 1);
  for (let inner = 0; inner < width; inner++) {
    data[last + inner] = (POLE / (POLE * POLE - 1)) * (data[last + inner] + POLE * data[last - width + inner]);
  }
  for (let n = count - 2; n >= 0; n--) {
    for (let inner = 0; inner < width; inner++)
      data[row(n) + inner] = POLE * (data[row(n + 1) + inner] - data[row(n) + inner]);
  }
  for (let n = 0; n < count; n++) {
    for (let inner = 0; inner < width; inner++) data[row(n) + inner] *= 6;
  }
}

/** As `filterInPlace` for rows of one value. */
function filterLineInPlace(data: Float64Array, start: number, count: number): void {
  const end = start + count;
  let sum = data[start];
  let power = POLE;
  for (let n = start + 1; n < Math.min(end, start + 40); n++, power *= POLE) sum += power * data[n];
  data[start] = sum;
  for (let n = start + 1; n < end; n++) data[n] += POLE * data[n - 1];
  data[end - 1] = (POLE / (POLE * POLE - 1)) * (data[end - 1] + POLE * data[end - 2]);
  for (let n = end - 2; n >= start; n--) data[n] = POLE * (data[n + 1] - data[n]);
  for (let n = start; n < end; n++) data[n] *= 6;
}
