import { multiplyAffines, shearDegrees, spacingMm } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Triple } from '../volume.js';

/** One spacing for all axes, or one for each; null leaves an axis as it is (the slices, in 2D). */
export type TargetSpacing = number | readonly [number | null, number | null, number | null];

/**
 * How a new grid lies on the old one. `centre` (IBSI 3WE3): their centres coincide. `origin` (SBKJ): their first voxels
 * do. `fit` (58MB): first and last voxels do, for which the new spacing gives way.
 */
export type GridAlignment = 'centre' | 'origin' | 'fit';

/** New voxel n of an axis lies at `start + n * step`, in old voxels; there are `size` of them. */
export interface AxisPlan {
  readonly size: number;
  readonly start: number;
  readonly step: number;
}

/** A resampled grid, and where it lies on the one before. */
export interface ResampledGrid extends GridGeometry {
  readonly axes: readonly [AxisPlan, AxisPlan, AxisPlan];
}

/** A part of a grid: its first voxel, which may lie outside, and its size. */
export interface IndexBox {
  readonly low: Triple;
  readonly size: Triple;
}

const MAX_VOXELS = 2 ** 29;
const MAX_SHEAR_DEGREES = 0.1;

/**
 * The grid of a new spacing (IBSI 1, interpolation grid): `ceil(n s / s')` new voxels an axis, after rounding that ratio
 * to 6 decimals.
 *
 * @throws {ImagingError} `BAD_SPACING` if a spacing is not positive or asks for over 2^29 voxels, `TILT` on a sheared grid
 */
export function resampledGrid(
  grid: GridGeometry,
  target: TargetSpacing,
  alignment: GridAlignment = 'centre',
): ResampledGrid {
  const shear = shearDegrees(grid);
  if (shear > MAX_SHEAR_DEGREES) {
    throw new ImagingError(
      'TILT',
      `the grid is sheared by ${shear.toFixed(1)} degrees`,
      'the image',
      'Have the series resampled to upright slices by the scanner or archive.',
    );
  }
  const spacings = spacingMm(grid);
  const plan = (axis: number): AxisPlan => {
    const wanted = typeof target === 'number' ? target : target[axis];
    return wanted === null
      ? { size: grid.shape[axis], start: 0, step: 1 }
      : planAxis(grid.shape[axis], spacings[axis], wanted, alignment);
  };
  const axes = [plan(0), plan(1), plan(2)] as const;
  const [x, y, z] = axes;
  if (x.size * y.size * z.size > MAX_VOXELS) throw badSpacing(`it asks for over ${MAX_VOXELS} voxels`);
  const map = Float64Array.of(x.step, 0, 0, x.start, 0, y.step, 0, y.start, 0, 0, z.step, z.start, 0, 0, 0, 1);
  return { shape: [x.size, y.size, z.size], affine: multiplyAffines(grid.affine, map), axes };
}

function planAxis(size: number, spacing: number, wanted: number, alignment: GridAlignment): AxisPlan {
  if (!(wanted > 0 && Number.isFinite(wanted))) throw badSpacing('a spacing is not positive');
  // Computed spacings carry rounding noise, which would add a slice.
  const newSize = Math.ceil(Math.round((size * spacing * 1e6) / wanted) / 1e6);
  const step = wanted / spacing;
  if (alignment === 'origin') return { size: newSize, start: 0, step };
  if (alignment === 'fit' && newSize > 1) return { size: newSize, start: 0, step: (size - 1) / (newSize - 1) };
  return { size: newSize, start: (size - 1 - step * (newSize - 1)) / 2, step };
}

function badSpacing(what: string): ImagingError {
  return new ImagingError(
    'BAD_SPACING',
    what,
    'the spacing to resample to',
    'Give positive millimetres, not far below those of the image.',
  );
}

/** Whether an axis stays as it is. */
export function isKept(plan: AxisPlan): boolean {
  return plan.start === 0 && plan.step === 1;
}

/** The new voxels less than one old voxel away from some of `low` to `high`, which are old indices; null for none. */
export function touchedBox(grid: ResampledGrid, low: Triple, high: Triple): IndexBox | null {
  const ranges = grid.axes.map(({ size, start, step }, axis) => {
    const first = Math.max(0, Math.ceil((low[axis] - 1 - start) / step));
    const last = Math.min(size - 1, Math.floor((high[axis] + 1 - start) / step));
    return { first, count: last - first + 1 };
  });
  const [x, y, z] = ranges;
  if (ranges.some(({ count }) => count < 1)) return null;
  return { low: [x.first, y.first, z.first], size: [x.count, y.count, z.count] };
}

/** All of a grid. */
export function wholeBox(shape: Triple): IndexBox {
  return { low: [0, 0, 0], size: shape };
}
