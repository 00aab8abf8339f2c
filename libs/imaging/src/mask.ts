import { refuseEmpty } from './geometry.js';
import { ImagingError } from './imaging-error.js';
import type { Mask, Volume } from './volume.js';

const MAX_LABELS = 1000;

/**
 * The labels of a label image, ascending, without 0.
 *
 * @throws {ImagingError} `MASK_VALUES` if a voxel is no whole number or there are over 1,000 labels: an image, no mask
 */
export function listLabels(labels: Volume): number[] {
  const found = new Set<number>();
  let previous = 0;
  const { data } = labels;
  for (let voxel = 0; voxel < data.length; voxel++) {
    const value = data[voxel]; // an iterator takes five times as long
    if (value === previous) continue;
    previous = value;
    if (value === 0 || found.has(value)) continue;
    if (!Number.isInteger(value) || found.size >= MAX_LABELS) {
      throw new ImagingError(
        'MASK_VALUES',
        found.size >= MAX_LABELS ? `it holds over ${MAX_LABELS} labels` : 'it holds values that are not whole',
        'the mask',
        'Give the label image, not the image itself.',
      );
    }
    found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

/**
 * One region of a label image.
 *
 * @param label a label; `union` for all together; `all` for the only one there is (see `masksFromVolume` for several)
 * @throws {ImagingError} `MASK_LABEL_ABSENT` naming the labels there are, `EMPTY_MASK` if there is none,
 *   `MASK_LABEL_AMBIGUOUS` for `all` on several, `MASK_VALUES` if the volume holds no labels
 */
export function maskFromVolume(labels: Volume, label: number | 'all' | 'union'): Mask {
  const present = listLabels(labels);
  if (label === 'all' && present.length > 1) {
    throw new ImagingError(
      'MASK_LABEL_AMBIGUOUS',
      `the mask holds ${present.length} labels: ${present.join(', ')}`,
      'the mask',
      'Choose one, or take their union, or one region for each.',
    );
  }
  if (typeof label === 'number' && !present.includes(label)) {
    const holds = present.length === 0 ? 'nothing' : present.slice(0, 20).join(', ');
    throw new ImagingError(
      present.length === 0 ? 'EMPTY_MASK' : 'MASK_LABEL_ABSENT',
      `label ${label} is not in the mask; it holds ${holds}`,
      'the mask',
      'Choose one of them, or all.',
    );
  }
  const name = typeof label === 'number' ? label : label === 'union' ? 'union' : (present[0] ?? 'all');
  const mask = maskNamed(String(name), labels, typeof label === 'number' ? label : null);
  refuseEmpty(mask);
  return mask;
}

function maskNamed(name: string, { shape, affine, data }: Volume, label: number | null): Mask {
  return { shape, affine, label: name, data: voxelsOf(data, label) };
}

/** 1 where a voxel has the label, or any; a plain loop, as `Uint8Array.from` takes ten times as long. */
function voxelsOf(values: Volume['data'], label: number | null): Uint8Array {
  const inside = new Uint8Array(values.length);
  for (let voxel = 0; voxel < values.length; voxel++) {
    if (label === null ? values[voxel] !== 0 : values[voxel] === label) inside[voxel] = 1;
  }
  return inside;
}

/**
 * Every region of a label image, a mask each, by ascending label.
 *
 * @throws {ImagingError} `EMPTY_MASK` if there is none, `MASK_VALUES` if the volume holds no labels
 */
export function masksFromVolume(labels: Volume): Mask[] {
  const present = listLabels(labels);
  if (present.length === 0) return [maskFromVolume(labels, 'union')];
  return present.map((label) => maskNamed(String(label), labels, label));
}
