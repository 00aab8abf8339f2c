import { inParts, type Kernels } from '@concord/kernels';
import type { Triple, Volume } from '../volume.js';
import { isKept, type AxisPlan, type IndexBox, type ResampledGrid } from './grid.js';
import { axisTaps, gaussianTaps, type AxisTaps, type ResampleMethod } from './taps.js';
import { fillUnmeasuredInPlace, markUnmeasuredInPlace } from './unmeasured.js';

/** Voxels on their grid, x-fastest. */
export interface VoxelSource {
  readonly data: Volume['data'] | Uint8Array;
  readonly shape: Triple;
}

export interface ResampleOptions {
  readonly method: ResampleMethod;
  /**
   * Smooths along axes that become coarser before, by a Gaussian of `step sqrt(-8 ln beta)` old voxels for this beta, as
   * MIRP does; between 0 and 1. null, as by default, does not smooth.
   */
  readonly antiAliasing?: number | null;
  /** To whole numbers, halves to even, before and after: for HU. */
  readonly round?: boolean;
  /** Values that mean no measurement. None by default. */
  readonly paddingValues?: readonly number[];
}

/**
 * Old voxels kept beyond what is read before a spline's prefilter, which decays by 0.268 a voxel: what is cut off changes
 * the result by 2e-14 of the range.
 */
const SPLINE_MARGIN = 24;

/** Values on a box of the old grid, part of the way to the new one. */
interface Work {
  values: Float64Array;
  size: number[];
}

/** What happens along one axis. */
interface AxisTask {
  readonly axis: number;
  /** Weights of a Gaussian, or none. */
  readonly smoothing: Float64Array | null;
  readonly isSpline: boolean;
  readonly taps: AxisTaps;
  /** Old index of the first voxel that is read, and their number. */
  readonly low: number;
  readonly count: number;
  /** Size of the old grid. */
  readonly oldSize: number;
}

/**
 * Resamples a box of new voxels, axis by axis, in double precision; only what it needs of the old grid is read. Beyond the
 * image the nearest edge value holds. `cubic` is the B-spline of order 3 through the old values (Unser, IEEE Signal
 * Process. Mag. 16(6), 1999).
 *
 * What is no measurement (padding values, NaN, infinities) never enters: the weights of the others are raised to a sum of
 * 1, and for `cubic` the nearest measured value takes its place. A new voxel all of whose neighbours are none is NaN.
 *
 * @param box of the new grid; may reach beyond it
 * @returns the box, x-fastest, from the kernels' arena
 */
export function resampleBox(
  source: VoxelSource,
  { axes }: ResampledGrid,
  box: IndexBox,
  options: ResampleOptions,
  kernels: Kernels,
): Float64Array {
  const tasks = axes.flatMap((plan, axis) => {
    if (isKept(plan)) return [];
    return [planAxis(axis, plan, source.shape[axis], box.low[axis], box.size[axis], options)];
  });
  const low = [...box.low];
  const size = [...box.size];
  for (const task of tasks) {
    low[task.axis] = task.low;
    size[task.axis] = task.count;
  }
  const work: Work = { values: cropClamped(source, low, size, kernels), size };
  const paddingValues = options.paddingValues ?? [];
  const hasGaps = !(source.data instanceof Uint8Array) && isIncomplete(work.values, paddingValues, kernels);
  if (hasGaps) markUnmeasuredInPlace(work.values, paddingValues);
  if (options.round && !(source.data instanceof Int16Array)) roundInPlace(work.values, kernels);
  if (hasGaps) interpolateMeasured(work, tasks, axes, box, kernels);
  else interpolate(work, tasks, kernels);
  if (options.round && tasks.length > 0) roundInPlace(work.values, kernels);
  return work.values;
}

function planAxis(
  axis: number,
  plan: AxisPlan,
  oldSize: number,
  first: number,
  count: number,
  { method, antiAliasing = null }: ResampleOptions,
): AxisTask {
  const taps = axisTaps(plan, oldSize, first, count, method);
  const isSmoothed = antiAliasing !== null && plan.step > 1;
  const smoothing = isSmoothed ? gaussianTaps(plan.step * Math.sqrt(-8 * Math.log(antiAliasing))) : null;
  const margin = (method === 'cubic' ? SPLINE_MARGIN : 0) + reachOf(smoothing);
  return {
    axis,
    smoothing,
    isSpline: method === 'cubic',
    taps,
    low: taps.firstOld - margin,
    count: taps.oldCount + 2 * margin,
    oldSize,
  };
}

function reachOf(smoothing: Float64Array | null): number {
  return smoothing === null ? 0 : smoothing.length >> 1;
}

/** Copies a box that may reach beyond the grid: the nearest voxel of the grid counts there. */
function cropClamped(
  { data, shape: [nx, ny, nz] }: VoxelSource,
  low: readonly number[],
  [w, h, d]: readonly number[],
  { arena }: Kernels,
): Float64Array {
  const box = arena.f64(w * h * d, false);
  const clamp = (value: number, n: number): number => Math.min(Math.max(value, 0), n - 1);
  const from = Math.min(Math.max(low[0], 0), nx); // the part of a row that lies on the grid
  const end = Math.min(Math.max(low[0] + w, from), nx);
  for (let k = 0, to = 0; k < d; k++) {
    const slice = ny * clamp(low[2] + k, nz);
    for (let j = 0; j < h; j++, to += w) {
      const row = nx * (clamp(low[1] + j, ny) + slice);
      box.set(data.subarray(row + from, row + end), to + from - low[0]);
      if (low[0] < 0) box.fill(data[row], to, to + Math.min(w, -low[0]));
      if (low[0] + w > nx) box.fill(data[row + nx - 1], to + Math.max(0, nx - low[0]), to + w);
    }
  }
  return box;
}

