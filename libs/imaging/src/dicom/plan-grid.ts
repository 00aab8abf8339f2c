import { affineOf, cross, dot, norm, refuseUnsoundGrid } from '../geometry.js';
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

/** A slice that is missing and is to be interpolated between its neighbours. */
export interface FilledSlice {
  readonly k: number;
  /** The nearest slices that are there. */
  readonly below: number;
  readonly above: number;
}

export interface GridPlan extends GridGeometry {
  /** `order[k]` is the position in the input of the slice that becomes slice k; -1 for a filled one. */
  readonly order: readonly number[];
  /** Only where the settings say so. */
  readonly filled: readonly FilledSlice[];
  readonly warnings: readonly string[];
}

export interface PlanOptions {
  /** `keep` gives a gantry-tilted series as a sheared grid, with a warning; else it is refused. */
  readonly tilt?: 'refuse' | 'keep';
  /** `interpolate` fills gaps of whole slices, with a warning; else they are refused. */
  readonly gaps?: 'refuse' | 'interpolate';
}

const DIRECTION_TOLERANCE = 1e-3;
/** Headers round positions; this much of a slice's distance, or 0.01 mm, is no gap. */
const POSITION_TOLERANCE = 0.01;
const MIN_TOLERANCE_MM = 0.01;

/**
 * Makes a regular grid of slices: orders them by position along their normal and refuses those that make none.
 *
 * @throws {ImagingError} `EMPTY_SERIES`, `BAD_IOP`, `MIXED_MATRIX`, `MIXED_SPACING`, `MIXED_ORIENTATION`, `DUPLICATE`
 *   (several slices at one place), `NONUNIFORM` (a slice is missing, or distances differ), `OFF_AXIS`, `TILT`,
 *   `NO_GEOMETRY` if the grid is impossible
 */
export function planGrid(slices: readonly SlicePlacement[], options: PlanOptions = {}): GridPlan {
  const first = slices[0];
  if (!first) throw refusal('EMPTY_SERIES', 'there is no image', 'Give the files of one series.');
  const normal = normalOf(first);
  for (const slice of slices) checkAlike(slice, first);
  const depths = slices.map(({ position }) => dot(position, normal));
  const order = slices.map((_, index) => index).sort((a, b) => depths[a] - depths[b]);
  const warnings: string[] = [];
  const slots = slotsOf(order, depths, options, warnings);
  const step = order.length === 1 ? singleStep(first, normal, warnings) : stepOf(slices, order, depths, slots);
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
  const shape = [first.columns, first.rows, slots[slots.length - 1] + 1] as const;
  refuseUnsoundGrid({ shape, affine }, 'the DICOM series');
  return { shape, affine, ...filledOrder(order, slots), warnings };
}

