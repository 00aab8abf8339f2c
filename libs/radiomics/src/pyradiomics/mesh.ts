import type { Triple } from '@concord/imaging';
import { cellTriangles } from './mesh-table.js';

/** Area (mm2) and volume (mm3) of a surface. */
export interface MeshMeasure {
  readonly area: number;
  readonly volume: number;
}

/**
 * Measures the marching-cubes surface of a mask as PyRadiomics does. Its surface may have gaps where cells of different
 * configurations meet, so its volume depends on where the origin lies: the first voxel of the padded cut-out.
 *
 * @param mask 0 or 1, with one voxel of padding on every side
 */
export function measureMesh(mask: Uint8Array, shape: Triple, spacingMm: Triple): MeshMeasure {
  const { counts, sums } = countCells(mask, shape);
  let area = 0;
  let volume = 0;
  cellTriangles().forEach((triangles, code) => {
    if (counts[code] === 0) return;
    for (const triangle of triangles) {
      const [a, b, c] = triangle.map((point) => point.map((x, axis) => x * spacingMm[axis]));
      area += (counts[code] * length(cross(difference(b, a), difference(c, a)))) / 2;
      // det(a + o, b + o, c + o) = det(a, b, c) + o . (a x b + b x c + c x a), summed over the cells' origins o
      const [ab, bc, ca] = [cross(a, b), cross(b, c), cross(c, a)];
      volume += counts[code] * dot(a, bc);
      for (let axis = 0; axis < 3; axis++) {
        volume += sums[3 * code + axis] * spacingMm[axis] * (ab[axis] + bc[axis] + ca[axis]);
      }
    }
  });
  return { area, volume: volume / 6 };
}

/** Cells of each configuration, and the sums of their indices along x, y and z. */
function countCells(mask: Uint8Array, [nx, ny, nz]: Triple): { counts: Float64Array; sums: Float64Array } {
  const counts = new Float64Array(256);
  const sums = new Float64Array(3 * 256);
  const slice = nx * ny;
  for (let k = 0; k + 1 < nz; k++) {
    for (let j = 0; j + 1 < ny; j++) {
      const row = nx * (j + ny * k);
      let code = 0;
      for (let i = 0; i < nx; i++) {
        const at = row + i;
        const column = mask[at] | (mask[at + nx] << 2) | (mask[at + slice] << 4) | (mask[at + slice + nx] << 6);
        code |= column << 1;
        if (i > 0 && code !== 0 && code !== 255) {
          counts[code]++;
          sums[3 * code] += i - 1;
          sums[3 * code + 1] += j;
          sums[3 * code + 2] += k;
        }
        code = column;
      }
    }
  }
  return { counts, sums };
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((x, axis) => x - b[axis]);
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function length(a: readonly number[]): number {
  return Math.sqrt(dot(a, a));
}
