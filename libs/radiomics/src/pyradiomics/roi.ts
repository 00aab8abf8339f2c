import type { Triple } from '@concord/imaging';
import { boundingBox, countVoxels } from '../region.js';
import { RegionTooSmallError } from './errors.js';
import type { PyradiomicsSettings } from './settings.js';

/** Bounding box on the grid of an image. */
export interface Box {
  readonly low: Triple;
  readonly size: Triple;
}

/** The voxels of a region in raster order, and its mask cut out with padding on every side. */
export interface Roi {
  readonly box: Box;
  readonly spacingMm: Triple;
  /** Size of the padded cut-out. */
  readonly shape: Triple;
  /** 1 inside, on the padded cut-out. */
  readonly mask: Uint8Array;
  /** Positions of the voxels on the padded cut-out, ascending. */
  readonly voxels: Int32Array;
  /** Positions of the same voxels on the grid of the image, and within the box alone. */
  readonly sources: Int32Array;
  readonly boxVoxels: Int32Array;
}

/** Box round a mask that has at least one voxel. */
export function boxOf(mask: Uint8Array, shape: Triple): Box | null {
  const box = boundingBox(mask, shape);
  if (box === null) return null;
  const size = box.high.map((high, axis) => high - box.low[axis] + 1);
  return { low: box.low, size: [size[0], size[1], size[2]] };
}

/**
 * PyRadiomics' test of a region, at every stage.
 *
 * @throws {RegionTooSmallError} if it has one voxel or none, spans too few dimensions, or has too few voxels
 */
export function checkedBox(
  mask: Uint8Array,
  shape: Triple,
  { minimumROIDimensions, minimumROISize }: PyradiomicsSettings,
): Box {
  const refuse = (what: string): never => {
    throw new RegionTooSmallError(what, 'the region', 'Check mask, label and parameters, or leave the case out.');
  };
  const box = boxOf(mask, shape) ?? refuse('no voxel of the region is left');
  const dimensions = box.size.filter((n) => n > 1).length;
  if (dimensions === 0) refuse('the region has a single voxel');
  if (dimensions < minimumROIDimensions) {
    refuse(`the region spans ${dimensions} dimension(s), minimumROIDimensions is ${minimumROIDimensions}`);
  }
  if (minimumROISize !== null && countVoxels(mask) <= minimumROISize) {
    refuse(`the region has no more than ${minimumROISize} voxels, the minimumROISize`);
  }
  return box;
}

/** @param padding voxels added on every side, so that steps of that length never leave the cut-out */
export function cutRoi(mask: Uint8Array, shape: Triple, spacingMm: Triple, box: Box, padding: number): Roi {
  const [w, h, d] = box.size.map((n) => n + 2 * padding);
  const inside = new Uint8Array(w * h * d);
  const rows = (visit: (from: number, to: number, inBox: number) => void): void => {
    for (let k = 0; k < box.size[2]; k++) {
      for (let j = 0; j < box.size[1]; j++) {
        const from = box.low[0] + shape[0] * (box.low[1] + j + shape[1] * (box.low[2] + k));
        visit(from, padding + w * (padding + j + h * (padding + k)), box.size[0] * (j + box.size[1] * k));
      }
    }
  };
  let count = 0;
  rows((from) => {
    for (let i = from; i < from + box.size[0]; i++) count += mask[i];
  });
  const [voxels, sources, boxVoxels] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let next = 0;
  rows((from, to, inBox) => {
    for (let i = 0; i < box.size[0]; i++) {
      if (mask[from + i] !== 1) continue;
      inside[to + i] = 1;
      voxels[next] = to + i;
      sources[next] = from + i;
      boxVoxels[next++] = inBox + i;
    }
  });
  return {
    box,
    spacingMm,
    shape: [w, h, d],
    mask: inside,
    voxels,
    sources,
    boxVoxels,
  };
}
