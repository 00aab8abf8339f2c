import { refuseEmpty } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Mask, Triple } from '../volume.js';
import { boundingBox, cropped, grownBox, pasteInPlace, requireSameGrid, uprightSpacingMm, type Box } from './box.js';
import { squaredDistances } from './distance.js';

const MAX_MM = 1000;
/** A voxel exactly at a limit is at it, whatever the root of a sum of squares adds in the last digit. */
const ROUNDING = 1e-9;

export interface RingSettings {
  /** Where the ring begins and ends, in mm from the region's edge: positive outside, negative inside. */
  readonly fromMm: number;
  readonly toMm: number;
  /** What the ring must stay inside, such as the organ. */
  readonly within?: Mask;
}

export interface Ring {
  readonly mask: Mask;
  /** How many voxels of the ring lay outside `within` and were left out. */
  readonly clippedVoxelCount: number;
  /** Whether the ring reaches beyond the image, where nothing is known. */
  readonly isCutByImage: boolean;
}

/**
 * A ring around a region or along the inside of its edge, by exact distances between voxel centres in mm.
 *
 * Outside, it takes the voxels with `max(from, 0) < d <= to`, d being the distance to the nearest voxel of the region;
 * inside, those with `max(-to, 0) < d <= -from`, d to the nearest voxel outside. So 0 to 5 is a rim of 5 mm around the
 * region, 5 to 10 the next one without a voxel in common, -3 to 0 the outer 3 mm of the region itself, and -3 to 5 both.
 * Beyond the image there is neither inside nor outside: the image's edge is no edge of the region.
 *
 * @returns a mask on the grid of the region, labelled `LABEL ring FROM..TO mm`
 * @throws {ImagingError} `BAD_SETTING` unless -1000 <= from < to <= 1000, `EMPTY_MASK` if region or ring has no voxel,
 *   `GEOMETRY_MISMATCH` if `within` lies on another grid, `TILT` on a sheared grid
 */
export function ringOf(region: Mask, { fromMm, toMm, within }: RingSettings): Ring {
  checkReach(fromMm, toMm);
  const spacing = uprightSpacingMm(region);
  if (within) requireSameGrid(region, within);
  const tight = boundingBox(region);
  const reach = spacing.map((step) => Math.max(0, Math.floor(toMm / step)) + 1) as unknown as Triple;
  const box = grownBox(tight, reach, region);
  const inside = cropped(region, box);
  const part = new Uint8Array(inside.length);
  const mark = (value: 0 | 1, low: number, high: number): void => {
    const squares = squaredDistances(inside, value === 0 ? 1 : 0, box.shape, spacing);
    for (let index = 0; index < part.length; index++) {
      if (inside[index] !== value) continue;
      const distance = Math.sqrt(squares[index]);
      if (distance > low * (1 + ROUNDING) && distance <= high * (1 + ROUNDING)) part[index] = 1;
    }
  };
  if (toMm > 0) mark(0, Math.max(fromMm, 0), toMm);
  if (fromMm < 0) mark(1, Math.max(-toMm, 0), -fromMm);
  const clippedVoxelCount = within ? clipInPlace(part, cropped(within, box)) : 0;
  const label = `${region.label} ring ${fromMm}..${toMm} mm`;
  const mask: Mask = { shape: region.shape, affine: region.affine, data: new Uint8Array(region.data.length), label };
  pasteInPlace(mask.data, mask.shape, part, box);
  refuseEmpty(mask);
  return { mask, clippedVoxelCount, isCutByImage: reachesBeyond(region, tight, reach) };
}

/** Takes out what lies outside the organ; returns how many voxels that were. */
function clipInPlace(part: Uint8Array, organ: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < part.length; index++) {
    if (part[index] === 0 || organ[index] === 1) continue;
    part[index] = 0;
    count++;
  }
  return count;
}

function reachesBeyond({ shape }: Mask, { start, shape: size }: Box, reach: Triple): boolean {
  return shape.some(
    (length, axis) =>
      reach[axis] > 1 && (start[axis] - reach[axis] + 1 < 0 || start[axis] + size[axis] + reach[axis] - 1 > length),
  );
}

function checkReach(fromMm: number, toMm: number): void {
  if (fromMm >= -MAX_MM && fromMm < toMm && toMm <= MAX_MM) return;
  throw new ImagingError(
    'BAD_SETTING',
    `a ring from ${fromMm} to ${toMm} mm is none`,
    'the ring',
    `Give two distances in mm, the smaller first, between -${MAX_MM} and ${MAX_MM}; negative is inside the region.`,
  );
}
