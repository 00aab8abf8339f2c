import { voxelVolumeMm3 } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Mask } from '../volume.js';
import { boundingBox, cropped, type Box } from './box.js';

const MAX_LESIONS = 1000;

/** One connected part of a region. */
export interface Lesion {
  /** `lesion-1` for the largest, and so on. */
  readonly label: string;
  /** Indices of its voxels in the grid, ascending. */
  readonly voxels: Int32Array;
  readonly volumeMm3: number;
}

/**
 * The connected parts of a region: voxels that share a face, an edge or a corner (26 neighbours) belong together. The
 * largest comes first; of equal ones, the one whose first voxel comes first in the grid. Cost: linear.
 *
 * A lesion is a list of voxels, as hundreds of masks of a whole image would not fit in memory; see `lesionMask`.
 *
 * @param options.minVolumeMm3 leave out smaller parts; 0 by default
 * @throws {ImagingError} `EMPTY_MASK` if nothing is left, `BAD_SETTING` if the volume is negative or there are over
 *   1,000 parts
 */
export function connectedLesions(region: Mask, options: { minVolumeMm3?: number } = {}): Lesion[] {
  const { minVolumeMm3 = 0 } = options;
  if (!(minVolumeMm3 >= 0)) throw badSetting('the least volume is no volume', 'Give mm³ from 0.');
  const box = boundingBox(region);
  const volume = voxelVolumeMm3(region);
  const parts = partsOf(region, box).filter((part) => part.length * volume >= minVolumeMm3);
  if (parts.length === 0) {
    throw new ImagingError(
      'EMPTY_MASK',
      `no connected part of the region has ${minVolumeMm3} mm³`,
      `region "${region.label}"`,
      'Lower the least volume, or leave the case out.',
    );
  }
  if (parts.length > MAX_LESIONS) {
    throw badSetting(
      `the region falls into ${parts.length} parts`,
      'Set a least volume, or give the lesions themselves.',
    );
  }
  return parts
    .sort((a, b) => b.length - a.length || a[0] - b[0])
    .map((voxels, index) => ({ label: `lesion-${index + 1}`, voxels, volumeMm3: voxels.length * volume }));
}

/** A lesion as a mask on the grid it was found on. */
export function lesionMask(grid: GridGeometry, { label, voxels }: Lesion): Mask {
  const data = new Uint8Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  for (const voxel of voxels) data[voxel] = 1;
  return { shape: grid.shape, affine: grid.affine, data, label };
}

/** Voxels of each connected part, ascending, in the order in which their first voxels come. */
function partsOf(region: Mask, box: Box): Int32Array[] {
  // A margin of one voxel: every neighbour of a voxel of the box is there, and no border needs a test.
  const [width, height, depth] = box.shape.map((size) => size + 2);
  const left = new Uint8Array(width * height * depth);
  const tight = cropped(region, box);
  const [bx, by, bz] = box.shape;
  for (let k = 0, source = 0; k < bz; k++) {
    for (let j = 0; j < by; j++, source += bx) {
      left.set(tight.subarray(source, source + bx), 1 + width * (j + 1 + height * (k + 1)));
    }
  }
  const neighbours = Int32Array.from({ length: 27 }, (_, n) => {
    const [i, j, k] = [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9)];
    return i - 1 + width * (j - 1 + height * (k - 1));
  });
  const [nx, ny] = region.shape;
  const inGrid = (voxel: number): number => {
    const i = (voxel % width) - 1 + box.start[0];
    const j = (Math.floor(voxel / width) % height) - 1 + box.start[1];
    return i + nx * (j + ny * (Math.floor(voxel / (width * height)) - 1 + box.start[2]));
  };
  const parts: Int32Array[] = [];
  for (let seed = left.indexOf(1); seed >= 0; seed = left.indexOf(1, seed + 1)) {
    const voxels = [seed];
    left[seed] = 0;
    for (let next = 0; next < voxels.length; next++) {
      for (const step of neighbours) {
        const voxel = voxels[next] + step;
        if (left[voxel] === 0) continue;
        left[voxel] = 0;
        voxels.push(voxel);
      }
    }
    parts.push(Int32Array.from(voxels, inGrid).sort());
  }
  return parts;
}

function badSetting(what: string, fix: string): ImagingError {
  return new ImagingError('BAD_SETTING', what, 'the lesions', fix);
}
