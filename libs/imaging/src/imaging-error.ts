import { ConcordError } from '@concord/errors';

/**
 * Why an image or a region was refused.
 *
 * | code | cause |
 * | --- | --- |
 * | `NO_PREAMBLE` | not a DICOM Part 10 file |
 * | `NOT_NIFTI`, `NOT_NRRD` | not a file of that format, or in a form that is not read |
 * | `TRUNCATED` | the file ends before its contents do |
 * | `CORRUPT` | lengths or values in the file contradict one another |
 * | `TOO_LARGE` | claims more nesting or more voxels than an image has |
 * | `UNSUPPORTED_SYNTAX` | a transfer syntax that is not decoded |
 * | `DECODE_TIMEOUT` | a compressed frame that its decoder does not come to an end with |
 * | `LOSSY` | compressed with loss, where the settings refuse that |
 * | `UNSUPPORTED_OBJECT`, `UNSUPPORTED_PIXELS`, `UNSUPPORTED_DIMENSIONS` | right, but not what is read here |
 * | `NO_GEOMETRY`, `BAD_IOP` | where the voxels lie is not given, or impossible |
 * | `EMPTY_SERIES`, `MIXED_SERIES`, `MIXED_MATRIX`, `MIXED_SPACING`, `MIXED_ORIENTATION` | no one volume |
 * | `DUPLICATE`, `NONUNIFORM`, `OFF_AXIS`, `TILT` | slices that make no regular grid |
 * | `FRAME_OF_REFERENCE` | image and region were not drawn in the same space |
 * | `SEG_OFF_GRID`, `CONTOUR_OFF_GRID`, `CONTOUR_OFF_PLANE`, `UNSUPPORTED_CONTOUR` | a region that does not fit its image |
 * | `GEOMETRY_MISMATCH` | a mask on another grid |
 * | `EMPTY_MASK`, `MASK_LABEL_ABSENT`, `MASK_LABEL_AMBIGUOUS`, `MASK_VALUES` | no region, or not one region |
 * | `PET_UNITS`, `PET_HEADER`, `PET_CORRECTIONS` | PET from which no SUV can be computed |
 * | `BAD_SETTING` | a setting out of its range, such as a ring that ends before it begins |
 * | `BAD_SPACING` | a spacing to resample to that is not positive, or asks for too many voxels |
 */
export type ImagingErrorCode =
  | 'NO_PREAMBLE'
  | 'NOT_NIFTI'
  | 'NOT_NRRD'
  | 'TRUNCATED'
  | 'CORRUPT'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_SYNTAX'
  | 'DECODE_TIMEOUT'
  | 'LOSSY'
  | 'UNSUPPORTED_OBJECT'
  | 'UNSUPPORTED_PIXELS'
  | 'UNSUPPORTED_DIMENSIONS'
  | 'NO_GEOMETRY'
  | 'BAD_IOP'
  | 'EMPTY_SERIES'
  | 'MIXED_SERIES'
  | 'MIXED_MATRIX'
  | 'MIXED_SPACING'
  | 'MIXED_ORIENTATION'
  | 'DUPLICATE'
  | 'NONUNIFORM'
  | 'OFF_AXIS'
  | 'TILT'
  | 'FRAME_OF_REFERENCE'
  | 'SEG_OFF_GRID'
  | 'CONTOUR_OFF_GRID'
  | 'CONTOUR_OFF_PLANE'
  | 'UNSUPPORTED_CONTOUR'
  | 'GEOMETRY_MISMATCH'
  | 'EMPTY_MASK'
  | 'MASK_LABEL_ABSENT'
  | 'MASK_LABEL_AMBIGUOUS'
  | 'MASK_VALUES'
  | 'PET_UNITS'
  | 'PET_HEADER'
  | 'PET_CORRECTIONS'
  | 'BAD_SETTING'
  | 'BAD_SPACING';

/** An image or a region is refused rather than guessed at; `code` says why. */
export class ImagingError extends ConcordError {
  constructor(
    readonly code: ImagingErrorCode,
    what: string,
    where: string,
    fix: string,
    options?: ErrorOptions,
  ) {
    super(what, where, fix, options);
  }
}
