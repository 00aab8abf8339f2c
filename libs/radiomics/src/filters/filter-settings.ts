import {
  boolean,
  checked,
  nullable,
  number,
  object,
  oneOf,
  refuse,
  text,
  tuple,
  variants,
  wholeNumber,
  type Shape,
} from '../settings-shape.js';

/** What lies beyond the edge of the image; `mirror` repeats the edge voxel itself (IBSI GBYQ). */
export type Boundary = 'zero' | 'nearest' | 'periodic' | 'mirror';

interface Spatial {
  /** 2D: slice by slice, along i and j. */
  readonly dimension: '2D' | '3D';
  readonly boundary: Boundary;
}

/** Mean over a cube or square (IBSI S60F). */
export interface MeanFilter extends Spatial {
  readonly kind: 'mean';
  /** Edge of the cube; odd. */
  readonly sizeVoxels: number;
}

export interface GaussianFilter extends Spatial {
  readonly kind: 'gaussian';
  readonly sigmaMm: number;
  /** The kernel ends this many sigma from its centre. */
  readonly truncation: number;
}

/** Laplacian of Gaussian (IBSI L6PA). */
export interface LaplacianOfGaussianFilter extends Spatial {
  readonly kind: 'laplacian-of-gaussian';
  readonly sigmaMm: number;
  readonly truncation: number;
}

/** Laws kernels (IBSI JTXT). */
export interface LawsFilter extends Spatial {
  readonly kind: 'laws';
  /** A kernel for each axis: `E5L5S5`, in 2D `L5E5`. */
  readonly kernels: string;
  /** Pools the responses of all rotations by right angles (IBSI O1AQ). */
  readonly rotationInvariant: boolean;
  readonly pooling: Pooling;
  /** Takes the mean of absolute responses this far around each voxel (IBSI PQSD, I176); null: the responses as such. */
  readonly energyDistanceVoxels: number | null;
}

export type Pooling = 'max' | 'mean';

/** Modulus of the complex Gabor filter in a plane (IBSI Q88H). */
export interface GaborFilter {
  readonly kind: 'gabor';
  readonly boundary: Boundary;
  readonly sigmaMm: number;
  readonly wavelengthMm: number;
  /** Above 1 the envelope is narrow across the wave, below 1 it is wide (IBSI GDR5). */
  readonly gamma: number;
  /** From axis i towards axis j (IBSI FQER). */
  readonly thetaDegrees: number;
  /** Takes the mean over these steps around the circle; null: theta alone. A part of 360. */
  readonly thetaStepDegrees: number | null;
  /** `orthogonal` takes the mean over the three planes of the axes. */
  readonly planes: 'axial' | 'orthogonal';
  readonly truncation: number;
}

/** A band of the undecimated separable wavelet transform (IBSI 25BO). */
export interface WaveletFilter extends Spatial {
  readonly kind: 'wavelet';
  readonly wavelet: string;
  /** Low or high pass along each axis: `LHL`, in 2D `LH`; lower levels are low passes. */
  readonly band: string;
  readonly level: number;
  readonly rotationInvariant: boolean;
  readonly pooling: Pooling;
}

/** A band of the Simoncelli wavelet, which has no direction (IBSI PRT7). */
export interface SimoncelliFilter extends Spatial {
  readonly kind: 'simoncelli';
  readonly level: number;
}

/** Riesz transform of a filter that has no direction. */
export interface RieszFilter {
  readonly kind: 'riesz';
  readonly of: LaplacianOfGaussianFilter | SimoncelliFilter;
  /** Order along i, j, k; their sum is the order of the transform. */
  readonly order: readonly [number, number, number];
  /** Turns the axes of each voxel along the structure tensor, averaged with this Gaussian; null: those of the grid. */
  readonly alignedBySigmaMm: number | null;
}

/** Length of the gradient per mm, by central differences. */
export interface GradientFilter {
  readonly kind: 'gradient';
  readonly dimension: '2D' | '3D';
}

/** A function of each voxel's intensity, scaled by the largest one of the image as PyRadiomics does. */
export interface IntensityFilter {
  readonly kind: 'square' | 'square-root' | 'logarithm' | 'exponential';
}

export type FilterSettings =
  | MeanFilter
  | GaussianFilter
  | LaplacianOfGaussianFilter
  | LawsFilter
  | GaborFilter
  | WaveletFilter
  | SimoncelliFilter
  | RieszFilter
  | GradientFilter
  | IntensityFilter;

export const WAVELETS = ['haar', 'db2', 'db3', 'coif1', 'coif2', 'coif3'] as const;

const dimension = { shape: oneOf(['2D', '3D'] as const), fallback: '3D' };
const boundary = { shape: oneOf(['zero', 'nearest', 'periodic', 'mirror'] as const), fallback: 'mirror' };
const rotationInvariant = { shape: boolean, fallback: false };
const millimetres = { shape: number('must be a length in mm, above 0', { exclusiveMinimum: 0, maximum: 1000 }) };
const truncation = { shape: number('must be from 1 to 20', { minimum: 1, maximum: 20 }), fallback: 4 };
const level = { shape: wholeNumber('must be a whole number from 1 to 8', { minimum: 1, maximum: 8 }), fallback: 1 };