function interpolate(work: Work, tasks: readonly AxisTask[], kernels: Kernels): void {
  // Axes that lose most voxels first: the later ones then have less to do.
  const growth = ({ axis, taps }: AxisTask): number => taps.starts.length / work.size[axis];
  for (const task of [...tasks].sort((a, b) => growth(a) - growth(b))) interpolateAxis(work, task, kernels);
}

/** Weights of what is no measurement go to the others. */
function interpolateMeasured(
  work: Work,
  tasks: readonly AxisTask[],
  axes: ResampledGrid['axes'],
  box: IndexBox,
  kernels: Kernels,
): void {
  const { values, size } = work;
  const presence = kernels.arena.f64(values.length);
  for (let n = 0; n < presence.length; n++) presence[n] = Number.isNaN(values[n]) ? 0 : 1;
  const isSpline = tasks.some((task) => task.isSpline);
  if (isSpline) fillUnmeasuredInPlace(values, [size[0], size[1], size[2]]);
  else for (let n = 0; n < presence.length; n++) if (presence[n] === 0) values[n] = 0;
  const support: Work = { values: presence, size: [...size] };
  interpolate(work, tasks, kernels);
  // Of a spline the voxels on either side alone tell whether something was measured.
  const linear = tasks.map((task): AxisTask => {
    const taps = axisTaps(axes[task.axis], task.oldSize, box.low[task.axis], box.size[task.axis], 'linear');
    return { ...task, isSpline: false, taps };
  });
  interpolate(support, isSpline ? linear : tasks, kernels);
  for (let n = 0; n < work.values.length; n++) {
    if (support.values[n] < 1e-6) work.values[n] = NaN;
    else if (!isSpline) work.values[n] /= support.values[n];
  }
}

/** Replaces the voxels along one axis by the new ones. */
function interpolateAxis(work: Work, task: AxisTask, kernels: Kernels): void {
  const { axis, smoothing, isSpline, taps, low } = task;
  const { arena } = kernels;
  const [inner, outer] = [0, 1].map((side) =>
    (side === 0 ? work.size.slice(0, axis) : work.size.slice(axis + 1)).reduce((product, n) => product * n, 1),
  );
  if (smoothing !== null) smoothAxis(work, task, smoothing, kernels);
  const count = work.size[axis];
  if (isSpline) {
    const terms = Math.min(count, 2 * SPLINE_MARGIN);
    const { values } = work;
    kernels.run(
      inParts(inner * outer, 32, (first, last) =>
        kernels.call('resample', 'prefilter', values, inner, count, terms, first, last),
      ),
    );
  }
  const offset = taps.firstOld - low - reachOf(smoothing);
  const starts = arena.copy(taps.starts.map((start) => start + offset));
  const weights = arena.copy(taps.weights);
  const newCount = starts.length;
  const [from, to] = [work.values, arena.f64(inner * newCount * outer, false)];
  kernels.run(
    inParts(newCount * outer, 1, (first, last) =>
      kernels.call('resample', 'mix', from, to, inner, count, newCount, starts, weights, taps.tapCount, first, last),
    ),
  );
  work.values = to;
  work.size[axis] = newCount;
}

/** A Gaussian along one axis, which loses its reach on either side; beyond the image the edge holds after it as before. */
function smoothAxis(work: Work, { axis, low, oldSize }: AxisTask, smoothing: Float64Array, kernels: Kernels): void {
  const { arena } = kernels;
  const [w, h] = work.size;
  const smaller = work.size.map((n, other) => (other === axis ? n - smoothing.length + 1 : n));
  const [width, height, depth] = smaller;
  const [from, to] = [work.values, arena.f64(width * height * depth, false)];
  const stride = [1, w, w * h][axis];
  const weights = arena.copy(smoothing);
  kernels.run(
    inParts(height * depth, 1, (first, last) =>
      kernels.call(
        'filters',
        'convolve',
        from,
        to,
        width,
        height,
        w,
        w * h,
        width,
        width * height,
        stride,
        weights,
        smoothing.length,
        0,
        first,
        last,
      ),
    ),
  );
  work.values = to;
  work.size = smaller;
  const begin = low + reachOf(smoothing); // old index of what is now the first
  extendEdges(work, axis, Math.max(0, -begin), Math.min(smaller[axis], oldSize - begin) - 1);
}

/** Repeats the first and last of the voxels that lie on the grid beyond its ends. */
function extendEdges({ values, size }: Work, axis: number, first: number, last: number): void {
  const inner = size.slice(0, axis).reduce((product, n) => product * n, 1);
  for (let line = 0; line < values.length; line += inner * size[axis]) {
    for (let n = 0; n < size[axis]; n++) {
      const source = line + inner * Math.min(Math.max(n, first), last);
      if (n < first || n > last) values.copyWithin(line + inner * n, source, source + inner);
    }
  }
}

function isIncomplete(values: Float64Array, paddingValues: readonly number[], kernels: Kernels): boolean {
  return kernels.arena.scope(() => {
    const padding = kernels.arena.copy(Float64Array.from(paddingValues));
    return kernels.now('resample', 'countGaps', values, padding, padding.length, 0, values.length) > 0;
  });
}

function roundInPlace(values: Float64Array, kernels: Kernels): void {
  kernels.run(inParts(values.length, 1024, (first, last) => kernels.call('resample', 'round', values, first, last)));
}
