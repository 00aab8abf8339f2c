import { affineOf, cross, dot, norm } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Triple } from '../volume.js';

/** Where one slice lies, as its header says. */
export interface SlicePlacement {
  readonly rows: number;
  readonly columns: number;
  /** Image Position (Patient): centre of the first pixel, LPS, mm. */
  readonly position: Triple;
  /** Image Orientation (Patient): directions along which the column index, then the row index, grows. */
  readonly columnDirection: Triple;
  readonly rowDirection: Triple;
  /** Pixel Spacing: distance between rows, then between columns, mm. */
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
  /** Distance to the next slice for a single one: Spacing Between Slices, else Slice Thickness. */
  readonly thicknessMm: number | null;
}

export interface GridPlan extends GridGeometry {
  /** `order[k]` is the position in the input of the slice that becomes slice k. */
  readonly order: readonly number[];
  readonly warnings: readonly string[];
}

const DIRECTION_TOLERANCE = 1e-3;
/** Headers round positions; this much of a slice's distance, or 0.01 mm, is no gap. */
const POSITION_TOLERANCE = 0.01;
const MIN_TOLERANCE_MM = 0.01;

/**
 * Makes a regular grid of slices: orders them by position along their normal and refuses those that make none.
 *
 * @param options.tilt `keep` gives a gantry-tilted series as a sheared grid, with a warning
 * @throws {ImagingError} `EMPTY_SERIES`, `BAD_IOP`, `MIXED_MATRIX`, `MIXED_SPACING`, `MIXED_ORIENTATION`, `DUPLICATE`
 *   (several slices at one place), `NONUNIFORM` (a slice is missing, or distances differ), `OFF_AXIS`, `TILT`
 */
export function planGrid(slices: readonly SlicePlacement[], options: { tilt?: 'refuse' | 'keep' } = {}): GridPlan {
  const first = slices[0];
  if (!first) throw refusal('EMPTY_SERIES', 'there is no image', 'Give the files of one series.');
  const normal = normalOf(first);
  for (const slice of slices) checkAlike(slice, first);
  const depths = slices.map(({ position }) => dot(position, normal));
  const order = slices.map((_, index) => index).sort((a, b) => depths[a] - depths[b]);
  const warnings: string[] = [];
  const step = stepOf(slices, order, depths, normal, warnings);
  const tilt = tiltDegrees(step, normal);
  if (tilt > 0.1) {
    const what = `the slices are shifted against one another: a gantry tilt of ${tilt.toFixed(1)} degrees`;
    if (options.tilt !== 'keep')
      throw refusal('TILT', what, 'Have the series resampled to upright slices by the scanner or archive.');
    warnings.push(`${what}; the grid is sheared`);
  }
  const affine = affineOf(
    scaled(first.columnDirection, first.columnSpacingMm),
    scaled(first.rowDirection, first.rowSpacingMm),
    step,
    slices[order[0]].position,
  );
  return { shape: [first.columns, first.rows, slices.length], affine, order, warnings };
}

function normalOf(slice: SlicePlacement): Triple {
  const { columnDirection, rowDirection } = slice;
  const isUnit = [columnDirection, rowDirection].every((axis) => Math.abs(norm(axis) - 1) < DIRECTION_TOLERANCE);
  if (!isUnit || Math.abs(dot(columnDirection, rowDirection)) > DIRECTION_TOLERANCE) {
    throw refusal('BAD_IOP', 'the image orientation is not two perpendicular directions', 'Export the series again.');
  }
  const normal = cross(columnDirection, rowDirection);
  return scaled(normal, 1 / norm(normal));
}

