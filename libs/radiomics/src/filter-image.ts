import { wholeBox, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { InvalidSettingsError } from './errors.js';
import { filledPart } from './filtered-region.js';
import { createFilter } from './filters/create-filter.js';
import type { ExtractionSettings, ImageSettings } from './settings.js';
import { workingGrid, workingImage } from './working-image.js';

/** A response map, on the grid that features are computed on. */
export interface ResponseMap {
  readonly volume: Volume & { readonly data: Float64Array };
  /** Sentences without any patient-level value. */
  readonly warnings: readonly string[];
}

/**
 * Filters a whole image as an extraction with these settings would: normalised, rounded and resampled before.
 *
 * @param imageName which of the settings' images; null takes the only one with a filter
 * @throws {InvalidSettingsError} if there is no such image, or normalisation needs a region
 * @throws {ShearedGridError} if the grid has skew axes
 */
export function filterImage(
  volume: Volume,
  settings: ExtractionSettings,
  imageName: string | null,
  kernels: Kernels,
): ResponseMap {
  const image = chosen(settings, imageName);
  if (settings.normalisation?.over === 'region') {
    throw new InvalidSettingsError(
      'normalisation over the region needs one, and a response map has none',
      'settings.normalisation.over',
      'Normalise over the image, or over tissue.',
    );
  }
  return kernels.arena.scope(() => {
    const working = workingGrid(volume, settings);
    const { grid, spacingMm } = working;
    const box = wholeBox(grid.shape);
    const values = workingImage(volume, null, working, box, settings, kernels);
    const { part, isFilled } = filledPart({ ...box, values, shape: grid.shape, spacingMm }, kernels);
    const response = image.filter === null ? part.values : createFilter(image.filter, part).respond(part, box, kernels);
    const { unit, provenance } = volume;
    return {
      volume: { shape: grid.shape, affine: grid.affine, data: response.slice(), unit, provenance },
      warnings: isFilled ? ['padding values were filled in by the nearest measured intensities'] : [],
    };
  });
}

function chosen({ images }: ExtractionSettings, name: string | null): ImageSettings {
  const filtered = images.filter(({ filter }) => filter !== null);
  const candidates = name === null ? filtered : images.filter((image) => image.name === name);
  if (candidates.length === 1) return candidates[0];
  throw new InvalidSettingsError(
    name === null ? `the settings have ${filtered.length} filtered images` : `the settings have no image ${name}`,
    'settings.images',
    filtered.length === 0
      ? 'Give an image a filter.'
      : `Choose one of ${images.map((image) => image.name).join(', ')}.`,
  );
}
