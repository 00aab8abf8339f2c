import { ImagingError } from './imaging-error.js';
import type { GridGeometry, Mask, Triple } from './volume.js';

/** Grids that agree to this fraction of a voxel are the same. */
export const GRID_TOLERANCE_VOXELS = 0.01;
const MIN_SPACING_MM = 1e-6;
const MAX_MM = 1e6;

/** How two grids of voxels lie to one another. */
export interface GridComparison {
  readonly isSameShape: boolean;
  /** Largest distance between corresponding corners, in mm. */
  readonly maxCornerErrorMm: number;
  /** The same in voxels of the first grid. */
  readonly maxCornerErrorVoxels: number;
}

/** A point of voxel indices in the patient frame (LPS, mm). */
export function toPatient(affine: Float64Array, i: number, j: number, k: number): [number, number, number] {
  return [
    affine[0] * i + affine[1] * j + affine[2] * k + affine[3],
    affine[4] * i + affine[5] * j + affine[6] * k + affine[7],
    affine[8] * i + affine[9] * j + affine[10] * k + affine[11],
  ];
}

/** A 4 × 4 affine, row-major, of its three columns and its origin. */
export function affineOf(i: Triple, j: Triple, k: Triple, origin: Triple): Float64Array {
  return Float64Array.from([0, 1, 2].flatMap((row) => [i[row], j[row], k[row], origin[row]]).concat(0, 0, 0, 1));
}

/** Column 0 to 2 of an affine: the step in mm along i, j or k. */
export function axisOf(affine: Float64Array, axis: number): Triple {
  return [affine[axis], affine[4 + axis], affine[8 + axis]];
}

export function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function norm(a: Triple): number {
  return Math.hypot(a[0], a[1], a[2]);
}

/** Distance in mm between neighbouring voxels along i, j and k. */
export function spacingMm(grid: GridGeometry): Triple {
  return [norm(axisOf(grid.affine, 0)), norm(axisOf(grid.affine, 1)), norm(axisOf(grid.affine, 2))];
}

/** By how many degrees the grid's axes differ most from right angles: 0, or the tilt of a gantry. */
export function shearDegrees(grid: GridGeometry): number {
  const axes = [0, 1, 2].map((axis) => axisOf(grid.affine, axis));
  const cosines = [dot(axes[0], axes[1]), dot(axes[0], axes[2]), dot(axes[1], axes[2])].map(Math.abs);
  const [a, b, c] = axes.map(norm);
  return (
    (Math.asin(Math.min(1, Math.max(cosines[0] / (a * b), cosines[1] / (a * c), cosines[2] / (b * c)))) * 180) / Math.PI
  );
}

/**
 * The affine from the patient frame back to voxel indices.
 *
 * @throws {ImagingError} `NO_GEOMETRY` if the grid has no volume
 */
export function invertAffine(affine: Float64Array): Float64Array {
  const [i, j, k] = [axisOf(affine, 0), axisOf(affine, 1), axisOf(affine, 2)];
  const rows = [cross(j, k), cross(k, i), cross(i, j)];
  const determinant = dot(i, rows[0]);
  if (!(Math.abs(determinant) > 1e-12 * norm(i) * norm(j) * norm(k))) {
    throw new ImagingError('NO_GEOMETRY', 'the voxels have no volume', 'the affine', 'Give three independent axes.');
  }
  const origin: Triple = [affine[3], affine[7], affine[11]];
  const inverse = new Float64Array(16);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) inverse[4 * row + column] = rows[row][column] / determinant;
    inverse[4 * row + 3] = -dot(rows[row], origin) / determinant;
  }
  inverse[15] = 1;
  return inverse;
}

/** The product of two affines: first `b`, then `a`. */
export function multiplyAffines(a: Float64Array, b: Float64Array): Float64Array {
  const product = new Float64Array(16);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let inner = 0; inner < 4; inner++) sum += a[4 * row + inner] * b[4 * inner + column];
      product[4 * row + column] = sum;
    }
  }
  return product;
}

/** Compares where the corner voxels of two grids lie. */
export function compareGrids(a: GridGeometry, b: GridGeometry): GridComparison {
  const inverse = invertAffine(a.affine);
  let maxCornerErrorMm = 0;
  let maxCornerErrorVoxels = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = (grid: GridGeometry): Triple => {
      const index = grid.shape.map((size, axis) => ((corner >> axis) & 1) * (size - 1));
      return toPatient(grid.affine, index[0], index[1], index[2]);
    };
    const [pointA, pointB] = [at(a), at(b)];
    maxCornerErrorMm = Math.max(maxCornerErrorMm, distance(pointA, pointB));
    const [indexA, indexB] = [pointA, pointB].map((point) => toPatient(inverse, point[0], point[1], point[2]));
    for (let axis = 0; axis < 3; axis++) {
      maxCornerErrorVoxels = Math.max(maxCornerErrorVoxels, Math.abs(indexA[axis] - indexB[axis]));
    }
  }
  return { isSameShape: a.shape.every((size, axis) => size === b.shape[axis]), maxCornerErrorMm, maxCornerErrorVoxels };
}

/** Whether the grid can lie in space: finite, three independent axes, spacings from a nanometre, within a kilometre. */
export function isSoundGrid(grid: GridGeometry): boolean {
  const { affine } = grid;
  const isNear = affine.every((value) => Math.abs(value) <= MAX_MM);
  const spacing = spacingMm(grid);
  const volume = voxelVolumeMm3(grid);
  return isNear && spacing.every((mm) => mm >= MIN_SPACING_MM) && volume > 1e-6 * spacing[0] * spacing[1] * spacing[2];
}

/** @throws {ImagingError} `NO_GEOMETRY` if the grid cannot lie in space, see `isSoundGrid` */
export function refuseUnsoundGrid(grid: GridGeometry, where: string): void {
  if (isSoundGrid(grid)) return;
  throw new ImagingError(
    'NO_GEOMETRY',
    'its axes, spacing or origin are impossible',
    where,
    'Set the geometry in the program that wrote the file.',
  );
}

/** @throws {ImagingError} `EMPTY_MASK` if no voxel is inside */
export function refuseEmpty(mask: Mask): void {
  if (mask.data.includes(1)) return;
  throw new ImagingError(
    'EMPTY_MASK',
    'the region has no voxel',
    `region "${mask.label}"`,
    'Draw the region on this image, or leave the case out.',
  );
}

/** Volume of a voxel. */
export function voxelVolumeMm3({ affine }: GridGeometry): number {
  return Math.abs(dot(axisOf(affine, 0), cross(axisOf(affine, 1), axisOf(affine, 2))));
}

function distance(a: Triple, b: Triple): number {
  return norm([a[0] - b[0], a[1] - b[1], a[2] - b[2]]);
}
