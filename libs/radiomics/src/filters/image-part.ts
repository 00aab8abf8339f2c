import type { IndexBox, Triple } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { Boundary } from './filter-settings.js';

/** A part of an image; what lies beyond the image is up to a filter's boundary. */
export interface ImagePart extends IndexBox {
  /** Of the part, x-fastest; all finite. */
  readonly values: Float64Array;
  /** Of the whole image. */
  readonly shape: Triple;
  readonly spacingMm: Triple;
}

/** How far a filter looks from a voxel: towards lower and higher indices of each axis. */
export interface Reach {
  readonly before: Triple;
  readonly after: Triple;
}

/** The same distance in both directions. */
export function evenReach(distance: Triple): Reach {
  return { before: distance, after: distance };
}

export function triple<T>(value: (axis: number) => T): [T, T, T] {
  return [value(0), value(1), value(2)];
}

/** A box with its surroundings, as far as they reach; beyond the image too. */
export function withReach({ low, size }: IndexBox, { before, after }: Reach): IndexBox {
  return {
    low: triple((axis) => low[axis] - before[axis]),
    size: triple((axis) => size[axis] + before[axis] + after[axis]),
  };
}

/** The smallest box that holds all of some. */
export function union(boxes: readonly IndexBox[]): IndexBox {
  const low = triple((axis) => Math.min(...boxes.map((box) => box.low[axis])));
  const end = triple((axis) => Math.max(...boxes.map((box) => box.low[axis] + box.size[axis])));
  return { low, size: triple((axis) => end[axis] - low[axis]) };
}

/** The part of the image that a box is filled from, which may reach beyond it. */
export function sourceBox({ low, size }: IndexBox, shape: Triple, boundary: Boundary): IndexBox {
  const ranges = triple((axis) => {
    const inside = placesAlong(low[axis], size[axis], shape[axis], boundary).filter((place) => place >= 0);
    const first = inside.reduce((least, place) => Math.min(least, place), shape[axis] - 1);
    return { first, count: inside.reduce((most, place) => Math.max(most, place), first) - first + 1 };
  });
  return { low: triple((axis) => ranges[axis].first), size: triple((axis) => ranges[axis].count) };
}

/** Where in the image each index of a stretch is taken from; -1 for what is zero. */
function placesAlong(low: number, count: number, n: number, boundary: Boundary): Int32Array {
  return Int32Array.from({ length: count }, (_, at) => {
    const index = low + at;
    if (index >= 0 && index < n) return index;
    if (boundary === 'zero') return -1;
    if (boundary === 'nearest') return index < 0 ? 0 : n - 1;
    const period = boundary === 'periodic' ? n : 2 * n;
    const within = ((index % period) + period) % period;
    return within < n ? within : 2 * n - 1 - within;
  });
}

/**
 * Reads a box, beyond the image by the boundary's rule.
 *
 * @param part holds at least `sourceBox(box, …)`
 * @returns the box, x-fastest, from the kernels' arena
 */
export function readBox(part: ImagePart, box: IndexBox, boundary: Boundary, { arena }: Kernels): Float64Array {
  const [w, h, d] = box.size;
  const values = arena.f64(w * h * d, boundary === 'zero');
  const [xs, ys, zs] = triple((axis) => placesAlong(box.low[axis], box.size[axis], part.shape[axis], boundary));
  // A stretch of each row lies within the image, and is copied as it is.
  const start = Math.min(Math.max(0, -box.low[0]), w);
  const end = Math.max(start, Math.min(w, part.shape[0] - box.low[0]));
  for (let k = 0, to = 0; k < d; k++) {
    for (let j = 0; j < h; j++, to += w) {
      if (ys[j] < 0 || zs[k] < 0) continue;
      const row = part.size[0] * (ys[j] - part.low[1] + part.size[1] * (zs[k] - part.low[2])) - part.low[0];
      if (end > start) values.set(part.values.subarray(row + xs[start], row + xs[start] + end - start), to + start);
      for (let i = 0; i < start; i++) if (xs[i] >= 0) values[to + i] = part.values[row + xs[i]];
      for (let i = end; i < w; i++) if (xs[i] >= 0) values[to + i] = part.values[row + xs[i]];
    }
  }
  return values;
}
