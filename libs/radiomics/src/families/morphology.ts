import type { Triple } from '@concord/imaging';
import { matrix, symmetricEigen } from '@concord/numeric';
import { undefinedBecause, ratio, type FamilyValues } from '../feature-value.js';
import { meshHull } from '../mesh-hull.js';
import { countVoxels, type Region } from '../region.js';
import { measureSurface } from '../surface-mesh.js';

/**
 * Morphology (IBSI HCUG) of the morphological mask, in mm. Centre of mass shift and integrated intensity also use the
 * intensity mask. Axes come from the covariance of voxel centres with divisor N - 1; the box is aligned with the grid.
 */
export function morphology(region: Region): FamilyValues {
  const { mask, shape, spacingMm } = region;
  const { area, volume } = measureSurface(mask, shape, spacingMm);
  const hull = measureHull(region);
  const box = hull.extent;
  const boxArea = 2 * (box[0] * box[1] + box[0] * box[2] + box[1] * box[2]);
  const voxelVolume = spacingMm[0] * spacingMm[1] * spacingMm[2];
  const roundness = (36 * Math.PI * volume ** 2) ** (1 / 3) / area; // sphericity
  const mean = region.intensities.reduce((sum, x) => sum + x, 0) / region.intensities.length;
  const isEmptied = region.intensities.length === 0;
  return {
    morph_volume: volume,
    morph_vol_approx: countVoxels(mask) * voxelVolume,
    morph_area_mesh: area,
    morph_av: area / volume,
    morph_comp_1: volume / (Math.sqrt(Math.PI) * area ** 1.5),
    morph_comp_2: roundness ** 3,
    morph_sph_dispr: 1 / roundness,
    morph_sphericity: roundness,
    morph_asphericity: 1 / roundness - 1,
    morph_com: centreShift(region),
    morph_diam: hull.diameter,
    ...principalAxes(region, area, volume),
    morph_vol_dens_aabb: volume / (box[0] * box[1] * box[2]),
    morph_area_dens_aabb: area / boxArea,
    morph_vol_dens_conv_hull: volume / hull.volume,
    morph_area_dens_conv_hull: area / hull.area,
    morph_integ_int: isEmptied ? undefinedBecause(EMPTIED) : mean * volume,
  };
}

const EMPTIED = 'no voxel is left after re-segmentation';

/** Distance between the centroid of the morphological mask and the intensity-weighted one of the intensity mask. */
function centreShift({ mask, voxels, intensities, shape, spacingMm }: Region) {
  if (voxels.length === 0) return undefinedBecause(EMPTIED);
  const [nx, ny] = shape;
  const weighted = [0, 0, 0, 0]; // x, y, z, sum of weights
  const addInPlace = (sums: number[], at: number, weight: number): void => {
    const row = Math.floor(at / nx);
    sums[0] += weight * (at - row * nx);
    sums[1] += weight * (row % ny);
    sums[2] += weight * Math.floor(row / ny);
    sums[3] += weight;
  };
  for (let n = 0; n < voxels.length; n++) addInPlace(weighted, voxels[n], intensities[n]);
  if (weighted[3] === 0) return undefinedBecause('the intensities add up to 0');
  const geometric = [0, 0, 0, 0];
  for (let at = 0; at < mask.length; at++) if (mask[at] === 1) addInPlace(geometric, at, 1);
  return Math.hypot(
    ...spacingMm.map((spacing, axis) => spacing * (weighted[axis] / weighted[3] - geometric[axis] / geometric[3])),
  );
}

/** Lengths of the principal axes, and how much of the enclosing ellipsoid the region fills. */
function principalAxes(region: Region, area: number, volume: number): FamilyValues {
  const lambda = axisVariances(region);
  if (lambda === null) {
    const none = undefinedBecause('one voxel has no axes');
    return Object.fromEntries(PCA_TAGS.map((tag) => [tag, none]));
  }
  const [major, minor, least] = lambda.map((value) => 4 * Math.sqrt(value));
  const flat = 'the region is flat: its least axis is 0';
  const ellipsoid = (Math.PI / 6) * major * minor * least;
  return {
    morph_pca_maj_axis: major,
    morph_pca_min_axis: minor,
    morph_pca_least_axis: least,
    morph_pca_elongation: minor / major,
    morph_pca_flatness: least / major,
    morph_vol_dens_aee: ratio(volume, ellipsoid, flat),
    morph_area_dens_aee: ratio(area, ellipsoidArea(major / 2, minor / 2, least / 2), 'the region is a line'),
  };
}

