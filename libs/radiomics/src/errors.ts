import { ConcordError } from '@concord/errors';

/** Extraction settings that are no `concord.extraction/2`, or contradict themselves. */
export class InvalidSettingsError extends ConcordError {
  readonly code = 'INVALID_SETTINGS';
}

/** Image and mask do not lie on one grid. */
export class RegionOffGridError extends ConcordError {
  readonly code = 'GEOMETRY_MISMATCH';
}

/** The axes of the grid are not at right angles: lengths and angles in index space would be wrong. */
export class ShearedGridError extends ConcordError {
  readonly code = 'SHEARED_GRID';
}

/** The mask has no voxel. */
export class EmptyRegionError extends ConcordError {
  readonly code = 'EMPTY_MASK';
}

/** The region has fewer voxels or dimensions than the settings ask for. */
export class SmallRegionError extends ConcordError {
  readonly code = 'REGION_TOO_SMALL';
}

/** A voxel of the region holds no finite number. */
export class NonFiniteVoxelError extends ConcordError {
  readonly code = 'NONFINITE_VOXEL';
}

/** An image whose intensities cannot be normalised: what is measured has no spread. */
export class FlatImageError extends ConcordError {
  readonly code = 'FLAT_IMAGE';
}

/** Nothing of the region was measured. */
export class UnmeasuredRegionError extends ConcordError {
  readonly code = 'UNMEASURED_REGION';
}
