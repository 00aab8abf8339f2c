import type { ImageType } from './parameters.js';

/** A filter that looks at one voxel alone; what it scales by is the largest magnitude in the whole image. */
type PointFilter = (largest: number) => (value: number) => number;

/** PyRadiomics' filters of single voxels, by image type, with the name its columns start with. */
export const POINT_FILTERS: Partial<Record<ImageType, { readonly name: string; readonly filter: PointFilter }>> = {
  Square: {
    name: 'square',
    filter: (largest) => {
      const scale = 1 / Math.sqrt(largest);
      return (value) => (scale * value) ** 2;
    },
  },
  SquareRoot: {
    name: 'squareroot',
    filter: (largest) => (value) => Math.sign(value) * Math.sqrt(Math.abs(value) * largest),
  },
  Logarithm: {
    name: 'logarithm',
    filter: (largest) => {
      const scale = largest / Math.log(largest + 1);
      return (value) => Math.sign(value) * Math.log(Math.abs(value) + 1) * scale;
    },
  },
  Exponential: {
    name: 'exponential',
    filter: (largest) => {
      const scale = Math.log(largest) / largest;
      return (value) => Math.exp(scale * value);
    },
  },
};

export function largestMagnitude(data: ArrayLike<number>): number {
  let largest = 0;
  for (let n = 0; n < data.length; n++) {
    const magnitude = Math.abs(data[n]);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
