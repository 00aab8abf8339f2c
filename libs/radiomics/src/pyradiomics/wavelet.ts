import type { Triple } from '@concord/imaging';
import type { WorkingImage } from './image.js';
import type { Box } from './roi.js';
import type { PyradiomicsSettings } from './settings.js';
import { waveletFilters, type WaveletFilters } from './wavelet-filters.js';

/** A derived image, computed on the box of the region only, x-fastest. */
export interface DerivedBox {
  readonly name: string;
  readonly values: Float64Array;
}

/** Values on a box of the periodic grid. */
interface Patch {
  readonly low: readonly number[];
  readonly size: readonly number[];
  readonly values: Float64Array;
}

/**
 * Undecimated wavelet transform, a band for each choice of low (L) or high (H) pass along x, y, z in this order. As in
 * PyRadiomics an odd size is extended by its first slice, the grid is periodic, a deeper level starts from the
 * approximation of the one before with the same filter, and `force2D` leaves one axis out.
 *
 * @returns the bands of each level in PyRadiomics' order, the last approximation at the end
 */
export function waveletBands(image: WorkingImage, box: Box, settings: PyradiomicsSettings): DerivedBox[] {
  const filters = waveletFilters(settings.wavelet);
  const axes = [0, 1, 2].filter((axis) => !settings.force2D || axis !== 2 - settings.force2Ddimension);
  const length = filters.low.length;
  const depth = settings.start_level + settings.level;
  const [before, after] = [length - 1 - length / 2, length / 2];
  let patch = periodicPatch(image, box, axes, depth * before, depth * after);
  const bands: DerivedBox[] = [];
  let approximation: DerivedBox[] = [];
  for (let step = 0; step < depth; step++) {
    const isWanted = step >= settings.start_level;
    const level = step - settings.start_level + 1;
    const prefix = level === 1 ? 'wavelet-' : `wavelet${level}-`;
    const split = splitAlong(patch, axes, filters, isWanted);
    for (const [name, band] of split) {
      if (name.includes('H')) bands.push({ name: prefix + name, values: crop(band, box) });
      else patch = band;
    }
    approximation = [{ name: prefix + 'L'.repeat(axes.length), values: crop(patch, box) }];
  }
  return [...bands, ...approximation];
}

/** The box with margins along the axes that are filtered, off a grid that repeats. */
function periodicPatch(
  { data, shape }: WorkingImage,
  box: Box,
  axes: readonly number[],
  before: number,
  after: number,
): Patch {
  const margin = (axis: number, width: number): number => (axes.includes(axis) ? width : 0);
  const low = box.low.map((first, axis) => first - margin(axis, before));
  const size = box.size.map((n, axis) => n + margin(axis, before) + margin(axis, after));
  const indices = size.map((n, axis) =>
    Int32Array.from({ length: n }, (_, at) => periodic(low[axis] + at, shape[axis])),
  );
  const values = new Float64Array(size[0] * size[1] * size[2]);
  let to = 0;
  for (const k of indices[2]) {
    for (const j of indices[1]) {
      const row = shape[0] * (j + shape[1] * k);
      for (const i of indices[0]) values[to++] = data[row + i];
    }
  }
  return { low, size, values };
}

/** Index on a grid that repeats with an even period: after an odd size its first slice comes once more. */
function periodic(index: number, size: number): number {
  const period = size + (size % 2);
  const within = ((index % period) + period) % period;
  return within < size ? within : 0;
}

function splitAlong(
  patch: Patch,
  axes: readonly number[],
  filters: WaveletFilters,
  hasDetails: boolean,
): Map<string, Patch> {
  let split = new Map<string, Patch>([['', patch]]);
  for (const axis of axes) {
    const next = new Map<string, Patch>();
    for (const [name, part] of split) {
      next.set(`${name}L`, convolve(part, axis, filters.low));
      if (hasDetails) next.set(`${name}H`, convolve(part, axis, filters.high));
    }
    split = next;
  }
  return split;
}

/** Output n is the sum of filter[j] * input[n + length / 2 - j]; the patch shrinks by the length of the filter. */
function convolve({ low, size, values }: Patch, axis: number, filter: Float64Array): Patch {
  const length = filter.length;
  const shrink = length - 1;
  const inner = size.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = size.slice(axis + 1).reduce((product, n) => product * n, 1);
  const count = size[axis] - shrink;
  const result = new Float64Array(inner * count * outer);
  const run = inner * count; // a stretch of memory that moves as one
  for (let o = 0; o < outer; o++) {
    const to = o * run;
    const from = o * inner * size[axis];
    for (let j = 0; j < length; j++) {
      const weight = filter[j];
      if (weight === 0) continue;
      const start = from + inner * (shrink - j);
      for (let n = 0; n < run; n++) result[to + n] += weight * values[start + n];
    }
  }
  const replaced = <T>(list: readonly T[], value: T): T[] => list.map((item, n) => (n === axis ? value : item));
  return { low: replaced(low, low[axis] + shrink - length / 2), size: replaced(size, count), values: result };
}

function crop({ low, size, values }: Patch, box: Box): Float64Array {
  const start: Triple = [box.low[0] - low[0], box.low[1] - low[1], box.low[2] - low[2]];
  const [w, h, d] = box.size;
  if (size[0] === w && size[1] === h && size[2] === d) return values;
  const result = new Float64Array(w * h * d);
  for (let k = 0; k < d; k++) {
    for (let j = 0; j < h; j++) {
      const from = start[0] + size[0] * (start[1] + j + size[1] * (start[2] + k));
      result.set(values.subarray(from, from + w), w * (j + h * k));
    }
  }
  return result;
}
