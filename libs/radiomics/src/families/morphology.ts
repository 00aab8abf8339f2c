import type { Triple } from '@concord/imaging';
import { matrix, symmetricEigen } from '@concord/numeric';
import { ellipsoidArea } from '../ellipsoid.js';
import { undefinedBecause, ratio, type FamilyValues } from '../feature-value.js';
import { meshHullInMm } from '../mesh-hull.js';
import type { Region } from '../region.js';
import { measureSurface } from '../surface-mesh.js';

/**
 * Morphology (IBSI HCUG) of the morphological mask, in mm. Centre of mass shift and integrated intensity also use the
 * intensity mask. Axes come from the covariance of voxel centres with divisor N - 1; the box is aligned with the grid.
 */
export function morphology(region: Region): FamilyValues {
  const { mask, shape, spacingMm } = region;
  const moments = maskMoments(region);
  const { area, volume } = measureSurface(mask, shape, spacingMm);
  const hull = measureHull(region);
  const box = hull.extent;
  const boxArea = 2 * (box[0] * box[1] + box[0] * box[2] + box[1] * box[2]);
  const voxelVolume = spacingMm[0] * spacingMm[1] * spacingMm[2];
  const roundness = (36 * Math.PI * volume ** 2) ** (1 / 3) / area; // sphericity
  return {
    morph_volume: volume,
    morph_vol_approx: moments.count * voxelVolume,
    morph_area_mesh: area,
    morph_av: area / volume,
    morph_comp_1: volume / (Math.sqrt(Math.PI) * area ** 1.5),
    morph_comp_2: roundness ** 3,
    morph_sph_dispr: 1 / roundness,
    morph_sphericity: roundness,
    morph_asphericity: 1 / roundness - 1,
    morph_com: centreShift(region, moments),
    morph_diam: hull.diameter,
    ...principalAxes(moments, spacingMm, area, volume),
    morph_vol_dens_aabb: volume / (box[0] * box[1] * box[2]),
    morph_area_dens_aabb: area / boxArea,
    morph_vol_dens_conv_hull: volume / hull.volume,
    morph_area_dens_conv_hull: area / hull.area,
    morph_integ_int: integratedIntensity(region.intensities, volume),
  };
}

const EMPTIED = 'no voxel is left after re-segmentation';

function integratedIntensity(intensities: Float64Array, volume: number) {
  if (intensities.length === 0) return undefinedBecause(EMPTIED);
  let sum = 0;
  for (let n = 0; n < intensities.length; n++) sum += intensities[n];
  return (sum / intensities.length) * volume;
}

/** Distance between the centroid of the morphological mask and the intensity-weighted one of the intensity mask. */
function centreShift({ voxels, intensities, shape, spacingMm }: Region, { count, sums, origin }: MaskMoments) {
  if (voxels.length === 0) return undefinedBecause(EMPTIED);
  const [nx, ny] = shape;
  const [x0, y0, z0] = origin;
  let [x, y, z, total] = [0, 0, 0, 0];
  for (let n = 0; n < voxels.length; n++) {
    const weight = intensities[n];
    const row = Math.floor(voxels[n] / nx);
    const slice = Math.floor(row / ny);
    x += weight * (voxels[n] - row * nx - x0);
    y += weight * (row - slice * ny - y0);
    z += weight * (slice - z0);
    total += weight;
  }
  const weighted = [x, y, z];
  if (total === 0) return undefinedBecause('the intensities add up to 0');
  return Math.hypot(...spacingMm.map((spacing, axis) => spacing * (weighted[axis] / total - sums[axis] / count)));
}

/** Lengths of the principal axes, and how much of the enclosing ellipsoid the region fills. */
function principalAxes(moments: MaskMoments, spacingMm: Triple, area: number, volume: number): FamilyValues {
  const lambda = axisVariances(moments, spacingMm);
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

/** Sums over the voxels of a mask, in voxels from a point near its middle, so that nothing cancels. */
interface MaskMoments {
  readonly count: number;
  readonly origin: Triple;
  /** x, y, z */
  readonly sums: readonly [number, number, number];
  /** xx, xy, xz, yy, yz, zz */
  readonly products: Float64Array;
}

function maskMoments({ mask, shape: [nx, ny, nz] }: Region): MaskMoments {
  const origin: Triple = [Math.floor(nx / 2), Math.floor(ny / 2), Math.floor(nz / 2)];
  const sums: [number, number, number] = [0, 0, 0];
  const products = new Float64Array(6);
  let count = 0;
  for (let k = 0, row = 0; k < nz; k++) {
    const z = k - origin[2];
    for (let j = 0; j < ny; j++, row += nx) {
      const y = j - origin[1];
      let n = 0;
      let x = 0;
      let xx = 0;
      for (let i = 0; i < nx; i++) {
        const inside = mask[row + i];
        const dx = i - origin[0];
        n += inside;
        x += inside * dx;
        xx += inside * dx * dx;
      }
      count += n;
      sums[0] += x;
      sums[1] += n * y;
      sums[2] += n * z;
      products[0] += xx;
      products[1] += x * y;
      products[2] += x * z;
      products[3] += n * y * y;
      products[4] += n * y * z;
      products[5] += n * z * z;
    }
  }
  return { count, origin, sums, products };
}

/** Variances of voxel centres along the principal axes, descending, in mm2; null for a single voxel. */
function axisVariances({ count, sums: s, products: ss }: MaskMoments, spacingMm: Triple): number[] | null {
  if (count < 2) return null;
  const covariance = (a: number, b: number, sum: number): number =>
    ((sum - (s[a] * s[b]) / count) / (count - 1)) * spacingMm[a] * spacingMm[b];
  const [xx, xy, xz] = [covariance(0, 0, ss[0]), covariance(0, 1, ss[1]), covariance(0, 2, ss[2])];
  const [yy, yz, zz] = [covariance(1, 1, ss[3]), covariance(1, 2, ss[4]), covariance(2, 2, ss[5])];
  const { values } = symmetricEigen(matrix(3, 3, Float64Array.of(xx, xy, xz, xy, yy, yz, xz, yz, zz)));
  const noise = values[0] * 1e-13; // of a flat region: rounding of the eigenvalue 0
  return Array.from(values, (value) => (value > noise ? value : 0));
}

/** Hull of the mesh vertices: its volume and surface, its largest distance, and the box around it. */
function measureHull({ mask, shape, spacingMm }: Region) {
  const { triangles, vertices: mm } = meshHullInMm(mask, shape, spacingMm);
  let volume = 0;
  let area = 0;
  for (const [a, b, c] of triangles) {
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
