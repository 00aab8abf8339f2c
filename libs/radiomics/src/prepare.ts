import type { Mask, Triple, Volume } from '@concord/imaging';
import { EmptyRegionError } from './errors.js';
import { PEAK_RADIUS_MM } from './families/local.js';
import { interpolateBox } from './interpolate.js';
import type { Family } from './names.js';
import { boundingBox, cutRegion, rightAngledSpacing, type Region } from './region.js';
import { axisGrid, axisTaps, touchedRange } from './resampling-grid.js';
import type { ExtractionSettings, Resampling } from './settings.js';

/** The region on the grid of its image, and on the grid the features are computed on. */
export interface PreparedRegion {
  readonly initial: Region;
  readonly interpolated: Region;
  /** Size of the grid the features are computed on, were it that of the whole image. */
  readonly gridShape: Triple;
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
    return {
      initial,
      interpolated: settings.rounding === 'none' ? initial : rounded(initial, isAsked(settings, 'local')),
      gridShape: volume.shape,
    };
  }
  const marginMm = isAsked(settings, 'local') ? PEAK_RADIUS_MM : 0;
  const resampled = resampleAround(volume, mask, settings.resampling, marginMm, round);
  if (!resampled.mask.data.includes(1)) {
    throw new EmptyRegionError(
      'nothing is left of the region at the new spacing',
      `region ${mask.label}`,
      'Resample to a finer spacing, or leave the case out.',
    );
  }
  return {
    initial,
    interpolated: cutRegion(resampled.volume, resampled.mask),
    gridShape: resampled.gridShape,
  };
}

function isAsked({ families, images }: ExtractionSettings, family: Family): boolean {
  return images.some((image) => (image.families ?? families).includes(family));
}

/** A region with whole numbers for intensities, as most are already. */
function rounded(region: Region, withImage: boolean): Region {
  const { image, intensities } = region;
  if (isWhole(intensities) && (!withImage || isWhole(image.data))) return region;
  const data = withImage ? Float64Array.from(image.data, roundHalfEven) : image.data;
  return { ...region, intensities: intensities.map(roundHalfEven), image: { ...image, data } };
}

function isWhole(data: Volume['data']): boolean {
  if (data instanceof Int16Array) return true;
  for (let n = 0; n < data.length; n++) if (data[n] !== Math.floor(data[n])) return false;
  return true;
}

/** @param marginMm how far beyond the region the image is wanted */
function resampleAround(
  volume: Volume,
  mask: Mask,
  { spacingMm, image, mask: maskMethod, maskThreshold }: Resampling,
  marginMm: number,
  round: (value: number) => number,
): { volume: Volume; mask: Mask; gridShape: Triple } {
  const spacing = rightAngledSpacing(volume, 'image');
  const box = boundingBox(mask.data, mask.shape)!; // cutRegion refused an empty mask
  const grids = spacing.map((s, axis) => axisGrid(volume.shape[axis], s, spacingMm[axis]));
  const newSpacing = triple((axis) => spacingMm[axis] ?? spacing[axis]);
  const ranges = grids.map((grid, axis): [number, number] => {
    const [first, last] = touchedRange(grid, box.low[axis], box.high[axis]);
    const margin = Math.floor(marginMm / newSpacing[axis]);
    return [Math.max(0, first - margin), Math.min(grid.count - 1, last + margin)];
  });
  const tapsFor = (method: Resampling['image']) =>
    triple((axis) => axisTaps(grids[axis], ranges[axis][0], ranges[axis][1], method));
  const share = interpolateBox(mask.data, mask.shape, tapsFor(maskMethod), maskMethod, (value) => value);
  const values = interpolateBox(volume.data, volume.shape, tapsFor(image), image, round);
  const shape: Triple = triple((axis) => ranges[axis][1] - ranges[axis][0] + 1);
  const affine = Float64Array.of(newSpacing[0], 0, 0, 0, 0, newSpacing[1], 0, 0, 0, 0, newSpacing[2], 0, 0, 0, 0, 1);
  return {
    gridShape: triple((axis) => grids[axis].count),
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
