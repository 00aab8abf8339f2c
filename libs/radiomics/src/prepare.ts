import {
  isKept,
  resampleBox,
  resampledGrid,
  resampleMaskBox,
  touchedBox,
  type IndexBox,
  type Mask,
  type ResampledGrid,
  type Triple,
  type Volume,
} from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { EmptyRegionError, UnmeasuredRegionError } from './errors.js';
import { PEAK_RADIUS_MM } from './families/local.js';
import type { Family } from './names.js';
import { normalise } from './normalise.js';
import { boundingBox, cutBox, cutRegion, rightAngledSpacing, type Region } from './region.js';
import type { ExtractionSettings } from './settings.js';

/** The region on the grid of its image, and on the grid the features are computed on. */
export interface PreparedRegion {
  readonly initial: Region;
  readonly interpolated: Region;
  /** Size of the grid the features are computed on, were it that of the whole image. */
  readonly gridShape: Triple;
  /** Sentences without any patient-level value. */
  readonly warnings: readonly string[];
}

/**
 * Normalises, rounds, resamples image and mask, rounds again and cuts the region out (IBSI 1, sections 2.3 to 2.5).
 *
 * The new grid is that of the whole image, but only the part that is needed is computed. Voxels of the region without any
 * measurement (padding) leave it.
 *
 * @returns arrays that live as long as the arena's scope
 */
export function prepareRegion(
  volume: Volume,
  mask: Mask,
  settings: ExtractionSettings,
  kernels: Kernels,
): PreparedRegion {
  const initial = cutRegion(volume, mask);
  if (isReady(initial, settings)) return { initial, interpolated: initial, gridShape: volume.shape, warnings: [] };
  const spacing = rightAngledSpacing(volume, 'image');
  const grid = gridOf(volume, settings);
  const box = boundingBox(mask.data, mask.shape)!; // cutRegion refused an empty mask
  const own = touchedBox(grid, box.low, box.high);
  if (own === null) throw vanished(mask);
  const spacingMm = triple((axis) => newSpacing(grid, spacing, settings, axis));
  const around = grown(own, isAsked(settings, 'local') ? PEAK_RADIUS_MM : 0, spacingMm, grid.shape);
  const image = { data: imageBox(volume, mask, grid, around, settings, kernels), shape: around.size };
  const { mask: method = 'linear', maskThreshold: threshold = 0.5 } = settings.resampling ?? {};
  const inside = resampleMaskBox(mask, grid, own, { method, threshold }, kernels);
  if (!inside.includes(1)) throw vanished(mask);
  const corner = triple((axis) => own.low[axis] - around.low[axis]);
  const isAllMeasured = leaveOutUnmeasured(inside, own.size, image, corner);
  if (!inside.includes(1)) {
    throw new UnmeasuredRegionError(
      'every voxel of the region holds a padding value',
      `region ${mask.label}`,
      'Check that the region lies inside the field of the scanner, and settings.paddingValues.',
    );
  }
  return {
    initial,
    interpolated: cutBox(image, spacingMm, { data: inside, shape: own.size, label: mask.label }, corner),
    gridShape: grid.shape,
    warnings: isAllMeasured ? [] : ['voxels of the region that hold a padding value were left out'],
  };
}

/** Whether the steps would change nothing of the region, and nothing around it is asked for. */
function isReady({ intensities }: Region, settings: ExtractionSettings): boolean {
  const { resampling, normalisation, rounding, paddingValues } = settings;
  if (resampling !== null || normalisation !== null || isAsked(settings, 'local')) return false;
  if (paddingValues.some((padding) => intensities.includes(padding))) return false;
  if (rounding === 'none') return true;
  for (let n = 0; n < intensities.length; n++) if (intensities[n] !== Math.floor(intensities[n])) return false;
  return true;
}

function gridOf(volume: Volume, { resampling }: ExtractionSettings): ResampledGrid {
  if (resampling !== null) return resampledGrid(volume, resampling.spacingMm, resampling.alignment);
  const axis = (n: number) => ({ size: n, start: 0, step: 1 });
  const [x, y, z] = volume.shape;
  return { shape: volume.shape, affine: volume.affine, axes: [axis(x), axis(y), axis(z)] };
}

/** As the settings say it: computed from the affine it would carry rounding noise. */
function newSpacing({ axes }: ResampledGrid, old: Triple, { resampling }: ExtractionSettings, axis: number): number {
  if (isKept(axes[axis])) return old[axis];
  const wanted = resampling?.spacingMm[axis] ?? old[axis];
  return resampling?.alignment === 'fit' ? axes[axis].step * old[axis] : wanted;
}

/** The image on a box of the new grid; NaN where nothing was measured. */
function imageBox(
  volume: Volume,
  mask: Mask,
  grid: ResampledGrid,
  box: IndexBox,
  { normalisation, paddingValues, resampling, rounding }: ExtractionSettings,
  kernels: Kernels,
): Float64Array {
  const source = normalisation === null ? volume : normalise(volume, mask, normalisation, paddingValues);
  const options = {
    method: resampling?.image ?? 'nearest',
    antiAliasing: resampling?.antiAliasing ?? null,
    round: rounding === 'nearest-integer',
    paddingValues: normalisation === null ? paddingValues : [],
  };
  return resampleBox(source, grid, box, options, kernels);
}

/** @returns whether every voxel was measured */
function leaveOutUnmeasured(
  inside: Uint8Array,
  [w, h, d]: Triple,
  image: { readonly data: Float64Array; readonly shape: Triple },
  corner: Triple,
): boolean {
  let isAllMeasured = true;
  for (let k = 0; k < d; k++) {
    for (let j = 0; j < h; j++) {
      const from = corner[0] + image.shape[0] * (corner[1] + j + image.shape[1] * (corner[2] + k));
      const to = w * (j + h * k);
      for (let i = 0; i < w; i++) {
        if (!Number.isNaN(image.data[from + i]) || inside[to + i] === 0) continue;
        inside[to + i] = 0;
        isAllMeasured = false;
      }
    }
  }
  return isAllMeasured;
}

function isAsked({ families, images }: ExtractionSettings, family: Family): boolean {
  return images.some((image) => (image.families ?? families).includes(family));
}

/** A box with a margin, within its grid. */
function grown({ low, size }: IndexBox, marginMm: number, spacingMm: Triple, shape: Triple): IndexBox {
  const first = triple((axis) => Math.max(0, low[axis] - Math.floor(marginMm / spacingMm[axis])));
  const last = triple((axis) => Math.min(shape[axis], low[axis] + size[axis] + Math.floor(marginMm / spacingMm[axis])));
  return { low: first, size: triple((axis) => last[axis] - first[axis]) };
}

function vanished(mask: Mask): EmptyRegionError {
  return new EmptyRegionError(
    'nothing is left of the region at the new spacing',
    `region ${mask.label}`,
    'Resample to a finer spacing, or leave the case out.',
  );
}

function triple<T>(value: (axis: number) => T): [T, T, T] {
  return [value(0), value(1), value(2)];
}
