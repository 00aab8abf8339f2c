import { invertAffine, toPatient, type GridGeometry, type Mask, type Triple } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { rightAngledSpacing } from '../region.js';
import { axisSampling, isInside, sampleAxis, type AxisSampling, type SamplingMethod } from './axis-sampling.js';
import { RegionOutsideImageError, UnsupportedParameterError } from './errors.js';
import { subgridAffine, type WorkingImage } from './image.js';
import { boxOf, type Box } from './roi.js';

/** An image and its region on one grid. */
export interface ImageAndMask {
  readonly image: WorkingImage;
  readonly mask: Uint8Array;
}

/** A new grid in indices of the mask's: voxel n of an axis lies at `origin + n * step`. */
interface NewGrid {
  readonly size: Triple;
  readonly origin: Triple;
  readonly step: Triple;
  readonly spacingMm: Triple;
}

/**
 * Resamples image and mask as PyRadiomics does: the new grid starts at the corner of the mask's first voxel, is cut to the
 * region's box with `padDistance` new voxels round it, and stays within the mask. A spacing of 0, and an axis along which
 * the region has one slice, keep the mask's spacing. The mask takes its nearest voxel; outside the image the value is 0;
 * whole numbers are truncated towards zero. What SimpleITK would round to single precision stays double.
 *
 * @param mask at least one voxel inside
 * @throws {RegionOutsideImageError} if the region's box reaches beyond the image by more than 0.001 voxel
 * @throws {UnsupportedParameterError} if the mask's axes do not run along those of the image
 */
export function resampleImage(
  image: WorkingImage,
  mask: Mask,
  wanted: Triple,
  method: SamplingMethod,
  padDistance: number,
  kernels: Kernels,
): ImageAndMask {
  const toImage = diagonalMap(image, mask);
  const box = boxOf(mask.data, mask.shape)!; // the caller's masks have a voxel
  refuseOutside(image, box, toImage);
  const maskSpacing = rightAngledSpacing(mask, 'mask');
  const spacing = wanted.map((value, axis) => (value === 0 || box.size[axis] === 1 ? maskSpacing[axis] : value));
  const isKept = spacing.every((value, axis) => {
    const own = image.spacingMm[axis];
    return Math.abs(own - value) <= 1e-8 + 1e-5 * Math.abs(value);
  });
  if (isKept) return cropToRegion(image, maskOnImage(image, mask, toImage), padDistance);
  const grid = newGrid(mask.shape, box, maskSpacing, spacing, padDistance);
  const data = kernels.arena.scope(() => sampleImage(image, grid, toImage, method, kernels));
  const affine = subgridAffine(mask.affine, grid.origin, grid.step);
  const resampled = { ...image, shape: grid.size, affine, spacingMm: grid.spacingMm, data };
  return { image: resampled, mask: sampleMask(mask, grid) };
}

/** Cuts image and mask to the region's box with padding, within the image. */
export function cropToRegion(image: WorkingImage, mask: Uint8Array, padding: number): ImageAndMask {
  const { shape, data } = image;
  const box = boxOf(mask, shape)!; // the caller's masks have a voxel
  const low = box.low.map((first) => Math.max(0, first - padding));
  const high = box.low.map((first, axis) => Math.min(shape[axis] - 1, first + box.size[axis] - 1 + padding));
  const [w, h, d] = high.map((last, axis) => last - low[axis] + 1);
  const cropped = data.slice(0, w * h * d);
  const inside = new Uint8Array(w * h * d);
  for (let k = 0; k < d; k++) {
    for (let j = 0; j < h; j++) {
      const from = low[0] + shape[0] * (low[1] + j + shape[1] * (low[2] + k));
      cropped.set(data.subarray(from, from + w), w * (j + h * k));
      inside.set(mask.subarray(from, from + w), w * (j + h * k));
    }
  }
  const affine = subgridAffine(image.affine, low, [1, 1, 1]);
  return { image: { ...image, shape: [w, h, d], affine, data: cropped }, mask: inside };
}

/** Per axis: index on the image = `scale * index on the mask + shift`. */
interface AxisMap {
  readonly scale: number;
  readonly shift: number;
}

function diagonalMap(image: GridGeometry, mask: GridGeometry): AxisMap[] {
  const inverse = invertAffine(image.affine);
  const onImage = (i: number, j: number, k: number): Triple => {
    const point = toPatient(mask.affine, i, j, k);
    return toPatient(inverse, point[0], point[1], point[2]);
  };
  const origin = onImage(0, 0, 0);
  const steps = [onImage(1, 0, 0), onImage(0, 1, 0), onImage(0, 0, 1)].map((end) => end.map((x, n) => x - origin[n]));
  const isDiagonal = steps.every((step, axis) =>
    step.every((x, n) => (n === axis ? x > 0 : Math.abs(x) * mask.shape[axis] < 1e-4)),
  );
  if (!isDiagonal) {
    throw new UnsupportedParameterError(
      'the axes of the mask do not run along those of the image',
      'setting.resampledPixelSpacing',
      'Bring the mask onto the grid of the image first.',
    );
  }
  return steps.map((step, axis) => ({ scale: tidy(step[axis]), shift: tidy(origin[axis]) }));
}

/** Without the noise of inverting an affine, which would move halves. */
function tidy(value: number): number {
  const rounded = Math.round(value * 1e6) / 1e6;
  return Math.abs(value - rounded) < 1e-9 ? rounded : value;
}

