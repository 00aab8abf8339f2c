import type { IndexBox } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import {
  axisOrder,
  centred,
  correlate,
  correlateAll,
  reachOf,
  type Grid,
  type SeparableTaps,
  type Taps,
} from './correlate.js';
import type { Filter, FilterGrid } from './filter.js';
import type { Boundary, GaussianFilter, LaplacianOfGaussianFilter, MeanFilter } from './filter-settings.js';
import { evenReach, readBox, sourceBox, triple, withReach, type ImagePart } from './image-part.js';

/** A filter whose kernel is a product of kernels along the axes. */
export function separableFilter(taps: SeparableTaps, boundary: Boundary, { shape }: FilterGrid): Filter {
  const reach = reachOf(taps);
  return {
    needs: (box) => sourceBox(withReach(box, reach), shape, boundary),
    respond: (part, box, kernels) => {
      const around = withReach(box, reach);
      const values = readBox(part, around, boundary, kernels);
      return correlateAll({ ...around, values }, taps, box, kernels).values;
    },
  };
}

/** The mean over a cube, or a square of each slice (IBSI S60F). */
export function meanFilter({ sizeVoxels, dimension, boundary }: MeanFilter, grid: FilterGrid): Filter {
  const own = meanTaps(sizeVoxels);
  return separableFilter([own, own, dimension === '3D' ? own : null], boundary, grid);
}

export function meanTaps(size: number): Taps {
  return centred(new Float64Array(size).fill(1 / size));
}

/** A Gaussian, its weights scaled to a sum of 1 along each axis. */
export function gaussianFilter(settings: GaussianFilter, grid: FilterGrid): Filter {
  const taps = (axis: number): Taps => {
    const { smooth } = gaussianAlong(settings, grid.spacingMm[axis]);
    const sum = smooth.reduce((total, weight) => total + weight, 0);
    return centred(smooth.map((weight) => weight / sum));
  };
  return separableFilter([taps(0), taps(1), settings.dimension === '3D' ? taps(2) : null], settings.boundary, grid);
}

interface GaussianWeights {
  /** The Gaussian of integral 1, sampled, times the spacing. */
  readonly smooth: Float64Array;
  /** Its second derivative, times the spacing, per mm2. */
  readonly second: Float64Array;
}

/** Sampled out to `floor(truncation * sigma + 0.5)` voxels. */
function gaussianAlong(
  { sigmaMm, truncation }: { sigmaMm: number; truncation: number },
  spacingMm: number,
): GaussianWeights {
  const reach = Math.floor((truncation * sigmaMm) / spacingMm + 0.5);
  const positions = Float64Array.from({ length: 2 * reach + 1 }, (_, n) => (n - reach) * spacingMm);
  const scale = spacingMm / (sigmaMm * Math.sqrt(2 * Math.PI));
  const smooth = positions.map((x) => scale * Math.exp(-(x * x) / (2 * sigmaMm * sigmaMm)));
  const second = positions.map((x, n) => (smooth[n] * (x * x - sigmaMm * sigmaMm)) / sigmaMm ** 4);
  return { smooth, second };
}

/**
 * The Laplacian of a Gaussian (IBSI L6PA), sampled on the voxels and cut off `truncation` sigma from the centre along each
 * axis, as IBSI's reference does; it is the sum over the axes of a second derivative along one and Gaussians along the
 * others. In units of intensity per voxel squared; where voxels are no cubes, the edge of a cube of their volume (in 2D: a
 * square of their area) stands for the edge of the voxel.
 */
export function laplacianOfGaussian(settings: LaplacianOfGaussianFilter, grid: FilterGrid): Filter {
  const { dimension, boundary } = settings;
  const axes = dimension === '3D' ? [0, 1, 2] : [0, 1];
  const edge = axes.reduce((volume, axis) => volume * grid.spacingMm[axis], 1) ** (1 / axes.length);
  const along = triple((axis) => {
    const { smooth, second } = gaussianAlong(settings, grid.spacingMm[axis]);
    return { smooth: centred(smooth), second: centred(second.map((weight) => weight * edge * edge)) };
  });
  const reach = evenReach(triple((axis) => (axes.includes(axis) ? along[axis].smooth.before : 0)));
  return {
    needs: (box) => sourceBox(withReach(box, reach), grid.shape, boundary),
    respond: (part: ImagePart, box: IndexBox, kernels: Kernels) => {
      const around = withReach(box, reach);
      let smooth: Grid = { ...around, values: readBox(part, around, boundary, kernels) };
      let laplacian: Grid | null = null;
      // After each axis: smoothed along all so far, and the Laplacian of those axes.
      for (const axis of axisOrder(around, box).filter((own) => axes.includes(own))) {
        const { smooth: mean, second } = along[axis];
        const before: Grid | null = laplacian === null ? null : correlate(laplacian, axis, mean, box, kernels);
        laplacian = correlate(smooth, axis, second, box, kernels, before);
        smooth = correlate(smooth, axis, mean, box, kernels);
      }
      return laplacian!.values; // there is at least one axis
    },
  };
}
