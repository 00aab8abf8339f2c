import { affineOf, axisOf, cross, dot, norm } from '../geometry.js';
import { voxelCount } from '../formats/voxels.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Mask, Triple } from '../volume.js';
import { decimalOf, decimalsOf } from './dataset.js';
import type { FrameGroups } from './functional-groups.js';

/** Frames must lie on the voxels of the grid to this fraction of a voxel, over their whole length. */
const TOLERANCE_VOXELS = 0.01;

/** One frame of a segmentation: where it lies and which of its pixels are inside. */
export interface SegmentFrame {
  readonly rows: number;
  readonly columns: number;
  /** From (column, row, 0) to the patient frame; its third axis is zero. */
  readonly affine: Float64Array;
  /** 1 inside, 0 outside, column-fastest. */
  readonly inside: Uint8Array;
}

/** From (column, row, 0) of a frame to the patient frame. @throws {ImagingError} `NO_GEOMETRY` */
export function frameAffine(groups: FrameGroups): Float64Array {
  const numbers = (groupTag: number, tag: number, count: number): number[] => {
    const item = groups.group(groupTag);
    const values = item ? decimalsOf(item, tag) : [];
    if (values.length === count) return values;
    throw noGeometry('a frame lacks its position, orientation or pixel spacing');
  };
  const position = numbers(0x00209113, 0x00200032, 3);
  const orientation = numbers(0x00209116, 0x00200037, 6);
  const [rowSpacing, columnSpacing] = numbers(0x00289110, 0x00280030, 2);
  const scaled = (start: number, factor: number): Triple => [
    orientation[start] * factor,
    orientation[start + 1] * factor,
    orientation[start + 2] * factor,
  ];
  return affineOf(scaled(0, columnSpacing), scaled(3, rowSpacing), [0, 0, 0], position as unknown as Triple);
}

/**
 * Puts the inside pixels of a frame into a mask.
 *
 * @param map from (column, row, 0) of the frame to indices of the grid
 * @throws {ImagingError} `SEG_OFF_GRID` if pixels are no voxels of the grid, or lie outside it
 */
export function placeFrame({ rows, columns, inside }: SegmentFrame, map: Float64Array, mask: Mask): void {
  const origin = wholeVector([map[3], map[7], map[11]], 1);
  const alongColumns = wholeVector(axisOf(map, 0), columns - 1);
  const alongRows = wholeVector(axisOf(map, 1), rows - 1);
  const [nx, ny, nz] = mask.shape;
  for (let row = 0, pixel = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, pixel++) {
      if (inside[pixel] === 0) continue;
      const i = origin[0] + column * alongColumns[0] + row * alongRows[0];
      const j = origin[1] + column * alongColumns[1] + row * alongRows[1];
      const k = origin[2] + column * alongColumns[2] + row * alongRows[2];
      if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz)
        throw offGrid('pixels of the segment lie outside the image');
      mask.data[i + nx * (j + ny * k)] = 1;
    }
  }
}

/**
 * The smallest grid of slices that all frames of a segmentation lie on; frames that were left out leave slices empty.
 *
 * @param groups of one frame, for the distance between slices: Spacing Between Slices, else that of the closest frames,
 *   else Slice Thickness
 * @throws {ImagingError} `NO_GEOMETRY`, `MIXED_ORIENTATION`, `NONUNIFORM`, `TOO_LARGE`
 */
export function gridOfFrames(frames: readonly Omit<SegmentFrame, 'inside'>[], groups: FrameGroups): GridGeometry {
  const [first] = frames;
  const [x, y] = [axisOf(first.affine, 0), axisOf(first.affine, 1)];
  const normal = cross(x, y);
  const unit = normal.map((value) => value / norm(normal)) as unknown as Triple;
  const isParallel = ({ affine }: { affine: Float64Array }): boolean =>
    [0, 1].every(
      (axis) => norm(minus(axisOf(affine, axis), axisOf(first.affine, axis))) < 1e-4 * norm(axisOf(first.affine, axis)),
    );
  if (!frames.every(isParallel)) {
    throw new ImagingError(
      'MIXED_ORIENTATION',
      'frames differ in orientation',
      where,
      'Export the segmentation again.',
    );
  }
  const depths = [...new Set(frames.map(({ affine }) => Math.round(dot(originOf(affine), unit) * 1e4) / 1e4))].sort(
    (a, b) => a - b,
  );
  const gaps = depths.slice(1).map((depth, index) => depth - depths[index]);
  const measures = groups.group(0x00289110);
  const stated = (tag: number): number | null => (measures ? decimalOf(measures, tag) : null);
  const step = stated(0x00180088) ?? (gaps.length > 0 ? Math.min(...gaps) : (stated(0x00180050) ?? 0));
  if (!(step > 0)) throw noGeometry('the distance between its slices is not given');
  const slots = depths.map((depth) => (depth - depths[0]) / step);
  if (slots.some((slot) => Math.abs(slot - Math.round(slot)) > TOLERANCE_VOXELS)) {
    throw new ImagingError('NONUNIFORM', 'its slices make no regular grid', where, 'Export the segmentation again.');
  }
  const lowest = frames.reduce((a, b) => (dot(originOf(a.affine), unit) <= dot(originOf(b.affine), unit) ? a : b));
  const shape = [first.columns, first.rows, Math.round(slots[slots.length - 1]) + 1] as const;
  voxelCount(shape, where);
  const k = unit.map((value) => value * step) as unknown as Triple;
  return { shape, affine: affineOf(x, y, k, originOf(lowest.affine)) };
}

const where = 'the segmentation file';

function originOf(affine: Float64Array): Triple {
  return axisOf(affine, 3);
}

function minus(a: Triple, b: Triple): Triple {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** The vector in whole voxels. @throws {ImagingError} `SEG_OFF_GRID` if over `reach` steps it leaves them */
function wholeVector(vector: Triple, reach: number): Triple {
  const whole: Triple = [Math.round(vector[0]), Math.round(vector[1]), Math.round(vector[2])];
  const error = Math.max(...vector.map((value, axis) => Math.abs(value - whole[axis]))) * Math.max(1, reach);
  if (!(error <= TOLERANCE_VOXELS)) throw offGrid('frames of the segmentation lie between the voxels of the image');
  return whole;
}

function offGrid(what: string): ImagingError {
  return new ImagingError(
    'SEG_OFF_GRID',
    what,
    'segmentation and image',
    'Use the segmentation drawn on this image, or have it resampled onto the image by the setting for that.',
  );
}

function noGeometry(what: string): ImagingError {
  return new ImagingError('NO_GEOMETRY', what, where, 'Export the segmentation again.');
}
