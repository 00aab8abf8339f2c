import { ConcordError } from '@concord/errors';

/** The region spans fewer dimensions or voxels than the parameters ask for, or a single voxel. */
export class RegionTooSmallError extends ConcordError {
  readonly code = 'REGION_TOO_SMALL';
}

/** Part of the region lies outside the image. */
export class RegionOutsideImageError extends ConcordError {
  readonly code = 'REGION_OUTSIDE_IMAGE';
}

/** The bins are so narrow for the intensities that texture matrices would not fit into memory. */
export class TooManyLevelsError extends ConcordError {
  readonly code = 'TOO_MANY_GREY_LEVELS';
}

/** A part of PyRadiomics that is not computed here. */
export class UnsupportedParameterError extends ConcordError {
  readonly code = 'UNSUPPORTED_PARAMETER';
}
