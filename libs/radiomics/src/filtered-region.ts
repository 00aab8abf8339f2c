import { fillUnmeasuredInPlace, type IndexBox, type Triple } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { createFilter } from './filters/create-filter.js';
import type { Filter, FilterGrid } from './filters/filter.js';
import { triple, type ImagePart } from './filters/image-part.js';
import type { Region } from './region.js';
import type { ImageSettings } from './settings.js';

/** What a filter does for one region. */
export interface FilterPlan {
  readonly filter: Filter;
  /** Where its response is wanted, and the part of the image that this needs. */
  readonly box: IndexBox;
  readonly needs: IndexBox;
}

/** The filters of the images that have one, by the images' names. */
export type FilterPlans = ReadonlyMap<string, FilterPlan>;

/** @param boxOf where the response of an image is wanted */
export function planFilters(
  images: readonly ImageSettings[],
  grid: FilterGrid,
  boxOf: (image: ImageSettings) => IndexBox,
): FilterPlans {
  const plans = new Map<string, FilterPlan>();
  for (const image of images) {
    if (image.filter === null) continue;
    const filter = createFilter(image.filter, grid);
    const box = boxOf(image);
    plans.set(image.name, { filter, box, needs: filter.needs(box) });
  }
  return plans;
}

/**
 * The part of an image as filters take it: what was not measured has the nearest measured intensity of its row, or column,
 * or slices.
 */
export function filledPart(part: ImagePart, { arena }: Kernels): { part: ImagePart; isFilled: boolean } {
  let noise = 0;
  for (let n = 0; n < part.values.length; n++) noise += part.values[n] - part.values[n]; // NaN for NaN
  if (noise === 0) return { part, isFilled: false };
  const values = arena.f64(part.values.length);
  values.set(part.values);
  fillUnmeasuredInPlace(values, part.size);
  return { part: { ...part, values }, isFilled: true };
}

/**
 * A region with a filter's responses for intensities.
 *
 * @param region as re-segmentation of the unfiltered image left it, cut from `part`
 */
export function filteredRegion(region: Region, part: ImagePart, { filter, box }: FilterPlan, kernels: Kernels): Region {
  const data = filter.respond(part, box, kernels);
  const corner: Triple = triple((axis) => part.low[axis] + region.image.corner[axis] - box.low[axis]);
  const [w, h] = region.shape;
  const [nx, ny] = box.size;
  const intensities = new Float64Array(region.voxels.length);
  let end = 0; // of the row of the voxel before
  let shift = 0; // from the padded grid to the box, along that row
  for (let n = 0; n < intensities.length; n++) {
    const voxel = region.voxels[n];
    if (voxel >= end) {
      const row = Math.floor(voxel / w);
      const slice = Math.floor(row / h);
      end = (row + 1) * w;
      shift = corner[0] + nx * (corner[1] + row - slice * h + ny * (corner[2] + slice)) - row * w;
    }
    intensities[n] = data[voxel + shift];
  }
  return { ...region, intensities, image: { data, shape: box.size, corner } };
}
