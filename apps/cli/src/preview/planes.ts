import { invertAffine, spacingMm, toPatient, type GridGeometry, type Mask, type Triple } from '@concord/imaging';

/** A picture of a slice: which axis of the grid runs to the right, which one downwards, and which one is cut. */
export interface Plane {
  readonly title: string;
  readonly right: Direction;
  readonly down: Direction;
  readonly cut: number;
  /** Index of the slice along `cut`. */
  readonly slice: number;
}

export interface Direction {
  readonly axis: number;
  /** -1 if the index falls in this direction. */
  readonly sign: 1 | -1;
  /** Where it begins and where it leads to, such as `R` and `L`; two letters when oblique. */
  readonly from: string;
  readonly to: string;
}

/** Titles, and where right and down lead on the screen (LPS), as radiologists look: from the feet, the right, the front. */
const VIEWS: readonly { title: string; right: Triple; down: Triple }[] = [
  { title: 'axial', right: [1, 0, 0], down: [0, 1, 0] },
  { title: 'coronal', right: [1, 0, 0], down: [0, 0, -1] },
  { title: 'sagittal', right: [0, 1, 0], down: [0, 0, -1] },
];

/** A second letter is written when the direction is at least this much along another axis of the patient. */
const OBLIQUE = 0.35;

/**
 * The slices to look at: through the centre of the region, the one that holds most of it, in the three directions, or in
 * that of the only slice there is.
 */
export function planesThrough(mask: Mask): Plane[] {
  const planes = VIEWS.flatMap(({ title, right, down }): Plane[] => {
    const along = axisAlong(mask, right, []);
    const across = axisAlong(mask, down, [along.axis]);
    const cut = 3 - along.axis - across.axis;
    return [{ title, right: along, down: across, cut, slice: fullestSlice(mask, cut) }];
  });
  const flat = mask.shape.findIndex((size) => size === 1);
  if (flat < 0) return planes;
  const only = planes.filter(({ cut }) => cut === flat);
  return only.length > 0 ? [{ ...only[0], title: '' }] : planes;
}

/** The part of a grid that a plane shows: the slice, and from where to where along the two others, in voxels from edge to edge. */
export interface View {
  readonly slice: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How much around the region a close view shows, mm and part of its size. */
const MARGIN_MM = 15;
const MARGIN = 0.25;

/**
 * The view of a plane on another grid with the same axes, such as the resampled one: the same place in the patient, whole or
 * round the region only.
 *
 * @param mask region on the grid that the plane was chosen on
 */
export function viewOf(plane: Plane, mask: Mask, grid: GridGeometry, isClose: boolean): View {
  const spacing = spacingMm(mask);
  const { low, high } = extentOf(mask);
  const onto = (axis: number, index: number): number => {
    const at = [0, 1, 2].map((n) => (n === axis ? index : 0));
    const start = toPatient(invertAffine(grid.affine), ...toPatient(mask.affine, at[0], at[1], at[2]));
    return start[axis];
  };
  const range = ({ axis, sign }: Direction): [start: number, size: number] => {
    const margin = isClose
      ? Math.ceil(Math.max(MARGIN_MM / spacing[axis], MARGIN * (high[axis] - low[axis] + 1)))
      : Infinity;
    const first = onto(axis, Math.max(0, low[axis] - margin) - 0.5);
    const last = onto(axis, Math.min(mask.shape[axis] - 1, high[axis] + margin) + 0.5);
    return [sign > 0 ? first + 0.5 : grid.shape[axis] - 0.5 - last, last - first];
  };
  const [left, width] = range(plane.right);
  const [top, height] = range(plane.down);
  const slice = Math.round(onto(plane.cut, plane.slice));
  return { slice: Math.min(grid.shape[plane.cut] - 1, Math.max(0, slice)), left, top, width, height };
}

/** The axis of the grid that runs most along a direction of the patient. */
function axisAlong(grid: GridGeometry, direction: Triple, taken: readonly number[]): Direction {
  const spacing = spacingMm(grid);
  const step = (axis: number) => [0, 4, 8].map((row) => grid.affine[row + axis] / spacing[axis]);
  const cosine = (axis: number) => step(axis).reduce((sum, value, n) => sum + value * direction[n], 0);
  const free = [0, 1, 2].filter((axis) => !taken.includes(axis));
  const axis = free.reduce((best, one) => (Math.abs(cosine(one)) > Math.abs(cosine(best)) + 1e-9 ? one : best));
  const sign = cosine(axis) < 0 ? -1 : 1;
  const towards = step(axis).map((value) => sign * value);
  return { axis, sign, from: lettersOf(towards.map((value) => -value)), to: lettersOf(towards) };
}

/** Of a direction in LPS: toward the patient's left, posterior, superior, and their opposites. */
function lettersOf(direction: readonly number[]): string {
  const letters = direction.map((value, n) => ['RL', 'AP', 'IS'][n][value > 0 ? 1 : 0]);
  return [0, 1, 2]
    .filter((n) => Math.abs(direction[n]) > OBLIQUE)
    .sort((a, b) => Math.abs(direction[b]) - Math.abs(direction[a]))
    .slice(0, 2)
    .map((n) => letters[n])
    .join('');
}

function fullestSlice({ data, shape: [nx, ny, nz] }: Mask, axis: number): number {
  const counts = new Float64Array([nx, ny, nz][axis]);
  for (let k = 0, index = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++, index++) counts[[i, j, k][axis]] += data[index];
  }
  return counts.indexOf(Math.max(...counts));
}

/** First and last index of the region along each axis. */
function extentOf({ data, shape: [nx, ny, nz] }: Mask): { low: Triple; high: Triple } {
  const low: [number, number, number] = [nx, ny, nz];
  const high: [number, number, number] = [-1, -1, -1];
  for (let k = 0, index = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, index++) {
        if (data[index] === 0) continue;
        const at = [i, j, k];
        for (let axis = 0; axis < 3; axis++) {
          if (at[axis] < low[axis]) low[axis] = at[axis];
          if (at[axis] > high[axis]) high[axis] = at[axis];
        }
      }
    }
  }
  return { low, high };
}