function poolingOf(fallback: Pooling): { shape: Shape<Pooling>; fallback: Pooling } {
  return { shape: oneOf(['max', 'mean'] as const), fallback };
}

function kind<T extends string>(name: T): { shape: Shape<T> } {
  return { shape: oneOf([name]) };
}

const laplacianOfGaussian = object<LaplacianOfGaussianFilter>({
  kind: kind('laplacian-of-gaussian'),
  sigmaMm: millimetres,
  truncation,
  dimension,
  boundary,
});
const simoncelli = object<SimoncelliFilter>({ kind: kind('simoncelli'), level, dimension, boundary });

const mean = checked(
  object<MeanFilter>({
    kind: kind('mean'),
    sizeVoxels: { shape: wholeNumber('must be an odd whole number from 1 to 999', { minimum: 1, maximum: 999 }) },
    dimension,
    boundary,
  }),
  ({ sizeVoxels }, path) => {
    if (sizeVoxels % 2 === 0) refuse(`${path}.sizeVoxels`, 'must be an odd whole number from 1 to 999');
  },
);

const laws = checked(
  object<LawsFilter>({
    kind: kind('laws'),
    kernels: { shape: text(/^(L3|L5|E3|E5|S3|S5|W5|R5){2,3}$/, 'must be a Laws kernel for each axis, such as E5L5S5') },
    rotationInvariant,
    pooling: poolingOf('max'),
    energyDistanceVoxels: {
      shape: nullable(wholeNumber('must be null or a whole number from 1 to 100', { minimum: 1, maximum: 100 })),
      fallback: null,
    },
    dimension,
    boundary,
  }),
  ({ kernels, dimension: d }, path) => refuseOtherCount(kernels.length / 2, d, `${path}.kernels`),
);

const gabor = checked(
  object<GaborFilter>({
    kind: kind('gabor'),
    sigmaMm: millimetres,
    wavelengthMm: millimetres,
    gamma: { shape: number('must be from 0.01 to 100', { minimum: 0.01, maximum: 100 }) },
    thetaDegrees: { shape: number('must be an angle in degrees', { minimum: -360, maximum: 360 }), fallback: 0 },
    thetaStepDegrees: {
      shape: nullable(number('must be null or a part of 360 degrees', { minimum: 1, maximum: 180 })),
      fallback: null,
    },
    planes: { shape: oneOf(['axial', 'orthogonal'] as const), fallback: 'axial' },
    truncation,
    boundary,
  }),
  ({ thetaStepDegrees: step }, path) => {
    const steps = step === null ? 1 : 360 / step;
    if (Math.abs(steps - Math.round(steps)) > 1e-9) {
      refuse(`${path}.thetaStepDegrees`, 'must be null or a part of 360 degrees');
    }
  },
);

const wavelet = checked(
  object<WaveletFilter>({
    kind: kind('wavelet'),
    wavelet: { shape: oneOf(WAVELETS) },
    band: { shape: text(/^[LH]{2,3}$/, 'must be L or H for each axis, such as LHL') },
    level,
    rotationInvariant,
    pooling: poolingOf('mean'),
    dimension,
    boundary,
  }),
  ({ band, dimension: d }, path) => refuseOtherCount(band.length, d, `${path}.band`),
);

function refuseOtherCount(count: number, dimensionOfFilter: '2D' | '3D', path: string): void {
  const wanted = dimensionOfFilter === '2D' ? 2 : 3;
  if (count !== wanted) refuse(path, `must name ${wanted} axes, as the filter is ${dimensionOfFilter}`);
}

const orders = tuple(
  wholeNumber('must be a whole number', { minimum: 0, maximum: 10 }),
  3,
  'must be three whole numbers from 0 to 10',
);
const riesz = checked(
  object<RieszFilter>({
    kind: kind('riesz'),
    of: {
      shape: variants<'kind', LaplacianOfGaussianFilter | SimoncelliFilter>('kind', {
        'laplacian-of-gaussian': laplacianOfGaussian,
        simoncelli,
      }),
    },
    order: { shape: orders },
    alignedBySigmaMm: { shape: nullable(millimetres.shape), fallback: null },
  }),
  ({ order, of }, path) => {
    if (order.every((n) => n === 0)) refuse(`${path}.order`, 'must be above 0 along an axis');
    if (of.dimension === '2D' && order[2] > 0) refuse(`${path}.order`, 'must be 0 along k, as the filter is 2D');
  },
);

/** How a filter is written in settings. */
export const filterShape: Shape<FilterSettings> = variants<'kind', FilterSettings>('kind', {
  mean,
  gaussian: object<GaussianFilter>({ kind: kind('gaussian'), sigmaMm: millimetres, truncation, dimension, boundary }),
  'laplacian-of-gaussian': laplacianOfGaussian,
  laws,
  gabor,
  wavelet,
  simoncelli,
  riesz,
  gradient: object<GradientFilter>({ kind: kind('gradient'), dimension }),
  square: intensity('square'),
  'square-root': intensity('square-root'),
  logarithm: intensity('logarithm'),
  exponential: intensity('exponential'),
});

function intensity(name: IntensityFilter['kind']): Shape<IntensityFilter> {
  return object<IntensityFilter>({ kind: kind(name) });
}
