import type { WorkingImage } from './image.js';
import { filterLines, recursiveGaussian, type RecursiveFilter } from './recursive-gaussian.js';
import type { Box } from './roi.js';

/**
 * Voxels kept round the box for each voxel that sigma spans, and some for good measure: what lies beyond changes the result
 * by exp(-1.37 * 16) = 3e-10 of it.
 */
const MARGIN_SIGMAS = 16;

/** An image in single precision, as SimpleITK keeps it between two steps, on a part of the grid. */
interface Patch {
  readonly low: readonly number[];
  readonly size: readonly number[];
  readonly values: Float32Array | Float64Array;
}

/**
 * Laplacian of Gaussian times sigma squared, on the box of the region: for each axis the second derivative along it, smoothed
 * along the others, divided by the square of the spacing; recursive filters, every step rounded to single precision.
 *
 * @see ITK, LaplacianRecursiveGaussianImageFilter; equal to SimpleITK 2.5 bit by bit on a whole image
 */
export function laplacianOfGaussian(image: WorkingImage, box: Box, sigmaMm: number): Float32Array {
  const sigmas = image.spacingMm.map((spacing) => sigmaMm / spacing);
  const source = patchRound(image, box, sigmas);
  const sum = new Float32Array(box.size[0] * box.size[1] * box.size[2]);
  for (let axis = 0; axis < 3; axis++) {
    let patch = filterAlong(source, axis, box, recursiveGaussian(sigmas[axis], 2, sigmaMm * sigmaMm));
    for (const other of [0, 1, 2]) {
      if (other !== axis) patch = filterAlong(patch, other, box, recursiveGaussian(sigmas[other], 0, 1));
    }
    const square = image.spacingMm[axis] * image.spacingMm[axis];
    for (let n = 0; n < sum.length; n++) sum[n] += patch.values[n] / square;
  }
  return sum;
}

function patchRound({ data, shape }: WorkingImage, box: Box, sigmas: readonly number[]): Patch {
  const margins = sigmas.map((sigma) => Math.ceil(MARGIN_SIGMAS * sigma) + 8);
  const low = box.low.map((first, axis) => Math.max(0, first - margins[axis]));
  const size = box.low.map((first, axis) => Math.min(shape[axis], first + box.size[axis] + margins[axis]) - low[axis]);
  const values = new Float64Array(size[0] * size[1] * size[2]);
  let to = 0;
  for (let k = low[2]; k < low[2] + size[2]; k++) {
    for (let j = low[1]; j < low[1] + size[1]; j++) {
      const row = low[0] + shape[0] * (j + shape[1] * k);
      for (let i = 0; i < size[0]; i++) values[to++] = data[row + i];
    }
  }
  return { low, size, values };
}

/** Lines filtered side by side: their recursions then overlap, and memory is read in stretches. */
const BLOCK = 16;

/** Filters along one axis and keeps of it what lies in the box. */
function filterAlong({ low, size, values }: Patch, axis: number, box: Box, filter: RecursiveFilter): Patch {
  const inner = size.slice(0, axis).reduce((product, n) => product * n, 1);
  const outer = size.slice(axis + 1).reduce((product, n) => product * n, 1);
  const length = size[axis];
  const count = box.size[axis];
  const start = box.low[axis] - low[axis];
  const result = new Float32Array(inner * count * outer);
  const [input, output, scratch] = [0, 1, 2].map(() => new Float64Array(length * BLOCK));
  const lines = inner * outer;
  for (let first = 0; first < lines; first += BLOCK) {
    const width = Math.min(BLOCK, lines - first);
    for (let w = 0; w < width; w++) {
      const line = first + w;
      const from = (line % inner) + inner * length * Math.floor(line / inner);
      for (let n = 0; n < length; n++) input[n * BLOCK + w] = values[from + inner * n];
    }
    filterLines(input, BLOCK, filter, output, scratch);
    for (let w = 0; w < width; w++) {
      const line = first + w;
      const to = (line % inner) + inner * count * Math.floor(line / inner);
      for (let n = 0; n < count; n++) result[to + inner * n] = output[(start + n) * BLOCK + w];
    }
  }
  const replaced = (list: readonly number[], value: number): number[] => list.map((x, n) => (n === axis ? value : x));
  return { low: replaced(low, box.low[axis]), size: replaced(size, count), values: result };
}
