import { axisSampling, mirrored, prefilterInPlace, splineWeights } from './axis-sampling.js';
import { icosphere } from './icosphere.js';
import type { WorkingImage } from './image.js';
import type { PyradiomicsSettings } from './settings.js';
import { sphericalHarmonic, type Complex } from './spherical-harmonic.js';

/**
 * Local binary pattern on a sphere round each voxel, as PyRadiomics computes it: samples by cubic spline (0 outside the image),
 * those at least as high as the centre as a pattern, its power in each degree of spherical harmonics, and the kurtosis of the
 * samples. PyRadiomics gives the harmonics' two angles in the other order than their definition; so it is here.
 *
 * @param voxels positions on the grid of the image
 * @returns a value for each voxel and each of the levels, then the kurtosis (NaN where all samples are equal)
 * @see Banerjee et al., ACCV 2012 Workshops, LNCS 7728
 */
export function localBinaryPattern3d(
  image: WorkingImage,
  voxels: Int32Array,
  settings: PyradiomicsSettings,
): Float64Array[] {
  const { lbp3DLevels: levels, lbp3DIcosphereRadius: radius, lbp3DIcosphereSubdivision: subdivisions } = settings;
  const vertices = icosphere(subdivisions, radius);
  const sample = samplerOf(image, voxels, vertices);
  const degrees = Array.from({ length: levels }, (_, n) => harmonicsOf(n, vertices, radius));
  const results = Array.from({ length: levels + 1 }, () => new Float64Array(voxels.length));
  const samples = new Float64Array(vertices.length);
  const signs = new Uint8Array(vertices.length);
  voxels.forEach((at, n) => {
    sample(at, samples);
    for (let v = 0; v < samples.length; v++) signs[v] = samples[v] >= image.data[at] ? 1 : 0;
    degrees.forEach((degree, level) => (results[level][n] = powerOf(signs, degree)));
    results[levels][n] = excessKurtosis(samples);
  });
  return results;
}

/** Harmonics of one degree at each vertex, and the sums over vertices of the products of two orders. */
interface Degree {
  readonly values: readonly Complex[][];
  readonly products: readonly Complex[][];
}

function harmonicsOf(degree: number, vertices: readonly (readonly number[])[], radius: number): Degree {
  const orders = Array.from({ length: 2 * degree + 1 }, (_, n) => n - degree);
  const values = orders.map((order) =>
    vertices.map(([x, y, z]) => sphericalHarmonic(degree, order, Math.acos(z / radius), Math.atan2(y, x))),
  );
  const products = values.map((a) => values.map((b) => sumOf(a.map((value, v) => times(value, b[v])))));
  return { values, products };
}

/** Real part of the root of the sum of squares of the pattern's component of a degree, at all vertices. */
function powerOf(signs: Uint8Array, { values, products }: Degree): number {
  const coefficients = values.map((harmonic) => {
    let [re, im] = [0, 0];
    for (let v = 0; v < signs.length; v++) {
      if (signs[v] === 0) continue;
      re += harmonic[v].re;
      im += harmonic[v].im;
    }
    return { re, im };
  });
  let [re, im] = [0, 0];
  for (let a = 0; a < coefficients.length; a++) {
    for (let b = 0; b < coefficients.length; b++) {
      const term = times(times(coefficients[a], coefficients[b]), products[a][b]);
      re += term.re;
      im += term.im;
    }
  }
  return Math.sqrt(Math.max(0, (Math.hypot(re, im) + re) / 2));
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function sumOf(values: readonly Complex[]): Complex {
  return values.reduce((sum, value) => ({ re: sum.re + value.re, im: sum.im + value.im }), { re: 0, im: 0 });
}

function excessKurtosis(samples: Float64Array): number {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  let [m2, m4] = [0, 0];
  for (const value of samples) {
    const square = (value - mean) ** 2;
    m2 += square / samples.length;
    m4 += (square * square) / samples.length;
  }
  // SciPy calls a variance at the limit of a double's 15 digits none.
  return m2 <= (1e-15 * mean) ** 2 ? NaN : m4 / (m2 * m2) - 3;
}

/** Samples the sphere round a voxel by cubic spline; samples are numbers of the image's own type, rounded to it. */
function samplerOf(image: WorkingImage, voxels: Int32Array, vertices: readonly (readonly number[])[]) {
  const { shape, pixelType } = image;
  const coefficients = splineCoefficients(image, voxels, vertices);
  const round = pixelType.isWhole
    ? (value: number): number => Math.trunc(value > 0 ? value + 0.5 : value - 0.5)
    : pixelType.isSingle
      ? Math.fround
      : (value: number): number => value;
  const [nx, ny] = shape;
  return (at: number, samples: Float64Array): void => {
    const row = Math.floor(at / nx);
    const centre = [at - nx * row, row % ny, Math.floor(row / ny)];
    vertices.forEach((vertex, v) => {
      // PyRadiomics adds a vertex' x, y and z to the indices along z, y and x.
      const value = coefficients(centre[0] + vertex[2], centre[1] + vertex[1], centre[2] + vertex[0]);
      samples[v] = round(value);
    });
  };
}

/** A function of position on the grid of the image, from a part of it round the voxels. */
function splineCoefficients(
  { data, shape }: WorkingImage,
  voxels: Int32Array,
  vertices: readonly (readonly number[])[],
): (x: number, y: number, z: number) => number {
  const reach = Math.max(...vertices.map((vertex) => Math.max(...vertex.map(Math.abs))));
  const axes = rangesOf(voxels, shape).map(([low, high], axis) =>
    axisSampling(Float64Array.of(low - reach, high + reach), shape[axis]),
  );
  const [x, y, z] = axes;
  const box = new Float64Array(x.count * y.count * z.count);
  for (let k = 0, to = 0; k < z.count; k++) {
    for (let j = 0; j < y.count; j++) {
      const row = x.first + shape[0] * (y.first + j + shape[1] * (z.first + k));
      for (let i = 0; i < x.count; i++) box[to++] = data[row + i];
    }
  }
  prefilterInPlace(box, 1, x.count, y.count * z.count);
  prefilterInPlace(box, x.count, y.count, z.count);
  prefilterInPlace(box, x.count * y.count, z.count, 1);
  return (...position) => {
    if (position.some((p, axis) => p < 0 || p > shape[axis] - 1)) return 0;
    const taps = position.map((p, axis) => {
      const below = Math.floor(p);
      const indices = [-1, 0, 1, 2].map((step) => mirrored(below + step - axes[axis].first, axes[axis].count));
      return { indices, weights: splineWeights(p - below) };
    });
    let sum = 0;
    for (let c = 0; c < 4; c++) {
      for (let b = 0; b < 4; b++) {
        const start = x.count * (taps[1].indices[b] + y.count * taps[2].indices[c]);
        const weight = taps[2].weights[c] * taps[1].weights[b];
        for (let a = 0; a < 4; a++) sum += weight * taps[0].weights[a] * box[start + taps[0].indices[a]];
      }
    }
    return sum;
  };
}

function rangesOf(voxels: Int32Array, [nx, ny]: readonly number[]): [number, number][] {
  const ranges = [0, 1, 2].map((): [number, number] => [Infinity, -Infinity]);
  for (const at of voxels) {
    const row = Math.floor(at / nx);
    [at - nx * row, row % ny, Math.floor(row / ny)].forEach((index, axis) => {
      ranges[axis] = [Math.min(ranges[axis][0], index), Math.max(ranges[axis][1], index)];
    });
  }
  return ranges;
}