function checkAlike(slice: SlicePlacement, first: SlicePlacement): void {
  const fix = 'Give the files of one acquisition only, without localizers or other reconstructions.';
  if (slice.rows !== first.rows || slice.columns !== first.columns) {
    throw refusal('MIXED_MATRIX', 'slices differ in rows or columns', fix);
  }
  const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(a, b);
  if (!(slice.rowSpacingMm > 0 && slice.columnSpacingMm > 0)) {
    throw refusal(
      'NO_GEOMETRY',
      'the pixel spacing is missing or not positive',
      'Export the series with its geometry.',
    );
  }
  if (!isClose(slice.rowSpacingMm, first.rowSpacingMm) || !isClose(slice.columnSpacingMm, first.columnSpacingMm)) {
    throw refusal('MIXED_SPACING', 'slices differ in pixel spacing', fix);
  }
  const differs = (a: Triple, b: Triple): boolean =>
    a.some((value, axis) => Math.abs(value - b[axis]) > DIRECTION_TOLERANCE);
  if (differs(slice.columnDirection, first.columnDirection) || differs(slice.rowDirection, first.rowDirection)) {
    throw refusal('MIXED_ORIENTATION', 'slices differ in orientation', fix);
  }
}

/** The vector from one slice to the next, after checking that it is the same everywhere. */
function stepOf(
  slices: readonly SlicePlacement[],
  order: readonly number[],
  depths: readonly number[],
  normal: Triple,
  warnings: string[],
): Triple {
  const count = order.length;
  if (count === 1) {
    const thickness = slices[0].thicknessMm;
    if (thickness === null || !(thickness > 0)) {
      throw refusal(
        'NO_GEOMETRY',
        'a single slice without a thickness has no place in space',
        'Give the whole series.',
      );
    }
    warnings.push('the series is a single slice; its thickness stands for the distance to the next');
    return scaled(normal, thickness);
  }
  const gaps = order.slice(1).map((slice, index) => depths[slice] - depths[order[index]]);
  const span = depths[order[count - 1]] - depths[order[0]];
  const typical = [...gaps].sort((a, b) => a - b)[(gaps.length - 1) >> 1];
  const tolerance = Math.max(POSITION_TOLERANCE * typical, MIN_TOLERANCE_MM);
  const duplicate = gaps.findIndex((gap) => gap < tolerance);
  if (duplicate >= 0) {
    const places = gaps.filter((gap) => gap < tolerance).length;
    throw refusal(
      'DUPLICATE',
      `${places} of ${count} slices lie where another lies, first at slice ${duplicate + 1}`,
      'Give one phase, echo or b-value only, and each slice once.',
    );
  }
  const step = span / (count - 1);
  const isUniform = order.every(
    (slice, index) => Math.abs(depths[slice] - depths[order[0]] - index * step) <= tolerance,
  );
  if (!isUniform) throw nonUniform(gaps, typical, tolerance);
  const from = slices[order[0]].position;
  const to = slices[order[count - 1]].position;
  const vector = from.map((start, axis) => (to[axis] - start) / (count - 1)) as unknown as Triple;
  order.forEach((slice, index) => {
    const off = slices[slice].position.map(
      (value, axis) => value - from[axis] - index * vector[axis],
    ) as unknown as Triple;
    if (norm(off) > tolerance) {
      throw refusal(
        'OFF_AXIS',
        `slice ${index + 1} is shifted sideways by ${norm(off).toFixed(2)} mm`,
        'Export the series again.',
      );
    }
  });
  return vector;
}

function nonUniform(gaps: readonly number[], typical: number, tolerance: number): ImagingError {
  const odd = gaps.flatMap((gap, index) =>
    Math.abs(gap - typical) > tolerance ? [`${gap.toFixed(2)} mm after slice ${index + 1}`] : [],
  );
  const listed = odd.length > 5 ? `${odd.slice(0, 5).join(', ')} and ${odd.length - 5} more` : odd.join(', ');
  return refusal(
    'NONUNIFORM',
    `slices are ${typical.toFixed(2)} mm apart, but ${listed || 'the distances drift'}`,
    'A slice is probably missing: fetch the series again, or leave the case out.',
  );
}

function tiltDegrees(step: Triple, normal: Triple): number {
  const along = dot(step, normal);
  const sideways = norm(cross(step, normal));
  return (Math.atan2(sideways, along) * 180) / Math.PI;
}

function scaled(vector: Triple, factor: number): Triple {
  return [vector[0] * factor, vector[1] * factor, vector[2] * factor];
}

function refusal(code: ImagingError['code'], what: string, fix: string): ImagingError {
  return new ImagingError(code, what, 'the DICOM series', fix);
}
