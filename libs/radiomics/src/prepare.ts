import { resampleMaskBox, touchedBox, type IndexBox, type Mask, type Triple, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { EmptyRegionError, UnmeasuredRegionError } from './errors.js';
import { PEAK_RADIUS_MM } from './families/local.js';
import { planFilters, type FilterPlans } from './filtered-region.js';
import { triple, union, type ImagePart } from './filters/image-part.js';
import { boundingBox, cutBox, cutRegion, type Region } from './region.js';
import type { ExtractionSettings, ImageSettings } from './settings.js';
import { workingGrid, workingImage } from './working-image.js';

/** The region on the grid of its image, and on the grid the features are computed on. */
export interface PreparedRegion {
  readonly initial: Region;
  readonly interpolated: Region;
  /** The image round the region, NaN where nothing was measured; null where no filter asks for it. */
  readonly part: ImagePart | null;
  readonly filters: FilterPlans;
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
  if (isReady(initial, settings)) {
    const nothing = { part: null, filters: new Map(), warnings: [] };
    return { ...nothing, initial, interpolated: initial, gridShape: volume.shape };
  }
  const working = workingGrid(volume, settings);
  const { grid, spacingMm } = working;
  const { low, high } = boundingBox(mask.data, mask.shape)!; // cutRegion refused an empty mask
  const own = touchedBox(grid, low, high);
  if (own === null) throw vanished(mask);
  const boxOf = (image: ImageSettings): IndexBox =>
    grown(own, hasPeaks(image, settings) ? PEAK_RADIUS_MM : 0, spacingMm, grid.shape);
  const filters = planFilters(settings.images, { shape: grid.shape, spacingMm }, boxOf);
  const boxes = settings.images.map((image) => filters.get(image.name)?.needs ?? boxOf(image));
  const around = union([own, ...boxes]);
  const values = workingImage(volume, mask, working, around, settings, kernels);
  const { mask: method = 'linear', maskThreshold: threshold = 0.5 } = settings.resampling ?? {};
  const inside = resampleMaskBox(mask, grid, own, { method, threshold }, kernels);
  if (!inside.includes(1)) throw vanished(mask);
  const image = { data: values, shape: around.size };
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
    part: filters.size > 0 ? { values, ...around, shape: grid.shape, spacingMm } : null,
    filters,
    gridShape: grid.shape,
    warnings: isAllMeasured ? [] : ['voxels of the region that hold a padding value were left out'],
  };
}

/** Whether no step would change the region, and nothing round it is asked for. */
function isReady({ intensities }: Region, settings: ExtractionSettings): boolean {
  const { images, resampling, normalisation, rounding, paddingValues } = settings;
  if (resampling !== null || normalisation !== null) return false;
  if (images.some((image) => image.filter !== null || hasPeaks(image, settings))) return false;
  if (paddingValues.some((padding) => intensities.includes(padding))) return false;
  if (rounding === 'none') return true;
  for (let n = 0; n < intensities.length; n++) if (intensities[n] !== Math.floor(intensities[n])) return false;
  return true;
}

function hasPeaks({ families }: ImageSettings, settings: ExtractionSettings): boolean {
  return (families ?? settings.families).includes('local');
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
