import { resampleMask, resampleVolume, spacingMm, type GridGeometry, type Mask, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { ExtractionSettings } from '@concord/radiomics';
import { drawRegion, type Row } from './draw-region.js';
import type { Canvas } from './canvas.js';
import { windowOf } from './window.js';

/** Modalities whose pictures have no place in the patient. */
const NO_PLACE = new Set(['US']);

/**
 * Draws a region on its image: the whole slices, the region from near, and the same after resampling as the settings say.
 *
 * @throws {ImagingError} if the grid cannot be resampled, or nothing is left of the region
 */
export function previewCase(volume: Volume, mask: Mask, settings: ExtractionSettings, kernels: Kernels): Canvas {
  const rows: Row[] = [
    { title: `as read, ${gridText(volume)}`, image: volume, mask, isClose: false },
    { title: `region ${plain(mask.label)}, as read`, image: volume, mask, isClose: true },
  ];
  if (settings.resampling !== null) {
    const {
      spacingMm: spacing,
      alignment,
      image: method,
      antiAliasing,
      maskThreshold: threshold,
    } = settings.resampling;
    const round = settings.rounding === 'nearest-integer';
    const { paddingValues } = settings;
    const image = resampleVolume(volume, spacing, { method, antiAliasing, round, paddingValues, alignment }, kernels);
    const resampled = resampleMask(mask, spacing, { method: settings.resampling.mask, threshold, alignment }, kernels);
    rows.push({ title: `region, resampled, ${gridText(image)}`, image, mask: resampled, isClose: true });
  }
  const isInPatient = !NO_PLACE.has(volume.provenance.acquisition.modality ?? '');
  return drawRegion(rows, windowOf(volume), isInPatient);
}

function gridText(grid: GridGeometry): string {
  return `${grid.shape.join(' x ')} voxels of ${spacingMm(grid)
    .map((mm) => String(Number(mm.toPrecision(3))))
    .join(' x ')} mm`;
}

/** Letters that the picture has; a name may hold any. */
function plain(label: string): string {
  return label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9.,:()+/ -]/g, '-')
    .slice(0, 40);
}
