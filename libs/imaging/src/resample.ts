import { multiplyAffines, refuseEmpty, shearDegrees, spacingMm } from './geometry.js';
import { ImagingError } from './imaging-error.js';
import {
  interpolateAxis,
  nearestAlongAxis,
  SPLINE_PADDING,
  splineCoefficients,
  type AxisPlan,
} from './resample-axis.js';
import type { GridGeometry, Mask, Triple, Volume } from './volume.js';

export type ResampleMethod = 'linear' | 'nearest' | 'cubic';

/** One spacing for all axes, or one for each; null leaves an axis as it is (the slices, in 2D). */
export type TargetSpacing = number | readonly [number | null, number | null, number | null];

const MAX_VOXELS = 2 ** 29;
const MAX_SHEAR_DEGREES = 0.1;

/** A resampled grid, and where it lies on the one before. */
export interface ResampledGrid extends GridGeometry {
  /** Per axis: new voxel n lies at `start + n * step` in voxels of the grid before. */
  readonly axes: readonly [AxisPlan, AxisPlan, AxisPlan];
}

/**
 * The grid of a new spacing, aligned by centres with the one before (IBSI 1, interpolation grid): `ceil(n s / s')` new
 * voxels an axis, after rounding that ratio to 6 decimals.
 *
 * @throws {ImagingError} `BAD_SPACING` if a spacing is not positive or asks for over 2^29 voxels, `TILT` on a sheared grid
 */
export function resampledGrid(grid: GridGeometry, target: TargetSpacing): ResampledGrid {
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
    const size = grid.shape[axis];
    if (wanted === null) return { size, start: 0, step: 1 };
    if (!(wanted > 0 && Number.isFinite(wanted))) throw badSpacing('a spacing is not positive');
    // Computed spacings carry rounding noise, which would add a slice.
    const newSize = Math.ceil(Math.round((size * spacings[axis] * 1e6) / wanted) / 1e6);
    const step = wanted / spacings[axis];
    return { size: newSize, start: (size - 1 - step * (newSize - 1)) / 2, step };
  };
  const axes = [plan(0), plan(1), plan(2)] as const;
  if (axes[0].size * axes[1].size * axes[2].size > MAX_VOXELS)
    throw badSpacing(`it asks for over ${MAX_VOXELS} voxels`);
  const map = Float64Array.of(
    axes[0].step,
    0,
    0,
    axes[0].start,
    0,
    axes[1].step,
    0,
    axes[1].start,
    0,
    0,
    axes[2].step,
    axes[2].start,
    0,
    0,
    0,
    1,
  );
  return { shape: [axes[0].size, axes[1].size, axes[2].size], affine: multiplyAffines(grid.affine, map), axes };
}

/**
 * Resamples an image to a new spacing, in double precision. Beyond the image the nearest edge value holds.
 *
 * `cubic` is the B-spline of order 3, prefiltered after padding by edge values (Unser, IEEE Signal Process. Mag. 16(6),
 * 1999). An axis whose voxels stay where they are is not touched. Cost: about 3 × taps operations a new voxel.
 *
 * @param options.round to whole numbers, halves to even, as NumPy does: for HU
 * @throws {ImagingError} as `resampledGrid`
 */
export function resampleVolume(
  volume: Volume,
  spacing: TargetSpacing,
  options: { method: ResampleMethod; round?: boolean },
): Volume & { readonly data: Float64Array } {
  const grid = resampledGrid(volume, spacing);
  const data = resampleData(volume.data, volume.shape, grid, options.method);
  if (options.round) roundInPlace(data);
  return { shape: grid.shape, affine: grid.affine, data, unit: volume.unit, provenance: volume.provenance };
}

/**
 * Resamples a region with its image: interpolates its 0s and 1s, rounds to 6 decimals and takes what reaches the
 * threshold as inside. Without the rounding, noise in the last bit would move voxels of exactly one half.
 *
 * @param options.method `linear` by default (IBSI), `nearest` as PyRadiomics does
 * @param options.threshold 0.5 by default
 * @throws {ImagingError} as `resampledGrid`; `EMPTY_MASK` if nothing is left
 */
export function resampleMask(
  mask: Mask,
  spacing: TargetSpacing,
  options: { method?: ResampleMethod; threshold?: number } = {},
): Mask {
  const { method = 'linear', threshold = 0.5 } = options;
  const grid = resampledGrid(mask, spacing);
  const parts = resampleData(mask.data, mask.shape, grid, method);
  const data = new Uint8Array(parts.length);
  for (let index = 0; index < parts.length; index++) {
    data[index] = Math.round(parts[index] * 1e6) / 1e6 >= threshold ? 1 : 0;
  }
  const resampled: Mask = { shape: grid.shape, affine: grid.affine, data, label: mask.label };
  refuseEmpty(resampled);
  return resampled;
}

function resampleData(
  data: ArrayLike<number>,
  shape: Triple,
  { axes }: ResampledGrid,
  method: ResampleMethod,
): Float64Array {
  let values: Float64Array = Float64Array.from(data);
  const sizes: [number, number, number] = [shape[0], shape[1], shape[2]];
  // Axes that lose most voxels first: the later ones then have less to do.
  const order = [0, 1, 2].sort((a, b) => axes[a].size / sizes[a] - axes[b].size / sizes[b]);
  for (const axis of order) {
    const plan = axes[axis];
    if (plan.start === 0 && plan.step === 1) continue;
    if (method === 'nearest') values = nearestAlongAxis(values, sizes, axis, plan);
    else if (method === 'linear') values = interpolateAxis(values, sizes, axis, plan, 'linear');
    else
      values = interpolateAxis(
        splineCoefficients(values, sizes, axis),
        paddedSizes(sizes, axis),
        axis,
        shifted(plan),
        'cubic',
      );
    sizes[axis] = plan.size;
  }
  return values;
}

function paddedSizes(sizes: readonly [number, number, number], axis: number): [number, number, number] {
  const padded: [number, number, number] = [...sizes];
  padded[axis] += 2 * SPLINE_PADDING;
  return padded;
}

function shifted(plan: AxisPlan): AxisPlan {
  return { ...plan, start: plan.start + SPLINE_PADDING };
}

function roundInPlace(values: Float64Array): void {
  for (let index = 0; index < values.length; index++) {
    const below = Math.floor(values[index]);
    const part = values[index] - below;
    // A half computed as 0.49999999999 is a half.
    if (Math.abs(part - 0.5) < 1e-9) values[index] = below % 2 === 0 ? below : below + 1;
    else values[index] = Math.round(values[index]);
  }
}

function badSpacing(what: string): ImagingError {
  return new ImagingError(
    'BAD_SPACING',
    what,
    'the spacing to resample to',
    'Give positive millimetres, not far below those of the image.',
  );
}
