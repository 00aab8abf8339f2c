import { refuseEmpty } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Mask } from '../volume.js';
import { requireSameGrid } from './box.js';

/** How two regions make one: in either, in both, in the first only, in exactly one. */
export type Combination = 'union' | 'intersection' | 'difference' | 'exclusive';

const RULES: Readonly<Record<Combination, (a: number, b: number) => number>> = {
  union: (a, b) => a | b,
  intersection: (a, b) => a & b,
  difference: (a, b) => a & ~b & 1,
  exclusive: (a, b) => a ^ b,
};

/**
 * Two regions on one grid as one.
 *
 * @throws {ImagingError} `GEOMETRY_MISMATCH` if their grids differ, `EMPTY_MASK` if no voxel is left
 */
export function combineMasks(a: Mask, b: Mask, how: Combination): Mask {
  requireSameGrid(a, b);
  const rule = RULES[how];
  const data = new Uint8Array(a.data.length);
  for (let index = 0; index < data.length; index++) data[index] = rule(a.data[index], b.data[index]);
  const combined: Mask = { shape: a.shape, affine: a.affine, data, label: `${a.label} ${how} ${b.label}` };
  refuseEmpty(combined);
  return combined;
}

/**
 * The voxels that enough readers of one lesion drew.
 *
 * @param options.atLeast how many readers; by default more than half of them, so that of two both must agree
 * @throws {ImagingError} `EMPTY_MASK` if there is no mask or no voxel on which enough agree, `BAD_SETTING` if `atLeast` is
 *   not between 1 and their number, `GEOMETRY_MISMATCH` if grids differ
 */
export function consensusMask(readers: readonly Mask[], options: { atLeast?: number } = {}): Mask {
  const [first] = readers;
  if (first === undefined) {
    throw new ImagingError('EMPTY_MASK', 'there is no mask', "the readers' masks", 'Give a mask for each reader.');
  }
  const { atLeast = Math.floor(readers.length / 2) + 1 } = options;
  if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > readers.length) {
    throw new ImagingError(
      'BAD_SETTING',
      `of ${readers.length} readers, ${atLeast} cannot agree`,
      'the consensus',
      'Give a number of readers from 1 to all.',
    );
  }
  const votes = new Uint16Array(first.data.length);
  for (const reader of readers) {
    requireSameGrid(first, reader);
    for (let index = 0; index < votes.length; index++) votes[index] += reader.data[index];
  }
  const data = Uint8Array.from(votes, (count) => (count >= atLeast ? 1 : 0));
  const mask: Mask = { shape: first.shape, affine: first.affine, data, label: `consensus of ${readers.length}` };
  refuseEmpty(mask);
  return mask;
}
