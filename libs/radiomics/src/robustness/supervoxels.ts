import type { Triple } from '@concord/imaging';
import type { RandomSource } from '@concord/numeric';

const ROUNDS = 8;

/** Part of an image, x-fastest. */
export interface ImageBox {
  readonly values: Float64Array;
  readonly size: Triple;
  readonly spacingMm: Triple;
}

/**
 * Divides a box into supervoxels: patches of like intensity, each gathered round a centre within its reach (simple linear
 * iterative clustering, Achanta et al., IEEE Trans. Pattern Anal. 34(11), 2012). The centres start on a grid whose place is
 * drawn.
 *
 * @param edgeMm length of the edge of a supervoxel
 * @param contrast difference of intensity that counts as much as the length of an edge; above 0
 * @returns the number of each voxel's supervoxel, and how many there are
 */
export function supervoxels(
  box: ImageBox,
  edgeMm: number,
  contrast: number,
  random: RandomSource,
): { readonly labels: Int32Array; readonly count: number } {
  const { labels, count } = cells(box, edgeMm, random);
  for (let round = 0; round < ROUNDS; round++) {
    const centres = centresOf(box, labels, count);
    gather(box, labels, centres, edgeMm, contrast);
  }
  return { labels, count };
}

/** Cells of a regular grid that begins anywhere in its first cell. */
function cells({ size: [w, h, d], spacingMm }: ImageBox, edgeMm: number, random: RandomSource) {
  const steps = spacingMm.map((mm) => Math.max(1, Math.round(edgeMm / mm)));
  const offsets = steps.map((step) => Math.floor(random.next() * step));
  const numbers = [w, h, d].map((n, axis) => Math.floor((n - 1 + offsets[axis]) / steps[axis]) + 1);
  const cellOf = (index: number, axis: number): number => Math.floor((index + offsets[axis]) / steps[axis]);
  const labels = new Int32Array(w * h * d);
  for (let k = 0, n = 0; k < d; k++) {
    for (let j = 0; j < h; j++) {
      const row = numbers[0] * (cellOf(j, 1) + numbers[1] * cellOf(k, 2));
      for (let i = 0; i < w; i++, n++) labels[n] = row + cellOf(i, 0);
    }
  }
  return { labels, count: numbers[0] * numbers[1] * numbers[2] };
}

/** Mean place (in voxels) and intensity of each supervoxel, four numbers each; NaN for one that lost all voxels. */
function centresOf({ values, size: [w, h] }: ImageBox, labels: Int32Array, count: number): Float64Array {
  const sums = new Float64Array(4 * count);
  const sizes = new Int32Array(count);
  for (let n = 0; n < labels.length; n++) {
    const row = Math.floor(n / w);
    const at = 4 * labels[n];
    sums[at] += n - row * w;
    sums[at + 1] += row % h;
    sums[at + 2] += Math.floor(row / h);
    sums[at + 3] += values[n];
    sizes[labels[n]]++;
  }
  return sums.map((sum, at) => sum / sizes[at >> 2]);
}

/** Gives each voxel to the nearest of the centres in reach; one that no centre reaches keeps its supervoxel. */
function gather(
  { values, size, spacingMm }: ImageBox,
  labels: Int32Array,
  centres: Float64Array,
  edgeMm: number,
  contrast: number,
): void {
  const best = new Float64Array(labels.length).fill(Infinity);
  const [w, h] = size;
  for (let label = 0; 4 * label < centres.length; label++) {
    const [x, y, z, value] = centres.subarray(4 * label, 4 * label + 4);
    if (Number.isNaN(x)) continue;
    const ranges = [x, y, z].map((centre, axis) => {
      const reach = Math.max(1, edgeMm / spacingMm[axis]);
      return [Math.max(0, Math.ceil(centre - reach)), Math.min(size[axis] - 1, Math.floor(centre + reach))];
    });
    for (let k = ranges[2][0]; k <= ranges[2][1]; k++) {
      for (let j = ranges[1][0]; j <= ranges[1][1]; j++) {
        const across = ((k - z) * spacingMm[2]) ** 2 + ((j - y) * spacingMm[1]) ** 2;
        for (let i = ranges[0][0], n = i + w * (j + h * k); i <= ranges[0][1]; i++, n++) {
          const place = (across + ((i - x) * spacingMm[0]) ** 2) / (edgeMm * edgeMm);
          const distance = place + ((values[n] - value) / contrast) ** 2;
          if (distance >= best[n]) continue;
          best[n] = distance;
          labels[n] = label;
        }
      }
    }
  }
}