/** Slices by their slot, and the slots that none takes. */
function filledOrder(order: readonly number[], slots: readonly number[]): Pick<GridPlan, 'order' | 'filled'> {
  const whole = new Array<number>(slots[slots.length - 1] + 1).fill(-1);
  slots.forEach((slot, index) => (whole[slot] = order[index]));
  const filled = whole.flatMap((slice, k) => {
    if (slice >= 0) return [];
    const above = slots.find((slot) => slot > k) ?? k;
    const below = slots.findLast((slot) => slot < k) ?? k;
    return [{ k, below, above }];
  });
  return { order: whole, filled };
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

/** A single slice is as far from the next as it is thick. */
function singleStep({ thicknessMm }: SlicePlacement, normal: Triple, warnings: string[]): Triple {
  if (thicknessMm === null || !(thicknessMm > 0)) {
    throw refusal('NO_GEOMETRY', 'a single slice without a thickness has no place in space', 'Give the whole series.');
  }
  warnings.push('the series is a single slice; its thickness stands for the distance to the next');
  return scaled(normal, thicknessMm);
}

/**
 * Which slice of the grid each slice becomes, in the order of their depths.
 *
 * @throws {ImagingError} `DUPLICATE`, `NONUNIFORM`
 */
function slotsOf(
  order: readonly number[],
  depths: readonly number[],
  { gaps: policy }: PlanOptions,
  warnings: string[],
): number[] {
  const gaps = order.slice(1).map((slice, index) => depths[slice] - depths[order[index]]);
  if (gaps.length === 0) return [0];
  const typical = [...gaps].sort((a, b) => a - b)[(gaps.length - 1) >> 1];
  const tolerance = toleranceOf(typical);
  const places = gaps.filter((gap) => gap < tolerance).length;
  if (places > 0) {
    const duplicate = gaps.findIndex((gap) => gap < tolerance);
    throw refusal(
      'DUPLICATE',
      `${places} of ${order.length} slices lie where another lies, first at slice ${duplicate + 1} (${place(depths[order[duplicate]])})`,
      'Give one phase, echo or b-value only, and each slice once.',
    );
  }
  const steps = gaps.map((gap) => Math.round(gap / typical));
  const isWhole = gaps.every((gap, index) => steps[index] > 0 && Math.abs(gap - steps[index] * typical) <= tolerance);
  const odd = gaps.flatMap((gap, index) =>
    Math.abs(gap - typical) > tolerance
      ? [`${gap.toFixed(2)} mm after slice ${index + 1} (${place(depths[order[index]])})`]
      : [],
  );
  if (odd.length === 0) return order.map((_, index) => index);
  if (policy !== 'interpolate' || !isWhole) throw nonUniform(odd, typical);
  const slots = [0];
  for (const step of steps) slots.push(slots[slots.length - 1] + step);
  const missing = slots[slots.length - 1] + 1 - order.length;
  if (missing > order.length) throw nonUniform(odd, typical); // more would be invented than was seen
  warnings.push(`${missing} missing slices were interpolated linearly: ${listed(odd)}`);
  return slots;
}

/** The vector from one slice to the next, after checking that it is the same everywhere. */
function stepOf(
  slices: readonly SlicePlacement[],
  order: readonly number[],
  depths: readonly number[],
  slots: readonly number[],
): Triple {
  const last = order.length - 1;
  const count = slots[last];
  const spacing = (depths[order[last]] - depths[order[0]]) / count;
  const tolerance = toleranceOf(spacing);
  const isUniform = order.every(
    (slice, index) => Math.abs(depths[slice] - depths[order[0]] - slots[index] * spacing) <= tolerance,
  );
  if (!isUniform) throw nonUniform([], spacing);
  const [from, to] = [slices[order[0]].position, slices[order[last]].position];
  const vector = from.map((start, axis) => (to[axis] - start) / count) as unknown as Triple;
  order.forEach((slice, index) => {
    const off = slices[slice].position.map(
      (value, axis) => value - from[axis] - slots[index] * vector[axis],
    ) as unknown as Triple;
    if (norm(off) > tolerance) {
      throw refusal(
        'OFF_AXIS',
        `slice ${index + 1} (${place(depths[slice])}) is shifted sideways by ${norm(off).toFixed(2)} mm`,
        'Export the series again.',
      );
    }
  });
  return vector;
}

function nonUniform(odd: readonly string[], typical: number): ImagingError {
  return refusal(
    'NONUNIFORM',
    `slices are ${typical.toFixed(2)} mm apart, but ${odd.length > 0 ? listed(odd) : 'the distances drift'}`,
    'A slice is probably missing: fetch the series again, or leave the case out.',
  );
}

function listed(odd: readonly string[]): string {
  return odd.length > 5 ? `${odd.slice(0, 5).join(', ')} and ${odd.length - 5} more` : odd.join(', ');
}

function toleranceOf(spacing: number): number {
  return Math.max(POSITION_TOLERANCE * spacing, MIN_TOLERANCE_MM);
}

/** Where along the normal a slice lies. */
function place(depth: number): string {
  return `at ${depth.toFixed(2)} mm`;
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
