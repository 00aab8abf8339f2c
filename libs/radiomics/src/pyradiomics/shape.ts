import type { Triple } from '@concord/imaging';
import { matrix, symmetricEigen } from '@concord/numeric';
import { meshHull } from '../mesh-hull.js';
import { planeDiameters } from './diameters.js';
import { measureMesh } from './mesh.js';
import type { Roi } from './roi.js';

/**
 * Shape as PyRadiomics defines it: surface by marching cubes, axes from the covariance of voxel centres with divisor N.
 *
 * @param roi with one voxel of padding
 */
export function shapeFeatures(roi: Roi): Record<string, number> {
  const { mask, shape, spacingMm, voxels } = roi;
  const { area, volume } = measureMesh(mask, shape, spacingMm);
  const [least, minor, major] = axisVariances(voxels, shape, spacingMm);
  const planes = planeDiameters(mask, shape, spacingMm);
  const sphereArea = (36 * Math.PI * volume ** 2) ** (1 / 3);
  return {
    Compactness1: volume / (area ** 1.5 * Math.sqrt(Math.PI)),
    Compactness2: (36 * Math.PI * volume ** 2) / area ** 3,
    Elongation: Math.sqrt(minor / major),
    Flatness: Math.sqrt(least / major),
    LeastAxisLength: 4 * Math.sqrt(least),
    MajorAxisLength: 4 * Math.sqrt(major),
    Maximum2DDiameterColumn: planes.column,
    Maximum2DDiameterRow: planes.row,
    Maximum2DDiameterSlice: planes.slice,
    Maximum3DDiameter: diameterOf(meshHull(mask, shape).vertices, spacingMm),
    MeshVolume: volume,
    MinorAxisLength: 4 * Math.sqrt(minor),
    Sphericity: sphereArea / area,
    SphericalDisproportion: area / sphereArea,
    SurfaceArea: area,
    SurfaceVolumeRatio: area / volume,
    VoxelVolume: voxels.length * spacingMm[0] * spacingMm[1] * spacingMm[2],
  };
}

/** Largest distance between points given in half voxels. */
function diameterOf(points: Int32Array, spacingMm: Triple): number {
  const [sx, sy, sz] = spacingMm.map((spacing) => spacing / 2);
  let largest = 0;
  for (let a = 0; a < points.length; a += 3) {
    for (let b = 0; b < a; b += 3) {
      const dx = sx * (points[a] - points[b]);
      const dy = sy * (points[a + 1] - points[b + 1]);
      const dz = sz * (points[a + 2] - points[b + 2]);
      const square = dx * dx + dy * dy + dz * dz;
      if (square > largest) largest = square;
    }
  }
  return Math.sqrt(largest);
}

/**
 * Variances along the principal axes, ascending; divisor N. Sums are of whole numbers, so they are exact, and an axis
 * without extent has exactly none.
 */
export function axisVariances(voxels: Int32Array, [nx, ny]: Triple, spacingMm: Triple): [number, number, number] {
  const count = voxels.length;
  const first = [0, 0, 0];
  const second = new Float64Array(9);
  const at = [0, 0, 0];
  for (let n = 0; n < count; n++) {
    const row = Math.floor(voxels[n] / nx);
    at[0] = voxels[n] - nx * row;
    at[1] = row % ny;
    at[2] = Math.floor(row / ny);
    for (let a = 0; a < 3; a++) {
      first[a] += at[a];
      for (let b = 0; b <= a; b++) second[3 * a + b] += at[a] * at[b];
    }
  }
  const covariance = matrix(3, 3);
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b <= a; b++) {
      const centred = (second[3 * a + b] - (first[a] * first[b]) / count) / count;
      covariance.data[3 * b + a] = covariance.data[3 * a + b] = centred * spacingMm[a] * spacingMm[b];
    }
  }
  const [major, minor, least] = symmetricEigen(covariance).values;
  return [Math.max(0, least), Math.max(0, minor), Math.max(0, major)];
}
