import type { Triple } from '@concord/imaging';

export const INTERPOLATORS = ['sitkNearestNeighbor', 'sitkLinear', 'sitkBSpline'] as const;
export const WEIGHTING_NORMS = ['euclidean', 'manhattan', 'infinity', 'no_weighting'] as const;
export const RESEGMENT_MODES = ['absolute', 'relative', 'sigma'] as const;
export const LBP_METHODS = ['default', 'ror', 'uniform', 'var'] as const;

/** A width of LoG in mm, and how PyRadiomics writes it into a column's name (`1-0` for 1.0). */
export interface Sigma {
  readonly mm: number;
  readonly text: string;
}

/** Settings by PyRadiomics' own names, complete; its documentation says what each does. */
export interface PyradiomicsSettings {
  readonly minimumROIDimensions: number;
  readonly minimumROISize: number | null;
  readonly geometryTolerance: number | null;
  readonly correctMask: boolean;
  readonly additionalInfo: boolean;
  readonly label: number;
  readonly label_channel: number;
  readonly binWidth: number;
  readonly binCount: number | null;
  readonly normalize: boolean;
  readonly normalizeScale: number;
  readonly removeOutliers: number | null;
  readonly resampledPixelSpacing: Triple | null;
  readonly interpolator: (typeof INTERPOLATORS)[number] | null;
  readonly padDistance: number;
  readonly distances: readonly number[];
  readonly force2D: boolean;
  /** 0 is z, 1 y, 2 x. */
  readonly force2Ddimension: number;
  readonly resegmentRange: readonly number[] | null;
  readonly resegmentMode: (typeof RESEGMENT_MODES)[number];
  readonly resegmentShape: boolean;
  readonly preCrop: boolean;
  readonly sigma: readonly Sigma[];
  readonly start_level: number;
  readonly level: number;
  readonly wavelet: string;
  readonly gradientUseSpacing: boolean;
  readonly lbp2DRadius: number;
  readonly lbp2DSamples: number;
  readonly lbp2DMethod: (typeof LBP_METHODS)[number];
  readonly lbp3DLevels: number;
  readonly lbp3DIcosphereRadius: number;
  readonly lbp3DIcosphereSubdivision: number;
  readonly voxelArrayShift: number;
  readonly symmetricalGLCM: boolean;
  readonly weightingNorm: (typeof WEIGHTING_NORMS)[number] | null;
  readonly gldm_a: number;
}

export const DEFAULT_SETTINGS: PyradiomicsSettings = {
  minimumROIDimensions: 2,
  minimumROISize: null,
  geometryTolerance: null,
  correctMask: false,
  additionalInfo: true,
  label: 1,
  label_channel: 0,
  binWidth: 25,
  binCount: null,
  normalize: false,
  normalizeScale: 1,
  removeOutliers: null,
  resampledPixelSpacing: null,
  interpolator: 'sitkBSpline',
  padDistance: 5,
  distances: [1],
  force2D: false,
  force2Ddimension: 0,
  resegmentRange: null,
  resegmentMode: 'absolute',
  resegmentShape: false,
  preCrop: false,
  sigma: [],
  start_level: 0,
  level: 1,
  wavelet: 'coif1',
  gradientUseSpacing: true,
  lbp2DRadius: 1,
  lbp2DSamples: 8,
  lbp2DMethod: 'uniform',
  lbp3DLevels: 2,
  lbp3DIcosphereRadius: 1,
  lbp3DIcosphereSubdivision: 1,
  voxelArrayShift: 0,
  symmetricalGLCM: true,
  weightingNorm: null,
  gldm_a: 0,
};
