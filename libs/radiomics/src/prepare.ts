import type { Mask, Triple, Volume } from '@concord/imaging';
import { EmptyRegionError } from './errors.js';
import { interpolateBox } from './interpolate.js';
import { boundingBox, cutRegion, rightAngledSpacing, type Region } from './region.js';
import { axisGrid, axisTaps, touchedRange } from './resampling-grid.js';
import type { ExtractionSettings, Resampling } from './settings.js';

/** The region on the grid of its image, and on the grid the features are computed on. */
export interface PreparedRegion {
  readonly initial: Region;
  readonly interpolated: Region;
}

/**
 * Rounds, resamples image and mask, rounds again and cuts the region out (IBSI 1, sections 2.3 to 2.5).
 *
 * The new grid is that of the whole image, but only the part that the region can touch is computed.
 */
export function prepareRegion(volume: Volume, mask: Mask, settings: ExtractionSettings): PreparedRegion {
  const initial = cutRegion(volume, mask);
  const round = settings.rounding === 'nearest-integer' ? roundHalfEven : (value: number): number => value;
  if (settings.resampling === null) {
    const isRounded = settings.rounding === 'none' || initial.intensities.every(Number.isInteger);
    return { initial, interpolated: isRounded ? initial : { ...initial, intensities: initial.intensities.map(round) } };
  }
  const resampled = resampleAround(volume, mask, settings.resampling, round);
  if (!resampled.mask.data.includes(1)) {
    throw new EmptyRegionError(
      'nothing is left of the region at the new spacing',
      `region ${mask.label}`,
      'Resample to a finer spacing, or leave the case out.',
    );
  }
  return { initial, interpolated: cutRegion(resampled.volume, resampled.mask) };
}

function resampleAround(
  volume: Volume,
  mask: Mask,
  { spacingMm, image, mask: maskMethod, maskThreshold }: Resampling,
  round: (value: number) => number,
): { volume: Volume; mask: Mask } {
  const spacing = rightAngledSpacing(volume, 'image');
  const box = boundingBox(mask.data, mask.shape)!; // cutRegion refused an empty mask
  const grids = spacing.map((s, axis) => axisGrid(volume.shape[axis], s, spacingMm[axis]));
  const ranges = grids.map((grid, axis) => touchedRange(grid, box.low[axis], box.high[axis]));
  const tapsFor = (method: Resampling['image']) =>
    triple((axis) => axisTaps(grids[axis], ranges[axis][0], ranges[axis][1], method));
  const share = interpolateBox(mask.data, mask.shape, tapsFor(maskMethod), maskMethod, (value) => value);
  const values = interpolateBox(volume.data, volume.shape, tapsFor(image), image, round);
  const shape: Triple = triple((axis) => ranges[axis][1] - ranges[axis][0] + 1);
  const newSpacing = triple((axis) => spacingMm[axis] ?? spacing[axis]);
  const affine = Float64Array.of(newSpacing[0], 0, 0, 0, 0, newSpacing[1], 0, 0, 0, 0, newSpacing[2], 0, 0, 0, 0, 1);
  return {
    volume: { ...volume, shape, affine, data: values.map(round) },
    // Compared after rounding to 6 decimals: half a voxel must not depend on the noise of the interpolation.
    mask: {
      shape,
      affine,
      label: mask.label,
      data: Uint8Array.from(share, (s) => (round6(s) >= maskThreshold ? 1 : 0)),
    },
  };
}

function triple<T>(value: (axis: number) => T): [T, T, T] {
  return [value(0), value(1), value(2)];
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Nearest whole number, the even one of two (as NumPy does): interpolation between whole numbers meets many halves. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
