import { attachMask, ImagingError, type Mask, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { EmptyRegionError, NonFiniteVoxelError } from '../errors.js';
import { rightAngledSpacing } from '../region.js';
import { timed, type Timings } from '../timings.js';
import { discretise } from './bins.js';
import { derivedImages, type DerivedImage } from './derived-images.js';
import { Diagnostics, type ColumnValue } from './diagnostics.js';
import { FEATURE_NAMES } from './feature-names.js';
import { firstOrder } from './first-order.js';
import { glcm } from './glcm.js';
import { gldm } from './gldm.js';
import { glrlm } from './glrlm.js';
import { glszm } from './glszm.js';
import { isWithinTolerance, workingImage, type WorkingImage } from './image.js';
import { ngtdm } from './ngtdm.js';
import { normalizeImage } from './normalize.js';
import type { PyradiomicsParameters } from './parameters.js';
import { cropToRegion, resampleImage, type ImageAndMask } from './resample.js';
import { resegmentMask } from './resegment.js';
import { checkedBox, cutRoi, type Box, type Roi } from './roi.js';
import type { PyradiomicsSettings } from './settings.js';
import { shape2dFeatures } from './shape-2d.js';
import { shapeFeatures } from './shape.js';
import { textureInput } from './texture-input.js';

/** Features of one region as PyRadiomics writes them. */
export interface PyradiomicsResult {
  /** Diagnostics, then features, by PyRadiomics' names and in its order; null where it would write NaN. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** Sentences without any patient-level value. */
  readonly warnings: readonly string[];
}

/**
 * Computes features with the semantics of PyRadiomics 3: the same grid, masks, bins, formulas and names
 * (docs/methods/pyradiomics.md says where its output differs, and by how much).
 *
 * Order: normalisation, resampling, re-segmentation, shape, then for each image type filter, bins and features. All in
 * double precision, except where a filter of SimpleITK works in single precision.
 *
 * @param volume image on a right-angled grid
 * @param mask region; on the grid of the image to 0.01 voxel or to `geometryTolerance`, in any order of its voxels; on another
 *   only if `correctMask` is set, or `resampledPixelSpacing` and its axes run along those of the image
 * @param timings measures each phase and class, unless null
 * @throws {ImagingError} GEOMETRY_MISMATCH if the mask lies on another grid
 * @throws {ShearedGridError} if axes are not at right angles
 * @throws {EmptyRegionError}, {RegionTooSmallError}, {RegionOutsideImageError} if there is no region to speak of
 * @throws {NonFiniteVoxelError} if a voxel of the image is not a finite number
 * @throws {TooManyLevelsError} if the bins are far too narrow
 */
export function extractPyradiomics(
  volume: Volume,
  mask: Mask,
  parameters: PyradiomicsParameters,
  kernels: Kernels,
  timings: Timings | null = null,
): PyradiomicsResult {
  const { settings } = parameters;
  const warnings = [...parameters.warnings];
  const diagnostics = settings.additionalInfo ? new Diagnostics(parameters) : null;
  const prepared = timed(timings, 'preparing', () => prepare(volume, mask, settings, diagnostics, kernels));
  let box = checkedBox(prepared.mask, prepared.image.shape, settings);
  let features = prepared.mask;
  if (settings.resegmentRange !== null) {
    features = resegmentMask(prepared.image, prepared.mask, settings.resegmentRange, settings.resegmentMode);
    box = checkedBox(features, prepared.image.shape, settings);
    diagnostics?.addMask(features, prepared.image, prepared.image, 'resegmented');
  }
  const columns: Record<string, ColumnValue> = { ...diagnostics?.columns };
  const { image } = prepared;
  const add = (prefix: string, wanted: readonly string[], values: Record<string, number>): void => {
    for (const feature of wanted) columns[`${prefix}_${feature}`] = finiteOrNull(values[feature]);
  };
  // As PyRadiomics does, shape looks at the region before re-segmentation, but within the box of what is left.
  const outline = settings.resegmentShape ? features : prepared.mask;
  const outlined = cutRoi(outline, image.shape, image.spacingMm, box, 1);
  timed(timings, 'shape', () => addShapes(parameters, outlined, warnings, add));
  const distances = Math.max(1, ...parameters.imageTypes.flatMap((type) => type.settings.distances));
  const roi = cutRoi(features, image.shape, image.spacingMm, box, distances);
  for (const { type, settings: own } of parameters.imageTypes) {
    for (const derived of timed(timings, 'filtering', () => derivedImages(type, image, roi, own, warnings))) {
      addClasses(parameters, derived, roi, own, timings, add);
    }
  }
  return { columns, warnings: [...new Set([...warnings, ...warningsAbout(columns)])] };
}

type AddFeatures = (prefix: string, wanted: readonly string[], values: Record<string, number>) => void;

/** Normalises, and brings image and mask onto one grid. */
export function prepare(
  volume: Volume,
  mask: Mask,
  settings: PyradiomicsSettings,
  diagnostics: Diagnostics | null,
  kernels: Kernels,
): ImageAndMask {
  if (!mask.data.includes(1)) {
    throw new EmptyRegionError('the region has no voxel', `region ${mask.label}`, 'Check the mask and its label.');
  }
  let image = workingImage(volume);
  if (!(image.data instanceof Int16Array) && !image.data.every(Number.isFinite)) {
    throw new NonFiniteVoxelError('a voxel is not a finite number', 'the image', 'Mend the image.');
  }
  diagnostics?.addImage(image, 'original');
  diagnostics?.addMask(mask.data, { ...mask, spacingMm: rightAngledSpacing(mask, 'mask') }, null, 'original');
  if (settings.normalize) image = normalizeImage(image, settings.normalizeScale, settings.removeOutliers);
  if (settings.interpolator !== null && settings.resampledPixelSpacing !== null) {
    const { resampledPixelSpacing: spacing, interpolator, padDistance } = settings;
    const resampled = resampleImage(image, reordered(mask, image), spacing, interpolator, padDistance, kernels);
    checkedBox(resampled.mask, resampled.image.shape, { ...settings, minimumROISize: null, minimumROIDimensions: 1 });
    diagnostics?.addImage(resampled.image, 'interpolated');
    diagnostics?.addMask(resampled.mask, resampled.image, resampled.image, 'interpolated');
    return resampled;
  }
  const placed = placedMask(image, mask, settings, diagnostics);
  return settings.preCrop ? cropToRegion(image, placed, settings.padDistance) : { image, mask: placed };
}

/** The mask on the grid of the image: `correctMask` gives each voxel the value of the mask's nearest. */
function placedMask(
  image: WorkingImage,
  mask: Mask,
  { correctMask, geometryTolerance }: PyradiomicsSettings,
  diagnostics: Diagnostics | null,
): Uint8Array {
  if (geometryTolerance !== null && isWithinTolerance(image, mask, geometryTolerance)) return mask.data;
  const attached = attachMask(mask, image, correctMask ? 'resample' : 'reject');
  if (attached.how === 'resampled') diagnostics?.addMask(attached.data, image, image, 'corrected');
  return attached.data;
}

/** A mask that only counts its voxels in another order is put into that of the image; any other is left as it is. */
function reordered(mask: Mask, image: WorkingImage): Mask {
  try {
    return attachMask(mask, image);
  } catch (error) {
    if (error instanceof ImagingError && error.code === 'GEOMETRY_MISMATCH') return mask;
    throw error;
  }
}

function addShapes(
  { settings, featureClasses }: PyradiomicsParameters,
  roi: Roi,
  warnings: string[],
  add: AddFeatures,
) {
  for (const { name, features } of featureClasses) {
    if (name === 'shape') add('original_shape', features, shapeFeatures(roi));
    if (name !== 'shape2D') continue;
    if (settings.force2D && isFlat(roi.box, settings.force2Ddimension)) {
      add('original_shape2D', features, shape2dFeatures(roi, settings.force2Ddimension));
    } else if (settings.force2D || features !== FEATURE_NAMES.shape2D) {
      warnings.push('shape2D is left out: it needs force2D and a region of one slice along force2Ddimension');
    }
  }
}

function isFlat({ size }: Box, flatAxis: number): boolean {
  return size[2 - flatAxis] === 1;
}

const TEXTURE_CLASSES = { glcm, gldm, glrlm, glszm, ngtdm } as const;

function addClasses(
  { featureClasses }: PyradiomicsParameters,
  { name: image, intensities }: DerivedImage,
  roi: Roi,
  settings: PyradiomicsSettings,
  timings: Timings | null,
  add: AddFeatures,
): void {
  const classes = featureClasses.filter(({ name }) => !name.startsWith('shape'));
  if (classes.length === 0) return;
  if (!intensities.every(Number.isFinite)) {
    // A filter without a value somewhere (LBP on a flat spot, a scale of an image of zeros): none for the region either.
    for (const { name, features } of classes) add(`${image}_${name}`, features, {});
    return;
  }
  const levels = discretise(intensities, settings);
  const input = textureInput(roi, levels, settings);
  const [sx, sy, sz] = roi.spacingMm;
  for (const { name, features } of classes) {
    const values = timed(
      timings,
      name,
      () =>
        name === 'firstorder'
          ? firstOrder(intensities, levels, sx * sy * sz, settings.voxelArrayShift)
          : TEXTURE_CLASSES[name as keyof typeof TEXTURE_CLASSES](input), // the shapes were left out
    );
    add(`${image}_${name}`, features, values);
  }
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function warningsAbout(columns: Readonly<Record<string, ColumnValue>>): string[] {
  const missing = Object.keys(columns).filter((name) => columns[name] === null && !name.startsWith('diagnostics_'));
  const shown = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '');
  return missing.length === 0 ? [] : [`${missing.length} feature(s) have no value on this region: ${shown}`];
}