const PCA_TAGS = [
  'morph_pca_maj_axis',
  'morph_pca_min_axis',
  'morph_pca_least_axis',
  'morph_pca_elongation',
  'morph_pca_flatness',
  'morph_vol_dens_aee',
  'morph_area_dens_aee',
];

/** Variances of voxel centres along the principal axes, descending, in mm2; null for a single voxel. */
function axisVariances({ mask, shape, spacingMm }: Region): number[] | null {
  const [nx, ny, nz] = shape;
  const centre = [nx / 2, ny / 2, nz / 2]; // moments about a point near the mean do not cancel
  const s = [0, 0, 0];
  const ss = [0, 0, 0, 0, 0, 0];
  let count = 0;
  for (let k = 0, at = 0; k < nz; k++) {
    const z = k - centre[2];
    for (let j = 0; j < ny; j++) {
      const y = j - centre[1];
      for (let i = 0; i < nx; i++, at++) {
        if (mask[at] === 0) continue;
        const x = i - centre[0];
        count++;
        s[0] += x;
        s[1] += y;
        s[2] += z;
        ss[0] += x * x;
        ss[1] += x * y;
        ss[2] += x * z;
        ss[3] += y * y;
        ss[4] += y * z;
        ss[5] += z * z;
      }
    }
  }
  if (count < 2) return null;
  const covariance = (a: number, b: number, sum: number): number =>
    ((sum - (s[a] * s[b]) / count) / (count - 1)) * spacingMm[a] * spacingMm[b];
  const [xx, xy, xz] = [covariance(0, 0, ss[0]), covariance(0, 1, ss[1]), covariance(0, 2, ss[2])];
  const [yy, yz, zz] = [covariance(1, 1, ss[3]), covariance(1, 2, ss[4]), covariance(2, 2, ss[5])];
  const { values } = symmetricEigen(matrix(3, 3, Float64Array.of(xx, xy, xz, xy, yy, yz, xz, yz, zz)));
  const noise = values[0] * 1e-13; // of a flat region: rounding of the eigenvalue 0
  return Array.from(values, (value) => (value > noise ? value : 0));
}

/**
 * Surface of an ellipsoid with half-axes a >= b >= c by IBSI's Legendre series to the 20th term. Terms are kept as
 * (alpha beta)^n P_n((alpha2 + beta2) / (2 alpha beta)), which has no pole where two axes are equal.
 */
function ellipsoidArea(a: number, b: number, c: number): number {
  const alpha2 = 1 - (b / a) ** 2;
  const beta2 = 1 - (c / a) ** 2;
  const middle = (alpha2 + beta2) / 2;
  let previous = 0;
  let term = 1;
  let sum = 0;
  for (let n = 0; n <= 20; n++) {
    sum += term / (1 - 4 * n * n);
    const following = ((2 * n + 1) * middle * term - n * alpha2 * beta2 * previous) / (n + 1);
    previous = term;
    term = following;
  }
  return 4 * Math.PI * a * b * sum;
}

/** Hull of the mesh vertices: its volume and surface, its largest distance, and the box around it. */
function measureHull({ mask, shape, spacingMm }: Region) {
  const hull = meshHull(mask, shape); // in half voxels
  const mm = Float64Array.from(hull.vertices, (x, n) => (x / 2) * spacingMm[n % 3]);
  let volume = 0;
  let area = 0;
  for (const [a, b, c] of hull.triangles) {
    const edge = (to: number): number[] => [0, 1, 2].map((axis) => mm[3 * to + axis] - mm[3 * a + axis]);
    const [u, v] = [edge(b), edge(c)];
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    area += Math.hypot(...normal) / 2;
    volume += [0, 1, 2].reduce((sum, axis) => sum + normal[axis] * (mm[3 * a + axis] - mm[axis]), 0) / 6;
  }
  return { volume, area, diameter: largestDistance(mm), extent: extentOf(mm) };
}

function largestDistance(mm: Float64Array): number {
  let most = 0;
  for (let a = 0; a < mm.length; a += 3) {
    for (let b = a + 3; b < mm.length; b += 3) {
      const square = (mm[a] - mm[b]) ** 2 + (mm[a + 1] - mm[b + 1]) ** 2 + (mm[a + 2] - mm[b + 2]) ** 2;
      if (square > most) most = square;
    }
  }
  return Math.sqrt(most);
}

function extentOf(mm: Float64Array): Triple {
  const along = (axis: number): number => {
    let low = Infinity;
    let high = -Infinity;
    for (let n = axis; n < mm.length; n += 3) {
      low = Math.min(low, mm[n]);
      high = Math.max(high, mm[n]);
    }
    return high - low;
  };
  return [along(0), along(1), along(2)];
}