function refuseOutside({ shape }: GridGeometry, { low, size }: Box, toImage: readonly AxisMap[]): void {
  const isWithin = toImage.every(({ scale, shift }, axis) => {
    const start = scale * (low[axis] - 0.5) + shift;
    const end = scale * (low[axis] + size[axis] - 0.5) + shift;
    return start >= -0.501 && end <= shape[axis] - 0.499;
  });
  if (isWithin) return;
  throw new RegionOutsideImageError(
    'the region reaches beyond the image',
    'the mask',
    'Use the mask drawn on this image, or cut the region to the image.',
  );
}

function newGrid(shape: Triple, box: Box, from: Triple, to: readonly number[], padDistance: number): NewGrid {
  const axes = [0, 1, 2].map((axis) => {
    const ratio = from[axis] / to[axis];
    const low = Math.max(0, Math.floor((box.low[axis] - 0.5) * ratio - padDistance));
    const high = Math.ceil((box.low[axis] + box.size[axis] - 0.5) * ratio + padDistance);
    const last = Math.min(high, Math.ceil(shape[axis] * ratio) - 1);
    return {
      size: last - low + 1,
      origin: (0.5 * (to[axis] - from[axis])) / from[axis] + low / ratio,
      step: 1 / ratio,
    };
  });
  return {
    size: [axes[0].size, axes[1].size, axes[2].size],
    origin: [axes[0].origin, axes[1].origin, axes[2].origin],
    step: [axes[0].step, axes[1].step, axes[2].step],
    spacingMm: [to[0], to[1], to[2]],
  };
}

function positionsOf(grid: NewGrid, axis: number, { scale, shift }: AxisMap): Float64Array {
  return Float64Array.from({ length: grid.size[axis] }, (_, n) => {
    return tidy(scale * (grid.origin[axis] + n * grid.step[axis]) + shift);
  });
}

function sampleImage(
  { data, shape, pixelType }: WorkingImage,
  grid: NewGrid,
  toImage: readonly AxisMap[],
  method: SamplingMethod,
  kernels: Kernels,
): Float64Array {
  const axes = toImage.map((map, axis) => axisSampling(positionsOf(grid, axis, map), shape[axis]));
  let box = boxFor(data, shape, axes, kernels);
  const sizes = axes.map(({ count }) => count);
  // Axes that lose most samples first: the later ones then have less to do.
  const growth = axes.map(({ positions, count }) => positions.length / count);
  for (const axis of [0, 1, 2].sort((a, b) => growth[a] - growth[b])) {
    box = sampleAxis(kernels, box, sizes, axis, axes[axis], method);
    sizes[axis] = axes[axis].positions.length;
  }
  box = box.slice();
  clearOutsideInPlace(box, axes);
  if (pixelType.isWhole) {
    for (let n = 0; n < box.length; n++) {
      box[n] = Math.min(Math.max(truncated(box[n]), pixelType.lowest), pixelType.highest);
    }
  }
  return box;
}

/** Towards zero; but a value that only the noise of adding up keeps from a whole number is that number. */
function truncated(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-9 ? whole : Math.trunc(value);
}

function boxFor(
  data: ArrayLike<number>,
  [nx, ny]: Triple,
  axes: readonly AxisSampling[],
  { arena }: Kernels,
): Float64Array {
  const [x, y, z] = axes;
  const box = arena.f64(x.count * y.count * z.count);
  let to = 0;
  for (let k = z.first; k < z.first + z.count; k++) {
    for (let j = y.first; j < y.first + y.count; j++) {
      const row = nx * (j + ny * k);
      for (let i = x.first; i < x.first + x.count; i++) box[to++] = data[row + i];
    }
  }
  return box;
}

function clearOutsideInPlace(box: Float64Array, axes: readonly AxisSampling[]): void {
  const inside = axes.map(({ positions, total }) => Array.from(positions, (position) => isInside(position, total)));
  if (inside.every((flags) => flags.every(Boolean))) return;
  const [x, y, z] = inside;
  let n = 0;
  for (const isSlice of z)
    for (const isRow of y)
      for (const isColumn of x) {
        if (!isSlice || !isRow || !isColumn) box[n] = 0;
        n++;
      }
}

const SAME: AxisMap = { scale: 1, shift: 0 };

function sampleMask(mask: Mask, grid: NewGrid): Uint8Array {
  return nearestInside(
    mask,
    [0, 1, 2].map((axis) => positionsOf(grid, axis, SAME)),
  );
}

function maskOnImage(image: GridGeometry, mask: Mask, toImage: readonly AxisMap[]): Uint8Array {
  return nearestInside(
    mask,
    toImage.map(({ scale, shift }, axis) =>
      Float64Array.from({ length: image.shape[axis] }, (_, n) => tidy((n - shift) / scale)),
    ),
  );
}

function nearestInside({ data, shape }: Mask, positions: readonly Float64Array[]): Uint8Array {
  const [x, y, z] = positions.map((list, axis) =>
    Int32Array.from(list, (position) => (isInside(position, shape[axis]) ? Math.floor(position + 0.5) : -1)),
  );
  const result = new Uint8Array(x.length * y.length * z.length);
  let n = 0;
  for (const k of z) {
    for (const j of y) {
      const row = shape[0] * (j + shape[1] * k);
      for (const i of x) {
        if (i >= 0 && j >= 0 && k >= 0) result[n] = data[row + i];
        n++;
      }
    }
  }
  return result;
}
