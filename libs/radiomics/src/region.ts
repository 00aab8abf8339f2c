import type { GridGeometry, Mask, Triple, Volume } from '@concord/imaging';
import type { MinimumRegion } from './settings.js';
import {
  EmptyRegionError,
  NonFiniteVoxelError,
  RegionOffGridError,
  ShearedGridError,
  SmallRegionError,
} from './errors.js';

/**
 * A region cut out of its image, with one voxel of padding on every side, so that kernels need no border checks.
 *
 * The morphological mask is the region as drawn; the intensity mask (`voxels`) is what re-segmentation left of it.
 */
export interface Region {
  /** Size of the padded grid. */
  readonly shape: Triple;
  readonly spacingMm: Triple;
  /** Morphological mask on the padded grid, 1 inside. */
  readonly mask: Uint8Array;
  /** Positions of the intensity mask's voxels on the padded grid, ascending. */
  readonly voxels: Int32Array;
  /** Intensities of `voxels`, in the same order. */
  readonly intensities: Float64Array;
  /** The image that the region was cut from: all of it, or what there is round the region after resampling. */
  readonly image: RegionImage;
}

/** An image round a region. */
export interface RegionImage {
  readonly data: Volume['data'];
  readonly shape: Triple;
  /** Where the first voxel of the region's padded grid lies in the image; -1 is the voxel before the first. */
  readonly corner: Triple;
}

/** First and last index along each axis where the mask is set; null when it is empty. */
export function boundingBox(mask: Uint8Array, [nx, ny, nz]: Triple): { low: Triple; high: Triple } | null {
  const low = [nx, ny, nz];
  const high = [-1, -1, -1];
  for (let next = nextVoxel(mask, 0); next < mask.length;) {
    const row = Math.floor(next / nx);
    const last = mask.lastIndexOf(1, nx * (row + 1) - 1);
    const j = row % ny;
    const k = Math.floor(row / ny);
    low[0] = Math.min(low[0], next - nx * row);
    high[0] = Math.max(high[0], last - nx * row);
    low[1] = Math.min(low[1], j);
    high[1] = Math.max(high[1], j);
    low[2] = Math.min(low[2], k);
    high[2] = k;
    next = nextVoxel(mask, last + 1);
  }
  return high[2] < 0 ? null : { low: [low[0], low[1], low[2]], high: [high[0], high[1], high[2]] };
}

/**
 * First voxel of a mask at `from` or behind; its length if there is none. Most of a mask is empty, so eight voxels are
 * read at once: ones and noughts are no pattern of -0 or NaN.
 */
function nextVoxel(mask: Uint8Array, from: number): number {
  const misaligned = mask.byteOffset % 8;
  const words = new Float64Array(mask.buffer, mask.byteOffset - misaligned, (misaligned + mask.length) >> 3);
  let at = from;
  while (at < mask.length && (at + misaligned) % 8 !== 0) if (mask[at++] !== 0) return at - 1;
  let word = (at + misaligned) >> 3;
  while (word < words.length && words[word] === 0) word++;
  at = Math.max(at, 8 * word - misaligned);
  while (at < mask.length && mask[at] === 0) at++;
  return at;
}

/**
 * Lengths of the three voxel edges in mm.
 *
 * @throws {ShearedGridError} if two axes are not at right angles (cosine above 1e-3, about 0.06 degrees)
 */
