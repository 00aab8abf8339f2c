import type { Triple } from '@concord/imaging';
import { countVoxels, intensityBox, type Region } from './region.js';

/** Facts about a region after one step of processing: counts in voxels, intensities in the unit of the image. */
export interface RegionDiagnostics {
  readonly intensityVoxelCount: number;
  readonly morphologyVoxelCount: number;
  /** Bounding boxes of the two masks along i, j, k. */
  readonly intensityBox: Triple;
  readonly morphologyBox: Triple;
  readonly mean: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** Facts about the whole image. The intensities are null unless the settings ask for them (`diagnostics: image`). */
export interface ImageDiagnostics {
  readonly shape: Triple;
  readonly spacingMm: Triple;
  readonly mean: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** What happened between reading and features; for a protocol and for checks against IBSI's diagnostics. */
export interface ExtractionDiagnostics {
  readonly initialImage: ImageDiagnostics;
  /** On the grid the features were computed on. */
  readonly interpolatedImage: ImageDiagnostics;
  readonly initial: RegionDiagnostics;
  readonly interpolated: RegionDiagnostics;
  readonly resegmented: RegionDiagnostics;
  /** Highest grey level; null when there are none. */
  readonly greyLevelCount: number | null;
}

/** The region after each step of processing; steps that changed nothing are described once. */
export function describeSteps(
  initial: Region,
  interpolated: Region,
  resegmented: Region,
): Pick<ExtractionDiagnostics, 'initial' | 'interpolated' | 'resegmented'> {
  const first = describeRegion(initial);
  const second = interpolated === initial ? first : describeRegion(interpolated);
  const third = resegmented === interpolated ? second : describeRegion(resegmented);
  return { initial: first, interpolated: second, resegmented: third };
}

function describeRegion(region: Region): RegionDiagnostics {
  const { voxels, shape } = region;
  const morphologyVoxelCount = countVoxels(region.mask);
  const morphologyBox = [shape[0] - 2, shape[1] - 2, shape[2] - 2] as const; // the region is cut to it, and padded
  return {
    intensityVoxelCount: voxels.length,
    morphologyVoxelCount,
    intensityBox: voxels.length === morphologyVoxelCount ? morphologyBox : boxOf(region),
    morphologyBox,
    ...describeIntensities(region),
  };
}

/** null where there is no voxel. */
export function describeIntensities({ intensities }: Region): Pick<ImageDiagnostics, 'mean' | 'minimum' | 'maximum'> {
  if (intensities.length === 0) return { mean: null, minimum: null, maximum: null };
  let sum = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let n = 0; n < intensities.length; n++) {
    const x = intensities[n];
    sum += x;
    if (x < minimum) minimum = x;
    if (x > maximum) maximum = x;
  }
  return { mean: sum / intensities.length, minimum, maximum };
}

function boxOf(region: Region): readonly [number, number, number] {
  if (region.voxels.length === 0) return [0, 0, 0];
  const { low, high } = intensityBox(region);
  return [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
}

/** One of IBSI's diagnostics: family and tag as in its reference values. */
export interface DiagnosticValue {
  readonly family: string;
  readonly tag: string;
  readonly value: number | null;
  readonly unit: '1' | 'mm' | 'intensity';
  /** Why there is no value. */
  readonly reason: string | null;
}

const AXES = ['x', 'y', 'z'];

/** The 60 diagnostics of IBSI 1, in its order and by its tags (`int_mask_vox_count_reseg_roi`). */
export function ibsiDiagnostics(diagnostics: ExtractionDiagnostics): DiagnosticValue[] {
  const { initialImage, interpolatedImage, initial, interpolated, resegmented } = diagnostics;
  return [
    ...imageRows('initial image', 'init_img', initialImage),
    ...imageRows('interpolated image', 'interp_img', interpolatedImage),
    ...regionRows('initial ROI', 'init_roi', initial, initialImage.shape),
    ...regionRows('interpolated ROI', 'interp_roi', interpolated, interpolatedImage.shape),
    ...regionRows('resegmented ROI', 'reseg_roi', resegmented, interpolatedImage.shape),
  ];
}

function imageRows(stage: string, suffix: string, image: ImageDiagnostics): DiagnosticValue[] {
  const row = rowOf(stage, suffix, 'the settings do not ask for diagnostics of the whole image');
  return [
    ...AXES.map((axis, n) => row(`img_dim_${axis}`, image.shape[n])),
    ...AXES.map((axis, n) => row(`vox_dim_${axis}`, image.spacingMm[n], 'mm')),
    row('mean_int', image.mean, 'intensity'),
    row('min_int', image.minimum, 'intensity'),
    row('max_int', image.maximum, 'intensity'),
  ];
}

function regionRows(stage: string, suffix: string, region: RegionDiagnostics, shape: Triple): DiagnosticValue[] {
  const row = rowOf(stage, suffix, 'no voxel is left after re-segmentation');
  return [
    ...AXES.map((axis, n) => row(`int_mask_dim_${axis}`, shape[n])),
    ...AXES.map((axis, n) => row(`int_mask_bb_dim_${axis}`, region.intensityBox[n])),
    ...AXES.map((axis, n) => row(`morph_mask_bb_dim_${axis}`, region.morphologyBox[n])),
    row('int_mask_vox_count', region.intensityVoxelCount),
    row('morph_mask_vox_count', region.morphologyVoxelCount),
    row('int_mask_mean_int', region.mean, 'intensity'),
    row('int_mask_min_int', region.minimum, 'intensity'),
    row('int_mask_max_int', region.maximum, 'intensity'),
  ];
}

function rowOf(stage: string, suffix: string, reason: string) {
  return (tag: string, value: number | null, unit: DiagnosticValue['unit'] = '1'): DiagnosticValue => ({
    family: `Diagnostics-${stage}`,
    tag: `${tag}_${suffix}`,
    value,
    unit,
    reason: value === null ? reason : null,
  });
}
