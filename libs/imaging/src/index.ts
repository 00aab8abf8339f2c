export {
  decimalOf,
  decimalsOf,
  textOf,
  textsOf,
  unsignedOf,
  valueBytes,
  type DicomDataset,
  type DicomElement,
} from './dicom/dataset.js';
export { planGrid, type FilledSlice, type GridPlan, type PlanOptions, type SlicePlacement } from './dicom/plan-grid.js';
export { itemsOf, readDicom } from './dicom/read-dicom.js';
export { listRois, readRtstruct, type RoiInfo } from './dicom/rtstruct.js';
export {
  listSegments,
  readSegmentation,
  readSegmentationOnOwnGrid,
  type SegmentInfo,
  type SegmentOptions,
} from './dicom/segmentation.js';
export { drawnOn } from './dicom/drawn-on.js';
export { frameOf, readClip, type Clip, type ClipOptions, type ClipRegion } from './dicom/clip.js';
export { groupSeries, type GroupedFiles, type NamedBytes, type SeriesGroup } from './dicom/group-series.js';
export { readDicomSeries, type SeriesOptions } from './dicom/series.js';
export type { SuvKind } from './dicom/suv.js';
export type { EncodedFrame, FrameDecoder, FrameDescription } from './decode/frame-decoder.js';
export { startFrameDecoder } from './decode/frame-pool.js';
export { readNifti } from './formats/nifti.js';
export { readNrrd, type NrrdOptions } from './formats/nrrd.js';
export { attachMask, type AttachedMask, type MaskPolicy } from './attach.js';
export {
  compareGrids,
  invertAffine,
  shearDegrees,
  spacingMm,
  toPatient,
  voxelVolumeMm3,
  type GridComparison,
} from './geometry.js';
export { ImagingError, type ImagingErrorCode } from './imaging-error.js';
export { listLabels, maskFromVolume, masksFromVolume } from './mask.js';
export { DEFAULT_READING, segmentOptionsOf, seriesOptionsOf, type Reading } from './reading.js';
export { compareMasks, type MaskAgreement } from './regions/agreement.js';
export { combineMasks, consensusMask, type Combination } from './regions/combine.js';
export { distanceToRegionMm } from './regions/distance.js';
export { connectedLesions, lesionMask, type Lesion } from './regions/lesions.js';
export { ringOf, type Ring, type RingSettings } from './regions/ring.js';
export { resampleBox, type ResampleOptions, type VoxelSource } from './resample/box.js';
export {
  isKept,
  resampledGrid,
  touchedBox,
  wholeBox,
  type GridAlignment,
  type IndexBox,
  type ResampledGrid,
  type TargetSpacing,
} from './resample/grid.js';
export { resampleMask, resampleMaskBox, resampleVolume, type MaskOptions } from './resample/resample.js';
export type { ResampleMethod } from './resample/taps.js';
export { fillUnmeasuredInPlace, markUnmeasuredInPlace } from './resample/unmeasured.js';
export type { Acquisition, GridGeometry, Mask, Triple, Volume, VolumeProvenance } from './volume.js';
export { fileProvenance } from './formats/voxels.js';