export function rightAngledSpacing(grid: GridGeometry, where: string): Triple {
  const axis = (c: number): number[] => [grid.affine[c], grid.affine[4 + c], grid.affine[8 + c]];
  const dot = (a: number[], b: number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const axes = [axis(0), axis(1), axis(2)];
  const [sx, sy, sz] = axes.map((a) => Math.sqrt(dot(a, a)));
  const cosines = [
    dot(axes[0], axes[1]) / (sx * sy),
    dot(axes[0], axes[2]) / (sx * sz),
    dot(axes[1], axes[2]) / (sy * sz),
  ];
  if (!cosines.every((cosine) => Math.abs(cosine) <= 1e-3)) {
    throw new ShearedGridError(
      'the axes of the voxel grid are not at right angles',
      where,
      'Resample the series to a right-angled grid (a tilted gantry shears it) and draw the region on that.',
    );
  }
  return [sx, sy, sz];
}

/** @throws {RegionOffGridError} if shapes differ, or a corner lies more than 0.01 voxel apart */
export function checkSameGrid(volume: Volume, mask: Mask): void {
  const refuse = (what: string): never => {
    throw new RegionOffGridError(
      what,
      'image and mask',
      'Bring the mask onto the grid of the image first (attachMask).',
    );
  };
  if (volume.shape.some((n, axis) => n !== mask.shape[axis])) {
    refuse(`the mask has ${mask.shape.join(' x ')} voxels, the image ${volume.shape.join(' x ')}`);
  }
  const smallest = Math.min(...rightAngledSpacing(volume, 'image'));
  let worst = 0;
  for (let corner = 0; corner < 8; corner++) {
    const index = volume.shape.map((n, axis) => (corner & (1 << axis) ? n - 1 : 0));
    for (let row = 0; row < 3; row++) {
      const difference = (c: number): number => volume.affine[4 * row + c] - mask.affine[4 * row + c];
      const shift = difference(0) * index[0] + difference(1) * index[1] + difference(2) * index[2] + difference(3);
      worst = Math.max(worst, Math.abs(shift));
    }
  }
  if (!(worst <= 0.01 * smallest)) refuse(`image and mask lie ${worst.toPrecision(3)} mm apart`);
}

/**
 * Cuts the region out of an image; every voxel of the mask is in both masks.
 *
 * @throws {EmptyRegionError} if the mask is empty
 * @throws {NonFiniteVoxelError} if a voxel inside holds no finite number
 */
export function cutRegion(volume: Volume, mask: Mask): Region {
  return cutBox(volume, rightAngledSpacing(volume, 'image'), mask, [0, 0, 0]);
}

/**
 * The same where the mask is a box of the image's grid.
 *
 * @param corner voxel of the image on which the first of the mask lies
 */
export function cutBox(
  image: Pick<Volume, 'data' | 'shape'>,
  spacingMm: Triple,
  mask: Pick<Mask, 'data' | 'shape' | 'label'>,
  corner: Triple,
): Region {
  const box = boundingBox(mask.data, mask.shape);
  if (box === null) {
    throw new EmptyRegionError('the region has no voxel', `region ${mask.label}`, 'Check the mask and its label.');
  }
  const [mx, my] = mask.shape;
  const [nx, ny] = image.shape;
  const [w, h, d] = box.high.map((last, axis) => last - box.low[axis] + 3);
  const inside = new Uint8Array(w * h * d);
  for (let k = box.low[2]; k <= box.high[2]; k++) {
    for (let j = box.low[1]; j <= box.high[1]; j++) {
      const from = box.low[0] + mx * (j + my * k);
      const to = 1 + w * (j - box.low[1] + 1 + h * (k - box.low[2] + 1));
      inside.set(mask.data.subarray(from, from + w - 2), to);
    }
  }
  const voxels = new Int32Array(countVoxels(inside));
  const intensities = new Float64Array(voxels.length);
  const start = box.low.map((first, axis) => first + corner[axis] - 1); // of the padded grid, in the image
  let next = 0;
  let isFinite = true;
  for (let k = 1; k < d - 1; k++) {
    for (let j = 1; j < h - 1; j++) {
      const from = start[0] + nx * (j + start[1] + ny * (k + start[2]));
      const to = w * (j + h * k);
      for (let i = 1; i < w - 1; i++) {
        if (inside[to + i] !== 1) continue;
        const x = image.data[from + i];
        if (x - x !== 0) isFinite = false;
        voxels[next] = to + i;
        intensities[next++] = x;
      }
    }
  }
  if (!isFinite) {
    throw new NonFiniteVoxelError(
      'a voxel inside the region is not a finite number',
      `region ${mask.label}`,
      'Mend the image, or leave such voxels out of the mask.',
    );
  }
  return {
    shape: [w, h, d],
    spacingMm,
    mask: inside,
    voxels,
    intensities,
    image: { data: image.data, shape: image.shape, corner: [start[0], start[1], start[2]] },
  };
}

/** First and last index along each axis of the intensity mask's voxels, which are at least one. */
export function intensityBox({ voxels, shape: [nx, ny] }: Region): { low: Triple; high: Triple } {
  const low = [Infinity, Infinity, Math.floor(voxels[0] / (nx * ny))];
  const high = [-1, -1, Math.floor(voxels[voxels.length - 1] / (nx * ny))]; // voxels are ascending
  for (let n = 0; n < voxels.length; n++) {
    const row = Math.floor(voxels[n] / nx);
    const i = voxels[n] - row * nx;
    const j = row % ny;
    if (i < low[0]) low[0] = i;
    if (i > high[0]) high[0] = i;
    if (j < low[1]) low[1] = j;
    if (j > high[1]) high[1] = j;
  }
  return { low: [low[0], low[1], low[2]], high: [high[0], high[1], high[2]] };
}

/** @throws {SmallRegionError} if a region has fewer voxels, or is longer than one voxel along fewer axes */
export function checkMinimum({ voxels, shape }: Region, minimum: MinimumRegion, label: string): void {
  const dimensions = shape.filter((n) => n - 2 > 1).length; // padded by one voxel on both sides
  if (voxels.length >= minimum.voxels && dimensions >= minimum.dimensions) return;
  throw new SmallRegionError(
    voxels.length < minimum.voxels
      ? `the region has fewer than ${minimum.voxels} voxels`
      : `the region is longer than one voxel along fewer than ${minimum.dimensions} axes`,
    `region ${label}`,
    'Draw more of it, resample to a finer spacing, or lower settings.minimumRegion.',
  );
}

/** Number of voxels inside a mask of 0 and 1. */
export function countVoxels(mask: Uint8Array): number {
  let count = 0;
  for (let n = 0; n < mask.length; n++) count += mask[n];
  return count;
}
