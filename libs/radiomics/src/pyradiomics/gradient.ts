import type { WorkingImage } from './image.js';

/**
 * Magnitude of the gradient by central differences, per mm or per voxel; beyond the image its last value holds. In single
 * precision, as SimpleITK's GradientMagnitude.
 *
 * @param voxels positions on the grid of the image
 */
export function gradientMagnitude(
  { data, shape, spacingMm }: WorkingImage,
  voxels: Int32Array,
  useSpacing: boolean,
): Float32Array {
  const [nx, ny, nz] = shape;
  const [sx, sy, sz] = useSpacing ? spacingMm : [1, 1, 1];
  const slice = nx * ny;
  return Float32Array.from(voxels, (at) => {
    const row = Math.floor(at / nx);
    const [i, j, k] = [at - nx * row, row % ny, Math.floor(row / ny)];
    const x = ((data[i + 1 < nx ? at + 1 : at] - data[i > 0 ? at - 1 : at]) * 0.5) / sx;
    const y = ((data[j + 1 < ny ? at + nx : at] - data[j > 0 ? at - nx : at]) * 0.5) / sy;
    const z = ((data[k + 1 < nz ? at + slice : at] - data[k > 0 ? at - slice : at]) * 0.5) / sz;
    return Math.sqrt(x * x + y * y + z * z);
  });
}
